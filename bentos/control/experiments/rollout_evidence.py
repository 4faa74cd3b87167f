"""What the log says of one rollout, and so what to do with it. Imports slow libraries."""

from __future__ import annotations

from collections.abc import Collection

from bentos.home.live_files import ever_live
from bentos.home.state import Home
from experiments.analysis.analyze import analyze
from experiments.analysis.log_question import rows_of
from experiments.analysis.log_rows import Reading
from experiments.analysis.logged_experiments import latest
from experiments.analysis.recommendation import Recommendation, recommend_each
from experiments.config.live import Experiment
from experiments.config.problems import AnalysisError
from experiments.rollout.arm_health import watched
from experiments.rollout.course import RolloutDecision
from experiments.rollout.decide import decide
from monitoring.log.window import BOUNDED, LogWindow, window


def weigh(
    home: Home, experiment: Experiment, since: float, stopped: Collection[str], now: float
) -> RolloutDecision:
    """What to do with a rollout: stop if any arm must, hold if any can't be told, step on otherwise.

    `since` (unix seconds): what came before doesn't count. `stopped`: versions that the guard stopped.
    """
    control = experiment.variants[0].name
    with window(home.log, memory=BOUNDED, arrived=since) as log:
        seen = watched(log, experiment.name, control, since, stopped)
        if not seen:
            return RolloutDecision("hold", "not both arms have answered yet")
        found = _verdicts(log, home, experiment.name, now)
    about = {verdict.arm: verdict for verdict in found}
    said = [decide(guarded, about.get(arm, found[0]), arm) for arm, guarded in seen.items()]
    for action in ("stop", "hold", "step"):
        reasons = [each.reason for each in said if each.action == action]
        if reasons:
            return RolloutDecision(action, "; ".join(reasons))
    raise AssertionError("an arm was seen, so something was decided")


def _verdicts(log: LogWindow, home: Home, name: str, now: float) -> list[Recommendation]:
    try:
        configs = ever_live(home)
        rows, question = rows_of(log, *latest(log, name, configs), configs, Reading(now))
        return recommend_each(analyze(rows, question), question)
    except AnalysisError as error:
        return [Recommendation("can't say", None, (str(error),))]
