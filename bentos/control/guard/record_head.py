"""What the guard reads of every decision record; the whole is decoded for a share of them only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from monitoring.log.record import VERSION, Decision, RecordError, decode
from monitoring.log.scan import id_hash
from monitoring.log.version_name import VersionName, VersionNameError


class RecordHead(msgspec.Struct):
    """A decision record in short; `line` is the whole of it, `version` the number of what answered.

    `candidates` is their text, as it stands in the line.
    """

    request_id: str
    time: float
    received: float
    context: dict[str, Any]
    model: str
    explored: bool
    fallback: str | None = None
    seconds: float = 0.0
    v: int = VERSION
    snapshot: str = ""
    candidates: msgspec.Raw = msgspec.Raw(b"[]")
    digest: str | None = None
    unit: str = ""
    attributes: msgspec.Raw = msgspec.Raw(b"{}")
    line: bytes = b""
    version: str = ""

    def sampled(self, share: float) -> bool:
        """Whether this request is of a share (0 to 1); by its id, so that every reader picks the same."""
        return id_hash(self.request_id) < share * 2.0**64


_decoder = msgspec.json.Decoder(RecordHead)


def read(line: bytes) -> RecordHead:
    """The head of a line's record. Raises RecordError for what is none, or of a newer version."""
    try:
        head = _decoder.decode(line)
        head.version = VersionName.parse(head.model).number
    except (msgspec.DecodeError, UnicodeDecodeError, VersionNameError) as error:
        raise RecordError(f"not a record: {error}") from error
    if head.v > VERSION:
        raise RecordError(f"the record of request {head.request_id!r} has version {head.v}")
    head.line = line
    return head


def whole(heads: Iterable[RecordHead]) -> Iterator[Decision]:
    """The whole records; one that can't be decoded is left out."""
    for head in heads:
        try:
            yield decode(head.line)
        except RecordError:
            continue
