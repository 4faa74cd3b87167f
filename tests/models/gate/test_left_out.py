"""What a verdict says of outcomes that are no evidence."""

from __future__ import annotations

from pathlib import Path

from models.gate.judge import judge
from models.gate.left_out import left_out
from monitoring.log.struck import StruckWindow, write
from tests.faults.shop import Shop
from tests.models.gate.subjects import subject
from tests.models.gate.test_lately import decision, segment, told


def test_each_window_says_how_many_and_who_has_struck_them(tmp_path: Path, shop: Shop, version: Path) -> None:
    """In the verdict, its reasons and its JSON; nothing where nothing was struck."""
    lines = [decision(f"r{n}", 86400.0 * n, time=86400.0 * n, candidates=[f"a{n}", "b"]) for n in range(4)]
    segment(tmp_path, "decisions", 1, *lines)
    outcomes = [told(f"r{n}", item, 1.0, 86400.0 * n + 60) for n in range(4) for item in (f"a{n}", "b")]
    segment(tmp_path, "outcomes", 1, *outcomes)
    assert left_out(subject(shop, version, log=tmp_path)) == ()
    struck = StruckWindow(0.0, 2 * 86400.0, "the feed was turned", "ann", 1.0)
    suspected = StruckWindow(3 * 86400.0, None, "turned", "the guard", 1.0, suspected=True)
    write(tmp_path, [struck, suspected])
    one, other = left_out(subject(shop, version, log=tmp_path))
    assert one == (
        "4 outcomes of recent decisions are left out, from 1970-01-01 00:00 UTC to 1970-01-03 00:00 UTC: "
        "struck by ann, the feed was turned"
    )
    assert other.startswith(
        "2 outcomes of recent decisions are left out, from 1970-01-04 00:00 UTC on: the guard"
    )
    verdict = judge(subject(shop, version, log=tmp_path))
    assert verdict.left_out == (one, other)
    assert verdict.reasons.splitlines()[-2:] == [one, other]
    assert verdict.to_builtins()["left_out"] == (one, other)


def test_a_verdict_that_never_came_to_outcomes_says_nothing_of_them(
    tmp_path: Path, shop: Shop, version: Path
) -> None:
    segment(tmp_path, "decisions", 1, decision("r1"))
    segment(tmp_path, "outcomes", 1, told("r1", "a", 1.0, 60))
    write(tmp_path, [StruckWindow(0.0, None, "turned", "the guard", 1.0, suspected=True)])
    assert judge(subject(shop, version, package=version / "nowhere", log=tmp_path)).left_out == ()
