"""Rollouts laid over the file: nobody loses an arm, a stop holds until it is edited or resumed."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.assignment.assign import assign
from experiments.assignment.plan import compile_plan
from experiments.config.live import Live
from experiments.rollout.course import (
    Course,
    RolloutDecision,
    Stopped,
    advanced,
    begun,
    overlaid,
    resumed,
    stop_reasons,
)
from tests.experiments.files import edited, live

ROLLOUT = "        rollout: {steps: [0.05, 0.2, 1.0], hold: 1d}\n"
FILE = live(tail=ROLLOUT)
DAY = 86_400.0
STEP, HOLD, STOP = (RolloutDecision(action, f"because of {action}") for action in ("step", "hold", "stop"))  # type: ignore[arg-type]
UNITS = [f"viewer-{number}" for number in range(2_000)]


def arms(file: Live, now: float) -> dict[str, str]:
    plan = compile_plan(file)
    found = {unit: assign(plan, unit, {}, now).arms for unit in UNITS}
    return {unit: each[0].variant for unit, each in found.items() if each}


def course(file: Live = FILE, now: float = 0.0, before: Course | None = None) -> Course:
    return begun(file.experiments[0], now, before)


def after(*decisions: RolloutDecision, file: Live = FILE) -> Course:
    """The course after a decision a day."""
    found = course(file)
    for day, decision in enumerate(decisions, 1):
        found = advanced(found, file.experiments[0], decision, day * DAY)
    return found


def test_it_begins_at_the_first_step_and_changes_nothing() -> None:
    """Before the Steward has looked, and after: the same units, the same digest."""
    inside = arms(FILE, 0)
    assert abs(len(inside) - 100) < 4 * (2_000 * 0.05 * 0.95) ** 0.5
    assert overlaid(FILE, {"challenger": course()}).digest == FILE.digest


@settings(max_examples=25)  # 2,000 units a day
@given(st.lists(st.sampled_from([STEP, HOLD]), max_size=6))
def test_steps_only_grow_and_nobody_changes_arm(decisions: list[RolloutDecision]) -> None:
    """Whatever is decided on which day; what was open yesterday is open today, in the same arm."""
    found = after(*decisions)
    assert [step.share for step in found.steps] == [0.05, 0.2, 1.0][: 1 + decisions.count(STEP)]
    served = overlaid(FILE, {"challenger": found})
    days = [arms(served, day * DAY) for day in range(len(decisions) + 1)]
    assert days[0] == arms(FILE, 0)
    for earlier, later in pairwise(days):
        assert earlier.items() <= later.items()
    assert (len(days[-1]) == len(UNITS)) == (found.steps[-1].share == 1)
    assert Live.from_json(served.to_json()).digest == served.digest


def test_a_step_is_held_for_its_time() -> None:
    """To the second; and at the last one nothing is left to open."""
    experiment = FILE.experiments[0]
    assert advanced(course(), experiment, STEP, DAY - 1) == course()
    assert advanced(course(), experiment, STEP, DAY).steps[-1].at == DAY
    full = after(STEP, STEP)
    assert advanced(full, experiment, STEP, 100 * DAY) == full


def test_a_stop_holds() -> None:
    """For everybody, whatever is decided later; as data, it says when and why."""
    halted = after(STEP, STOP, STEP, HOLD)
    assert halted.stopped == Stopped(at=2 * DAY, reason="because of stop")
    assert arms(overlaid(FILE, {"challenger": halted}), 9 * DAY) == {}
    assert stop_reasons(FILE, {"challenger": halted}) == {"challenger": "because of stop"}
    again = resumed(halted, 5 * DAY)
    assert (again.since, again.stopped, again.steps) == (5 * DAY, None, halted.steps)
    assert arms(overlaid(FILE, {"challenger": again}), 5 * DAY) == arms(
        overlaid(FILE, {"challenger": after(STEP)}), 5 * DAY
    )


@pytest.mark.parametrize(
    ("change", "steps", "since"),
    [
        (("guardrails: [fallback]", "guardrails: []"), 2, 7 * DAY),  # any edit of it releases the stop
        (("hold: 1d", "hold: 2d"), 2, 7 * DAY),
        (("salt: challenger-1", "salt: challenger-2"), 1, 7 * DAY),  # drawn anew: from the beginning
        (("steps: [0.05, 0.2, 1.0]", "steps: [0.1, 1.0]"), 1, 7 * DAY),
    ],
)
def test_an_edit_of_the_experiment_releases_it(change: tuple[str, str], steps: int, since: float) -> None:
    """And keeps the steps that were taken, unless who is in them was drawn anew."""
    changed = live(tail=ROLLOUT.replace(*change)) if change[0] in ROLLOUT else live(change, tail=ROLLOUT)
    halted = after(STEP, STOP)
    assert stop_reasons(changed, {"challenger": halted}) == {}
    assert arms(overlaid(changed, {"challenger": halted}), 7 * DAY)
    found = course(changed, 7 * DAY, halted)
    assert (len(found.steps), found.since, found.stopped) == (steps, since, None)


def test_an_edit_elsewhere_releases_nothing() -> None:
    """A comment, another default, a holdout."""
    changed = live(
        ("version: 1", "version: 1\ndefault: 7"), tail=ROLLOUT + "holdout: {share: 0.1, salt: h}\n"
    )
    halted = after(STEP, STOP)
    assert stop_reasons(changed, {"challenger": halted}) == {"challenger": "because of stop"}
    assert course(changed, 7 * DAY, halted) == halted
    running = after(STEP)
    assert (
        course(live(("guardrails: [fallback]", "guardrails: []"), tail=ROLLOUT), 7 * DAY, running).since == 0
    )


def test_what_is_not_a_rollout_is_left_alone() -> None:
    """A course of an experiment that has become a plain one, or is gone."""
    plain = live()
    assert overlaid(plain, {"challenger": after(STOP), "gone": after(STOP)}).digest == plain.digest


@pytest.mark.parametrize(
    ("tail", "said"),
    [
        (
            "rollout: {steps: [0.2, 0.1], hold: 1d}\n",
            "[0.2, 0.1] must grow from step to step",
        ),
        ("rollout: {steps: [0, 1], hold: 1d}\n", "must grow from step to step, and begin above 0"),
        ("rollout: {steps: [], hold: 1d}\n", "rollout.steps: [] needs at least 1 entries"),
        (
            "rollout: {steps: [1], hold: 1 day}\n",
            "rollout.hold: '1 day' must be a time such as 1d, 12h",
        ),
        ("rollout: {steps: [1], hold: 0s}\n", "rollout.hold: '0s' must be a time"),
        ("rollout: {steps: [1], holds: 1d}\n", "holds: '1d' is not a key here; did you mean 'hold'?"),
        (
            "rollout: {steps: [1], hold: 1d}\n        ramp: [{at: 2026-01-01, share: 1}]\n",
            "has a ramp as well; give either",
        ),
    ],
)
def test_what_a_rollout_may_not_say(tail: str, said: str) -> None:
    """Each with its sentence."""
    with pytest.raises(ValueError, match=r"live.yaml:") as caught:
        live(tail=f"        {tail}")
    assert said in str(caught.value)


def test_a_rollout_needs_something_to_watch() -> None:
    """A primary metric, and a split."""
    with pytest.raises(ValueError, match="needs a primary metric, which the Steward watches"):
        live(("        primary: ndcg_10\n", ""), tail=ROLLOUT)
    interleaved = edited(
        ("unit: viewer\n        hash", "mode: interleave\n        unit: viewer\n        hash"),
        ('model: "@champion", weight: 0.5', 'model: "@champion"'),
        ('model: "@challenger", weight: 0.5', 'model: "@challenger"'),
        tail=ROLLOUT,
    )
    from experiments.config.check import parse

    with pytest.raises(ValueError, match="a rollout is of a split"):
        parse(interleaved)
