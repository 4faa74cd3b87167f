"""BentoML's supervisor, kept to those it belongs to: its control ports, and the address that it listens on.

The supervisor (circus) listens on two TCP ports of loopback, and runs whatever command comes there, as the
service's user. No setting moves them, so its class is replaced: both become sockets in a folder of its own.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bentoml._internal.utils import circus

from bentos.http.doors import is_loopback
from bentos.settings import Settings, settings

FOLDER = "BALLAST_SUPERVISOR"  # the variable that names the folder to processes below the supervisor
GRACE = 10.0  # seconds for a worker to end by itself, before it is killed: one that is stopped never does
LONGEST = 80  # characters of the folder's name: a socket's path has at most 107


class PrivateArbiter(circus.Arbiter):  # type: ignore[misc] # BentoML's is untyped
    """The supervisor, controlled through sockets that its own user alone can reach."""

    def __init__(self, watchers: Iterable[Any], **kwargs: Any) -> None:
        check_addresses(kwargs.get("sockets") or (), settings())
        folder = private_folder()
        kwargs |= {"endpoint": f"ipc://{folder}/control", "pubsub_endpoint": f"ipc://{folder}/events"}
        told = list(watchers)
        for watcher in told:
            watcher.graceful_timeout = GRACE
            told_so = {**_listens(kwargs.get("sockets") or ()), FOLDER: str(folder)}
            watcher.env = {**(watcher.env or {}), **told_so}
        super().__init__(told, **kwargs)
        self.exit_stack.callback(shutil.rmtree, folder, ignore_errors=True)


def private_folder() -> Path:
    """A folder that only this user can enter."""
    made = Path(tempfile.mkdtemp(prefix="ballast-"))
    if len(str(made)) <= LONGEST:
        return made
    made.rmdir()
    return Path(tempfile.mkdtemp(prefix="ballast-", dir="/tmp"))


def check_addresses(sockets: Iterable[Any], config: Settings) -> None:
    """Ends with a sentence where a socket is open to other hosts and nobody has said that it should be."""
    for each in sockets:
        told = each.is_unix or is_loopback(each.host) or each.host == config.host
        if not told and config.token is None:
            raise SystemExit(
                f"--host {each.host}: other hosts could reach the service, and nothing protects it: "
                f"set BALLAST_HOST={each.host} if they may, or BALLAST_TOKEN, or leave --host out"
            )


def shared_folder() -> Path | None:
    """The folder that the processes below one supervisor share, until it ends; None without a supervisor."""
    named = os.environ.get(FOLDER)
    return Path(named) if named else None


def _listens(sockets: Iterable[Any]) -> dict[str, str]:
    """The variable that tells workers on which address they are reached."""
    hosts = [each.host for each in sockets if not each.is_unix]
    return {"BALLAST_HOST": hosts[0]} if hosts else {}


def keep_private() -> None:
    """Have BentoML's supervisor be a `PrivateArbiter`: it looks its class up when it starts."""
    circus.Arbiter = PrivateArbiter
