"""`ballast replay`: what it needs, and what it reports. (Driven against a service: tests/serve.)"""

from __future__ import annotations

import numpy as np
import pytest

from bentos.commands import replay
from bentos.home.state import Home
from bentos.local.replay_client import Answered, Replay
from tests.bentos.commands.running import run, told


def test_without_a_service_it_says_how_to_start_one(empty: Home) -> None:
    done = run("replay")
    assert done.exit_code == 2
    assert "does not answer" in told(done)
    assert "start it with `make up`, or set BALLAST_PORT" in told(done)


def _driver(units: int) -> Replay:
    """So many units in two arms: in the first the best item is always at the top."""
    driver = Replay("http://127.0.0.1:1", viewers=1, population=units)
    for number in range(units):
        arm = "ab"[number % 2]
        labels = np.array([1.0, 0.0] if arm == "a" else [0.0, 1.0])
        driver.answers.append(Answered(f"u{number}", (("try", arm),), f"small/{arm}", False, None, labels))
    driver.failures["/rank 503: busy"] += 2
    return driver


def test_arms_are_compared_by_what_came_of_the_top_item(capsys: pytest.CaptureFixture[str]) -> None:
    report = replay._report(_driver(40), 2.0)
    assert (report["decisions"], report["fallbacks"]) == (40, 0)
    assert [(row["arms"], row["model"]) for row in report["rows"]] == [("a", "small/a"), ("b", "small/b")]
    assert [row["reward"][0] for row in report["rows"]] == [1.0, 0.0]
    assert report["rows"][0]["ndcg_10"][0] == pytest.approx(1.0)
    replay._print(report)
    written = capsys.readouterr()
    assert "40 decisions and 0 outcomes in 2 s (20 decisions a second), 0 fallbacks" in " ".join(
        written.out.split()
    )
    assert "2 requests failed: /rank 503: busy" in written.err


def test_headings_are_whole_in_eighty_columns(capsys: pytest.CaptureFixture[str]) -> None:
    """And so are figures and usual names; intervals stand below their means there, else beside them."""
    replay._print(replay._report(_driver(40), 2.0))
    lines = capsys.readouterr().out.splitlines()[:-1]
    assert max(map(len, lines)) <= 80
    (heading,) = (line for line in lines if "NDCG@10" in line)
    assert heading.split() == ["arm", "model", "explored", "decisions", "NDCG@10", "reward"]
    first = next(place for place, line in enumerate(lines) if "small/a" in line)
    assert lines[first].split() == ["a", "small/a", "no", "20", "1.000", "1.000"]
    assert lines[first + 1].split() == ["(1.000", "to", "1.000)"] * 2
    wide = replay._table(replay._report(_driver(40), 2.0)["rows"], replay.WIDE)
    assert next(iter(wide.columns[4].cells)) == "1.000 (1.000 to 1.000)"


def test_few_units_have_no_interval() -> None:
    assert replay._interval([0.5, 0.1, 0.9], replay.LEAST_UNITS - 1) == "0.500 (few units)"
    assert replay._interval([0.5, 0.1, 0.9], replay.LEAST_UNITS) == "0.500 (0.100 to 0.900)"
    assert replay._interval([None, None, None], 50) == "–"


@pytest.mark.parametrize(
    ("arms", "shown"),
    [((), "none"), ((("try", "a"),), "a"), ((("try", "a"), ("two", "b")), "try: a, two: b")],
)
def test_arms_name_their_experiment_where_there_are_several(
    arms: tuple[tuple[str, str], ...], shown: str
) -> None:
    assert replay._arms(Answered("u", arms, "m", False, None, np.array([1.0]))) == shown
