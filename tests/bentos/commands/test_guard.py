"""`ballast guard` and `guard clear`."""

from __future__ import annotations

from typing import Any

from bentos.home import evidence
from bentos.home.state import Home
from bentos.home.stops import Stop, Stops
from tests.bentos.commands.running import mistake, run, said


def test_nothing_is_stopped(empty: Home) -> None:
    assert "nothing is stopped" in run("guard").stdout
    assert said("guard") == {"stopped": [], "watched": {}}


def test_a_stop_is_listed_until_a_person_clears_it(empty: Home) -> None:
    """By name and for a reason, on record."""
    Stops.of(empty).put(Stop("version", "7", "fallbacks", "9 of 10 answers", "rolled back to 6", 5.0))
    assert "stopped: version 7: fallbacks: 9 of 10 answers; rolled back to 6" in " ".join(
        run("guard").stdout.split()
    )
    assert [stop["subject"] for stop in said("guard")["stopped"]] == ["7"]
    assert "it needs the name of who answers for it" in str(mistake("guard", "clear", "7"))
    done = run("guard", "clear", "7", "--by", "ana", "--reason", "the catalogue was late")
    assert "version 7 is cleared: it is watched anew from here" in done.stdout
    cleared = Stops.of(empty).get("7")
    assert cleared is not None
    assert cleared.cleared is not None
    assert (cleared.cleared.by, cleared.cleared.reason) == ("ana", "the catalogue was late")
    assert "nothing is stopped" in run("guard").stdout


def test_what_is_not_stopped_cannot_be_cleared(empty: Home) -> None:
    assert "'8'" in str(mistake("guard", "clear", "8", "--reason", "r")).replace('"', "'")


def test_a_stop_that_is_none_is_one_sentence(empty: Home) -> None:
    folder = empty.guard / "stops"
    folder.mkdir(parents=True)
    (folder / "7.json").write_text("{")
    assert "7.json: is no stop of the guard" in str(mistake("guard"))


def _quantity(share: float) -> dict[str, Any]:
    return {
        "clock": "seconds",
        "observations": 12_345,
        "mean": None,
        "limit": 0.05,
        "evidence": share,
        "source": "rule",
    }


def _watched(home: Home, version: str, **shares: float) -> None:
    found = {name.replace("_", " "): _quantity(share) for name, share in shares.items()}
    evidence.save(home, version, "a", evidence.KeptEvidence(found, {}))


def test_the_worst_come_first_and_the_rest_on_request(empty: Home) -> None:
    _watched(empty, "1", slow_answers=0.2, fallback=0.01, unsound_scores=0.0)
    _watched(empty, "2", slow_answers=0.03, fallback=0.93)
    said = run("guard").stdout
    assert "2 fallback" in " ".join(said.split())
    assert said.index("93%") < said.index("20%")
    assert "unsound" not in said
    assert (
        "3 more quantities are watched; the one nearest to a stop, 'slow answers' of version 2, has 3%"
        in (" ".join(said.split()))
    )
    every = run("guard", "--all").stdout
    assert [every.count(word) for word in ("fallback", "slow", "unsound")] == [2, 2, 1]
    assert "more quantities" not in every


def test_what_is_not_watched_says_why(empty: Home) -> None:
    """On request; else it is counted."""
    why = "not watched: 3 certified requests have an order"
    found = {"order": _quantity(0.0) | {"limit": None, "source": why}, "slow answers": _quantity(0.01)}
    evidence.save(empty, "1", "a", evidence.KeptEvidence(found, {}))
    said = " ".join(run("guard").stdout.split())
    assert "1 quantities are watched; " in said
    assert "1 figures are not watched; why: ballast guard --all" in said
    assert f"order of 1: {why}" in " ".join(run("guard", "--all").stdout.split())


def test_a_quiet_day_is_two_sentences(empty: Home) -> None:
    _watched(empty, "1", **{f"feature_{n}_out_of_range": n / 1000 for n in range(70)})
    said = " ".join(run("guard").stdout.split())
    assert said == (
        "nothing is stopped 70 quantities are watched; the one nearest to a stop, 'feature 69 out of range' "
        "of version 1, has 7% of the evidence for one: ballast guard --all"
    )


def test_many_at_once_are_the_ten_worst(empty: Home) -> None:
    _watched(empty, "1", **{f"feature_{n}_out_of_range": 0.2 + n / 100 for n in range(70)})
    said = run("guard").stdout
    assert [f"feature {n} out of" in said for n in (69, 60, 58)] == [True, True, False]
    assert "60 more quantities" in said
    assert max(map(len, run("guard", "--all").stdout.splitlines())) <= 80
