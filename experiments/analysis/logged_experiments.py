"""An experiment as the log has it: the file under which it ran, and SQL of its units and arms."""

from collections.abc import Mapping

from experiments.analysis.spending import LOOKS
from experiments.analysis.sql_names import attribute, text_of
from experiments.assignment.plan import compile_plan
from experiments.config.fields import NOBODY
from experiments.config.live import Experiment, Live
from experiments.config.problems import AnalysisError
from monitoring.log.window import LogWindow


def latest(log: LogWindow, name: str, configs: Mapping[str, Live]) -> tuple[Live, Experiment]:
    """The newest live.yaml under which the log has decisions of an experiment, and the experiment in it.

    AnalysisError where the log doesn't know it, or was written under a file that is missing.
    """
    files = "SELECT experiments FROM decisions GROUP BY 1 ORDER BY max(received) DESC"
    digests = [digest for (digest,) in log.connection.execute(files).fetchall() if _has(log, digest, name)]
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


def _has(log: LogWindow, digest: str, name: str) -> bool:
    """Whether the log has a decision of an experiment under a file; the first one that is found will do."""
    wanted = "experiments = ? AND list_contains(list_transform(arms, lambda a: a.experiment), ?)"
    query = f"SELECT 1 FROM decisions WHERE {wanted} LIMIT 1"  # noqa: S608 - two conditions
    return bool(log.connection.execute(query, [digest, name]).fetchall())


def weights_of(live: Live, name: str) -> dict[str, float]:
    """The shares that a file really gives to an experiment's variants, counted in its table of positions."""
    for layer in compile_plan(live).layers:
        for experiment in layer.experiments:
            if experiment.name == name:
                taken = [index for index in experiment.table if index != NOBODY]
                return {
                    arm.variant: taken.count(index) / max(len(taken), 1)
                    for index, arm in enumerate(experiment.arms)
                }
    return {}


def drawn_of(experiment: Experiment) -> str:
    """SQL of the arm that a decision's unit has in an experiment; NULL where it has none."""
    return f"list_filter(arms, lambda a: a.experiment = {text_of(experiment.name)})[1]"


def beside(live: Live, experiment: Experiment) -> list[Experiment]:
    """The other experiments of a file that split the same units at the same time."""
    own = next(layer for layer in live.layers if experiment in layer.experiments)
    others = [each for layer in live.layers if layer is not own for each in layer.experiments]
    return [each for each in others if each.mode == "split"]


def arm_in(experiment: Experiment) -> str:
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
