"""A version valued on logged decisions: what served gains nothing over itself, a better one does."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pandas as pd
import pytest

from bentos.home.state import Home
from bentos.offline import version_value
from bentos.offline.batch_scores import ItemsAsked, Scorer, scorer
from bentos.offline.rescoring import on_snapshots
from bentos.offline.version_value import DISCOUNT, FITTED, Valued, value, value_of
from experiments.offpolicy.policy_log import LogError
from monitoring.log.decision_batches import DecisionBatches
from monitoring.log.known_outcomes import read_decisions
from monitoring.log.record import ArmRecord, Decision, Outcome, encode, encode_outcomes
from monitoring.log.segments import SegmentWriter
from monitoring.log.window import window
from tests.bentos.decisions.deciding import Desk
from tests.bentos.decisions.test_slates import order_of
from tests.bentos.offline.plain_value import OneScorer, plain_value
from tests.experiments.analysis.logged import UNITS, serve
from tests.experiments.files import live
from tests.models.small import table

TAIL = "        enabled: false\nexploration: {share: 0.3, salt: e-1}\n"
Floats = np.ndarray[Any, np.dtype[np.float64]]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """3,000 decisions of the default model with their outcomes, 30% explored."""
    folder = tmp_path_factory.mktemp("valued")
    (folder / "decisions").mkdir()
    (folder / "outcomes").mkdir()
    serve(folder, live(tail=TAIL), UNITS, 1e6, 0.0, 1)
    return folder


@pytest.fixture(scope="module")
def decisions(root: Path) -> pd.DataFrame:
    with window(root) as log:
        return read_decisions(log)


def valued(
    root: Path, score: Scorer, served_by: Callable[[str], Scorer], folder: Path, rows: int = 16_384
) -> Valued:
    """What `value` does, with any scorer and batches of any size."""
    folder.mkdir(exist_ok=True)
    with window(root) as log:
        batches = DecisionBatches(log, folder, rows)
        return value_of(batches, batches.count, score, served_by, folder)


def one_by_one(score: OneScorer) -> Scorer:
    """A scorer of batches of a scorer of decisions."""

    def batched(snapshot: str, asked: ItemsAsked) -> Floats:
        ends = np.cumsum(asked.sizes)
        parts = np.split(asked.items, ends[:-1])
        lists = [[asked.ids[each] for each in part] for part in parts]
        pairs = zip(lists, asked.contexts, strict=True)
        return np.concatenate([score(snapshot, items, orjson.loads(context)) for items, context in pairs])

    return batched


def in_turn(each: Iterator[Mapping[str, float]], sign: float = 1.0) -> Scorer:
    """Scores of the decisions in their order, by item."""
    return one_by_one(lambda snapshot, items, context: sign * worth(next(each), items))


def worth(known: Mapping[str, float], items: list[str]) -> Floats:
    return np.array([known[item] for item in items])


def scores(decisions: pd.DataFrame) -> Iterator[dict[str, float]]:
    for row in decisions.itertuples():
        yield {row.candidates[i]: score for i, score in zip(row.slate, row.scores, strict=True)}


def truths(decisions: pd.DataFrame) -> list[dict[str, float]]:
    """Each decision's outcome of every item."""
    return [dict(zip(row.known_items, row.worth, strict=True)) for row in decisions.itertuples()]


def _not_cut(model: str) -> Scorer:
    raise AssertionError("no answer was cut")


def test_what_served_gains_nothing_over_itself(root: Path, decisions: pd.DataFrame, tmp_path: Path) -> None:
    """The same scores give the same order, whose gain is 0 exactly, and whose value is what it earned."""
    found = valued(root, in_turn(scores(decisions)), _not_cut, tmp_path)
    assert found.gain is not None
    assert (found.gain.value, found.gain.normal) == (0.0, (0.0, 0.0))
    greedy = decisions[~decisions.explored]
    earned = np.mean(
        [
            sum(w * known[row.candidates[i]] for w, i in zip(DISCOUNT, row.slate, strict=False))
            for row, known in zip(greedy.itertuples(), truths(greedy), strict=True)
        ]
    )
    snips = found.evaluation.estimates[1]
    assert snips.normal[0] < earned < snips.normal[1]


def test_a_better_version_is_seen_before_it_serves(
    root: Path, decisions: pd.DataFrame, tmp_path: Path
) -> None:
    """An oracle's true value is inside every interval, and its gain is above 0."""
    known = truths(decisions)
    found = valued(root, in_turn(iter(known)), _not_cut, tmp_path)
    best = np.mean([np.sort(list(each.values()))[::-1] @ DISCOUNT[:6] for each in known])
    assert found.gain is not None
    assert found.gain.normal[0] > 0
    for each in found.evaluation.estimates:
        assert abs(each.value - best) < 4 * each.deviation, each
    assert [each.method for each in found.evaluation.estimates] == ["ips", "snips", "dr"]


def rewritten(root: Path, target: Path, change: Callable[[int, dict[str, Any]], None]) -> Path:
    """The same log with each decision changed by (its number by time, its line as JSON)."""
    lines = [
        orjson.loads(line)
        for path in (root / "decisions").glob("*.jsonl")
        for line in path.read_bytes().splitlines()
    ]
    (target / "decisions").mkdir(parents=True)
    (target / "outcomes").symlink_to(root / "outcomes")
    for number, line in enumerate(sorted(lines, key=lambda line: line["time"])):
        change(number, line)
    content = b"".join(orjson.dumps(line) + b"\n" for line in lines)
    (target / "decisions" / "00000000000000000001-w0-1-aaaaaa.jsonl").write_bytes(content)
    return target


def _cut(number: int, line: dict[str, Any]) -> None:
    line["propensities"] *= 6 if len(line["propensities"]) == 1 else 1
    for name in ("slate", "scores", "propensities"):
        line[name] = line[name][:2]


def test_cut_answers_are_scored_again_by_both(root: Path, decisions: pd.DataFrame, tmp_path: Path) -> None:
    """Who agrees with what served gains nothing; who would serve what was cut away does not seem to agree."""
    cut = rewritten(root, tmp_path / "log", _cut)
    again = in_turn(scores(decisions))
    same = valued(cut, in_turn(scores(decisions)), lambda model: again, tmp_path / "a")
    assert same.gain is not None
    assert (same.gain.value, same.gain.normal) == (0.0, (0.0, 0.0))
    again = in_turn(scores(decisions))
    upside_down = in_turn(scores(decisions), -1.0)
    other = valued(cut, upside_down, lambda model: again, tmp_path / "b")
    assert other.gain is None or other.gain.value < 0


def _unusable(number: int, line: dict[str, Any]) -> None:
    if number < 5:
        line["fallback"] = "scores are constant"
    if number == 5:
        line["request_id"] = "nobody-told"
    if number == 6:
        line["propensities"] = [None] * 6
    if number == 7:
        line |= {"digest": "ab", "offered": 9}


def test_what_cannot_be_used_is_counted_and_nothing_is_refused(root: Path, tmp_path: Path) -> None:
    """Fallbacks, missing outcomes, unknown propensities, reduced records; and a log of nothing else."""
    bad = rewritten(root, tmp_path / "log", _unusable)
    constant = one_by_one(lambda snapshot, items, context: np.arange(len(items), dtype=float))
    found = valued(bad, constant, _not_cut, tmp_path / "a", rows=100)
    assert {reason: count for reason, count in found.skipped.items() if count} == {
        "without outcomes": 1,
        "under a fallback": 5,
        "with a reduced record": 1,
        "without propensities": 1,
    }
    assert found.decisions == 2_992

    def all_failed(number: int, line: dict[str, Any]) -> None:
        line["fallback"] = "scores are constant"

    none = rewritten(root, tmp_path / "none", all_failed)
    with pytest.raises(LogError, match="log: none of 3000 decisions can be used"):
        valued(none, constant, _not_cut, tmp_path / "b")


def package_scorer(home: Home, package: Path) -> OneScorer:
    on = on_snapshots(home, package)

    def score(snapshot: str, items: list[Any], context: Mapping[str, Any]) -> Floats:
        version = on(snapshot)
        return version.score(version.catalogue.rows(items), context)

    return score


@pytest.mark.parametrize("rows", [16_384, 64])
def test_batches_give_the_figures_of_decisions_one_by_one(
    made: tuple[Home, Desk], tmp_path: Path, rows: int
) -> None:
    """To 1e-9, whatever the batches; some answers are cut, and some candidates unknown."""
    home, at = made
    log = SegmentWriter(tmp_path / "log" / "decisions", "w0")
    told = SegmentWriter(tmp_path / "log" / "outcomes", "w0")
    draw = np.random.default_rng(0)
    for number, record in enumerate(at.records()):
        log.append(encode(_varied(record, number, draw)))
        items = [record.candidates[each] for each in record.slate[: 1 + number % 3]]
        told.append(
            encode_outcomes(
                Outcome(
                    request_id=record.request_id, item=item, value=float(draw.integers(0, 3)),
                    time=record.time + 60 + k, received=record.time + 60 + k,
                )
                for item in items for k in range(2)
            )
        )  # fmt: skip
    log.close()
    told.close()
    package = home.version("2")
    of_model = cache(lambda model: package_scorer(home, home.version(model.split("/")[1])))
    with window(tmp_path / "log") as opened:
        frame = read_decisions(opened)
    plain, gain, count = plain_value(frame, package_scorer(home, package), of_model, DISCOUNT)
    batched = cache(lambda model: scorer(home, home.version(model.split("/")[1])))
    found = valued(tmp_path / "log", scorer(home, package), batched, tmp_path / "room", rows)
    assert found.decisions == count > 900
    assert found.evaluation.refused == plain.refused == ()
    ours, theirs = (flat(asdict(each.diagnostics)) for each in (found.evaluation, plain))
    assert ours == pytest.approx(theirs, rel=1e-9)
    pairs = zip([*found.evaluation.estimates, found.gain], [*plain.estimates, gain], strict=True)
    for estimate, other in pairs:
        assert estimate is not None
        assert other is not None
        assert flat(asdict(estimate)) == pytest.approx(flat(asdict(other)), rel=1e-9, abs=1e-12)


def flat(found: dict[str, Any]) -> list[float]:
    numbers = [each if isinstance(each, tuple) else (each,) for each in found.values()]
    return [float(each) for group in numbers for each in group if not isinstance(each, str)]


def _varied(record: Decision, number: int, draw: np.random.Generator) -> Decision:
    values = {name: getattr(record, name) for name in record.__struct_fields__}
    values["unit"] = f"viewer-{min(draw.integers(0, 200, 2))}"
    if number % 7 == 0:
        kept = max(2, len(record.slate) // 2)
        values |= {name: list(values[name])[:kept] for name in ("slate", "scores", "propensities")}
        values["top_k"] = kept
    elif number % 11 == 0:
        count = len(record.candidates)
        values["candidates"] = [*record.candidates, "nobody-knows"]
        values["slate"] = [*record.slate, count]
        values["scores"] = [*record.scores, None]
        values["propensities"] = [*record.propensities, 1.0]
    if number % 50 == 1:
        values["fallback"] = "timeout"
    values["arms"] = [ArmRecord("e", "v", record.model, 0.1, "s")]
    return Decision(**values)


def test_the_reward_model_is_fitted_on_a_sample_of_a_long_log(
    root: Path, decisions: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same decisions each time, about as many as is said; DR stays right, which any model leaves it."""
    whole = valued(root, in_turn(scores(decisions)), _not_cut, tmp_path)
    assert whole.fitted == whole.rows == 18_000 < FITTED
    monkeypatch.setattr(version_value, "FITTED", 3_000)
    found = [valued(root, in_turn(scores(decisions)), _not_cut, tmp_path, rows) for rows in (500, 3_000)]
    assert found[0].fitted == found[1].fitted
    share = 3_000 / version_value.TOP / 3_000
    assert abs(found[0].fitted / 6 - 3_000 * share) < 5 * np.sqrt(3_000 * share)
    sampled, all_rows = found[0].evaluation.estimates[2], whole.evaluation.estimates[2]
    assert abs(sampled.value - all_rows.value) < 2 * all_rows.deviation
    assert sampled.deviation < 1.1 * all_rows.deviation


def test_a_package_is_valued_at_what_it_earns(made: tuple[Home, Desk]) -> None:
    """Every candidate's label is known, and so is the DCG of the version's own orders."""
    home, at = made
    found = value(home, home.version("2"))
    assert not found.evaluation.refused
    assert {reason: count for reason, count in found.skipped.items() if count} == {"without outcomes": 100}
    (version,) = (each for each in at.serving.versions.values() if each.number == "2")
    labels = table().set_index("item")["label"]
    records = [record for place, record in enumerate(at.records()) if place % 10]
    worth = []
    for record in records:
        items = list(map(str, record.candidates))
        order = order_of(version, items)[0]
        worth.append(labels[[items[place] for place in order]].to_numpy() @ DISCOUNT[:8])
    for estimate in found.evaluation.estimates:
        assert abs(estimate.value - np.mean(worth)) < 4 * estimate.deviation, estimate
    assert list((home.log / "tmp").iterdir()) == [], "what did not fit into memory is gone"
