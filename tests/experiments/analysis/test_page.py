"""The page says what the analysis found, in one file that needs nothing else."""

from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pandas as pd

from experiments.analysis.analyze import analyze
from experiments.analysis.page import Look, meaning, page
from experiments.analysis.question import Measure, Question
from experiments.analysis.report import rows
from experiments.analysis.verdicts import verdicts_of
from tests.experiments.analysis.frames import question, table
from tests.experiments.analysis.test_moments_in_time import visits

GUARD = Measure("w", "w", role="guardrail", better="lower", margin=0.1)
LOOK = Look(1_767_225_600.0, 900, "keep going")


def _page(data: pd.DataFrame, asks: Question) -> tuple[str, ElementTree.Element]:
    found = analyze(table(data), asks)
    html = page("m <test>", found, asks, verdicts_of(found, asks), [LOOK])
    return html, ElementTree.fromstring(html.removeprefix("<!doctype html>\n"))


def _data() -> pd.DataFrame:
    data = visits(units=600)
    data["m"] += (data.arm == "b") * 3.0
    data["airport"] = np.where(data.unit.astype(int) % 3, "<b>JFK</b>", "EWR")
    data.loc[data.index[:4], "arm"] = "other"
    return data


def test_it_has_everything_that_was_found() -> None:
    asks = question(Measure("m", "m"), GUARD, time="t", slices=("airport",), detailed=True, notes=("a note",))
    html, root = _page(_data(), asks)
    said = [each.text for each in root.iter("h2")]
    assert said == [
        "Effects",
        "The effect over time",
        "Distributions by arm",
        "The primary metric by airport",
        "Whether the arms have the units they should",
        "Every row accounted for",
        "What the metrics are",
        "What was looked at when",
        "Notes",
    ]
    texts = ["".join(each.itertext()) for each in root.iter("td")]
    found = analyze(table(_data()), asks)
    assert set(rows(found.effects)[0]) - {""} <= set(texts)
    assert "<b>JFK</b>" in texts
    assert "of arm 'other' (not declared)" in texts
    assert {"2026-01-01 00:00 UTC", "keep going", "mean of m over rows"} <= set(texts)
    assert len(list(root.iter("svg"))) == 6  # effects, three courses, distributions, the slice
    assert "http" not in html


def test_what_was_not_asked_is_not_there() -> None:
    """No column of times, no slices, one arm: no empty headings."""
    _, root = _page(_data().drop(columns="airport"), question(Measure("m", "m")))
    assert [each.text for each in root.iter("h2")][:2] == [
        "Effects",
        "Whether the arms have the units they should",
    ]


def test_a_mismatch_is_red_and_comes_with_its_worst_slice() -> None:
    data = _data()
    data = data[(data.arm == "a") | (data.unit.astype(int) % 3 > 0)]
    html, root = _page(data, question(Measure("m", "m"), time="t", slices=("airport",), detailed=True))
    assert "sample ratio mismatch" in html
    [tested] = [each for each in root.iter("table") if "units (expected)" in "".join(each.itertext())]
    first = ["".join(cell.itertext()) for cell in next(tested.iter("tbody")).iter("td")][:3]
    assert first[:2] == ["airport", "EWR"]
    assert "b 0 (" in first[2]
    kinds = [each.get("class") for each in root.iter("p")]
    assert "bad" in kinds
    assert kinds[0] == "verdict open"


def test_metrics_are_in_words() -> None:
    m = Measure("m", "m")
    assert meaning(m) == "mean of m over rows"
    assert meaning(replace(m, per_unit=True)) == "mean over units of the sum of m"
    assert meaning(replace(m, denominator="w")) == "Σ m / Σ w"
    assert meaning(replace(m, meaning="clicks")) == "clicks"


def test_a_course_unlike_its_effect_says_so_beside_the_pictures() -> None:
    """Where the effect is capped and its course is not; of a quantile there is a note and no course."""
    data = _data()
    html, _ = _page(data, question(Measure("m", "m", winsorise=0.9), time="t", detailed=True))
    pictures = html[html.index("The effect over time") : html.index("Distributions by arm")]
    assert "the effect is capped (winsorised); over time it is shown without" in pictures
    html, _ = _page(data, question(Measure("p50(m)", "m", quantile=0.5), time="t", detailed=True))
    assert "The effect over time" not in html
    assert "no effect over time: p50(m) is a quantile" in html
