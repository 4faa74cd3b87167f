"""Rulings on disk: what the gate said of a version, who overrode it, and whether it may serve."""

from __future__ import annotations

from pathlib import Path

import msgspec

from bentos.home.rulings import Ruling, Rulings
from bentos.home.state import Home
from models.gate.verdict import Override, Result
from tests.bentos.home.verdicts import verdict


def test_rulings_are_kept_and_an_unreadable_one_is_none(tmp_path: Path) -> None:
    """A ruling survives the disk; a file of another release means judging again, not failing."""
    rulings = Rulings(tmp_path)
    ruling = Ruling(created=1.0, verdict=verdict(Result.HOLD))
    rulings.put(ruling)
    assert rulings.get("3") == ruling
    assert rulings.get("4") is None
    (tmp_path / "4.json").write_text("{}")
    assert rulings.get("4") is None
    rulings.drop("3")
    assert rulings.get("3") is None


def test_what_passed_serves_and_what_did_not_serves_by_override_only() -> None:
    """Until the override ends: at its end it is over."""
    assert Ruling(1.0, verdict(Result.PASS)).serves(0.0)
    for result in (Result.HOLD, Result.REJECT):
        held = Ruling(1.0, verdict(result))
        assert not held.serves(0.0)
        allowed = msgspec.structs.replace(held, override=Override("ana", "known", 1.0, 9.0))
        assert allowed.serves(8.9)
        assert allowed.overridden(8.9)
        assert not allowed.serves(9.0)
        assert not allowed.overridden(9.0)


def test_a_report_has_what_did_not_pass_and_an_override_in_force() -> None:
    """Passed checks are left out; an override that has ended is nobody's word any more."""
    ruling = Ruling(1.0, verdict(Result.HOLD), override=Override("ana", "known", 1.0, 9.0))
    report = ruling.report(5.0)
    assert (report.outcome, report.reasons) == ("hold", "hold: sign: wind_speed goes down")
    assert (report.time, report.seconds, report.against) == (5.0, 0.5, None)
    assert [(each.name, each.outcome, each.sentence) for each in report.failed] == [
        ("sign", "hold", "wind_speed goes down")
    ]
    assert report.override is not None
    assert (report.override.by, report.override.until) == ("ana", 9.0)
    assert ruling.report(9.0).override is None
    assert b'"override"' not in msgspec.json.encode(ruling.report(9.0))


def test_rulings_lie_in_a_folder_of_the_home(tmp_path: Path) -> None:
    """`gate/<version>.json`, where pages lie beside them; forgetting one that is not there is no error."""
    rulings = Rulings.of(Home(tmp_path))
    rulings.put(Ruling(1.0, verdict(Result.PASS, "12")))
    assert [path.relative_to(tmp_path).as_posix() for path in rulings.folder.iterdir()] == ["gate/12.json"]
    rulings.drop("13")
    rulings.drop("12")
    assert list(rulings.folder.iterdir()) == []


def test_an_override_made_while_others_write_is_not_lost(tmp_path: Path) -> None:
    """MLflow hears a verdict, or the version is judged anew, while a person overrides: the override stays."""
    rulings, made = Rulings(tmp_path), Override("ana", "known", 1.0, 9.0)
    before = rulings.judged(1.0, verdict(Result.HOLD))
    assert rulings.overridden("3", made) is not None
    after = rulings.told(before)
    assert after.override == made
    assert not after.told  # MLflow has not heard of the override yet
    assert rulings.judged(1.0, verdict(Result.REJECT)).override == made
    assert rulings.judged(2.0, verdict(Result.HOLD)).override is None  # another version of the same number
    assert rulings.overridden("4", made) is None
