"""One interleaving experiment's drafts out of the log: each metric's credit, a row per request."""

from collections.abc import Mapping
from typing import Any

from experiments.analysis.log_rows import DAY, Reading, newest_of
from experiments.analysis.logged_experiments import looks_of, unit_of
from experiments.analysis.metric_sql import figure
from experiments.analysis.outcome_notes import sentences
from experiments.analysis.sql_names import name_of
from experiments.config.live import Experiment, Live, Metric
from experiments.config.problems import AnalysisError
from experiments.interleaving.preferences import Preferences, credited
from monitoring.log.window import LogWindow

Frame = Any  # of pandas, as `LogWindow.sql` gives it; importing pandas for its name would cost half a second


def preferences_of(log: LogWindow, live: Live, experiment: Experiment, reading: Reading) -> Preferences:
    """What the log says about an experiment that interleaves. AnalysisError where nothing can be credited.

    Nobody is credited where the order was explored, where one ranker answered alone, and where a decision
    isn't `settle_hours` old yet; those answers are counted.
    """
    _check(reading)
    metrics = _creditable(live, experiment)
    rows = _rows(log, live, experiment, metrics, reading)
    drafted = rows[rows["reason"].isna()]
    ended = experiment.end is not None and reading.now >= experiment.end
    others = max(len(metrics) - 1, 1)
    found = [
        credited(
            drafted[f"credit_{name}"].to_numpy(float) * (1 if metric.better == "higher" else -1),
            drafted[f"metric_{name}"].to_numpy(float),
            drafted["unit"].to_numpy(object),
            metric=name,
            role="primary" if name == experiment.primary else "secondary",
            effect=metric.effect,
            level=reading.level if name == experiment.primary else 1 - (1 - reading.level) / others,
            looks=looks_of(experiment),
            ended=ended,
        )
        for name, metric in metrics.items()
    ]
    first, second = (variant.name for variant in experiment.variants)
    began = drafted["began"].value_counts()
    return Preferences(
        rankers=(first, second),
        credits=tuple(each for each in found if each is not None),
        began=(int(began.get(0, 0)), int(began.get(1, 0))),
        left_out={str(reason): int(n) for reason, n in rows["reason"].value_counts().items()},
        days=float(drafted["time"].quantile(0.95) - drafted["time"].quantile(0.05)) / 0.9 / DAY
        if len(drafted)
        else None,
        ended=ended,
        notes=(*_uncredited(experiment, metrics), *_notes(log)),
    )


def _notes(log: LogWindow) -> list[str]:
    """About the experiment's own decisions, not those of others in the log."""
    counted = """
        SELECT (SELECT count(*) FROM joined SEMI JOIN drafts USING (request_id) WHERE outcome_time < time)
                AS backwards,
            (SELECT count(*) FROM drafts ANTI JOIN outcomes USING (request_id)) AS waiting,
            (SELECT count(*) FROM drafts) AS total"""
    return sentences(*(int(each) for each in log.sql(counted).iloc[0]))


def _check(reading: Reading) -> None:
    """AnalysisError for what can be asked of a split alone."""
    asked = {
        "--slice": reading.slices,
        "--before-days": reading.before_days,
        "--triggered": reading.triggered is not None,
        "--interactions": reading.interactions,
    }
    if given := [name for name, value in asked.items() if value]:
        raise AnalysisError(f"{', '.join(given)}: only of experiments that split units; this one interleaves")


def _creditable(live: Live, experiment: Experiment) -> dict[str, Metric]:
    """The metrics that are sums over positions, the primary one first."""
    named = [each for each in (experiment.primary, *experiment.guardrails) if each]
    found = {
        each: live.metrics[each]
        for each in named
        if live.metrics[each].of_outcomes and live.metrics[each].quantile is None
    }
    if experiment.primary not in found:
        raise AnalysisError(
            f"metrics: interleaving experiment {experiment.name!r} needs a primary metric of ndcg or reward, "
            f"whose outcomes can be credited to the ranker that chose the item; it has {experiment.primary!r}"
        )
    return found


def _uncredited(experiment: Experiment, metrics: Mapping[str, Metric]) -> list[str]:
    left = [
        f"{name}: a whole answer's figure, or a quantile, can't be credited to one of two, and is left out"
        for name in experiment.guardrails
        if name not in metrics
    ]
    whole = [
        f"{name}: winsorise is of units' values in arms; credits are not capped"
        for name, metric in metrics.items()
        if metric.winsorise is not None
    ]
    return left + whole


def _rows(
    log: LogWindow, live: Live, experiment: Experiment, metrics: Mapping[str, Metric], reading: Reading
) -> Frame:
    """A row per answer: unit, time, who began, credits and metrics, and why nobody is credited."""
    figures = "".join(
        f", {sql} AS {name_of(kind + name)}"
        for name, metric in metrics.items()
        for kind, sql in (("credit_", figure(metric, _SIDE)), ("metric_", figure(metric)))
    )
    drafts = _DRAFTS.format(unit=unit_of(live, experiment))
    log.connection.execute(drafts, [experiment.name, newest_of(log, reading)])
    return log.sql(_CREDITED.format(figures=figures))


_SIDE = "CASE team WHEN 1 THEN 1 WHEN 0 THEN -1 ELSE 0 END"

_DRAFTS = """
CREATE OR REPLACE TEMP TABLE drafts AS
    SELECT request_id, time, {unit} AS unit, list_filter(team, lambda t: t >= 0)[1] AS began, CASE
        WHEN explored THEN 'explored'
        WHEN starts_with(fallback, 'interleaving') THEN 'one ranker answered alone'
        WHEN team IS NULL THEN 'under a fallback'
        WHEN coalesce({unit}, '') = '' THEN 'without a unit'
    END AS reason
    FROM decisions
    WHERE len(list_filter(arms, lambda a: a.experiment = ?)) > 0
        AND time <= ?"""

_CREDITED = """
WITH figures AS (
    SELECT request_id{figures} FROM joined SEMI JOIN drafts USING (request_id) GROUP BY request_id
)
SELECT * FROM drafts JOIN figures USING (request_id)"""
