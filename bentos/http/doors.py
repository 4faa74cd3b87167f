"""Whose requests are answered: those that name this service, and come from no page of another one.

A page in a browser can send a plain POST to a port on loopback, and by naming the port's address as its own
(DNS rebinding) read the answers. Both show in `Host` and `Origin`, which a page can't choose.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence

from bentos.wire.problems import Problem

LOOPBACK = frozenset({b"localhost", b"127.0.0.1", b"[::1]"})
ANY = "*"
_CLOSE = ((b"connection", b"close"),)
_HOST = re.compile(rb"(\[[0-9a-f:.]+\]|[^\s:/@\[\]]+)(?::[0-9]{1,5})?", re.IGNORECASE)
MOST = 1_000  # hosts that are remembered


class Doors:
    """Decides by the headers alone; `hosts` are the names that may be asked for, None for all."""

    def __init__(self, hosts: Iterable[str] | None = None) -> None:
        self.hosts = None if hosts is None else frozenset(each.lower().encode() for each in hosts)
        self._known: dict[bytes, bool] = {}

    @classmethod
    def of(cls, host: str, names: Sequence[str] = ()) -> Doors:
        """For a service that listens on the address `host` and is asked for by `names` as well.

        >>> Doors.of("127.0.0.1").admits(b"localhost:3000"), Doors.of("127.0.0.1").admits(b"evil.example")
        (True, False)
        >>> Doors.of("0.0.0.0").admits(b"ranker.example"), Doors.of("0.0.0.0", ["a.b"]).admits(b"c.d")
        (True, False)
        """
        local = is_loopback(host)
        if ANY in names or not (local or names):
            return cls()
        return cls([*names, *(each.decode() for each in LOOPBACK), f"[{host}]" if ":" in host else host])

    def admits(self, host: bytes) -> bool:
        """Whether the value of a `Host` header names this service. What was said once is remembered."""
        known = self._known.get(host)
        if known is None:
            found = _HOST.fullmatch(host)
            known = found is not None and (self.hosts is None or found[1].lower() in self.hosts)
            if len(self._known) < MOST:
                self._known[host] = known
        return known

    def refusal(self, version: str, headers: Iterable[tuple[bytes, bytes]]) -> Problem | None:
        """Why a request of this HTTP version with these headers (names in small letters) is not answered."""
        hosts = [value for name, value in headers if name == b"host"]
        if len(hosts) > 1 or (not hosts and version == "1.1"):
            rule = "exactly one Host header"
            return Problem(
                400, f"host: {len(hosts)} headers: {rule}", field="host", rule=rule, headers=_CLOSE
            )
        if hosts and not self.admits(hosts[0]):
            return self._misdirected(hosts[0])
        own = hosts[0].lower() if hosts else b""
        origins = [value for name, value in headers if name == b"origin"]
        if self.hosts is not None and any(value.lower().partition(b"://")[2] != own for value in origins):
            shown, rule = _shown(origins[0]), "pages of other origins are not answered on loopback"
            return Problem(403, f"origin: {shown!r}: {rule}", field="origin", rule=rule, headers=_CLOSE)
        return None

    def _misdirected(self, host: bytes) -> Problem:
        names = ", ".join(sorted(each.decode() for each in self.hosts or ())) or "a host"
        rule = f"one of {names}; BALLAST_HOSTS names others"
        return Problem(421, f"host: {_shown(host)!r}: {rule}", field="host", rule=rule, headers=_CLOSE)


def is_loopback(host: str) -> bool:
    """Whether an address is reached from its own host alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _shown(value: bytes) -> str:
    return value[:100].decode("ascii", "replace")
