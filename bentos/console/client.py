"""Asks the console's process from the command line: it has the libraries and versions loaded already."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException
from urllib.parse import quote, urlencode

import msgspec

from bentos.home.console_socket import reached
from bentos.home.state import Home
from bentos.offline.explanation.parts import Explanation, NoSuchItemError
from monitoring.log.request import NoSuchRequestError

SECONDS = 10.0


class _Connection(HTTPConnection):
    """HTTP over the socket of a home."""

    def __init__(self, home: Home) -> None:
        super().__init__("console", timeout=SECONDS)
        self._home = home

    def connect(self) -> None:
        """Connect. Raises OSError."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        with reached(self._home) as path:
            self.sock.connect(path)


def ask_explanation(home: Home, request_id: str, items: Sequence[str]) -> Explanation | None:
    """The explanation; None where no process answers, or one of another release.

    Raises NoSuchRequestError, NoSuchItemError.
    """
    asked = f"/explain/{quote(request_id, safe='')}?{urlencode([('item', each) for each in items])}"
    connection = _Connection(home)
    try:
        connection.request("GET", asked, headers={"accept": "application/json"})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status == 200:
            return msgspec.json.decode(body, type=Explanation)
        said = str(msgspec.json.decode(body)["detail"])
    except (OSError, HTTPException, msgspec.MsgspecError, KeyError, TypeError):
        return None
    finally:
        connection.close()
    if answer.status == 404:
        raise NoSuchRequestError(said)
    if answer.status == 422 and "--item" in said:
        raise NoSuchItemError(said)
    return None
