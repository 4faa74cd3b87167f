"""From drafts on record to a preference in words: every credit is that of its definition."""

import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from experiments.analysis.log_rows import Reading, latest
from experiments.config.live import Live
from experiments.config.problems import AnalysisError
from experiments.interleaving.draft_rows import preferences_of
from experiments.interleaving.preferences import Preferences, credit, credited, preferred
from experiments.interleaving.report import headings, page, rows, to_json
from experiments.slates.interleave import NEITHER, drafted
from monitoring.log.record import ArmRecord, Decision, Outcome, RankerRecord, encode, encode_outcomes
from monitoring.log.segments import SegmentWriter
from monitoring.log.window import window
from tests.experiments.files import live
from tests.proofs.proofs import preferring

TAIL = "exploration: {share: 0.05, salt: e-1}\n"
DISCOUNT = 1 / np.log2(np.arange(6) + 2)


def interleaved(*more: tuple[str, str]) -> Live:
    """The small file with both rankers interleaved."""
    return live(
        ('"@champion", weight: 0.5', '"@champion"'),
        ('"@challenger", weight: 0.5', '"@challenger"'),
        ("        traffic: [[0.0, 1.0]]\n", "        traffic: [[0.0, 1.0]]\n        mode: interleave\n"),
        *more,
        tail=TAIL,
    )


def serve(folder: Path, config: Live, requests: int, gain: float, seed: int = 1) -> dict[str, float]:
    """Drafts of two rankers as the server logs them; the NDCG credit of each request, from its definition."""
    draw = np.random.default_rng(seed)
    decisions, outcomes = (SegmentWriter(folder / kind, "w") for kind in ("decisions", "outcomes"))
    expected = {}
    for i in range(requests):
        values = draw.integers(0, 5, 6).astype(float)
        one = draw.normal(0, 2, 6) + 0.3 * values
        orders = (np.argsort(-one), np.argsort(-(one + draw.normal(0, 1, 6) + gain * values)))
        request, unit = f"r-{i}", f"u-{i % 300}"
        slate, team = drafted(config.exploration, "challenger-1", request, unit, orders, one[orders[0]])
        alone = i % 50 == 49
        record = Decision(
            request_id=request, time=1e6 + i, received=1e6 + i, unit=unit, context={}, attributes={},
            arms=[ArmRecord("challenger", "interleaved", "@champion", 0.5, "challenger-1")],
            experiments=config.digest, epoch=1, model="m/1", snapshot="s", candidates=list("abcdef"),
            slate=slate.order, scores=one[slate.order], propensities=slate.propensities,
            explored=slate.explored, fallback="interleaving: gone" if alone else None,
            rankers=None if alone else [RankerRecord("m/1", "s"), RankerRecord("m/2", "s")],
            team=None if alone else team,
        )  # fmt: skip
        decisions.append(encode(record))
        outcomes.append(
            encode_outcomes(
                Outcome(request_id=request, item=item, value=value, time=2e6, received=2e6)
                for item, value in zip("abcdef", values.tolist(), strict=True)
            )
        )
        if team is not None and not alone and values.any():
            gains = (2 ** values[slate.order] - 1) * DISCOUNT
            expected[request] = credit(team, gains / ((2 ** np.sort(values)[::-1] - 1) @ DISCOUNT))
    return expected


def found(folder: Path, config: Live, now: float = 2e6, **more: float) -> Preferences:
    """What the command works out."""
    with window(folder) as log:
        live_then, experiment = latest(log, "challenger", {config.digest: config})
        return preferences_of(log, live_then, experiment, Reading(now, **more))


def test_credits_equal_their_definition(tmp_path: Path) -> None:
    """Mean, wins and losses; explored answers and those by one ranker are counted and not credited."""
    config = interleaved()
    expected = np.array(list(serve(tmp_path, config, 2_000, 0.0).values()))
    seen = found(tmp_path, config)
    (ndcg,) = seen.credits
    assert ndcg.mean == pytest.approx(expected.mean())
    assert (ndcg.wins, ndcg.losses) == ((expected > 1e-12).sum(), (expected < -1e-12).sum())
    assert ndcg.requests == len(expected)
    assert ndcg.units == 294  # every fiftieth answer is by one ranker, and with it six of 300 units
    assert 35 <= seen.left_out["one ranker answered alone"] <= 40  # of 40, without the explored ones
    assert 50 < seen.left_out["explored"] < 150
    assert seen.coin > 1e-6
    assert "fallback: a whole answer's figure" in seen.notes[0]


@pytest.mark.parametrize(
    ("gain", "requests", "start"),
    [
        (0.6, 1_500, "prefer challenger: credit in"),
        (0.0, 1_500, "no preference: credit in"),
        (0.0, 150, "keep going: credit in"),
    ],
)
def test_the_verdict_in_words(tmp_path: Path, gain: float, requests: int, start: str) -> None:
    """The better ranker is preferred, and what isn't decided says how long it takes."""
    config = interleaved()
    serve(tmp_path, config, requests, gain)
    seen = found(tmp_path, config)
    said = preferred(seen)
    assert str(said).startswith(start), str(said)
    assert seen.credits[0].fixed is None
    assert "at the planned end" in rows(seen.credits)[0]


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
    html = page("a <test>", seen, said)
    ElementTree.fromstring(html.removeprefix("<!doctype html>\n").replace('<meta charset="utf-8">', ""))
    assert all(cell in html for cell in rows(seen.credits)[0])
    assert len(rows(seen.credits)[0]) == len(headings(seen))


def test_what_cannot_be_said() -> None:
    """An unfair coin, no variation, few units; each its sentence."""
    draw = np.random.default_rng(1)
    units = [f"u-{i}" for i in range(500)]
    fine = credited(draw.normal(1, 1, 500), np.ones(500), units)
    assert fine is not None
    unfair = Preferences(("a", "b"), (fine,), (300, 200), {})
    assert "the coin is not fair" in str(preferred(unfair))
    assert "no variation" in str(preferred(Preferences(("a", "b"), (), (0, 0), {})))
    few = credited(draw.normal(1, 1, 50), np.ones(50), units[:50])
    assert few is not None
    assert "too few units: 50" in str(preferred(Preferences(("a", "b"), (few,), (25, 25), {})))
    assert credited([1.0, 2.0], [1.0, 1.0], ["u", "u"]) is None


def test_a_metric_of_whole_answers_cannot_be_primary(tmp_path: Path) -> None:
    """Its name and the rule."""
    config = interleaved(("primary: ndcg_10", "primary: fallback"), ("[fallback]", "[ndcg_10]"))
    serve(tmp_path, config, 5, 0.0)
    with pytest.raises(AnalysisError, match="needs a primary metric of ndcg or reward"):
        found(tmp_path, config)


def test_credit_counts_the_top_and_forgives_missing_outcomes() -> None:
    """An outcome that hasn't come counts as 0."""
    team = np.array([NEITHER, 0, 1, 1], np.int8)
    assert credit(team, np.array([9.0, 1.0, 2.0, np.nan])) == 1.0
    assert credit(team, np.array([9.0, 1.0, 2.0, 5.0]), top=2) == -1.0


def test_looking_at_any_time_is_safe() -> None:
    """Equal rankers, 20 looks in each of 200 runs: rarely a preference, where fixed intervals see many."""
    anytime, fixed = preferring(runs=200, requests=2_000, seed=7)
    assert anytime <= 0.05
    assert fixed > 0.1
