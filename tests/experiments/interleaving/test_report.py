"""A preference says the same in text, in JSON and on the page."""

import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from experiments.analysis.page import Look
from experiments.interleaving.preferences import Preferences, credited, preferred
from experiments.interleaving.report import headings, page, rows, sentences, to_json
from tests.experiments.interleaving.drafts import found, interleaved, serve


def test_at_the_planned_end_the_fixed_interval_is_shown(tmp_path: Path) -> None:
    """And not before; in JSON and on the page as in text."""
    config = interleaved(("        traffic: ", "        end: 1970-01-20T00:00:00Z\n        traffic: "))
    serve(tmp_path, config, 800, 0.6)
    assert found(tmp_path, config, now=1e6).credits[0].fixed is None
    seen = found(tmp_path, config)
    said = preferred(seen)
    (first,) = seen.credits
    assert first.fixed is not None
    assert first.anytime[0] < first.fixed[0] < first.mean < first.fixed[1] < first.anytime[1]
    body = json.loads(json.dumps(to_json(seen, said), allow_nan=False))
    assert (body["text"], body["mode"]) == (str(said), "interleave")
    assert body["credits"][0]["mean"] == first.mean
    html = page("a <test>", seen, said, [Look(1e6, 800, "keep going")])
    assert "1970-01-12 13:46 UTC" in html
    ElementTree.fromstring(html.removeprefix("<!doctype html>\n"))
    assert all(cell in html for cell in rows(seen.credits)[0])
    assert len(rows(seen.credits)[0]) == len(headings(seen))


def test_the_coin_and_what_is_left_out_stand_beside_the_table() -> None:
    """Each a sentence, and the notes after them."""
    seen = Preferences(("a", "b"), (), (60, 40), {"explored": 1_234}, notes=("late outcomes",))
    assert sentences(seen) == [
        f"a began 60 drafts and b 40, a fair coin each: p = {seen.coin:.3g}; credit above 0 is b's",
        "1,234 answers are left out: explored",
        "late outcomes",
    ]


def test_without_a_mean_credits_are_not_shares() -> None:
    """Where the metric itself is at 0."""
    draw = np.random.default_rng(2)
    units = [f"u-{i}" for i in range(100)]
    first = credited(draw.normal(0, 1, 100), np.zeros(100), units)
    assert first is not None
    assert "%" not in "".join(rows([first])[0])
    assert "<svg" not in page(
        "t",
        Preferences(("a", "b"), (first,), (50, 50), {}),
        preferred(Preferences(("a", "b"), (first,), (50, 50), {})),
    )
