"""What records call a version of a ranker: "flights/7" is version 7 of the ranker `flights`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from monitoring.errors import UserError


class VersionNameError(UserError, ValueError):
    """A text that names no version of a ranker; the message says what such a name looks like."""


@dataclass(frozen=True, slots=True)
class VersionName:
    """A ranker's name and the number that the registry gave one version of it.

    Written as both with a slash in between, which is how records name the version that answered:

    >>> VersionName.parse("flights/7")
    VersionName(ranker='flights', number='7')
    >>> str(VersionName("flights", "7"))
    'flights/7'
    """

    ranker: str
    number: str

    def __post_init__(self) -> None:
        if not self.ranker or not (self.number.isascii() and self.number.isdigit()):
            raise VersionNameError(
                f"version name {str(self)!r}: it is a ranker's name, a slash and a number, as in 'flights/7'"
            )

    def __str__(self) -> str:
        return f"{self.ranker}/{self.number}"

    @staticmethod
    @lru_cache(maxsize=1024)  # the guard asks for every record, and a log names a few versions
    def parse(text: str) -> VersionName:
        """The name as its two parts. Raises VersionNameError."""
        ranker, slash, number = text.rpartition("/")
        if not slash:
            raise VersionNameError(f"version name {text!r}: it has no slash, as 'flights/7' has")
        return VersionName(ranker, number)
