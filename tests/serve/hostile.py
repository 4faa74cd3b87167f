"""Requests that nobody should send, as the bytes of a connection: drawn, so that each seed is another one."""
# ruff: noqa: E501 - bytes are easier to read in one piece

from __future__ import annotations

import json
import random
import re
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

Json = Any
BREAKS = b"\r\n"
PATHS = (
    ["/rank"] * 8 + ["/feedback"] * 4 + ["/status", "/experiments", "/docs", "/metrics", "/livez", "/readyz"]
)
PATHS += ["/", "//rank", "/rank/", "/rank?a=%00", "/%2e%2e/rank", "/rank%00", "/" + "a" * 3000, "/é", "*"]
PATHS += ["http://127.0.0.1/rank", "/rank#x", "/static/../../etc/passwd", "/experiments?dry_run=1&epoch=-1"]
METHODS = ["POST"] * 12 + [
    "GET",
    "PUT",
    "HEAD",
    "OPTIONS",
    "DELETE",
    "PATCH",
    "TRACE",
    "CONNECT",
    "POSTS",
    "get",
]
VALUES: list[Callable[[random.Random], Json]] = [
    lambda draw: draw.choice(
        [None, True, False, "", "\0", "\ud800", "a" * 70_000, "\u202e", "NaN", "😀" * 300]
    ),
    lambda draw: draw.choice([0, -1, 2**31, 2**63, 2**64, -(2**63) - 1, 10**30, 10**400, 1e308, -1e-320]),
    lambda draw: draw.choice([[], {}, [[]], {"": {}}, [None], [[[[1]]]], {"a": {"b": {"c": [1]}}}]),
    lambda draw: [draw.randint(-3, 3) for _ in range(draw.choice([1, 2, 300, 6000]))],
    lambda draw: {str(n): n for n in range(draw.choice([1, 50, 2000]))},
    lambda draw: draw.choice(
        ["9999-12-31T23:59:59Z", "0000-00-00", "2024-02-30", "24:00", "-1", "1e9", "now"]
    ),
    lambda draw: draw.random() * 10.0 ** draw.randint(-330, 308),
]
HEADERS = [
    b"content-length: -1", b"content-length: +5", b"content-length: 0x10", b"content-length: 5, 5",
    b"content-length: 99999999999999999999", b"content-length: 5\r\ncontent-length: 6", b"content-length: ",
    b"transfer-encoding: gzip, chunked", b"transfer-encoding: identity", b"transfer-encoding: chunked, chunked",
    b"transfer-encoding: xchunked", b"Transfer-Encoding : chunked", b"content-encoding: gzip",
    b"content-encoding: br, gzip", b"content-type: text/plain", b"content-type: application/json; charset=utf-16",
    b"content-type: multipart/form-data; boundary=x", b"expect: 100-continue", b"expect: 200-maybe",
    b"upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-key: eA==\r\nsec-websocket-version: 13",
    b"upgrade: h2c\r\nconnection: upgrade, http2-settings\r\nhttp2-settings: AAMAAABkAAQ", b"connection: close",
    b"host: evil.example", b"host: ", b"host: a\r\nhost: b", b"host: 127.0.0.1:99999", b"host: [::1", b"origin: null",
    b"origin: https://evil.example", b"authorization: Bearer x", b"authorization: Basic Og==", b"a b: c", b": c", b"x",
    b"x: \x01\x02", b"x: \xff\xfe", b" folded: y", b"x: y\r\n\tfolded", b"range: bytes=0-1", b"te: trailers",
    b"x-big: " + b"a" * 70_000, b"x: " + b"y" * 9000, *[b"x-%d: y" % n for n in range(3)], b"\r\n".join([b"x: y"] * 300),
    b"accept: */*;q=2", b"accept-encoding: \x00", b"cookie: " + b"a=b; " * 999, b"traceparent: 00-zz-1-01", b"if-match: *",
]  # fmt: skip
LINES = [
    b"HTTP/1.1",
    b"HTTP/1.1",
    b"HTTP/1.1",
    b"HTTP/1.0",
    b"HTTP/1.2",
    b"HTTP/2.0",
    b"HTTP/9",
    b"",
    b"HTTPS/1.1",
]
PREFACES = [
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00",
    b"\0" * 99,
    b"\r\n\r\n\r\n",
    b"GET\r\n\r\n",
]


def _changed(value: Json, draw: random.Random) -> Json:
    """The value with one place of it replaced, added to or taken out."""
    if not isinstance(value, dict | list) or not value or draw.random() < 0.15:
        return draw.choice(VALUES)(draw)
    keys = list(value) if isinstance(value, dict) else range(len(value))
    key, found = draw.choice(list(keys)), value.copy()
    if draw.random() < 0.15:
        del found[key]
    elif draw.random() < 0.15 and isinstance(found, dict):
        found[draw.choice(["", "x", "unit ", "\0", "__proto__", "a" * 500])] = draw.choice(VALUES)(draw)
    else:
        found[key] = _changed(found[key], draw)
    return found


def _body(example: Json, draw: random.Random) -> bytes:
    for _ in range(draw.choice([0, 1, 1, 1, 2, 4])):
        example = _changed(example, draw)
    body = json.dumps(example, ensure_ascii=draw.random() < 0.5).encode("utf-8", "surrogatepass")
    return draw.choice([_same] * 6 + [_damaged, _damaged, _cut, _repeated, _encoded, _nested])(body, draw)


def _same(body: bytes, draw: random.Random) -> bytes:
    return body


def _damaged(body: bytes, draw: random.Random) -> bytes:
    found = bytearray(body)
    for _ in range(draw.randint(1, 5)):
        place = draw.randrange(len(found) + 1)
        found[place : place + draw.randint(0, 2)] = draw.randbytes(draw.randint(0, 3))
    return bytes(found)


def _cut(body: bytes, draw: random.Random) -> bytes:
    return body[: draw.randrange(len(body) + 1)]


def _repeated(body: bytes, draw: random.Random) -> bytes:
    return draw.choice(
        [body + body, b"[" + body + b"]", b"\xef\xbb\xbf" + body, b" " * 5000 + body, body + b"\0"]
    )


def _encoded(body: bytes, draw: random.Random) -> bytes:
    text = body.decode("utf-8", "replace")
    return text.encode(draw.choice(["utf-16", "utf-32", "latin-1", "cp037", "utf-7"]), "replace")


def _nested(body: bytes, draw: random.Random) -> bytes:
    deep = draw.choice([50, 500, 5000, 200_000])
    opened, closed = draw.choice([(b"[", b"]"), (b'{"a":', b"}")])
    inner = opened * deep + b"1" + closed * draw.choice([deep, 0])
    return draw.choice([inner, body[:-1] + b',"context":' + inner + b"}", b'{"candidates":' + inner + b"}"])


def _chunked(body: bytes, draw: random.Random) -> bytes:
    size = draw.choice([1, 7, 1000, 100_000])
    parts = [body[low : low + size] for low in range(0, min(len(body), 2000 * size), size)]
    ends = draw.choice(
        [b"0\r\n\r\n", b"0\r\n\r\n", b"0\r\nx: y\r\n\r\n", b"-1\r\n\r\n", b"zz\r\n", b"FFFFFFFFFFFFFFFFF\r\n"]
    )
    extra = draw.choice([b"", b"", b";a=b", b"; " + b"x" * 20_000])
    return b"".join(b"%x%s\r\n%s\r\n" % (len(part), extra, part) for part in parts) + ends


def request(example: Json, draw: random.Random) -> bytes:
    """The bytes of one connection: a request of the example, changed somewhere, that asks for its end."""
    if draw.random() < 0.02:
        return draw.choice(PREFACES) + draw.randbytes(draw.choice([0, 0, 40]))
    body = _body(example, draw)
    lines = [b" ".join([draw.choice(METHODS).encode(), draw.choice(PATHS).encode(), draw.choice(LINES)])]
    lines += [b"host: 127.0.0.1"] * (draw.random() < 0.95)
    lines += draw.sample(HEADERS, draw.choice([0, 0, 0, 1, 1, 2, 5]))
    if draw.random() < 0.2:
        lines, body = [*lines, b"transfer-encoding: chunked"], _chunked(body, draw)
    elif draw.random() < 0.97:
        lines.append(b"content-length: %d" % max(0, len(body) + draw.choice([0] * 12 + [-1, 1, -len(body)])))
    draw.shuffle(lines[1:])
    head = draw.choice([BREAKS] * 60 + [b"\n", b"\r"]).join([*lines, b"connection: close", b"", b""])
    return head + body


def answer(address: tuple[str, int], sent: bytes, patience: float, seconds: float) -> bytes:
    """What comes back until the server closes.

    A server that says nothing for `patience` seconds waits for more, and is told that there is no more.
    TimeoutError where it doesn't close for as long as `seconds` then.
    """
    with socket.create_connection(address, timeout=seconds) as link:
        found: list[bytes] = []
        with suppress(BrokenPipeError, ConnectionResetError):
            link.sendall(sent)
        link.settimeout(patience)
        try:
            _read(link, found)
        except TimeoutError:
            link.settimeout(seconds)
            with suppress(OSError):
                link.shutdown(socket.SHUT_WR)
            _read(link, found)
        return b"".join(found)


def _read(link: socket.socket, found: list[bytes]) -> None:
    """Add what comes to what was found; a reset ends it, as the server's end does."""
    with suppress(ConnectionResetError):
        while part := link.recv(65536):
            found.append(part)


def unfinished(sent: bytes) -> bool:
    """Whether no answer is owed: blank lines, a head without its end, or a body shorter than it says."""
    head, end, body = sent.lstrip(b"\r\n").partition(b"\r\n\r\n")
    if not end:
        return True
    if re.search(rb"\ntransfer-encoding[ \t]*:[^\n]*chunked", head, re.IGNORECASE):
        return not body.endswith(b"0\r\n\r\n")
    lengths = re.findall(rb"\ncontent-length[ \t]*:[ \t]*(\d+)", head, re.IGNORECASE)
    return any(len(body) < int(length) for length in lengths)
