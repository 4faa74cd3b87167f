"""What was declared, as the question that an analysis is asked: one way for log and tables."""

from collections.abc import Mapping, Sequence

from experiments.analysis.question import Measure, Question, Role
from experiments.analysis.spending import LOOKS
from experiments.config.live import JudgedMetric
from experiments.config.problems import AnalysisError
from experiments.config.table_plan import ColumnMetric, TablePlan

Columns = tuple[str, str | None]


def measure_of(  # noqa: PLR0913 - all that a measure is made of
    name: str,
    metric: JudgedMetric,
    role: Role,
    columns: Columns,
    *,
    per_unit: bool = False,
    before: Columns | None = None,
    meaning: str = "",
) -> Measure:
    """A declared metric over these columns, numerator and denominator."""
    return Measure(
        name=name,
        numerator=columns[0],
        denominator=columns[1],
        per_unit=per_unit,
        role=role,
        better=metric.better,
        effect=metric.effect,
        winsorise=metric.winsorise,
        quantile=metric.quantile,
        margin=metric.margin,
        before=before,
        meaning=meaning,
    )


def measures_of(
    metrics: Mapping[str, ColumnMetric], primary: str, guardrails: Sequence[str] = ()
) -> tuple[Measure, ...]:
    """The metrics of a table, the primary one first.

    >>> asked = measures_of({"ms": ColumnMetric(of="latency", better="lower")}, "ms")
    >>> asked[0].numerator, asked[0].better, asked[0].role
    ('latency', 'lower', 'primary')
    """
    roles: dict[str, Role] = dict.fromkeys(metrics, "secondary")
    roles |= dict.fromkeys(guardrails, "guardrail")
    roles[primary] = "primary"
    order = sorted(metrics, key=lambda name: name != primary)
    return tuple(_measure(name, metrics[name], roles[name]) for name in order)


def _measure(name: str, metric: ColumnMetric, role: Role) -> Measure:
    numerator, _, denominator = (metric.of or name).partition("/")
    past = None if metric.before is None else (metric.before, None)
    columns = (numerator, denominator or None)
    return measure_of(name, metric, role, columns, per_unit=metric.per == "unit", before=past)


def question_of(plan: TablePlan, phases: Sequence[str], *, now: float, ended: bool = False) -> Question:
    """The question of a plan. `phases`: those that the table has. `now`: unix seconds, against its `end`.

    AnalysisError where the plan has shares of a phase that the table lacks.
    """
    absent = sorted(set(plan.phases) - set(phases))
    if absent:
        known = ", ".join(map(repr, phases))
        raise AnalysisError(f"phases: the table has no phase {absent[0]!r}; it has {known}")
    shares = {variant.name: variant.weight for variant in plan.variants}
    return Question(
        control=plan.variants[0].name,
        weights={phase: plan.phases.get(phase, shares) for phase in phases},
        measures=measures_of(plan.metrics, plan.primary, plan.guardrails),
        unit=plan.unit,
        arm=plan.arm,
        phase=plan.phase,
        time=plan.time,
        before_time=plan.before_time,
        trigger=plan.trigger,
        slices=plan.slices,
        beside=plan.beside,
        level=plan.level,
        looks=LOOKS if plan.looks is None else plan.looks,
        ended=ended or (plan.end is not None and now >= plan.end),
    )
