"""From real log segments to a verdict."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from experiments.analysis.analyze import analyze
from experiments.analysis.log_rows import Reading
from experiments.analysis.recommendation import recommend
from experiments.config.problems import AnalysisError
from monitoring.log.record import Outcome, decode, encode_outcomes
from monitoring.log.segments import SegmentWriter, segments
from monitoring.log.window import window
from tests.experiments.analysis.logged import CONFIGS, HOUR, TAIL, UNITS, asked, first, ramped, serve
from tests.experiments.files import live


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A log of two phases."""
    return ramped(tmp_path)


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


def test_orders_that_are_all_perfect_are_analysed_without_an_error(tmp_path: Path) -> None:
    """NDCG is 1 in every decision: nothing to compare it by, and no root of a negative number."""
    folder = tmp_path
    (folder / "decisions").mkdir()
    config = live(tail=TAIL)
    (folder / "outcomes").mkdir()
    serve(folder, config, UNITS[:1_200], 1e6, 1.0, 1)
    for path in (folder / "outcomes").iterdir():
        path.unlink()
    told = SegmentWriter(folder / "outcomes", "w0")
    for path in segments(folder / "decisions"):
        for number, line in enumerate(path.read_bytes().splitlines()):
            made = decode(line)
            ranked = [made.candidates[place] for place in made.slate]
            worth = [3.0 + number % 3, 1.1 * (number % 2)]
            write = [
                Outcome(request_id=made.request_id, item=item, value=value, time=made.time + 9, received=2e6)
                for item, value in zip(ranked, worth, strict=False)
            ]
            told.append(encode_outcomes(write))
    told.close()
    with window(folder) as log:
        found = analyze(*asked(log, "challenger", {config.digest: config}, Reading(now=2e6)))
    assert found.rows > 1_000
    assert all(effect.difference == pytest.approx(0, abs=1e-12) for effect in found.effects)
