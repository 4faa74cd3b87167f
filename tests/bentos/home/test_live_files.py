"""Every live.yaml that was live is found again by its digest, and one way tells what is not there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bentos.home.live_files import LiveFileError, compiled_under, ever_live, keep_live, live_under
from bentos.home.state import Home
from experiments.config.check import parse
from experiments.config.live import Live
from tests.bentos.files import LIVE


def live(model: str) -> Live:
    return parse(LIVE % model, "live.yaml")


def test_what_was_kept_is_found_by_its_digest(tmp_path: Path) -> None:
    """Whole, and as the bytes that other hosts are given."""
    home, kept = Home(tmp_path), live("7")
    keep_live(home, kept)
    found = live_under(home, kept.digest)
    assert found == kept
    assert found.digest == kept.digest
    assert compiled_under(home, kept.digest) == kept.to_json().encode()


def test_before_the_first_valid_file_the_champion_ranks_for_everyone(tmp_path: Path) -> None:
    """The digest "" needs no file: no experiments, and nothing explored."""
    empty = live_under(Home(tmp_path), "")
    assert empty == Live()
    assert empty.models == ("@champion",)
    assert empty.exploration is None


def test_one_that_is_missing_is_named(tmp_path: Path) -> None:
    """By its path and digest, for those who want it read and those who want its bytes."""
    home = Home(tmp_path)
    for read in (live_under, compiled_under):
        with pytest.raises(
            LiveFileError, match=r"experiments/ab\.json: is missing: the compiled live\.yaml of digest ab"
        ):
            read(home, "ab")


@pytest.mark.parametrize("content", [b"", b"{", b'{"version": 7}', b"\xff\xfe", b"[]"])
def test_one_that_is_something_else_is_named(tmp_path: Path, content: bytes) -> None:
    """Half a file, another version's, no text at all: the same error, which says what is wrong."""
    home = Home(tmp_path)
    home.experiments.mkdir()
    home.compiled("ab").write_bytes(content)
    with pytest.raises(LiveFileError, match=r"experiments/ab\.json: is no compiled live\.yaml: ."):
        live_under(home, "ab")


def test_one_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A folder in its place, say."""
    home = Home(tmp_path)
    home.compiled("ab").mkdir(parents=True)
    with pytest.raises(LiveFileError, match=r"ab\.json: can't be read: Is a directory"):
        live_under(home, "ab")


def test_all_that_were_live(tmp_path: Path) -> None:
    """By digest; none before the first, and a damaged one is no reason for silence."""
    home, kept = Home(tmp_path), [live("7"), live("8")]
    assert ever_live(home) == {}
    for each in kept:
        keep_live(home, each)
    assert ever_live(home) == {each.digest: each for each in kept}
    home.compiled("ab").write_text("{")
    with pytest.raises(LiveFileError, match="ab"):
        ever_live(home)


def test_a_worker_reads_it_without_anything_slow() -> None:
    """Workers read the live.yaml of every epoch."""
    slow = "pandas", "mlflow", "catboost", "duckdb"
    code = f"import sys, bentos.home.live_files; print([name for name in {slow} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
