"""One experiment of the log: the table of its decisions, and the question to ask of it."""

from collections.abc import Mapping
from dataclasses import replace

from experiments.analysis.log_accounting import left_out
from experiments.analysis.log_rows import DAYS, LogSource, Reading, create_rows, kinds_of
from experiments.analysis.logged_experiments import arm_in, beside, drawn_of, looks_of, unit_of, weights_of
from experiments.analysis.outcome_notes import notes_on
from experiments.analysis.planned import measure_of
from experiments.analysis.question import Measure, Question, Role
from experiments.analysis.spending import told
from experiments.analysis.tables import Table, adopt
from experiments.config.live import Experiment, Live, Metric
from experiments.config.problems import AnalysisError
from monitoring.log.window import LogWindow

BESIDE = "experiment "
"""What the column of the arms in another experiment is called, before its name."""


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
    arms = {name: arm_in(each) for name, each in _others(live, experiment, reading).items()}
    kinds = _kinds(configs, experiment.name)
    create_rows(
        log, LogSource(unit_of(live, experiment), drawn_of(experiment), kinds, arms), metrics, reading
    )
    table = adopt(log.connection).table("experiment_rows")
    question = _question(log, configs, (live, experiment), metrics, reading)
    left = left_out(log, unit_of(live, experiment))
    return table, replace(question, left_out=left)


def _kinds(configs: Mapping[str, Live], name: str) -> dict[str, str]:
    experiments = [each for live in configs.values() for each in live.experiments if each.name == name]
    return kinds_of([variant.name for each in experiments for variant in each.variants], configs)


def _others(live: Live, experiment: Experiment, reading: Reading) -> dict[str, Experiment]:
    """Column → another experiment that splits the same units, where interactions are asked for."""
    found = beside(live, experiment) if reading.interactions else []
    return {BESIDE + each.name: each for each in found}


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
        beside=tuple(_others(live, experiment, reading)),
        level=reading.level,
        ended=ended,
        watched=not ended,
        looks=looks_of(experiment),
        days=float(seen["days"]) if phases else None,
        notes=(*notes_on(log), told(reading.level, looks_of(experiment))),
    )


def logged_measure(name: str, metric: Metric, role: Role, reading: Reading) -> Measure:
    """A metric of a live.yaml over the columns of `create_rows`."""
    past = (f"before_{name}", f"past_{name}") if reading.before_days > 0 else None
    return measure_of(name, metric, role, (f"metric_{name}", None), before=past, meaning=_meaning(metric))


def _meaning(metric: Metric) -> str:
    if metric.of == "fallback":
        return "share of decisions that are fallbacks"
    top = f" over the first {metric.at} positions" if metric.at else ""
    gains = f", {metric.gain} gains" if metric.of == "ndcg" else ""
    return f"mean {metric.of} of a decision{top}{gains}"
