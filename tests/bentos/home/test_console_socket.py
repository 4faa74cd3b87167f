"""A socket of any home can be reached, however long its name is."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from bentos.home.console_socket import console_folder, reached
from bentos.home.state import Home


@pytest.mark.parametrize("name", ["a", "long" * 40])
def test_a_socket_is_made_where_the_home_is(tmp_path: Path, name: str) -> None:
    """And no descriptor is left behind."""
    home = Home(tmp_path / name)
    console_folder(home).mkdir(parents=True)
    before = len(list(Path("/proc/self/fd").iterdir()))
    with reached(home) as path, socket.socket(socket.AF_UNIX) as made:
        made.bind(path)
    assert (console_folder(home) / "socket").is_socket()
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_home_without_the_folder_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"), reached(Home(tmp_path / ("long" * 40))):
        pass
