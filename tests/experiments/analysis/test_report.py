"""What people and programs read, and the sizes that are needed before starting."""

import json

import numpy as np

from experiments.analysis.analyze import analyze
from experiments.analysis.report import (
    HEADINGS,
    SHORT,
    SLICE,
    interval,
    rows,
    short_rows,
    slice_rows,
    to_json,
)
from experiments.analysis.verdicts import verdicts_of
from tests.experiments.analysis.frames import frame, question, table


def test_json_and_text_say_the_same() -> None:
    """(The page: test_page.)"""
    data = frame(effect=0.5)
    data["airport"] = np.where(np.arange(len(data)) % 2, "<b>JFK</b>", "EWR")
    asks = question(ended=True, slices=("airport",))
    found = analyze(table(data), asks)
    said = verdicts_of(found, asks)
    assert slice_rows(found, "airport")[0][-1] == ""  # two slices are not shrunk
    body = json.loads(json.dumps(to_json(found, said), allow_nan=False))
    assert body["text"] == str(said)
    assert body["effects"][0]["difference"] == found.effects[0].difference
    assert len(rows(found.effects)[0]) == len(HEADINGS)
    assert len(short_rows(found.effects)[0]) == len(SHORT)


def test_running_experiments_show_no_fixed_interval() -> None:
    """In no form."""
    found = analyze(table(frame()), question())
    assert rows(found.effects)[0][9:] == ("at the planned end", "")
    assert to_json(found, verdicts_of(found, question()))["effects"][0]["fixed"] is None


def test_an_interval_that_says_nothing_yet() -> None:
    """All of the error is for the planned end."""
    assert interval((float("-inf"), float("inf")), None) == "none before the end"
    assert interval((-1.0, 2.0), None) == "[-1, +2] in all"


def test_a_shrunk_lift_has_its_interval_where_there_is_room() -> None:
    """Of four slices or more; under as many headings as there are cells."""
    data = frame(units=4_000)
    data["country"] = np.array(list("wxyz"))[np.arange(len(data)) % 4]
    found = analyze(table(data), question(slices=("country",)))
    for narrow, wide in zip(
        slice_rows(found, "country"), slice_rows(found, "country", wide=True), strict=True
    ):
        assert len(narrow) == len(SLICE) + 1
        assert wide[-1].startswith(f"{narrow[-1]} [")
        assert wide[-1].endswith("%]")
