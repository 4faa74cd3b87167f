"""What the Steward is made of: journal, lock, live.yaml, catalogue, rulings, moves; on real files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest

from bentos.control.promotion.moves import AliasMoves, MoveError, override, withdraw_override
from bentos.control.sources import Aliases, CatalogueFile, LiveFile
from bentos.home.journal import Journal, decisions
from bentos.home.lock import Lock
from bentos.home.rulings import Ruling, Rulings
from bentos.home.state import CHAMPION, Home, State, write_atomically, write_state
from experiments.config.live import Live
from models.catalogue.catalogue import write_catalogue
from models.gate.verdict import Check, Result, Verdict
from models.registry import Registry
from tests.bentos.files import LIVE
from tests.overwrite import overwrite

GOOD = LIVE % "7"


def verdict(result: Result, version: str = "3") -> Verdict:
    checks = (Check("files", Result.PASS, "all there"), Check("sign", result, "wind_speed goes down"))
    return Verdict("flights", version, checks, time=5.0, seconds=0.5)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: float = 100.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def test_the_journal_appends_decisions_and_replaces_the_report(tmp_path: Path) -> None:
    """Decisions are lines in order; an unchanged report is written again only as a heartbeat."""
    home, clock = Home(tmp_path), Clock()
    journal = Journal(home, clock)
    assert list(decisions(home)) == []
    journal.decided("promoted", "passed the gate", version="3")
    journal.decided("verdict", "hold", version="4")
    assert [(each["event"], each["version"]) for each in decisions(home)] == [
        ("promoted", "3"),
        ("verdict", "4"),
    ]
    times = []
    for moment, problems in ((100.0, []), (100.5, []), (101.0, ["x"]), (101.5, ["x"]), (103.5, ["x"])):
        clock.now = moment
        journal.report({"problems": problems})
        times.append(json.loads(home.steward.read_bytes())["time"])
    assert times == [100.0, 100.0, 101.0, 101.0, 103.5]


def test_one_holder_at_a_time_and_none_after_death(tmp_path: Path) -> None:
    """A second Steward waits; one that is killed leaves the lock free."""
    path = tmp_path / "steward.lock"
    taking = f"print(Lock(Path({str(path)!r})).take(), flush=True); input()"
    code = f"from bentos.home.lock import Lock; from pathlib import Path; {taking}"
    holder = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline().strip() == b"True"
    mine = Lock(path)
    assert not mine.take()
    assert not mine.held
    holder.kill()
    holder.communicate()
    assert mine.take()
    assert mine.take()
    assert path.read_text().strip() == str(os.getpid())
    mine.release()
    assert Lock(path).take()


def test_a_good_edit_is_compiled_and_a_bad_one_is_told_by_line(tmp_path: Path) -> None:
    """The last good live.yaml stays; what is wrong has line, path and rule; a good edit clears it."""
    home, path = Home(tmp_path / "home"), tmp_path / "live.yaml"
    path.write_text(GOOD)
    followed = LiveFile(path, home)
    assert followed.poll()
    assert not followed.poll()
    digest = followed.digest
    assert Live.from_json(home.compiled(digest).read_bytes()).models == ("@champion", "7")
    path.write_text(GOOD.replace("weight: 0.5}\n          - {name: b", "weight: 1.5}\n          - {name: b"))
    assert followed.poll()
    assert followed.digest == digest
    assert followed.error is not None
    assert "live.yaml:14: layers[0].experiments[0].variants[0].weight: 1.5" in followed.error
    assert followed.problems[0]["line"] == 14
    path.write_text(GOOD.replace('"7"', '"8"'))
    assert followed.poll()
    assert followed.error is None
    assert followed.digest != digest


def test_the_last_good_one_survives_a_restart(tmp_path: Path) -> None:
    """A Steward that starts on a broken live.yaml goes on with the one that the state names."""
    home, path = Home(tmp_path / "home"), tmp_path / "live.yaml"
    path.write_text(GOOD)
    first = LiveFile(path, home)
    first.poll()
    path.write_text("version: 2\n")
    second = LiveFile(path, home)
    second.restore(first.digest)
    assert second.poll()
    assert second.digest == first.digest
    assert second.error is not None


def test_a_catalogue_that_lacks_a_column_stays_out(tmp_path: Path) -> None:
    """What `current` names is served when every served version finds its features there."""
    home = Home(tmp_path)
    numeric = {"a": np.zeros(3, np.float32)}
    good = write_catalogue(home.catalogue, ["x", "y", "z"], numeric | {"b": numeric["a"]}, {}, 1.0)
    poor = write_catalogue(home.catalogue, ["x", "y", "z"], numeric, {}, 2.0)
    package = tmp_path / "versions" / "3"
    declared = {"ranker": {"name": "r"}, "data": {"source": "t.csv", "group": "g", "label": "l"}}
    features = {"features": {"numeric": ["a", "b"], "available_at": {"*": "0h"}}}
    write_atomically(package / "declaration.json", json.dumps(declared | features).encode())
    followed = CatalogueFile(home)
    assert followed.snapshot(None, []) is None
    assert followed.problems == ["catalogue: there is no snapshot yet"]
    write_atomically(home.catalogue / "current", good.encode())
    assert followed.snapshot(None, [package]) == good
    assert followed.problems == []
    write_atomically(home.catalogue / "current", poor.encode())
    assert followed.snapshot(good, [package]) == good
    assert followed.problems == [f"catalogue: snapshot {poor} stays out: it lacks b, which version 3 needs"]
    numbers = home.catalogue / good / "numeric.npy"
    overwrite(numbers, b"\x01", at=numbers.stat().st_size - 1)
    write_atomically(home.catalogue / "current", good.encode())
    fresh = CatalogueFile(home)
    assert fresh.snapshot(None, [package]) is None
    assert "content of digest" in fresh.problems[0]


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


def test_the_worst_check_is_the_verdict(tmp_path: Path) -> None:
    """Result, exit status and reasons follow from the checks; no check at all is no pass."""
    held = verdict(Result.HOLD)
    assert held.result is Result.HOLD
    assert held.reasons == "hold: sign: wind_speed goes down"
    assert verdict(Result.PASS).reasons == "pass: files, sign"
    assert Verdict("flights", "3", (), 0.0, 0.0).result is Result.REJECT
    assert held.to_builtins()["checks"][1]["outcome"] == "hold"
    assert [int(result) for result in Result] == [0, 1, 2]


def test_an_override_has_a_name_a_reason_and_an_end(tmp_path: Path) -> None:
    """It lets a held version serve until it ends; without a name, a reason or a future end there is none."""
    home = Home(tmp_path)
    with pytest.raises(MoveError, match="has not been judged"):
        override(home, "3", "ana", "known", until=9e9)
    Rulings.of(home).put(Ruling(created=1.0, verdict=verdict(Result.HOLD), told=True))
    for by, reason, until, rule in (
        ("", "x", 9e9, "name"),
        ("ana", " ", 9e9, "reason"),
        ("ana", "x", 5.0, "past"),
    ):
        with pytest.raises(MoveError, match=rule):
            override(home, "3", by, reason, until)
    ruling = override(home, "3", "ana", "label delay is known", until=9e9)
    assert ruling.serves(9e9 - 1)
    assert not ruling.serves(9e9)
    assert not ruling.told
    assert ruling.summary(1.0)["override"]["by"] == "ana"
    withdraw_override(home, "3", "bo")
    found = Rulings.of(home).get("3")
    assert found is not None
    assert not found.serves(0.0)
    assert [each["event"] for each in decisions(home)] == ["override", "override withdrawn"]


def test_there_is_nothing_to_go_back_to_at_first(tmp_path: Path) -> None:
    """A rollback says why it can't be, before it asks MLflow anything."""
    home = Home(tmp_path)
    moves = AliasMoves(Registry("http://127.0.0.1:1"), home, "flights", "ana")
    with pytest.raises(MoveError, match="no version has served"):
        moves.rollback()
    write_state(home.state, State(1, "flights", "s", {CHAMPION: "3"}))
    with pytest.raises(MoveError, match="none served before version 3"):
        moves.rollback()


def test_a_registry_that_is_down_keeps_what_was_seen() -> None:
    """Aliases stay as they were; the error and the time it began are reported."""
    clock = Clock()
    aliases = Aliases("flights", Registry("http://127.0.0.1:1"), clock)
    aliases.seen, aliases.since = {"champion": "3"}, 50.0
    for moment in (100.0, 101.0):
        clock.now = moment
        aliases.poll()
    report = aliases.report()
    assert aliases.seen == {"champion": "3"}
    assert (report["reachable"], report["since"]) == (False, 100.0)
    assert "does not answer" in report["error"]


def test_the_service_is_cheap_to_import() -> None:
    """The Ranker imports the Steward to depend on it: neither MLflow nor pandas nor CatBoost comes along."""
    slow = "mlflow", "pandas", "catboost", "matplotlib", "duckdb", "pyarrow", "sklearn", "scipy"
    code = f"import sys, bentos.steward; print([name for name in {slow} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_verdicts_are_plain_data() -> None:
    """What goes to steward.json is JSON, whatever the checks held."""
    assert json.loads(msgspec.json.encode(verdict(Result.REJECT).to_builtins()))["outcome"] == "reject"
