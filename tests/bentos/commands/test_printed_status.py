"""The status as people read it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bentos.commands.printed_status import print_status
from bentos.home.state import CHAMPION, Home

RULING = {"outcome": "hold", "reasons": "too few rows " * 400, "time": 5.0, "seconds": 1.0, "failed": []}
OVERRIDE = {"by": "ana", "reason": "the table is small", "made": 5.0, "until": 1_800_000_000.0}
STOP = {"kind": "version", "subject": "3", "time": 1_700_000_000.0, "why": "upside down", "done": "2 serves"}
LIVE = {
    "layers": [
        {"experiments": [{"name": "colour", "variants": [{"name": "a", "model": "7"}, {"name": "b"}]}]}
    ]
}
COUNTED = {
    "answers": 1200.0,
    "seconds": 60.0,
    "per_second": 20.0,
    "fallback": 0.25,
    "explored": 0.01,
    "refused": 3.0,
}


def report(**changed: Any) -> dict[str, Any]:
    """Of a service that answers, where all is well."""
    answers = {"answers": True, "ready": True, "address": "http://127.0.0.1:3000", "problem": None}
    state = {"epoch": 4, "versions": {CHAMPION: "2"}, "experiments": "abc"}
    worker = {"pid": 7, "kind": "ranker", "epoch": 4, "versions": {CHAMPION: "2"}}
    return {
        "ranker": "small",
        "state": state,
        "workers": [worker],
        "steward": {},
        "answering": answers,
        "problems": [],
        "rates": None,
    } | changed


@pytest.fixture
def home(empty: Home) -> Home:
    empty.experiments.mkdir(parents=True)
    empty.compiled("abc").write_text(json.dumps(LIVE))
    return empty


def test_it_says_first_whether_anybody_answers(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    print_status(report(), home)
    first, *_ = capsys.readouterr().out.splitlines()
    assert first == "small answers at http://127.0.0.1:3000"
    nobody = {
        "answers": False,
        "ready": False,
        "address": "http://127.0.0.1:3000",
        "problem": "nothing listens",
    }
    print_status(report(answering=nobody), home)
    first, *_ = capsys.readouterr().out.splitlines()
    assert first == "small does not answer at http://127.0.0.1:3000: nothing listens"
    starting = nobody | {"answers": True, "problem": "no state yet"}
    print_status(report(answering=starting), home)
    first, *_ = capsys.readouterr().out.splitlines()
    assert first == "small answers at http://127.0.0.1:3000, but serves nothing: no state yet"


def test_a_problem_takes_three_lines_at_most(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """However long it is; the whole of it is in the JSON."""
    print_status(report(problems=["version 3 is held: " + "a long story " * 700, "short"]), home)
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 4
    assert said[0].startswith("! version 3 is held: a long story")
    assert said[2].endswith("… (ballast status --json)")
    assert said[3] == "! short"
    assert max(map(len, said)) <= 80


def test_many_problems_are_ten_and_a_number(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    print_status(report(problems=[f"problem {n}" for n in range(200)]), home)
    said = capsys.readouterr().err.splitlines()
    assert (len(said), said[-1]) == (11, "! and 190 more: ballast status --json")


def test_everything_else_has_a_section(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """Verdicts, overrides, what is stopped, experiments and rates, in this order and in 80 columns."""
    steward = {
        "aliases": {"champion": "2", "challenger": "10"},
        "rulings": {
            "10": RULING | {"override": OVERRIDE},
            "2": RULING | {"outcome": "pass", "reasons": "pass: sign, skew"},
        },
        "examining": ["11", "9"],
        "guard": {"3": STOP, "4": STOP | {"subject": "4", "cleared": {"by": "ana"}}},
        "rollouts": {"colour": {"action": "hold", "reason": "too few units"}},
    }
    print_status(report(steward=steward, rates=COUNTED), home)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    said = " ".join(" ".join(lines).split())
    parts = [said.index(name) for name in ("verdicts", "overrides", "stopped", "experiments", "rates")]
    assert parts == sorted(parts)
    assert "2 @champion pass 10 @challenger hold: too few rows" in said
    assert "9 is being judged 11 is being judged" in said
    assert "10 hold, serves until 2027-01-15T08:00+00:00: ana: the table is small" in said
    assert "version 3 since 2023-11-14T22:13+00:00: upside down; 2 serves" in said
    assert "version 4" not in said
    assert "colour on; a = 7, b = the default; rollout: hold, too few units" in said
    assert (
        "answers 1,200, 20 a second over 60 s in the fallback order 25.00% explored 1.00% refused 3" in said
    )


def test_a_pass_is_what_it_rests_on_without_the_names_of_its_checks(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    reasons = "pass: on 300 rows it beats a random order by 0.13 to 0.30\npassed: files, sign, skew"
    print_status(report(steward={"rulings": {"2": RULING | {"outcome": "pass", "reasons": reasons}}}), home)
    said = " ".join(capsys.readouterr().out.split())
    assert "2 @champion pass: on 300 rows it beats a random order by 0.13 to 0.30" in said
    assert "files, sign, skew" not in said


def test_a_verdict_is_there_as_soon_as_it_is(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """Though the gate still makes its page; and its word is said once."""
    rejected = RULING | {"outcome": "reject", "reasons": "reject: sign: upside down\nreject: quality: bad"}
    steward = {"rulings": {"2": rejected, "3": RULING | {"reasons": ""}}, "examining": ["2", "4"]}
    print_status(report(steward=steward), home)
    said = " ".join(capsys.readouterr().out.split())
    assert "2 @champion reject: sign: upside down reject: quality: bad 3 hold 4 is being judged" in said


def test_a_compiled_file_that_is_gone_is_no_end(empty: Home, capsys: pytest.CaptureFixture[str]) -> None:
    print_status(report(), empty)
    assert "experiments" not in capsys.readouterr().out
