"""Two versions whose orders are compared: how far apart they may be, and which is the suspect. Pure.

Two orders that disagree don't tell which of them is wrong. The suspect is the version that less speaks for:
outcomes first, then the gate's verdict, then the lead that its own reference shows, then its age.
"""

from __future__ import annotations

from dataclasses import dataclass

from bentos.control.guard.quantities import APART
from monitoring.guard.quantity import Clock, Quantity, Unwatched
from monitoring.guard.unit import Unit

DISAGREE = 0.35  # least limit of two versions' disagreement, (1 - Spearman) / 2: a correlation of .3
FURTHER = 0.15  # limits of disagreement are this much over what it is in health
OPPOSED = 0.9  # clean versions of which the limit would be this much are too different to compare
UPSIDE_DOWN = 0.6  # a correlation of -.2: no limit of a version without a clean verdict is over it
DOUBT = 0.5  # share of the evidence for a stop at which outcomes speak against a version
UNIT = Unit("requests", "apart (0 is the same order, 1 is upside down)", "figure")
CLOCK: Clock = "minutes"


@dataclass(frozen=True)
class Repute:
    """What speaks against a version, apart from another one's order.

    `passed`: the gate let it in, nobody had to override. `leads`: its reference shows a lead over chance.
    `doubt`: the evidence of outcomes against its order, as a share of what a stop takes.
    """

    version: str
    passed: bool = True
    leads: bool = True
    doubt: float = 0.0

    @property
    def clean(self) -> bool:
        """Whether neither gate nor reference speaks against it."""
        return self.passed and self.leads

    @property
    def against(self) -> str:
        """What speaks against it, in words; "" where nothing does."""
        said = {
            "outcomes speak against it": self.doubt >= DOUBT,
            "it did not pass the gate": not self.passed,
            "its reference shows no lead over chance": not self.leads,
        }
        return ", ".join(words for words, is_so in said.items() if is_so)


@dataclass(frozen=True)
class VersionPair:
    """A version, and the other one that its order is compared with.

    `apart` is how far apart the two are on certified requests, None where nobody can say: `why` says why.
    `serves`: whether the other one does; one that doesn't can't be stopped.
    """

    own: Repute
    other: Repute
    apart: float | None
    why: str = ""
    serves: bool = True


def suspect(one: Repute, other: Repute) -> tuple[Repute, str]:
    """Which of two versions that disagree is the suspect, and why it is that one."""

    def weight(each: Repute) -> tuple[bool, bool, bool, int]:
        return each.doubt >= DOUBT, not each.passed, not each.leads, int(each.version)

    found, rest = (one, other) if weight(one) > weight(other) else (other, one)
    if weight(found)[:3] == weight(rest)[:3]:
        return found, f"nothing else tells it from version {rest.version}: it is the younger of the two"
    return found, found.against


def order(pair: VersionPair | None, cleared: str = "") -> Quantity | Unwatched:
    """What is watched of a version's order against another's; `cleared` says who has let the two differ.

    Versions without a clean verdict get no credit for being opposed to another one from the beginning.
    """
    if pair is None:
        return Unwatched(APART, CLOCK, "there is no other version to compare with")
    other = pair.other.version
    if cleared:
        return Unwatched(APART, CLOCK, f"it may differ from version {other}: {cleared}; outcomes decide")
    if pair.apart is None:
        return Unwatched(APART, CLOCK, f"compared with version {other}: {pair.why}")
    limit = max(DISAGREE, pair.apart + FURTHER)
    if not (pair.own.clean and pair.other.clean):
        limit = min(limit, UPSIDE_DOWN)
    if limit >= OPPOSED:
        far = f"{pair.apart:.2f} apart on certified requests: too different to compare; outcomes decide"
        return Unwatched(APART, CLOCK, f"compared with version {other}: {far}")
    if not pair.serves and pair.own.clean and not pair.other.clean:
        why = f"version {other}, the one before, is the suspect where the two differ: {pair.other.against}"
        return Unwatched(APART, CLOCK, why)
    source = f"{pair.apart:.2f} on certified requests with version {other}"
    return Quantity(APART, CLOCK, limit, source, against=other, unit=UNIT)
