"""What the log says of a metric's past, for planning: its growth with days, what its past explains."""

from dataclasses import replace

from experiments.analysis.cleaning import clean
from experiments.analysis.comparisons import effects_of, moments_of
from experiments.analysis.log_question import logged_measure
from experiments.analysis.log_rows import DAY, LogSource, Reading, create_rows, kinds_of
from experiments.analysis.moments_in_time import in_time
from experiments.analysis.question import Question
from experiments.analysis.sql_names import attribute
from experiments.analysis.tables import Table, adopt
from experiments.analysis.traffic import Traffic, traffic_of
from experiments.analysis.units import units_of
from experiments.config.live import Live
from experiments.config.problems import AnalysisError
from monitoring.log.plausible import newest
from monitoring.log.window import LogWindow

ALL = "all"


def past_of(log: LogWindow, live: Live, name: str, days: float, unit: str | None = None) -> Traffic:
    """The traffic of a metric of `live` over the last days of the log, over all answers that weren't
    explored.

    `unit`: an attribute that would be randomised in place of the file's unit. CUPED's gain is that of
    the first half of the days for the second. AnalysisError for a metric that isn't declared or is a
    quantile, for a log that is empty or too short, and for a metric without variation.
    """
    _check(live, name)
    if unit not in (None, live.unit, *live.attributes):
        known = ", ".join((live.unit, *live.attributes))
        raise AnalysisError(
            f"--unit {unit!r}: is neither the file's unit nor a declared attribute; those are {known}"
        )
    [(last,)] = log.connection.execute(f"SELECT {newest()}").fetchall()
    if not last:
        raise AnalysisError(
            f"--from-log {name!r}: the log has no decision; log some days, or plan by --table"
        )
    randomised = "unit" if unit in (None, live.unit) else attribute(str(unit))
    start = float(last or 0.0) - days * DAY
    end = f"time <= {float(last or 0.0)!r}"
    source = _source(log, randomised, f"time >= {start!r} AND {end}", f"'{ALL}'")
    asked = _asked(log, live, name, source, Reading(0.0))
    parts = in_time(clean(*asked)[0], asked[1], "calendar")
    if parts is None or not parts.moments:
        raise AnalysisError(
            f"--days {days:g}: the log has under two days of {name} with outcomes; log for longer"
        )
    found = traffic_of(parts, name)
    half = f"time >= {start + days * DAY / 2!r} AND {end}"
    coin = f"CASE WHEN hash({randomised}) % 2 = 0 THEN 'a' ELSE 'b' END"
    return replace(
        found, reduction=_reduction(log, live, name, _source(log, randomised, half, coin), days / 2)
    )


def _check(live: Live, name: str) -> None:
    if name not in live.metrics:
        known = ", ".join(live.metrics) or "none"
        raise AnalysisError(f"--from-log {name!r}: is no metric of the live file; those are {known}")
    if live.metrics[name].quantile is not None:
        raise AnalysisError(f"--from-log {name!r}: is a quantile; power is of means and ratios")


def _source(log: LogWindow, unit: str, when: str, arm: str) -> LogSource:
    phases = log.sql("SELECT DISTINCT experiments AS digest FROM decisions")["digest"].tolist()
    drawn = f"CASE WHEN {when} THEN struct_pack(variant := {arm}, same := NULL::BOOLEAN, forced := false) END"
    return LogSource(unit, drawn, kinds_of([ALL, "a", "b"], phases), {})


def _asked(
    log: LogWindow, live: Live, name: str, source: LogSource, reading: Reading
) -> tuple[Table, Question]:
    create_rows(log, source, {name: live.metrics[name]}, reading)
    measure = replace(logged_measure(name, live.metrics[name], "primary", reading), winsorise=None)
    arms = {"a": 0.5, "b": 0.5} if reading.before_days else {ALL: 1.0}
    control = next(iter(arms))
    question = Question(control, {"": arms}, (measure,), unit="log_unit", arm="log_arm", time="log_time")
    return adopt(log.connection).table("experiment_rows"), question


def _reduction(log: LogWindow, live: Live, name: str, source: LogSource, days: float) -> float | None:
    """Share of the variance that the days before explain, between two arms by chance; None where it can't be
    told."""
    table, question = _asked(log, live, name, source, Reading(0.0, before_days=days))
    units = units_of(table, question)
    found = effects_of(moments_of(units), question, units.strata)
    reduction = found[0].reduction if found else None
    return None if reduction is None else max(0.0, reduction)
