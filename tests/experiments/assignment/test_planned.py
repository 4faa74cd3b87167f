"""What a layer and its experiments are compiled into."""

from tests.experiments.files import plan

TRAFFIC = "[[0.0, 1.0]]"


def test_a_ramp_is_open_from_each_step_on() -> None:
    """To the positions of its share, and to nobody before the first."""
    ramp = (
        "        ramp:\n          - {at: 2026-01-01, share: 0.25}\n          - {at: 2026-01-02, share: 1}\n"
    )
    (experiment,) = plan(tail=ramp).layers[0].experiments
    day = 1_767_225_600
    assert [experiment.is_open(2_499, now) for now in (day - 1, day)] == [False, True]
    assert [experiment.is_open(2_500, now) for now in (day, day + 86_400)] == [False, True]
    (always,) = plan().layers[0].experiments
    assert always.is_open(9_999, 0.0)


def test_one_experiment_with_the_whole_layer_needs_no_hash() -> None:
    """Unless a ramp asks for the position in it."""
    assert plan().layers[0].undivided
    assert not plan((TRAFFIC, "[[0.0, 0.5]]")).layers[0].undivided
    assert not plan(tail="        rollout: {steps: [0.1, 1.0], hold: 1d}\n").layers[0].undivided
