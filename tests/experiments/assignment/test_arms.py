"""An arm carries what is needed to check it afterwards."""

from experiments.assignment.arms import Arm, PlannedArm


def test_an_arm_is_a_position_under_its_salt() -> None:
    """Its bucket is the unit's fraction; what all units of it share is the plan's."""
    planned = PlannedArm(3, "boost", "on", "@challenger", "b-1", 10_000)
    arm = Arm(planned, 1_875)
    assert (arm.experiment, arm.variant, arm.model, arm.salt) == ("boost", "on", "@challenger", "b-1")
    assert (arm.bucket, arm.forced) == (0.1875, False)
