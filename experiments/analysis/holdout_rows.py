"""The holdout's report: what all experiments together were worth, and what is served because of them.

Held-out units are in no experiment and get the default model; all others are compared with them, whichever
arms they are in. Phases in which no holdout of that name and salt was declared have no part in it.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from experiments.analysis.log_accounting import left_out
from experiments.analysis.log_question import logged_measure
from experiments.analysis.log_rows import DAYS, LogSource, Reading, create_rows, kinds_of
from experiments.analysis.outcome_notes import notes_on
from experiments.analysis.question import Question, Role
from experiments.analysis.sql_names import text_of
from experiments.analysis.tables import Table, adopt
from experiments.config.live import Holdout, Live
from experiments.config.problems import AnalysisError
from monitoring.log.window import LogWindow

HELD, OTHERS = "held out", "all experiments"


def holdout_phases(log: LogWindow, name: str, configs: Mapping[str, Live]) -> dict[str, Live]:
    """The files with a holdout of this name under which the log has decisions, the newest last.

    Only those whose salt is the newest's: under another one other units were held out. Empty where the newest
    file of the log has no such holdout, so that the name may be an experiment's.
    """
    digests = log.sql("SELECT experiments AS digest FROM decisions GROUP BY 1 ORDER BY max(received)")
    known = {each: configs[each] for each in digests["digest"].tolist() if each in configs}
    named = {each: live for each, live in known.items() if live.holdout and live.holdout.name == name}
    if not named:
        return {}
    newest = _held(list(named.values())[-1])
    return {each: live for each, live in named.items() if _held(live).salt == newest.salt}


def holdout_rows(log: LogWindow, phases: Mapping[str, Live], reading: Reading) -> tuple[Table, Question]:
    """The table of held-out units and all others, and the question to ask of it.

    AnalysisError where no metric is declared, or something is asked that only experiments have.
    """
    live = list(phases.values())[-1]
    if reading.triggered or reading.interactions:
        raise AnalysisError("--triggered, --interactions: are asked of experiments; the holdout is none")
    metrics = live.metrics
    if not metrics:
        raise AnalysisError("metrics: the file declares none; the holdout's report compares all that it has")
    drawn = _drawn(_held(live).name, list(phases))
    source = LogSource("unit", drawn, kinds_of([HELD, OTHERS], phases), {})
    create_rows(log, source, metrics, reading)
    table = adopt(log.connection).table("experiment_rows")
    left = left_out(log, "unit")
    return table, replace(_question(log, live, phases, reading), left_out=left)


def _question(log: LogWindow, live: Live, phases: Mapping[str, Live], reading: Reading) -> Question:
    roles = _roles(live)
    seen = log.sql("SELECT DISTINCT log_phase FROM experiment_rows")["log_phase"].tolist()
    days = log.sql(DAYS).iloc[0]["days"]
    shares = {each: _held(phases[each]).share for each in seen or list(phases)[-1:]}
    return Question(
        control=HELD,
        weights={each: {HELD: share, OTHERS: 1 - share} for each, share in shares.items()},
        measures=tuple(
            logged_measure(name, live.metrics[name], role, reading) for name, role in roles.items()
        ),
        unit="log_unit",
        arm="log_arm",
        phase="log_phase",
        time="log_received",
        slices=reading.slices,
        level=reading.level,
        watched=True,
        looks=1.0,
        days=float(days) if seen else None,
        notes=tuple(notes_on(log)),
    )


def _roles(live: Live) -> dict[str, Role]:
    """The metric that most experiments decide by is primary; their guardrails stay what they are."""
    primaries = Counter(each.primary for each in live.experiments if each.primary)
    first = primaries.most_common(1)[0][0] if primaries else next(iter(live.metrics))
    guards = {name for each in live.experiments for name in each.guardrails}
    others: dict[str, Role] = {
        name: "guardrail" if name in guards else "secondary" for name in live.metrics if name != first
    }
    others[first] = "primary"
    return {first: others.pop(first), **others}


def _held(live: Live) -> Holdout:
    if live.holdout is None:
        raise AnalysisError("holdout: the file declares none")
    return live.holdout


def _drawn(name: str, digests: list[str]) -> str:
    """SQL of a decision's arm, NULL under other files; forced where a person put the unit anywhere."""
    named = ", ".join(map(text_of, digests))
    held = f"len(list_filter(arms, lambda a: a.experiment = {text_of(name)})) > 0"
    forced = "len(list_filter(arms, lambda a: a.forced)) > 0"
    return (
        f"CASE WHEN experiments IN ({named}) THEN struct_pack(variant := CASE WHEN {held} THEN '{HELD}' "
        f"ELSE '{OTHERS}' END, same := NULL::BOOLEAN, forced := {forced}) END"
    )
