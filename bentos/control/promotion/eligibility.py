"""Whether a version may serve: it may, it is refused for a reason, or the gate has yet to say."""

from __future__ import annotations

from dataclasses import dataclass

PASSED = "passed the gate"


@dataclass(frozen=True)
class Eligibility:
    """`refusal` says why a version may not serve; it is None where it may, and where nobody knows yet.

    `ground` says why it may: it passed the gate, or who answers for it.
    """

    may_serve: bool
    refusal: str | None = None
    ground: str = ""

    @property
    def passed(self) -> bool:
        """Whether it may serve without anybody's override."""
        return self.may_serve and self.ground == PASSED

    @property
    def pending(self) -> bool:
        """Whether the gate has yet to say."""
        return not self.may_serve and self.refusal is None


MAY_SERVE = Eligibility(may_serve=True, ground=PASSED)
UNDER_EXAMINATION = Eligibility(may_serve=False)


def allowed(ground: str) -> Eligibility:
    """That of a version that may serve, and why."""
    return Eligibility(may_serve=True, ground=ground)


def refused(why: str) -> Eligibility:
    """That of a version that may not serve."""
    return Eligibility(may_serve=False, refusal=why)
