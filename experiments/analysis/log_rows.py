"""One experiment's decisions out of the log, as the table that analyses take: a row each, with metrics.

Units go by 64 bits of their names here, as requests do in `metric_sql`: of ten million rows, eight bytes each
where names would be thirty.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from experiments.analysis.log_accounting import left_out
from experiments.analysis.metric_sql import KEY, create_figures, right_in_memory
from experiments.analysis.planned import measure_of
from experiments.analysis.question import Measure, Question, Role
from experiments.analysis.spending import LOOKS, told
from experiments.analysis.tables import Table, adopt
from experiments.assignment.plan import compile_plan
from experiments.config.fields import NOBODY
from experiments.config.live import Experiment, Live, Metric
from experiments.config.problems import AnalysisError
from monitoring.log.plausible import newest, oldest
from monitoring.log.window import LogWindow

DAY = 86_400.0
BESIDE = "experiment "
"""What the column of the arms in another experiment is called, before its name."""


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


def rows_of(
    log: LogWindow, live: Live, experiment: Experiment, configs: Mapping[str, Live], reading: Reading
) -> tuple[Table, Question]:
    """The table of one experiment, as its `latest` file has it, and the question to ask of it.

    `configs`: digest → the compiled file that was live under it. Overridden and explored answers are left
    out: overrides are not assigned by chance, and exploration is alike in all arms. AnalysisError where it
    names no metric, or has no marks for `triggered`.
    """
    metrics = {each: live.metrics[each] for each in (experiment.primary, *experiment.guardrails) if each}
    if not metrics:
        raise AnalysisError(
            f"metrics: experiment {experiment.name!r} names neither a primary metric nor guardrails"
        )
    arms = {BESIDE + each.name: _arm_in(each) for each in beside(live, experiment, reading)}
    kinds = _kinds(configs, experiment.name)
    create_rows(
        log, LogSource(unit_of(live, experiment), drawn_of(experiment), kinds, arms), metrics, reading
    )
    table = adopt(log.connection).table("experiment_rows")
    question = _question(log, configs, (live, experiment), metrics, reading)
    left = left_out(log, drawn_of(experiment), unit_of(live, experiment), newest_of(log, reading))
    return table, replace(question, left_out=left)


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


def latest(log: LogWindow, name: str, configs: Mapping[str, Live]) -> tuple[Live, Experiment]:
    """The newest live.yaml under which the log has decisions of an experiment, and the experiment in it.

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
    for each in live.experiments:
        if each.name == name:
            return live, each
    named = ", ".join(each.name for each in live.experiments) or "none"
    raise AnalysisError(f"experiment: {name!r} is in the log and no experiment of its file ({named})")


def _kinds(configs: Mapping[str, Live], name: str) -> dict[str, str]:
    experiments = [each for live in configs.values() for each in live.experiments if each.name == name]
    return kinds_of([variant.name for each in experiments for variant in each.variants], configs)


def kinds_of(arms: Iterable[str], phases: Iterable[str]) -> dict[str, str]:
    """SQL types of arms and phases: of ten million rows, two bytes each where their texts would be forty."""
    texts = {"arms": dict.fromkeys(arms), "phases": dict.fromkeys(phases)}
    return {kind: f"ENUM({', '.join(map(_text, each))})" for kind, each in texts.items()}


@dataclass(frozen=True, slots=True)
class LogSource:
    """Where rows come from, in SQL over a decision: its unit, its arm (NULL where it has none), the types of
    arms and phases, and further columns by name."""

    unit: str
    drawn: str
    kinds: Mapping[str, str]
    more: Mapping[str, str]


def create_rows(log: LogWindow, source: LogSource, metrics: Mapping[str, Metric], reading: Reading) -> None:
    """The table `experiment_rows`: unit, arm, phase, times, the metrics, those before, the slices."""
    run = log.connection.execute
    unit, drawn, past = source.unit, source.drawn, reading.before_days > 0
    wanted = "NOT explored" if past else f"NOT explored AND {drawn} IS NOT NULL"
    columns = {_column(name): metric for name, metric in metrics.items()}
    create_figures(log.connection, columns, wanted)
    slices = "".join(f", {attribute(name)} AS {_name(name)}" for name in reading.slices)
    slices += "".join(f", {sql} AS {_name(name)}" for name, sql in source.more.items())
    names = ", ".join(f"{_figure(metric, name)} AS {name}" for name, metric in columns.items())
    query = _ROWS.format(key=KEY, unit=unit, drawn=drawn, slices=slices, names=names, **source.kinds)
    newest = newest_of(log, reading)
    with right_in_memory(log.connection):
        run(query, [newest])
    if past:
        sums = ", ".join(
            f"sum({_figure(metric, _column(name))}) AS {_name('before_' + name)}, "
            f"count({_figure(metric, _column(name))}) AS {_name('past_' + name)}"
            for name, metric in metrics.items()
        )
        began = oldest("experiment_rows", "log_time", "log_received")
        query = _BEFORE.format(key=KEY, unit=unit, sums=sums, drawn=drawn, began=began)
        run(query, [reading.before_days * DAY])


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
    return "CAST(fallback IS NOT NULL AS DOUBLE)" if metric.of == "fallback" else f"figures.{column}"


_ROWS = """
CREATE OR REPLACE TEMP TABLE experiment_rows AS
WITH chosen AS (
    SELECT *, {key} AS id, {unit} AS randomised, {drawn} AS drawn FROM decisions
)
SELECT hash(randomised) AS log_unit, drawn.variant::{arms} AS log_arm, experiments::{phases} AS log_phase,
    time AS log_time, received AS log_received, coalesce(NOT drawn.same, true) AS log_differs,
    backwards::INTEGER AS log_backwards{slices}, {names}
FROM chosen LEFT JOIN figures ON id = key
WHERE drawn IS NOT NULL AND NOT drawn.forced AND NOT explored AND len(slate) > 0
    AND coalesce(randomised, '') <> '' AND time <= ?"""

DAYS = f"""
SELECT (quantile_cont(log_time, 0.95) - quantile_cont(log_time, 0.05)) / 0.9 / {DAY} AS days
FROM experiment_rows"""  # noqa: S608 - a constant
"""Days that its decisions took, told by the middle nine tenths: one with a time of its own moves nothing."""

_BEFORE = """
CREATE OR REPLACE TEMP TABLE experiment_rows AS
WITH began AS (SELECT {began} AS at),
past AS (
    SELECT hash({unit}) AS log_unit, {sums}
    FROM (SELECT *, {key} AS id FROM decisions) AS decisions LEFT JOIN figures ON id = key, began
    WHERE NOT explored AND len(slate) > 0 AND decisions.time < began.at AND decisions.time >= began.at - ?
        AND {drawn} IS NULL
    GROUP BY 1
)
SELECT * FROM experiment_rows LEFT JOIN past USING (log_unit)"""


def drawn_of(experiment: Experiment) -> str:
    """SQL of the arm that a decision's unit has in an experiment; NULL where it has none."""
    return f"list_filter(arms, lambda a: a.experiment = {_text(experiment.name)})[1]"


def beside(live: Live, experiment: Experiment, reading: Reading) -> list[Experiment]:
    """The other experiments that split the same units at the same time, where interactions are asked for."""
    if not reading.interactions:
        return []
    own = next(layer for layer in live.layers if experiment in layer.experiments)
    others = [each for layer in live.layers if layer is not own for each in layer.experiments]
    return [each for each in others if each.mode == "split"]


def _arm_in(experiment: Experiment) -> str:
    """SQL of the arm that chance gave a decision's unit in another experiment."""
    return f"CASE WHEN NOT ({drawn_of(experiment)}).forced THEN ({drawn_of(experiment)}).variant END"


def unit_of(live: Live, experiment: Experiment) -> str:
    """SQL of what the experiment randomises."""
    return "unit" if experiment.unit == live.unit else attribute(experiment.unit)


def looks_of(experiment: Experiment) -> float:
    """The share of the error for looks: all of it where no end is planned."""
    if experiment.end is None:
        return 1.0
    return LOOKS if experiment.looks is None else experiment.looks


def attribute(name: str) -> str:
    """SQL of a request's attribute as text; its name is quoted, as a dot in it is no step of a path."""
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return "attributes ->> " + _text(f'$."{quoted}"')


def _question(
    log: LogWindow,
    configs: Mapping[str, Live],
    declared: tuple[Live, Experiment],
    metrics: Mapping[str, Metric],
    reading: Reading,
) -> Question:
    live, experiment = declared
    name, marked = experiment.name, experiment.exposure == "differing"
    if reading.triggered and not marked:
        raise AnalysisError(
            f"triggered: experiment {name!r} doesn't mark its slates; declare `exposure: differing`"
        )
    seen = log.sql(DAYS).iloc[0]
    phases = log.sql("SELECT DISTINCT log_phase FROM experiment_rows")["log_phase"].tolist()
    ended = experiment.end is not None and reading.now >= experiment.end
    return Question(
        control=experiment.variants[0].name,
        weights={phase: weights_of(configs[phase], name) for phase in phases}
        or {"": weights_of(configs[next(iter(configs))], name)},
        measures=tuple(
            logged_measure(each, metric, "primary" if each == experiment.primary else "guardrail", reading)
            for each, metric in metrics.items()
        ),
        unit="log_unit",
        arm="log_arm",
        phase="log_phase",
        time="log_received",
        trigger="log_differs" if reading.triggered or (marked and reading.triggered is None) else None,
        slices=reading.slices,
        beside=tuple(BESIDE + each.name for each in beside(live, experiment, reading)),
        level=reading.level,
        ended=ended,
        watched=not ended,
        looks=looks_of(experiment),
        days=float(seen["days"]) if phases else None,
        notes=(*notes_on(log), told(reading.level, looks_of(experiment))),
    )


def _meaning(metric: Metric) -> str:
    if metric.of == "fallback":
        return "share of decisions that are fallbacks"
    top = f" over the first {metric.at} positions" if metric.at else ""
    gains = f", {metric.gain} gains" if metric.of == "ndcg" else ""
    return f"mean {metric.of} of a decision{top}{gains}"


def logged_measure(name: str, metric: Metric, role: Role, reading: Reading) -> Measure:
    """A metric of a live.yaml over the columns of `create_rows`."""
    past = (f"before_{name}", f"past_{name}") if reading.before_days > 0 else None
    return measure_of(name, metric, role, (f"metric_{name}", None), before=past, meaning=_meaning(metric))


def notes_on(log: LogWindow) -> list[str]:
    """What is odd about the outcomes of the rows that were made."""
    counted = (
        "SELECT coalesce(sum(log_backwards), 0) AS backwards, count(*) AS total, "
        "count(*) - count(log_backwards) AS waiting FROM experiment_rows"
    )
    found = log.sql(counted).iloc[0]
    return sentences(int(found["backwards"]), int(found["waiting"]), int(found["total"]))


def sentences(backwards: int, waiting: int, total: int) -> list[str]:
    """What is odd about the outcomes of `total` decisions: those from before, and those without any."""
    notes = []
    if backwards:
        notes.append(
            f"{backwards:,} outcomes are older than their decision: a clock runs backwards somewhere, and "
            "windows by time are off by as much"
        )
    if total and waiting / total > 0.01:
        notes.append(f"{waiting:,} of {total:,} decisions have no outcome yet; late ones change the figures")
    return notes


def _column(metric: str) -> str:
    return _name(f"metric_{metric}")


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
