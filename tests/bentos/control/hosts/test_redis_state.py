"""Who leads, and what is to be served, in a real Redis: every step is one script, and can't be half done."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
import redis

from bentos.control.hosts.redis_state import HOLDS, Document, Shared, SharedUnavailable
from bentos.home.state import CHAMPION, State
from tests.models.catalogue.redises import Server, server


@pytest.fixture
def valkey() -> Iterator[Server]:
    with server("valkey") as running:
        yield running


def wait(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60.0
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_lock_and_the_epoch(valkey: Server) -> None:
    """One holder; only it publishes, and never an older epoch over a newer one; a release frees it."""
    url = f"redis://127.0.0.1:{valkey.port}"
    one, two = Shared(url, "flights", "one"), Shared(url, "flights", "two")
    other = Shared(url, "letor", "two")
    assert one.lead(take=False) == ""
    assert (one.lead(take=True), two.lead(take=True), one.lead(take=False)) == ("one", "one", "one")
    assert other.lead(take=True) == "two"
    key = "ballast:state:{flights}:holder"
    with redis.Redis(port=valkey.port) as client:
        client.pexpire(key, 100)
        assert one.lead(take=False) == "one"  # renewed: a holder that is killed is gone after this long
        assert 4_000 < client.pttl(key) <= HOLDS * 1_000
        client.pexpire(key, 1)
        wait(lambda: two.lead(take=False) == "")
        assert one.lead(take=True) == "one"
    state = State(7, "flights", "s", {CHAMPION: "1"}, experiments="e")
    assert two.read() is None
    assert not two.publish(Document(state), b"{}")
    assert one.publish(Document(state, "text", "{}"), b"{}")
    assert two.read() == Document(state, "text", "{}")
    assert two.compiled("e") == b"{}"
    assert other.read() is None
    older = State(6, "flights", "s", {CHAMPION: "2"})
    assert not one.publish(Document(older), None)
    with pytest.raises(SharedUnavailable, match="experiments:x is missing"):
        two.compiled("x")
    two.release()
    assert two.lead(take=True) == "one"
    one.release()
    assert two.lead(take=True) == "two"
    valkey.kill()
    with pytest.raises(SharedUnavailable, match="Redis: "):
        two.lead(take=True)


def test_what_is_no_state_is_told(valkey: Server) -> None:
    """By its key: another program's, or a newer release's."""
    shared = Shared(f"redis://127.0.0.1:{valkey.port}", "flights", "one")
    with redis.Redis(port=valkey.port) as client:
        client.hset("ballast:state:{flights}:state", "document", b'{"state": 7}')
    with pytest.raises(SharedUnavailable, match=r"ballast:state:\{flights\}:state is not a state: "):
        shared.read()


def test_without_redis_every_step_says_so() -> None:
    """At once, whatever is asked."""
    shared = Shared("redis://127.0.0.1:1", "flights", "one")
    steps: tuple[Callable[[], object], ...] = (
        lambda: shared.lead(take=True),
        shared.release,
        shared.read,
        lambda: shared.compiled("e"),
        lambda: shared.publish(Document(State(1, "flights", "s", {})), None),
    )
    for step in steps:
        with pytest.raises(SharedUnavailable, match="Redis: "):
            step()
