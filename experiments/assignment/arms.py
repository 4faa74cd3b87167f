"""What a unit is assigned: its arms, and the model that ranks for it."""

from dataclasses import dataclass
from typing import NamedTuple

import msgspec

HELD_OUT = "held-out"


@dataclass(frozen=True, slots=True)
class PlannedArm:
    """What all units of one arm share. `number`: its place among the arms of its plan.

    `model` is the reference that the variant names, None where it names none. `interleave` and `compared`:
    see `Assignment`. `resolution`: how many positions the experiment's hash tells apart.
    """

    number: int
    experiment: str
    variant: str
    model: str | None
    salt: str
    resolution: int
    interleave: tuple[str, ...] = ()
    compared: tuple[str, ...] = ()
    steers: bool = False
    """Whether it has a say in what is ranked, or in what is marked."""


class Arm(msgspec.Struct, frozen=True, gc=False):
    """One experiment's arm of a unit, with what is needed to check it afterwards.

    `position` of the unit under the salt. `forced` marks an override, which no analysis counts.
    """

    of: PlannedArm
    position: int
    forced: bool = False

    @property
    def experiment(self) -> str:
        """Its experiment's name."""
        return self.of.experiment

    @property
    def variant(self) -> str:
        """Its name."""
        return self.of.variant

    @property
    def model(self) -> str | None:
        """The reference to a model that the variant names, if it names one."""
        return self.of.model

    @property
    def salt(self) -> str:
        """What the unit was hashed with."""
        return self.of.salt

    @property
    def bucket(self) -> float:
        """The unit's fraction in [0, 1) under `salt`."""
        return self.position / self.of.resolution


class Assignment(NamedTuple):
    """All arms of a unit, and the reference of the model that ranks.

    `interleave`: the two references to interleave, if it is that. `compared`: those of all arms
    of an experiment whose answers are marked where all arms would have served the same. `by`: the arm that
    asks for one or the other.
    """

    arms: tuple[Arm, ...]
    model: str
    interleave: tuple[str, ...] = ()
    compared: tuple[str, ...] = ()
    by: Arm | None = None
