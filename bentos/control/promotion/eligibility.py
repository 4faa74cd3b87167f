"""Whether a version may serve: it may, it is refused for a reason, or the gate has yet to say."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Eligibility:
    """`refusal` says why a version may not serve; it is None where it may, and where nobody knows yet."""

    may_serve: bool
    refusal: str | None = None

    @property
    def pending(self) -> bool:
        """Whether the gate has yet to say."""
        return not self.may_serve and self.refusal is None


MAY_SERVE = Eligibility(may_serve=True)
UNDER_EXAMINATION = Eligibility(may_serve=False)


def refused(why: str) -> Eligibility:
    """That of a version that may not serve."""
    return Eligibility(may_serve=False, refusal=why)
