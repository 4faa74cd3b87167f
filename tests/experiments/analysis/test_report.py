"""What people and programs read, and the sizes that are needed before starting."""

import json
from xml.etree import ElementTree

import numpy as np

from experiments.analysis.analyze import analyze
from experiments.analysis.report import HEADINGS, SHORT, page, rows, short_rows, to_json
from experiments.analysis.verdicts import verdicts_of
from tests.experiments.analysis.frames import frame, question, table


def test_json_text_and_page_say_the_same() -> None:
    """The page is well-formed, holds every figure, and takes nothing from elsewhere."""
    data = frame(effect=0.5)
    data["airport"] = np.where(np.arange(len(data)) % 2, "<b>JFK</b>", "EWR")
    asks = question(ended=True, slices=("airport",))
    found = analyze(table(data), asks)
    said = verdicts_of(found, asks)
    body = json.loads(json.dumps(to_json(found, said), allow_nan=False))
    assert body["text"] == str(said)
    assert body["effects"][0]["difference"] == found.effects[0].difference
    html = page("m <test>", found, said)
    ElementTree.fromstring(html.removeprefix("<!doctype html>\n").replace('<meta charset="utf-8">', ""))
    assert "http" not in html.replace("http-equiv", "")
    assert "&lt;b&gt;JFK" in html
    for cell in rows(found.effects)[0]:
        assert cell in html
    assert len(rows(found.effects)[0]) == len(HEADINGS)
    assert len(short_rows(found.effects)[0]) == len(SHORT)


def test_running_experiments_show_no_fixed_interval() -> None:
    """In no form."""
    found = analyze(table(frame()), question())
    assert rows(found.effects)[0][9:] == ("at the planned end", "")
    assert to_json(found, verdicts_of(found, question()))["effects"][0]["fixed"] is None
