"""From real log segments to a verdict: every decision's figures are those of the definitions."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import msgspec
import numpy as np
import pytest

from experiments.analysis.analyze import analyze
from experiments.analysis.log_rows import Reading, attribute, latest, rows_of, weights_of
from experiments.analysis.question import Question
from experiments.analysis.recommendation import recommend
from experiments.analysis.tables import Table
from experiments.assignment.assign import assign
from experiments.assignment.plan import compile_plan
from experiments.config.live import Live
from experiments.config.problems import AnalysisError
from experiments.slates.explore import explore
from monitoring.log.record import ArmRecord, Decision, Outcome, encode, encode_outcomes
from monitoring.log.segments import SegmentWriter
from monitoring.log.window import LogWindow, window
from tests.experiments.files import live

TAIL = "exploration: {share: 0.02, salt: e-1}\n"
HOUR = 3600.0


def serve(
    folder: Path,
    config: Live,
    units: list[str],
    start: float,
    gain: float,
    seed: int,
    same: Callable[[int], bool | None] = lambda i: None,
) -> None:
    """Decisions of a ranker and a better one, as the server would log them, with all outcomes."""
    draw, plan = np.random.default_rng(seed), compile_plan(config)
    decisions = SegmentWriter(folder / "decisions", f"d{seed}")
    outcomes = SegmentWriter(folder / "outcomes", f"o{seed}")
    for i, unit in enumerate(units):
        now = start + i
        found = assign(plan, unit, {"airport": ["JFK", "EWR"][i % 2]}, now)
        values = draw.integers(0, 5, 6).astype(float)
        scores = draw.normal(0, 2, 6) + values * (gain if found.model == "@challenger" else 0.0)
        request = f"r-{seed}-{i}"
        slate = explore(config.exploration, request, unit, np.argsort(-scores))
        record = Decision(
            request_id=request, time=now, received=now, unit=unit, context={},
            attributes={"airport": ["JFK", "EWR"][i % 2]},
            arms=[
                ArmRecord(a.experiment, a.variant, found.model, a.bucket, a.salt, a.forced, same(i))
                for a in found.arms
            ],
            experiments=config.digest, epoch=1, model=found.model, snapshot="s", candidates=list("abcdef"),
            slate=slate.order, scores=scores[slate.order], propensities=slate.propensities,
            explored=slate.explored,
        )  # fmt: skip
        decisions.append(encode(record))
        outcomes.append(
            encode_outcomes(
                Outcome(request_id=request, item=item, value=value, time=now + HOUR, received=now + HOUR)
                for item, value in zip("abcdef", values.tolist(), strict=True)
            )
        )


UNITS = [f"viewer-{i % 400}" for i in range(3_000)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A log of two phases: half of the viewers with 20% in the challenger, then all of them with 50%."""
    (tmp_path / "decisions").mkdir()
    (tmp_path / "outcomes").mkdir()
    serve(tmp_path, first(), UNITS[:200], 1e6, 1.0, 1)
    serve(tmp_path, second(), UNITS, 1e6 + HOUR, 1.0, 2)
    return tmp_path


def first() -> Live:
    """20% in the challenger."""
    return live(
        ('"@champion", weight: 0.5', '"@champion", weight: 0.8'),
        ('"@challenger", weight: 0.5', '"@challenger", weight: 0.2'),
        tail=TAIL,
    )


def second() -> Live:
    """50%, laid so that nobody who was in the challenger leaves it."""
    return live(
        ('"@champion", weight: 0.5', '"@champion", ranges: [[0.0, 0.5]]'),
        ('"@challenger", weight: 0.5', '"@challenger", ranges: [[0.5, 1.0]]'),
        tail=TAIL,
    )


def asked(log: LogWindow, name: str, configs: dict[str, Live], reading: Reading) -> tuple[Table, Question]:
    """What `analyze NAME` asks, of the newest file that has the experiment."""
    return rows_of(log, *latest(log, name, configs), configs, reading)


CONFIGS = {config.digest: config for config in (first(), second())}


def test_figures_equal_their_definitions(folder: Path) -> None:
    """NDCG at 10 and fallback of each decision, worked out once more in Python from the raw lines."""
    lines = [json.loads(line) for file in (folder / "decisions").iterdir() for line in _lines(file)]
    values = {
        (each["request_id"], each["item"]): each["value"]
        for file in (folder / "outcomes").iterdir()
        for each in map(json.loads, _lines(file))
    }
    expected = {}
    for line in lines:
        if not line["explored"]:
            gains = [2 ** values[line["request_id"], line["candidates"][i]] - 1 for i in line["slate"]]
            discount = 1 / np.log2(np.arange(6) + 2)
            best = float(np.sort(gains)[::-1] @ discount)
            expected[line["received"]] = float(gains @ discount) / best if best else None
    with window(folder) as log:
        table, _ = asked(log, "challenger", CONFIGS, Reading(now=2e6))
        found = {row["log_received"]: row["metric_ndcg_10"] for row in table.to_pyarrow().to_pylist()}
    assert found == pytest.approx(expected)
    assert len(found) < len(lines)


def test_from_log_to_verdict(folder: Path) -> None:
    """Phases have their own weights, units that they moved leave, the better ranker ships."""
    with window(folder) as log:
        table, question = asked(log, "challenger", CONFIGS, Reading(now=2e6, slices=("airport",)))
        found = analyze(table, question)
        said = recommend(found, question)
    assert question.weights[first().digest] == {"champion": 0.8, "challenger": 0.2}
    assert not found.mismatch.blocks
    assert (found.crossed, found.moved > 0) == (0, True)
    assert said.word == "ship"
    assert list(found.strata) == ["at 80/20", "first seen at 80/20, then at 50/50", "at 50/50"]
    assert found.accounting.read == found.accounting.used + sum(e.rows for e in found.accounting.left_out)
    reasons = [each.reason for each in found.accounting.left_out]
    assert "that a change of weights moved, or of units in several arms" in reasons
    assert set(found.slices["airport"]) == {"JFK", "EWR"}
    with window(folder, since=1e6 + HOUR) as log:
        table, question = asked(log, "challenger", CONFIGS, Reading(now=2e6))
        assert recommend(analyze(table, question), question).word == "ship"


def test_latency_is_a_metric(folder: Path) -> None:
    """Seconds of each answer, of which a quantile may be asked; it needs no outcomes."""
    config = second()
    slow = config.metrics["fallback"].model_copy(update={"of": "latency", "quantile": 0.9})
    config = config.model_copy(update={"metrics": {**config.metrics, "fallback": slow}})
    with window(folder, until=1e6 + 2 * HOUR, since=1e6 + HOUR) as log:
        log.connection.execute("CREATE TABLE served AS SELECT * FROM decisions")
        log.connection.execute(
            "CREATE OR REPLACE TEMP VIEW decisions AS SELECT * REPLACE "
            "(0.001 * (1 + hash(request_id) % 500) AS seconds) FROM served"
        )
        found = analyze(*rows_of(log, config, config.experiments[0], CONFIGS, Reading(now=2e6)))
    effects = {each.metric: each for each in found.effects}
    assert effects["fallback"].control_value == pytest.approx(0.45, abs=0.03)


def test_the_past_of_a_unit_narrows_the_interval(folder: Path) -> None:
    """CUPED from decisions before the experiment began; units without a past count as having none."""
    off = live(tail="        enabled: false\n" + TAIL)
    serve(folder, off, UNITS, 1e6 - 5_000, 0.0, 3)
    with window(folder, until=1e6 + HOUR) as log:
        reading = Reading(now=2e6, before_days=1)
        table, question = asked(log, "challenger", {**CONFIGS, off.digest: off}, reading)
        (effect, *_) = analyze(table, question).effects
    assert effect.reduction is not None
    assert -0.05 < effect.reduction < 1


@pytest.mark.parametrize("odd", [-62_135_596_800.0, 5.0, 1e6 - 400 * 86400, 253_402_300_799.0])
def test_one_record_of_another_time_spoils_nothing(folder: Path, odd: float) -> None:
    """Neither what units did before (`before_days`) nor what is old enough to count (`settle_hours`)."""
    off = live(tail="        enabled: false\n" + TAIL)
    serve(folder, off, UNITS, 1e6 - 5_000, 0.0, 3)

    def found() -> tuple[float | None, int, float | None]:
        with window(folder, until=None) as log:
            reading = Reading(now=2e6, before_days=1, settle_hours=1)
            table, question = asked(log, "challenger", {**CONFIGS, off.digest: off}, reading)
            analysis = analyze(table, question)
            return analysis.effects[0].reduction, int(table.count().execute()), question.days

    before = found()
    assert before[0] is not None
    serve(folder, CONFIGS[next(iter(CONFIGS))], ["viewer-9"], odd, 0.0, 9)  # arrived then, as it says
    line = next(folder.glob("decisions/*-d9-*")).read_bytes()
    for number, arrived in enumerate((1e6 + 100.0, 3e6)):  # … or in the middle, or as the last of all
        other = re.sub(rb'"received":[^,]+', b'"received":%.1f' % arrived, line)
        (folder / "decisions" / f"9-d9{number}-1-ffffff.jsonl").write_bytes(
            other.replace(b"r-9-0", b"r-9-%d" % number)
        )
    after = found()
    assert after[0] == pytest.approx(before[0], abs=0.02)
    assert before[1] <= after[1] <= before[1] + 3
    assert after[2] == pytest.approx(before[2], rel=0.05)


def test_what_the_log_cannot_answer(folder: Path, tmp_path: Path) -> None:
    """An experiment it never saw, and one whose file is gone."""
    with window(folder) as log:
        with pytest.raises(AnalysisError, match="the log has no decision of 'colour'; it has challenger"):
            asked(log, "colour", CONFIGS, Reading(now=2e6))
        with pytest.raises(AnalysisError, match="under which it ran, is missing"):
            asked(log, "challenger", {}, Reading(now=2e6))


def test_overrides_and_explored_answers_are_left_out(folder: Path) -> None:
    """Nobody drew the first, and the second are the same in both arms."""
    forced = live(tail=f"        overrides: {{viewer-1: challenger}}\n{TAIL}")
    serve(folder, forced, ["viewer-1"] * 20, 1.5e6, 0.0, 4)
    with window(folder, since=1.4e6) as log:
        table, _ = asked(log, "challenger", {forced.digest: forced}, Reading(now=2e6))
        assert int(table.count().execute()) == 0


def test_marked_slates_trigger_by_themselves(folder: Path) -> None:
    """Where the experiment marks them, rows known to be alike don't count, unless all are asked for."""
    marked = live(("        traffic: ", "        exposure: differing\n        traffic: "), tail=TAIL)
    serve(folder, marked, UNITS[:400], 1.5e6, 0.5, 5, same=lambda i: [True, False, None][i % 3])
    with window(folder, since=1.4e6) as log:
        for triggered, column in ((None, "log_differs"), (True, "log_differs"), (False, None)):
            reading = Reading(now=2e6, triggered=triggered)
            table, question = asked(log, "challenger", {marked.digest: marked}, reading)
            assert question.trigger == column
        found = analyze(table, replace(question, trigger="log_differs"))
    assert found.share == pytest.approx(2 / 3, abs=0.02)
    with window(folder, until=1.4e6) as log, pytest.raises(AnalysisError, match="doesn't mark its slates"):
        asked(log, "challenger", CONFIGS, Reading(now=2e6, triggered=True))


def test_weights_are_counted_where_units_fall() -> None:
    """Ranges that leave some units out give shares of those that are in."""
    config = live(
        ('"@champion", weight: 0.5', '"@champion", ranges: [[0.0, 0.1]]'),
        ('"@challenger", weight: 0.5', '"@challenger", ranges: [[0.5, 0.8]]'),
    )
    assert weights_of(config, "challenger") == {"champion": 0.25, "challenger": 0.75}
    assert weights_of(config, "absent") == {}
    assert msgspec.json.decode(config.to_json())


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.suffix in (".jsonl", ".open", ".closed", ".json") else []


@pytest.mark.parametrize("name", ["session.id", "a$b", 'say "so"', "it's", "back\\slash", "tier"])
def test_an_attribute_is_read_by_its_name(name: str) -> None:
    """Whatever stands in it: a dot is no step into another object."""
    body = json.dumps({name: "s-1", "session": {"id": "another"}})
    with duckdb.connect() as connection:
        query = f"SELECT {attribute(name)} FROM (SELECT ?::JSON AS attributes)"
        assert connection.execute(query, [body]).fetchall() == [("s-1",)]


def test_the_holdout_is_no_experiment(folder: Path) -> None:
    """Its arms are in the log under a name that no experiment of the file has."""
    other = {digest: live.model_copy(update={"layers": ()}) for digest, live in CONFIGS.items()}
    with (
        window(folder) as log,
        pytest.raises(AnalysisError, match="'challenger' is in the log and no experiment"),
    ):
        latest(log, "challenger", other)


COLOURS = """\
  - name: colours
    salt: layer-2
    experiments:
      - name: colour
        unit: viewer
        hash: growthbook-v2
        salt: colour-1
        variants: [{name: blue, weight: 0.5}, {name: red, weight: 0.5}]
        overrides: {viewer-1: blue}
"""


def test_the_arms_of_experiments_that_run_at_once_are_columns_where_they_are_asked_for(
    tmp_path: Path,
) -> None:
    """Those of other layers, which split the same units; nobody who was put into an arm."""
    (tmp_path / "decisions").mkdir()
    (tmp_path / "outcomes").mkdir()
    config = live(tail=COLOURS)
    serve(tmp_path, config, UNITS, 1e6, 1.0, 1)
    with window(tmp_path) as log:
        rows, question = asked(log, "challenger", {config.digest: config}, Reading(2e6, interactions=True))
        assert question.beside == ("experiment colour",)
        counts = rows.to_pandas().groupby("experiment colour", observed=True).log_unit.nunique()
        assert set(counts.index) == {"blue", "red"}
        assert counts.sum() == 399
        found = analyze(rows, question)
        _, plain = asked(log, "challenger", {config.digest: config}, Reading(2e6))
    assert [(each.kind, each.column) for each in found.differing] == [("experiment", "experiment colour")]
    assert plain.beside == ()
