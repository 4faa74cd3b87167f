"""uvicorn's server, with connections shared out among the workers of one socket."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path
from typing import Any

import uvicorn

from bentos.http.acceptor import Acceptor
from bentos.http.bounded_protocol import BoundedProtocol
from bentos.http.pool import Pool
from bentos.http.shared_counts import NAME, SharedCounts


class SharingServer(uvicorn.Server):
    """Accepts by turns where several processes listen at the socket that it was given; else it is uvicorn's.

    `folder` is that of the files in which those processes meet, `workers` how many there are.
    """

    folder: Path | None = None
    workers = 1

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to accept."""
        listening = [each for each in sockets or () if each.family != socket.AF_UNIX]
        if self.folder is None or self.workers == 1 or len(listening) != 1:
            await super().startup(sockets)
            return
        await super().startup([])
        if self.started:
            self.servers = [self._acceptor(listening[0], self.folder)]

    def _acceptor(self, listener: socket.socket, folder: Path) -> Any:
        number = os.fstat(listener.fileno()).st_ino  # of the socket, the same for all who listen there
        counts = SharedCounts(folder / f"{NAME}-{number}", 2 * self.workers + 2)
        pool = BoundedProtocol.pool = Pool(counts)
        served: Any = self.server_state.connections
        return Acceptor(listener, pool, served, self._protocol, self.config.ssl)

    def _protocol(self) -> asyncio.Protocol:
        make: Any = self.config.http_protocol_class
        made: asyncio.Protocol = make(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return made


def share(folder: Path | None, workers: int) -> None:
    """Have BentoML's workers be such servers: it looks the class up when it starts one."""
    SharingServer.folder, SharingServer.workers = folder, workers
    uvicorn.Server = SharingServer  # type: ignore[misc]
