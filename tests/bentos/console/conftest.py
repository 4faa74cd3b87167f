"""A home with answers, of one's own, and one of its answers."""

from tests.bentos.offline.conftest import copied, made
from tests.bentos.offline.explanation.conftest import record, told

__all__ = ["copied", "made", "record", "told"]
