"""A metric's past out of real log segments."""

from pathlib import Path

import pytest

from experiments.analysis.past_rows import past_of
from experiments.config.problems import AnalysisError
from monitoring.log.window import window
from tests.experiments.analysis.logged import serve
from tests.experiments.files import live

START, DAY = 1_767_225_600.0, 86_400.0
CONFIG = live(tail="exploration: {share: 0.02, salt: e-1}\n")


def write_days(folder: Path, days: int) -> None:
    """Each day 150 of 300 viewers and 30 that come only once, with all outcomes."""
    for name in ("decisions", "outcomes"):
        (folder / name).mkdir(parents=True)
    for day in range(days):
        units = [f"viewer-{(i * 7 + day * 31) % 300}" for i in range(150)] + [
            f"new-{day}-{i}" for i in range(30)
        ]
        serve(folder, CONFIG, units, START + day * DAY, 1.0, day + 1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of eight days."""
    found = tmp_path_factory.mktemp("log")
    write_days(found, 8)
    return found


def test_units_and_mean_are_those_of_the_days_asked_for(folder: Path) -> None:
    with window(folder) as log:
        found = past_of(log, CONFIG, "ndcg_10", 6.0)
        seen = log.sql(
            "SELECT count(DISTINCT unit) AS units FROM decisions WHERE NOT explored "
            f"AND time >= (SELECT max(time) FROM decisions) - {6 * DAY}"
        )
    assert found.units[-1] == seen["units"].iloc[0]
    assert 0.3 < found.mean < 1
    assert len(found.days) == 6
    assert list(found.errors) == sorted(found.errors, reverse=True)
    assert found.reduction is not None
    assert 0 <= found.reduction < 0.2  # outcomes are drawn anew each time


def test_another_unit_can_be_randomised(folder: Path) -> None:
    with window(folder) as log:
        found = past_of(log, CONFIG, "ndcg_10", 6.0, "airport")
    assert found.units[-1] == 2


@pytest.mark.parametrize(
    ("name", "unit", "sentence"),
    [
        ("ctr", None, "--from-log 'ctr': is no metric of the live file; those are ndcg_10, fallback"),
        ("ndcg_10", "browser", "--unit 'browser': is neither the file's unit nor a declared attribute"),
        ("fallback", None, "fallback: the log has no two days of it with variation"),
    ],
)
def test_what_cannot_be_planned_is_one_sentence(
    folder: Path, name: str, unit: str | None, sentence: str
) -> None:
    with window(folder) as log, pytest.raises(AnalysisError, match=sentence):
        past_of(log, CONFIG, name, 6.0, unit)


def test_a_log_of_an_hour_is_too_short(tmp_path: Path) -> None:
    write_days(tmp_path / "one", 1)
    with window(tmp_path / "one") as log, pytest.raises(AnalysisError, match="under two days of ndcg_10"):
        past_of(log, CONFIG, "ndcg_10", 6.0)
