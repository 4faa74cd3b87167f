"""Which parts watch the requests of a champion: of a new package, an old one, and one without context."""

from __future__ import annotations

from pathlib import Path

import pytest

from bentos.control.guard.context_fit import ContextFit
from bentos.control.guard.context_shares import ContextShares
from bentos.control.guard.invariants import InvariantWatch
from bentos.control.guard.quantities import CHANGE, JOINT, LATE, OWN, missing_of
from bentos.control.guard.request_parts import OLD, parts_of
from models.contexts.reference import CONTEXTS, write_contexts
from models.package import PackageError
from tests.models.contexts.town import reference, table


def test_a_new_package_is_watched_by_what_it_knows(tmp_path: Path) -> None:
    write_contexts(tmp_path, reference())
    parts = parts_of(tmp_path, table().declaration, ["context.rain >= 0"])
    assert [type(part) for part in parts] == [InvariantWatch, ContextShares, ContextFit]
    assert all(part.quantities for part in parts)


def test_an_old_package_is_read_and_says_what_is_not_watched(tmp_path: Path) -> None:
    """All of it, by name: nothing is dropped silently."""
    first, other = parts_of(tmp_path, table().declaration, ["context.rain >= 0"])
    assert len(first.quantities) == 1
    assert other.quantities == ()
    assert {JOINT, OWN, LATE, CHANGE, missing_of("rain")} <= other.unwatched.keys()
    assert set(other.unwatched.values()) == {OLD}
    assert other.observe([]) == {}


def test_a_ranker_without_context_has_invariants_only(tmp_path: Path) -> None:
    own = table().declaration
    bare = own.model_copy(update={"features": own.features.model_copy(update={"context": ()})})
    assert [type(part) for part in parts_of(tmp_path, bare, ())] == [InvariantWatch]


def test_a_damaged_reference_is_refused(tmp_path: Path) -> None:
    (tmp_path / CONTEXTS).write_bytes(b"none")
    with pytest.raises(PackageError, match="is no reference of contexts"):
        parts_of(tmp_path, table().declaration, ())
