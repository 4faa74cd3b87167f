"""The console's process: answers on a socket of the home until its parent ends."""

from __future__ import annotations

import socket
from contextlib import suppress
from pathlib import Path

import uvicorn

from bentos.console.app import application
from bentos.home.console_socket import console_folder, reached
from bentos.home.state import Home
from bentos.parentage import follow_parent
from bentos.settings import settings
from bentos.worker.priority import process_behind

AT_ONCE = 32  # connections; a Ranker's worker has at most four


def listening(home: Home) -> socket.socket:
    """A socket that only this user can reach; the one of a process that ended is replaced."""
    folder = console_folder(home)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with reached(home) as path:
        with suppress(FileNotFoundError):
            Path(path).unlink()
        made.bind(path)
    made.listen(AT_ONCE)
    return made


def main() -> None:
    """Answer until told to end."""
    follow_parent()
    process_behind()
    home = Home(settings().ranker_home, settings().ranker)
    config = uvicorn.Config(
        application(home),
        log_level="warning",
        http="h11",
        ws="none",
        lifespan="off",
        limit_concurrency=AT_ONCE,
    )
    uvicorn.Server(config).run(sockets=[listening(home)])


if __name__ == "__main__":
    main()
