"""What the guard reads of every decision record; the rest is decoded for a share of them only."""

from __future__ import annotations

from typing import Any

import msgspec

from monitoring.log.record import VERSION, RecordError
from monitoring.log.scan import id_hash
from monitoring.log.version_name import VersionName, VersionNameError


class Seen(msgspec.Struct):
    """A decision record in short; `line` is the whole of it, `version` the number of what answered."""

    request_id: str
    time: float
    received: float
    context: dict[str, Any]
    model: str
    explored: bool
    fallback: str | None = None
    seconds: float = 0.0
    v: int = VERSION
    line: bytes = b""
    version: str = ""

    def sampled(self, share: float) -> bool:
        """Whether this request is of the declared share: by its id, so that every reader picks the same."""
        return id_hash(self.request_id) < share * 2.0**64


_decoder = msgspec.json.Decoder(Seen)


def read(line: bytes) -> Seen:
    """The record of a line. Raises RecordError for what is none, or of a newer version."""
    try:
        seen = _decoder.decode(line)
        seen.version = VersionName.parse(seen.model).number
    except (msgspec.DecodeError, UnicodeDecodeError, VersionNameError) as error:
        raise RecordError(f"not a record: {error}") from error
    if seen.v > VERSION:
        raise RecordError(f"the record of request {seen.request_id!r} has version {seen.v}")
    seen.line = line
    return seen
