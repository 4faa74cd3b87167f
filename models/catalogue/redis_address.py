"""Where a Redis is, and how to enter: read from a URL."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Command = tuple[str, ...]
"""A command of Redis and its arguments."""


@dataclass(frozen=True)
class Address:
    """Where a Redis is, and how to enter."""

    host: str = "127.0.0.1"
    port: int = 6379
    path: str | None = None
    """Of a unix socket, instead of host and port."""
    tls: ssl.SSLContext | None = None
    greeting: tuple[Command, ...] = ()
    """What is sent first: AUTH, SELECT."""

    @classmethod
    def of(cls, url: str) -> "Address":
        """`redis://[[user]:password@]host[:port][/db]`, `rediss://…` (TLS) or `unix://[…@]path[?db=…]`, with
        redis-py's `ssl_…` options. Raises ValueError for anything else."""
        from redis.connection import parse_url

        found: Mapping[str, Any] = parse_url(url)  # type: ignore[no-untyped-call]
        greeting: list[Command] = []
        if "password" in found:
            greeting.append(("AUTH", *filter(None, [found.get("username")]), found["password"]))
        if found.get("db"):
            greeting.append(("SELECT", str(found["db"])))
        return cls(
            host=found.get("host", cls.host),
            port=found.get("port", cls.port),
            path=found.get("path"),
            tls=_tls(found) if url.startswith("rediss:") else None,
            greeting=tuple(greeting),
        )

    def __str__(self) -> str:
        return self.path or f"{self.host}:{self.port}"


def _tls(options: Mapping[str, Any]) -> ssl.SSLContext:
    made = ssl.create_default_context(cafile=options.get("ssl_ca_certs"), capath=options.get("ssl_ca_path"))
    required = options.get("ssl_cert_reqs", "required")
    made.check_hostname = required == "required" and bool(options.get("ssl_check_hostname", True))
    made.verify_mode = ssl.VerifyMode[f"CERT_{required.upper()}"]
    if "ssl_certfile" in options:
        made.load_cert_chain(options["ssl_certfile"], options.get("ssl_keyfile"), options.get("ssl_password"))
    return made
