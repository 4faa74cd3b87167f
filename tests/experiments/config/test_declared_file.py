"""Any declared file is read in one way. (Sentences: test_check, of live.yaml, and test_table_plan.)"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from experiments.config.broken_rule import Broken
from experiments.config.declared_file import LIMIT, DeclaredFile
from experiments.config.problems import ConfigError


class _Pair(BaseModel, extra="forbid"):
    low: int
    high: int


def _ordered(pair: _Pair) -> Iterator[Broken]:
    if pair.high < pair.low:
        yield Broken(("high",), pair.high, "is below low")


FILE = DeclaredFile(_Pair, _ordered)


def test_shape_first_then_rules() -> None:
    assert FILE.parse("low: 1\nhigh: 2", "f").high == 2
    for text, told in (
        ("low: 1\nhigh: 0", "f:2: high: 0 is below low"),
        ("low: x\nhigh: 0", "f:1: low: 'x' must be a whole number"),
        ("low: 1\nhihg: 0", "is not a key here; did you mean 'high'?"),
    ):
        with pytest.raises(ConfigError) as caught:
            FILE.parse(text, "f")
        assert told in str(caught.value)


def test_a_file_that_is_no_file(tmp_path: Path) -> None:
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * (LIMIT + 1))
    for file, told in ((tmp_path / "no.yaml", "can't be read"), (large, "bytes are more than")):
        with pytest.raises(ConfigError, match=told):
            FILE.load(file)
