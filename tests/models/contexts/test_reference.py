"""What a package carries of healthy contexts: written, read, refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.contexts.reference import CONTEXTS, read_contexts, write_contexts
from models.package import PackageError
from tests.models.contexts.town import reference, served


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """To the last bit, and it is small."""
    own = reference()
    write_contexts(tmp_path, own)
    found = read_contexts(tmp_path)
    assert found is not None
    assert found.layout == own.layout
    assert (found.shown, found.unlearnt, found.every) == (own.shown, own.unlearnt, own.every)
    assert (found.missing, found.repeats, found.unknown) == (own.missing, own.repeats, own.unknown)
    assert found.unknown["sky"].limit is not None
    assert (found.gone, found.together) == (own.gone, own.together)
    for name, forest in own.forests.items():
        width = int(forest.features.max()) + 1
        rows = np.resize(served().contexts, (50, width))
        assert found.forests[name].log_odds(rows).tolist() == forest.log_odds(rows).tolist()
    assert (tmp_path / CONTEXTS).stat().st_size < 300_000


def test_an_old_package_has_none(tmp_path: Path) -> None:
    assert read_contexts(tmp_path) is None


@pytest.mark.parametrize("content", [b"", b"not an archive"])
def test_a_damaged_one_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / CONTEXTS).write_bytes(content)
    with pytest.raises(PackageError, match=r"contexts\.npz: is no reference of contexts"):
        read_contexts(tmp_path)
