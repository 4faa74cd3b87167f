"""The connection to Redis: right answers, or a bounded wait; a Redis that hangs, dies, crawls or lies."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import hiredis
import pytest
import redis

from models.catalogue.redis_link import PATIENCE, PAUSE, Address, RedisLink, RedisUnavailable
from tests.models.catalogue.redises import (
    LIMIT,
    Kind,
    Server,
    delay,
    garble,
    half_close,
    proxy,
    server,
    swallow,
    trickle,
)

WAIT = 0.2
SLACK = 1.0  # seconds that other work on the machine may take
KEYS = 1000


@pytest.fixture(scope="module", params=["valkey", "redis-server"])
def running(request: pytest.FixtureRequest) -> Iterator[Server]:
    """One real server of each make, with items."""
    kind: Kind = request.param
    with server(kind) as one:
        fill(one)
        yield one


def fill(one: Server) -> None:
    with redis.Redis(port=one.port) as client:
        client.mset({f"k{place}": value(place) for place in range(KEYS)})


def value(place: int) -> bytes:
    return f"{place:04}".encode() * 50


def url(port: int) -> str:
    return f"redis://127.0.0.1:{port}"


def run(main: Callable[[], Awaitable[None]]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(LIMIT):
            await main()

    asyncio.run(limited())


async def right(link: RedisLink, *places: int) -> None:
    [found] = await link.ask([("MGET", *(f"k{place}" for place in places))])
    assert found == [value(place) if place < KEYS else None for place in places]


async def unavailable(link: RedisLink, match: str, most: float) -> None:
    """Fails with such a sentence within so many seconds, and then at once."""
    started = time.monotonic()
    with pytest.raises(RedisUnavailable, match=match):
        await right(link, *range(KEYS))
    taken = time.monotonic() - started
    assert taken < most + SLACK, f"{taken:.2f} s, at most {most} were declared"
    started = time.monotonic()
    with pytest.raises(RedisUnavailable, match="Redis failed a moment ago"):
        await right(link, 1)
    assert time.monotonic() - started < 0.05 + SLACK / 10


def test_many_at_once_get_their_own_answers(running: Server) -> None:
    """300 requests of changing sizes on one connection, every fifth of which is given up on."""

    async def main() -> None:
        link = RedisLink(Address.of(url(running.port)), wait=5)
        sizes = [(number * 37) % 400 + 1 for number in range(300)]
        tasks = [
            asyncio.ensure_future(right(link, *range(number, number + size)))
            for number, size in enumerate(sizes)
        ]
        await asyncio.sleep(0)
        for task in tasks[::5]:
            task.cancel()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        assert [one for place, one in enumerate(done) if place % 5 and one is not None] == []
        assert len(clients_of(running.port)) == 1
        link.close()

    run(main)


def clients_of(port: int) -> list[Any]:
    """Connections to the server, without the one that asks."""
    with redis.Redis(port=port) as client:
        own = client.client_id()
        return [one for one in client.client_list() if int(one["id"]) != own]


def test_errors_of_single_commands_are_replies(running: Server) -> None:
    """What Redis refuses is among the replies; the connection serves on."""

    async def main() -> None:
        link = RedisLink(Address.of(url(running.port)), WAIT)
        one, two, three = await link.ask([("GET", "k1"), ("INCR", "k1"), ("GET", "k2")])
        assert (one, three) == (value(1), value(2))
        assert isinstance(two, hiredis.ReplyError)
        link.close()

    run(main)


def test_stopped_and_let_go(running: Server) -> None:
    """SIGSTOP: everyone that waits is told after WAIT; afterwards right answers, and not the late ones."""

    async def main() -> None:
        link = RedisLink(Address.of(url(running.port)), WAIT)
        await right(link, 1)
        with running.stopped():
            started = time.monotonic()
            asked = [right(link, number) for number in range(50)]
            found = await asyncio.gather(*asked, return_exceptions=True)
            assert WAIT <= time.monotonic() - started < WAIT + SLACK
            assert {str(one) for one in found} == {"Redis has not answered within 0.2 s"}
            await unavailable_now(link)
        link.clock = lambda: time.monotonic() + PAUSE
        await right(link, 7, 5, KEYS + 1)
        link.close()

    run(main)


async def unavailable_now(link: RedisLink) -> None:
    with pytest.raises(RedisUnavailable, match="Redis failed a moment ago"):
        await right(link, 1)


@pytest.mark.parametrize("kind", ["valkey", "redis-server"])
def test_killed_and_started_again(kind: Kind) -> None:
    """SIGKILL under load: told at once; within PAUSE of its return it is asked again."""

    async def main() -> None:
        with server(kind) as one:
            fill(one)
            link = RedisLink(Address.of(url(one.port)), WAIT)
            await right(link, 1)
            asked = [asyncio.ensure_future(right(link, *range(KEYS))) for _ in range(20)]
            await asyncio.sleep(0)
            one.kill()
            found = await asyncio.gather(*asked, return_exceptions=True)
            assert {type(answer) for answer in found} <= {RedisUnavailable, type(None)}
            await asyncio.sleep(0)
            started = time.monotonic()
            with pytest.raises(RedisUnavailable):
                await right(link, 1)
            assert time.monotonic() - started < 2 * WAIT + SLACK
            one.start()
            fill(one)
            started = time.monotonic()
            while not await answers(link):
                assert time.monotonic() - started < PAUSE + SLACK
                await asyncio.sleep(0.01)
            link.close()

    run(main)


async def answers(link: RedisLink) -> bool:
    try:
        await right(link, 3, KEYS + 3, 4)
    except RedisUnavailable:
        return False
    return True


def test_a_connection_that_redis_drops_is_made_again(running: Server) -> None:
    """Idle connections that are dropped, as `timeout` in redis.conf does, cost no answer."""

    async def main() -> None:
        link = RedisLink(Address.of(url(running.port)), wait=2)
        for number in range(5):
            await right(link, number)
            with redis.Redis(port=running.port) as client:
                client.client_kill_filter(_type="normal", skipme=True)
        await right(link, 9)
        link.close()

    run(main)


@pytest.mark.parametrize(
    ("pour", "match", "most"),
    [
        (trickle, "has not answered within 0.2 s", WAIT),
        (swallow, "has not answered within 0.2 s", WAIT),
        (half_close, "does not answer: the connection ended", WAIT),
        (garble, "what answers is no Redis", WAIT),
    ],
)
def test_a_bad_line(running: Server, pour: Any, match: str, most: float) -> None:
    """Answers that crawl, vanish, break off half-way, or are not Redis': a bounded wait and a sentence."""

    async def main() -> None:
        async with proxy(running.port, pour) as port:
            link = RedisLink(Address.of(url(port)), WAIT)
            await unavailable(link, match, most)
            link.close()

    run(main)


def test_a_slow_line_is_no_bad_one(running: Server) -> None:
    """30 ms each way, many at once: all answered."""

    async def main() -> None:
        async with proxy(running.port, delay) as port:
            link = RedisLink(Address.of(url(port)), wait=2)
            await asyncio.gather(*(right(link, number, 7) for number in range(20)))
            link.close()

    run(main)


def test_a_queue_that_crawls_is_given_up(running: Server) -> None:
    """Each answer comes just in time, but the last would wait for all: none waits longer than PATIENCE."""

    async def slow(data: bytes, writer: asyncio.StreamWriter) -> None:
        for at in range(0, len(data), 207):  # a reply: $200 and 200 bytes
            await asyncio.sleep(WAIT / 2)
            writer.write(data[at : at + 207])

    async def main() -> None:
        async with proxy(running.port, slow) as port:
            link = RedisLink(Address.of(url(port)), WAIT)
            started = time.monotonic()
            asked = [link.ask([("GET", f"k{number}")]) for number in range(40)]
            found = await asyncio.gather(*asked, return_exceptions=True)
            assert time.monotonic() - started < PATIENCE * WAIT + SLACK
            assert found[0] == [value(0)]
            assert str(found[-1]) == "Redis has not answered within 1 s"
            link.close()

    run(main)


def test_a_busy_process_does_not_blame_redis(running: Server) -> None:
    """The event loop stands still for longer than WAIT, again and again: the answers are taken."""

    async def main() -> None:
        link = RedisLink(Address.of(url(running.port)), wait=0.05)
        await right(link, 1)
        for _ in range(3):
            asked = asyncio.gather(*(right(link, *range(KEYS)) for _ in range(8)))
            for _ in range(4):
                await asyncio.sleep(0)
                time.sleep(0.1)  # what scoring too much on the event loop would do
            await asked
        link.close()

    run(main)


def test_nobody_listens() -> None:
    """No server at all: told at once."""

    async def main() -> None:
        with server("valkey") as one:
            port = one.port
        link = RedisLink(Address.of(url(port)), WAIT)
        await unavailable(link, rf"Redis at 127\.0\.0\.1:{port} does not answer", 0.1)
        link.close()

    run(main)


def test_password_and_database(tmp_path: Path) -> None:
    """AUTH and SELECT from the URL; a wrong password is said."""

    async def main() -> None:
        socket = tmp_path / "redis.sock"
        with server("valkey", "--requirepass", "open sesame", "--unixsocket", str(socket)) as one:
            with redis.Redis(port=one.port, password="open sesame", db=3) as client:
                client.set("k1", value(1))
            for address in (
                f"redis://:open%20sesame@127.0.0.1:{one.port}/3",
                f"redis://default:open%20sesame@127.0.0.1:{one.port}/3",
                f"unix://:open%20sesame@{socket}?db=3",
            ):
                link = RedisLink(Address.of(address), WAIT)
                await right(link, 1, KEYS + 1)
                link.close()
            link = RedisLink(Address.of(f"redis://:wrong@127.0.0.1:{one.port}"), WAIT)
            await unavailable(link, "does not let us in: .*WRONGPASS", WAIT)

    run(main)


def test_tls(running: Server, tmp_path: Path) -> None:
    """`rediss://`: with a certificate that is vouched for, and not with one that is not."""
    certificate, key = certified(tmp_path)

    async def main() -> None:
        near = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        near.load_cert_chain(certificate, key)
        async with through_tls(running.port, near) as port:
            link = RedisLink(Address.of(f"rediss://127.0.0.1:{port}?ssl_ca_certs={certificate}"), wait=2)
            await right(link, *range(KEYS))
            link.close()
            await unavailable(
                RedisLink(Address.of(f"rediss://127.0.0.1:{port}"), wait=2), "certificate verify failed", 2
            )

    run(main)


def through_tls(port: int, near: ssl.SSLContext) -> Any:
    """The same proxy behind TLS: Valkey as it comes from the package index is built without."""

    async def plain(data: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(data)

    return proxy(port, plain, near)


def certified(folder: Path) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1 by itself, and its key."""
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "redis")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    kinds = serialization
    (folder / "cert.pem").write_bytes(made.public_bytes(kinds.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(kinds.Encoding.PEM, kinds.PrivateFormat.PKCS8, kinds.NoEncryption())
    )
    return folder / "cert.pem", folder / "key.pem"
