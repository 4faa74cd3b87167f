"""`ballast experiment power --from-log`: a plan as sentences, tables, JSON and a page."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from bentos.commands.power_log import STOPS, WEEKS, page, sentences, stop_rows, week_rows
from bentos.home.state import Home
from experiments.analysis.planning import PlannedTest, outline
from experiments.analysis.traffic import Traffic
from tests.bentos.commands.running import mistake, run, said
from tests.experiments.analysis.test_past_rows import CONFIG, write_days
from tests.experiments.files import edited

PAST = Traffic("clicks", 2.0, (1.0, 7.0, 10.0), (900.0, 4_000.0, 5_000.0), (0.04, 0.02, 0.017), 0.3)
FOUND, DESIGN = outline(PAST, PlannedTest(effect=0.02)), PlannedTest(effect=0.02)


@pytest.fixture
def logged(empty: Home, tmp_path: Path) -> Home:
    """A home with a log of eight days."""
    (tmp_path / "live.yaml").write_text(edited(tail="exploration: {share: 0.02, salt: e-1}\n"))
    write_days(empty.log, 8)
    assert CONFIG.metrics
    return empty


def test_a_plan_comes_from_the_log(logged: Home, tmp_path: Path) -> None:
    asked = ("experiment", "power", "--from-log", "ndcg_10", "--days", "8", "--effect", "0.02")
    found = said(*asked)
    assert found["metric"] == "ndcg_10"
    assert found["days"] >= 1
    shown = run(*asked, "--html", tmp_path / "plan.html")
    assert shown.exit_code == 0
    assert "to see +2.0% four times out of five at today's traffic: " in shown.stdout
    assert max(map(len, shown.stdout.splitlines()[2:])) <= 80
    assert "A plan for ndcg_10" in (tmp_path / "plan.html").read_text()
    half = said(*asked, "--traffic", "0.5")
    assert half["weeks"][0]["units"] == pytest.approx(found["weeks"][0]["units"] / 2, abs=1)
    assert half["weeks"][0]["planned"] == pytest.approx(found["weeks"][0]["planned"] * 2**0.5)
    assert logged.log.exists()


def test_an_empty_log_is_a_sentence(empty: Home, tmp_path: Path) -> None:
    (tmp_path / "live.yaml").write_text(edited())
    asked = ("experiment", "power", "--from-log", "ndcg_10")
    assert "the log has no decision; log some days" in str(mistake(*asked))
    for option in ("--effect", "--days", "--share", "--traffic", "--looks"):
        assert f"{option} nan: must be" in str(mistake(*asked, option, "nan"))
    assert not empty.log.exists()


def test_rows_fit_their_headings_and_say_where_the_log_ends() -> None:
    rows = week_rows(FOUND)
    assert {len(row) for row in rows} == {len(WEEKS)}
    assert [row[0] for row in rows[:3]] == ["7 days", "14 days*", "21 days*"]
    assert {len(row) for row in stop_rows(FOUND)} == {len(STOPS)}
    known, took = sentences(FOUND, DESIGN)
    assert known.startswith("clicks: mean 2, standard deviation per unit 1.202 (0.60 of the mean)")
    assert "days to a planned end, " in took


def test_the_page_is_whole_and_has_its_picture() -> None:
    root = ElementTree.fromstring(page(FOUND, DESIGN).removeprefix("<!doctype html>\n"))
    assert [each.text for each in root.iter("h2")] == [
        "What could be seen",
        "Week by week",
        "When it would stop, looked at daily",
    ]
    assert len(list(root.iter("polyline"))) == 3


def test_what_cannot_be_asked(file: Path) -> None:
    asked = ("experiment", "power")
    assert "--table, --from-log: give one of them" in str(mistake(*asked))
    assert "--metric: means nothing here" in str(mistake(*asked, "--from-log", "m", "--metric", "m"))
    assert "--html: means nothing here" in str(
        mistake(*asked, "--table", file, "--metric", "m", "--html", "x")
    )
    assert "--days 1: must be from 2 to 365" in str(mistake(*asked, "--from-log", "m", "--days", "1"))
    assert "--traffic 2: must be a share" in str(mistake(*asked, "--from-log", "m", "--traffic", "2"))
