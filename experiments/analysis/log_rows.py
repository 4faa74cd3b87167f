"""One experiment's decisions out of the log, as the table that analyses take: a row each, with metrics.

Units go by 64 bits of their names here, as requests do in `metric_sql`: of ten million rows, eight bytes each
where names would be thirty. The log is read once for all of them: those that are left out stand in the same
table with their reason.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from experiments.analysis.log_accounting import KIND, reason_of
from experiments.analysis.metric_sql import KEY, create_figures, right_in_memory
from experiments.analysis.sql_names import attribute, name_of, text_of
from experiments.config.live import Metric
from monitoring.log.plausible import newest, oldest
from monitoring.log.window import LogWindow

DAY = 86_400.0
SOME = 100_000
"""Decisions that tell how many of all are in an experiment."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a log is read. `before_days`: how far back CUPED may look. `settle_hours`: how long a
    decision's outcomes have to come, before it counts. `slices`: names of attributes. `now`: unix
    seconds. `triggered`: only slates that differ between arms count; None is where they are marked.
    `interactions`: the arms in the other experiments of the file are columns as well.
    """

    now: float
    before_days: float = 0.0
    settle_hours: float = 0.0
    slices: tuple[str, ...] = ()
    level: float = 0.95
    triggered: bool | None = None
    interactions: bool = False


@dataclass(frozen=True, slots=True)
class LogSource:
    """Where rows come from, in SQL over a decision: its unit, its arm (NULL where it has none), the types of
    arms and phases, and further columns by name."""

    unit: str
    drawn: str
    kinds: Mapping[str, str]
    more: Mapping[str, str]


def kinds_of(arms: Iterable[str], phases: Iterable[str]) -> dict[str, str]:
    """SQL types of arms and phases: of ten million rows, two bytes each where their texts would be forty."""
    texts = {"arms": dict.fromkeys(arms), "phases": dict.fromkeys(phases)}
    return {kind: f"ENUM({', '.join(map(text_of, each))})" for kind, each in texts.items()}


def create_rows(log: LogWindow, source: LogSource, metrics: Mapping[str, Metric], reading: Reading) -> None:
    """The view `experiment_rows`: unit, arm, phase, times, the metrics, those before, the slices.

    The table below it, `decided`, has those that are left out as well, with their reason `log_left`.
    """
    run = log.connection.execute
    unit, drawn, past = source.unit, source.drawn, reading.before_days > 0
    wanted = "true" if past or _in_most(log, drawn) else f"NOT explored AND {drawn} IS NOT NULL"
    columns = {_column(name): metric for name, metric in metrics.items()}
    create_figures(log.connection, columns, wanted)
    slices = "".join(f", {attribute(name)} AS {name_of(name)}" for name in reading.slices)
    slices += "".join(f", {sql} AS {name_of(name)}" for name, sql in source.more.items())
    names = ", ".join(f"{_figure(metric, name)} AS {name}" for name, metric in columns.items())
    left = f"{reason_of(newest_of(log, reading))}::{KIND}"
    query = _ROWS.format(
        key=KEY, unit=unit, drawn=drawn, left=left, slices=slices, names=names, **source.kinds
    )
    with right_in_memory(log.connection):
        run(query)
    run(_USED)
    if past:
        sums = ", ".join(
            f"sum({_figure(metric, _column(name))}) AS {name_of('before_' + name)}, "
            f"count({_figure(metric, _column(name))}) AS {name_of('past_' + name)}"
            for name, metric in metrics.items()
        )
        began = oldest("experiment_rows", "log_time", "log_received")
        query = _BEFORE.format(key=KEY, unit=unit, sums=sums, drawn=drawn, began=began)
        run(query, [reading.before_days * DAY])
        run(_USED)
    run("DROP TABLE figures")


def _in_most(log: LogWindow, drawn: str) -> bool:
    """Whether most decisions are in an arm, told by some of them.

    Outcomes of all are looked up then: telling apart which are needed would cost more than those that
    aren't. Figures are the same either way.
    """
    [(share,)] = log.connection.execute(_SOME.format(drawn=drawn, rows=SOME)).fetchall()
    return (share or 0.0) > 0.5


def newest_of(log: LogWindow, reading: Reading) -> float:
    """Unix seconds after which a decision is too young; infinite where outcomes aren't waited for."""
    if not reading.settle_hours:
        return math.inf
    [(found,)] = log.connection.execute(f"SELECT {newest()}").fetchall()
    return float(found) - reading.settle_hours * 3600


def _figure(metric: Metric, column: str) -> str:
    """SQL of a decision's figure beside its row of `figures`, which it has where it has outcomes."""
    if metric.of == "latency":
        return "seconds"
    return "fallback IS NOT NULL" if metric.of == "fallback" else f"figures.{column}"


def _column(metric: str) -> str:
    return name_of(f"metric_{metric}")


_SOME = "SELECT avg(({drawn} IS NOT NULL)::INT) FROM (SELECT * FROM decisions LIMIT {rows})"

_ROWS = """
CREATE OR REPLACE TEMP TABLE decided AS
WITH chosen AS (
    SELECT *, {key} AS id, {unit} AS randomised, {drawn} AS drawn FROM decisions
)
SELECT hash(randomised) AS log_unit, drawn.variant::{arms} AS log_arm, experiments::{phases} AS log_phase,
    time AS log_time, received AS log_received, coalesce(NOT drawn.same, true) AS log_differs,
    backwards AS log_backwards, {left} AS log_left{slices}, {names}
FROM chosen LEFT JOIN figures ON id = key
WHERE drawn IS NOT NULL"""

_USED = """
CREATE OR REPLACE TEMP VIEW experiment_rows AS
SELECT * EXCLUDE (log_left) FROM decided WHERE log_left IS NULL"""

DAYS = f"""
SELECT (quantile_cont(log_time, 0.95) - quantile_cont(log_time, 0.05)) / 0.9 / {DAY} AS days
FROM experiment_rows"""  # noqa: S608 - a constant
"""Days that its decisions took, told by the middle nine tenths: one with a time of its own moves nothing."""

_BEFORE = """
CREATE OR REPLACE TEMP TABLE decided AS
WITH began AS (SELECT {began} AS at),
past AS (
    SELECT hash({unit}) AS log_unit, {sums}
    FROM (SELECT *, {key} AS id FROM decisions) AS decisions LEFT JOIN figures ON id = key, began
    WHERE NOT explored AND len(slate) > 0 AND decisions.time < began.at AND decisions.time >= began.at - ?
        AND {drawn} IS NULL
    GROUP BY 1
)
SELECT * FROM decided LEFT JOIN past USING (log_unit)"""
