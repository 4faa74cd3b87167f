"""The errors of a wrong declaration and a wrong table: one sentence of file, key, value and rule."""

from __future__ import annotations

from typing import ClassVar

from monitoring.errors import UserError


class DeclarationError(UserError, ValueError):
    """A declaration that cannot be followed. Reads "FILE: KEY: VALUE RULE"; what is missing has no value."""

    _none: ClassVar[str] = ""  # how a value that isn't there is told

    def __init__(self, file: str, key: str, value: object, rule: str) -> None:
        super().__init__(f"{file}: {key}: {self._none if value is None else f'{value!r} '}{rule}")
        self.file, self.key, self.value, self.rule = file, key, value, rule


class DataError(DeclarationError):
    """A table that does not keep what its declaration promises. Same shape as a declaration's own error."""

    _none = "None "  # a row's value, as any other


def listing(names: object, limit: int = 12) -> str:
    """The first `limit` names, comma-separated, for the end of a sentence."""
    known = [str(name) for name in names]  # type: ignore[attr-defined]
    more = f", … ({len(known)} in all)" if len(known) > limit else ""
    return ", ".join(known[:limit]) + more
