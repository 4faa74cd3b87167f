"""The experiments of a live file as plain data; a file that can't be read has none."""

from __future__ import annotations

from pathlib import Path

from bentos.home.live_experiments import live_experiments
from bentos.home.state import Home


def test_all_layers_are_read(tmp_path: Path) -> None:
    home = Home(tmp_path)
    file = home.compiled("abc")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(
        '{"layers": [{"experiments": [{"name": "one"}]}, {}, {"experiments": [{"name": "two"}]}]}'
    )
    assert [each["name"] for each in live_experiments(home, "abc")] == ["one", "two"]


def test_a_file_that_is_none_has_no_experiments(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert live_experiments(home, "") == live_experiments(home, "gone") == []
    file = home.compiled("abc")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("{")
    assert live_experiments(home, "abc") == []
