"""Errors that a client sees: `application/problem+json` (RFC 9457), naming field, value and rule."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import orjson

MEDIA_TYPE = b"application/problem+json"
RETRY_AFTER = ((b"retry-after", b"1"),)  # headers of a refusal that is worth trying again in a second
_SHOWN = 80  # characters of an offending value that an error repeats


class Problem(Exception):  # noqa: N818 - RFC 9457's own word
    """One refused request.

    `field` is the path of the offending part of the request, `value` what stood there, `rule` what is
    expected. `headers` are added to the answer, `more` members to its document.
    """

    def __init__(  # noqa: PLR0913
        self,
        status: int,
        detail: str,
        *,
        field: str | None = None,
        value: object = None,
        rule: str | None = None,
        headers: tuple[tuple[bytes, bytes], ...] = (),
        more: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.field = field
        self.value = value
        self.rule = rule
        self.headers = headers
        self.more = more or {}

    def body(self) -> bytes:
        """The problem document."""
        document: dict[str, object] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }
        if self.field is not None:
            document |= {"field": self.field, "value": shown(self.value), "rule": self.rule}
        return orjson.dumps({**document, **self.more})


def invalid(field: str, value: object, rule: str) -> Problem:
    """A 422 whose sentence names the field, the value and the rule."""
    return Problem(422, f"{field}: {shown(value)}: {rule}", field=field, value=value, rule=rule)


def shown(value: object) -> str:
    """A value as an error repeats it: short, on one line, never megabytes."""
    if isinstance(value, list | dict) and len(value) > 3:
        return f"{type(value).__name__} of {len(value)}"
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(text)} characters)"
