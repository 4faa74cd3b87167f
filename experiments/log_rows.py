"""One experiment's decisions out of the log, as the table that analyses take: a row each, with metrics."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from experiments.config import Experiment, Live, Metric
from experiments.engine import Table, adopt
from experiments.plan import NOBODY, compile_plan
from experiments.question import AnalysisError, Measure, Question

if TYPE_CHECKING:
    from monitoring.log import Window

DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Reading:
    """How a log is read. ``before_days``: how far back CUPED may look. ``settle_hours``: how long a
    decision's outcomes have to come, before it counts. ``slices``: names of attributes. ``now``: unix
    seconds. ``triggered``: only slates that differ between arms count; None is where they are marked.
    """

    now: float
    before_days: float = 0.0
    settle_hours: float = 0.0
    slices: tuple[str, ...] = ()
    level: float = 0.95
    triggered: bool | None = None


def rows_of(
    log: "Window", name: str, configs: Mapping[str, Live], reading: Reading
) -> tuple[Table, Question]:
    """The table of one experiment and the question to ask of it.

    ``configs``: digest → the compiled file that was live under it. Overridden and explored answers are
    left out: nobody drew the first, and the second are the same in all arms. AnalysisError where the log
    doesn't know the experiment, or was written under a file that is missing.
    """
    live, experiment = latest(log, name, configs)
    metrics = {each: live.metrics[each] for each in (experiment.primary, *experiment.guardrails) if each}
    if not metrics:
        raise AnalysisError(f"metrics: experiment {name!r} names neither a primary metric nor guardrails")
    _create(log, live, experiment, metrics, reading)
    table = adopt(log.connection).table("experiment_rows")
    return table, _question(log, name, configs, experiment, metrics, reading)


def weights_of(live: Live, name: str) -> dict[str, float]:
    """The shares that a file really gives to an experiment's variants, counted in its table of positions."""
    for layer in compile_plan(live).layers:
        for experiment in layer.experiments:
            if experiment.name == name:
                taken = [index for index in experiment.table if index != NOBODY]
                return {
                    variant: taken.count(index) / max(len(taken), 1)
                    for index, (variant, _) in enumerate(experiment.variants)
                }
    return {}


def latest(log: "Window", name: str, configs: Mapping[str, Live]) -> tuple[Live, Experiment]:
    """The newest file under which the log has decisions of an experiment, and the experiment.

    AnalysisError where the log doesn't know it, or was written under a file that is missing.
    """
    digests = log.sql(
        "SELECT experiments AS digest, max(received) AS at FROM decisions "
        "WHERE list_contains(list_transform(arms, lambda a: a.experiment), ?) GROUP BY 1 ORDER BY 2 DESC",
        [name],
    )["digest"].tolist()
    if not digests:
        known = log.sql("SELECT DISTINCT unnest(arms).experiment AS name FROM decisions")["name"].tolist()
        raise AnalysisError(
            f"experiment: the log has no decision of {name!r}; it has {', '.join(sorted(known)) or 'none'}"
        )
    missing = [digest for digest in digests if digest not in configs]
    if missing:
        raise AnalysisError(f"experiment: the compiled file {missing[0]!r}, under which it ran, is missing")
    live = configs[digests[0]]
    return live, next(each for each in live.experiments if each.name == name)


def _create(
    log: "Window", live: Live, experiment: Experiment, metrics: Mapping[str, Metric], reading: Reading
) -> None:
    """The table ``experiment_rows``: unit, arm, phase, times, the metrics, those before, the slices."""
    run = log.connection.execute
    unit = unit_of(live, experiment)
    figures = ", ".join(f"{figure(metric)} AS {_column(name)}" for name, metric in metrics.items())
    run(_FIGURES.format(figures=figures))
    slices = "".join(f", attributes ->> {_text('$.' + name)} AS {_name(name)}" for name in reading.slices)
    names = ", ".join(f"figures.{_column(name)}" for name in metrics)
    run(_ROWS.format(unit=unit, slices=slices, names=names), [experiment.name, reading.settle_hours * 3600])
    if reading.before_days > 0:
        sums = ", ".join(
            f"sum({_column(name)}) AS {_name('before_' + name)}, "
            f"count({_column(name)}) AS {_name('past_' + name)}"
            for name in metrics
        )
        run(_BEFORE.format(unit=unit, sums=sums), [reading.before_days * DAY])


_FIGURES = """
CREATE OR REPLACE TEMP TABLE figures AS
SELECT request_id, any_value(fallback) AS reason, {figures}
FROM joined GROUP BY request_id"""

_ROWS = """
CREATE OR REPLACE TEMP TABLE experiment_rows AS
WITH chosen AS (
    SELECT *, {unit} AS randomised, list_filter(arms, lambda a: a.experiment = ?)[1] AS drawn FROM decisions
)
SELECT randomised AS log_unit, drawn.variant AS log_arm, experiments AS log_phase, time AS log_time,
    received AS log_received, coalesce(NOT drawn.same, true) AS log_differs{slices}, {names}
FROM chosen JOIN figures USING (request_id)
WHERE drawn IS NOT NULL AND NOT drawn.forced AND NOT explored AND randomised IS NOT NULL
    AND time <= (SELECT coalesce(max(time), 0) FROM decisions) - ?"""

_BEFORE = """
CREATE OR REPLACE TEMP TABLE experiment_rows AS
WITH began AS (SELECT min(log_time) AS at FROM experiment_rows),
past AS (
    SELECT {unit} AS log_unit, {sums}
    FROM decisions JOIN figures USING (request_id), began
    WHERE NOT explored AND decisions.time < began.at AND decisions.time >= began.at - ?
    GROUP BY 1
)
SELECT * FROM experiment_rows LEFT JOIN past USING (log_unit)"""


def unit_of(live: Live, experiment: Experiment) -> str:
    """SQL of what the experiment randomises."""
    return "unit" if experiment.unit == live.unit else f"attributes ->> {_text('$.' + experiment.unit)}"


def figure(metric: Metric, side: str = "1") -> str:
    """SQL of one decision's figure over the rows of its slate; NULL where there is none.

    ``side``: SQL of a number by which each position's part counts; a fallback has no parts.
    """
    if metric.of == "fallback":
        return "CAST(any_value(fallback) IS NOT NULL AS DOUBLE)"
    top = metric.at or 100_000
    if metric.of == "reward":
        inside = f"FILTER (position < {top})"
        return f"sum(value * {side}) {inside} / nullif(count(value) {inside}, 0)"
    gain = "(pow(2, greatest({v}, 0)) - 1) / log2({k} + 1)"
    earned = f"sum({gain.format(v='value', k='(position + 1)')} * {side}) FILTER (position < {top})"
    best = (
        "list_sum(list_transform(list_reverse_sort(list(value) FILTER (value IS NOT NULL))"
        f"[:{top}], lambda v, k: {gain.format(v='v', k='k')}))"
    )
    return f"{earned} / nullif({best}, 0)"


def _question(  # noqa: PLR0913, PLR0917 - what a reading has found, in one place
    log: "Window",
    name: str,
    configs: Mapping[str, Live],
    experiment: Experiment,
    metrics: Mapping[str, Metric],
    reading: Reading,
) -> Question:
    marked = experiment.exposure == "differing"
    if reading.triggered and not marked:
        raise AnalysisError(
            f"triggered: experiment {name!r} doesn't mark its slates; declare `exposure: differing`"
        )
    seen = log.sql("SELECT min(log_time) AS first, max(log_time) AS last FROM experiment_rows").iloc[0]
    phases = log.sql("SELECT DISTINCT log_phase FROM experiment_rows")["log_phase"].tolist()
    ended = experiment.end is not None and reading.now >= experiment.end
    return Question(
        control=experiment.variants[0].name,
        weights={phase: weights_of(configs[phase], name) for phase in phases}
        or {"": weights_of(configs[next(iter(configs))], name)},
        measures=tuple(_measure(each, metric, experiment, reading) for each, metric in metrics.items()),
        unit="log_unit",
        arm="log_arm",
        phase="log_phase",
        time="log_received",
        trigger="log_differs" if reading.triggered or (marked and reading.triggered is None) else None,
        slices=reading.slices,
        level=reading.level,
        ended=ended,
        days=float(seen["last"] - seen["first"]) / DAY if phases else None,
        notes=tuple(notes_of(log)),
    )


def _measure(name: str, metric: Metric, experiment: Experiment, reading: Reading) -> Measure:
    return Measure(
        name=name,
        numerator=f"metric_{name}",
        role="primary" if name == experiment.primary else "guardrail",
        better=metric.better,
        effect=metric.effect,
        winsorise=metric.winsorise,
        margin=metric.margin,
        before=(f"before_{name}", f"past_{name}") if reading.before_days > 0 else None,
    )


def notes_of(log: "Window") -> list[str]:
    """What is odd about the window's outcomes, in sentences."""
    notes = []
    backwards = _number(log, "SELECT count(*) AS n FROM joined WHERE outcome_time < time")
    if backwards:
        notes.append(
            f"{backwards:,} outcomes are older than their decision: a clock runs backwards somewhere, and "
            "windows by time are off by as much"
        )
    waiting = _number(log, "SELECT count(*) AS n FROM decisions ANTI JOIN outcomes USING (request_id)")
    total = _number(log, "SELECT count(*) AS n FROM decisions")
    if total and waiting / total > 0.01:
        notes.append(f"{waiting:,} of {total:,} decisions have no outcome yet; late ones change the figures")
    return notes


def _number(log: "Window", query: str) -> int:
    found: Any = log.sql(query)["n"].iloc[0]
    return int(found)


def _column(metric: str) -> str:
    return _name(f"metric_{metric}")


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
