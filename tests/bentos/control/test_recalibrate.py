"""Calibration that follows, with a real Decider, Follower and Steward's parts over a trained version."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import orjson
import pytest

from bentos.decisions.parts import best_first
from bentos.home.corrections import kept, read_correction
from bentos.home.journal import decisions
from bentos.offline.correction_rows import Span, matured
from bentos.offline.rescoring import Rescorer, Uncorrected, logged
from monitoring.calibration.logistic import log_odds
from tests.bentos.corrected import BEGIN, DAY, NOISE, SHIFT, Place


def test_outcomes_are_followed_and_every_score_comes_out_again(place: Place) -> None:
    """Fitted, passed, served by one epoch, on record, scored again bit for bit; refitted on raw scores."""
    place.live(range(150), 0.0, 9.0)
    before = place.rank(900, 10.0)
    assert before["scores"] == place.raw(before).tolist()
    assert place.refit().startswith("passed: log loss -")
    engine = place.follower.current.champion.engine  # type: ignore[union-attr]
    state = place.publish()
    digest = state.corrections["1"]
    assert place.follower.current.champion.engine is engine  # type: ignore[union-attr]
    published = read_correction(place.home, digest).correction
    assert published.shift == pytest.approx(SHIFT, abs=NOISE)  # type: ignore[union-attr]
    answer = place.rank(901, 10.1)
    raw = place.raw(answer)
    assert answer["scores"] == published.apply(raw).tolist()
    record = place.rows().iloc[-1]
    assert (record.correction, list(record.scores)) == (digest, answer["scores"])
    assert not isinstance(place.rows().iloc[0].correction, str)
    rescorer = Rescorer(place.home, place.home.version("1"))
    for row in place.rows().itertuples():
        again = rescorer.score(logged(row))
        assert again.same
        assert again.raw.tolist() == place.raw({"items": [row.candidates[k] for k in row.slate]}).tolist()
    undone = Uncorrected(place.home).of(record.scores, record.correction)
    assert undone == pytest.approx(raw.tolist(), abs=1e-12)
    assert place.refit() is None  # not due before a day has passed
    place.live(range(200, 300), 10.5, 13.0, seed=1)
    place.refit()
    found = matured(place.home, "small", "1", Span(0, 1e12, 1e12))
    corrected = found.rows.time > BEGIN + 10.4 * DAY
    own = log_odds(found.rows.score[corrected]).mean()
    assert own == pytest.approx(log_odds(found.rows.score[~corrected]).mean(), abs=0.2)
    second = kept(place.home, "1")[-1].fitted
    assert second.before == digest
    assert second.correction.shift == pytest.approx(SHIFT, abs=NOISE)  # type: ignore[union-attr]


def test_the_order_stays_that_of_the_models_own_scores(place: Place) -> None:
    """Without exploration, item by item; a score that is not above another stays so."""
    place.live(range(150), 0.0, 9.0)
    place.refit()
    place.explore("")
    place.publish()
    for number in range(600, 620):
        answer = place.rank(number, 11.0)
        assert not answer["explored"]
        items = place.rows().set_index("request_id").loc[answer["request_id"]].candidates
        own = place.raw({"items": items})
        assert answer["items"] == [items[at] for at in best_first(own)]
        assert answer["scores"] != own[best_first(own)].tolist()
        assert (np.diff(answer["scores"]) <= 0).all()


def test_scores_that_do_not_come_out_again_are_not_fitted_on(place: Place) -> None:
    """Then something on disk is not what it was, and nothing may be learnt from it."""
    place.live(range(150), 0.0, 9.0)
    place.log.close()
    for segment in (place.home.log / "decisions").glob("*.jsonl"):
        lines = segment.read_bytes().splitlines(keepends=True)
        first = orjson.loads(lines[0])
        lines[0] = orjson.dumps(first | {"scores": [score + 1e-9 for score in first["scores"]]}) + b"\n"
        segment.write_bytes(b"".join(lines))
    assert place.refit().startswith("refused: 1 of 145 explored decisions do not give again the scores")
    assert kept(place.home) == []
    assert [each["event"] for each in decisions(place.home)] == ["correction refused"]


def test_the_loop_asks_when_it_is_due_and_stops_with_the_section(place: Place) -> None:
    """`look` works in the pool; without [correction] nothing is wanted, and a bad file is told."""
    place.live(range(150), 0.0, 9.0)
    place.corrector.look("small", {"1"})
    _until(place.corrector.wanted)
    report = place.corrector.report()["1"]
    assert report.serving == report.last == place.corrector.wanted()["1"]
    text = place.toml.read_text()
    place.toml.write_text(text.replace('window = "30d"', 'window = "a month"'))
    assert place.corrector.wanted()
    assert "correction.window: 'a month' is not a duration" in place.corrector.problems[0]
    place.toml.write_text(text.partition("[correction]")[0])
    assert place.corrector.wanted() == {}
    assert place.corrector.problems == []


def _until(holds: Callable[[], object]) -> None:
    limit = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < limit
        time.sleep(0.05)
