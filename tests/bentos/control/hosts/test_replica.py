"""Two hosts that share their state in a real Redis: one leads, the other follows, and both outlive Redis."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from bentos.control.experiments import changes
from bentos.control.experiments.changes import Change
from bentos.control.experiments.compare_and_swap import ChangeError, base_of
from bentos.control.guard.quantities import FILES
from bentos.control.hosts.replica import Replica
from bentos.control.loop import Control
from bentos.control.loop_parts import Charge
from bentos.home.journal import Journal, decisions
from bentos.home.state import CHAMPION, Home, Served, State, read_state
from bentos.home.stops import Stop, Stops
from bentos.home.struck_evidence import restore, strike
from bentos.worker.follower import Follower
from experiments.config.check import parse
from models.registry import Registry
from monitoring.log.struck import StruckWindow, read
from tests.bentos.control.test_loop import Stand, declared, packages, promoted, stand  # noqa: F401 - fixtures
from tests.bentos.files import LIVE
from tests.models.catalogue.redises import Server, server

pytestmark = pytest.mark.shares("mlflow")

PATIENCE = 60.0  # an overloaded machine; the promise is 1 s


@dataclass
class Host:
    """A Steward that ticks, and a worker that follows it."""

    charge: Charge
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))
    _stop: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        self.control = Control(self.charge, self.pool)
        self.worker = Follower(self.charge.home, "ranker")
        self.worker.start()
        self._stop.clear()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.wait(0.1):
            self.control.tick()
        self.control.close()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(20)
        self.worker.stop()

    @property
    def state(self) -> State | None:
        return read_state(self.charge.home.state)

    @property
    def report(self) -> dict[str, Any]:
        return json.loads(self.charge.home.steward.read_bytes())  # type: ignore[no-any-return]

    def role(self) -> str:
        return str(self.report["shared"]["role"])

    def serves(self, digest: str) -> bool:
        return self.worker.current is not None and self.worker.current.state.experiments == digest


@contextmanager
def running(*hosts: Host) -> Iterator[None]:
    for host in hosts:
        host.start()
    try:
        yield
    finally:
        for host in hosts:
            host.stop()
            host.pool.shutdown(wait=False)


def wait(condition: Callable[[], object], seconds: float = PATIENCE) -> float:
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < seconds
        time.sleep(0.01)
    return time.monotonic() - started


@pytest.fixture
def valkey() -> Iterator[Server]:
    with server("valkey") as running:
        yield running


def hosts(stand: Stand, valkey: Server, tmp_path: Path) -> tuple[Host, Host]:  # noqa: F811
    """The stand's home and an empty one of another host, which has its own catalogue and live.yaml."""
    url = f"redis://127.0.0.1:{valkey.port}"
    first = replace(stand.charge, redis=url)
    home = Home(tmp_path / "second" / stand.ranker)
    shutil.copytree(stand.home.catalogue, home.catalogue)
    live = tmp_path / "second" / "live.yaml"
    live.write_text(LIVE % "1")
    return Host(first), Host(replace(first, home=home, live=live))


def test_two_hosts_serve_one_state(stand: Stand, valkey: Server, tmp_path: Path) -> None:  # noqa: F811
    """A change on one is served by both; without Redis both go on and say so; then one history goes on."""
    promoted(stand, stand.packages[0])
    one, two = hosts(stand, valkey, tmp_path)
    with running(one):
        wait(lambda: one.state is not None and one.role() == "leads")
        with running(two):
            wait(lambda: two.worker.current is not None)
            assert (two.role(), two.state) == ("follows", one.state)
            assert two.charge.live.read_text() == one.charge.live.read_text()
            changed = LIVE % "@champion" + "        end: 2100-01-01\n"
            digest = parse(changed).digest
            started = time.monotonic()
            home, live = one.charge.home, one.charge.live
            changes.commit(home, live, base_of(home, live), Change(changed, "ana", "w"))
            wait(lambda: one.serves(digest) and two.serves(digest))
            print(f"applied on one host, served by both: {time.monotonic() - started:.2f} s (promised: 1 s)")
            assert two.charge.live.read_text() == changed
            with pytest.raises(ChangeError, match="this host does not lead: make the change where"):
                base_of(two.charge.home, two.charge.live)
            _struck_on_one(one, two)
            _stopped_on_one(one, two)
            _without_redis(one, two, valkey, digest)
            _redis_again(one, two, valkey)
            assert one.state is not None
            epoch = one.state.epoch
            one.stop()  # in order: the lock is given back
            took = wait(lambda: two.role() == "leads")
            print(f"the other leads after {took:.2f} s")
            two.charge.live.write_text(LIVE % "@champion" + "        end: 2100-01-03\n")
            wait(lambda: two.state is not None and two.state.epoch == epoch + 1)
            one.start()
            wait(lambda: one.state == two.state)
            wait(lambda: one.role() == "follows")
            assert one.charge.live.read_text() == two.charge.live.read_text()


def _struck_on_one(one: Host, two: Host) -> None:
    """What a person strikes from evidence where the Steward leads is struck on both; no epoch moves."""
    assert one.state is not None
    epoch = one.state.epoch
    window = StruckWindow(5.0, 10.0, "the feed was turned", "ann", time.time())
    strike(one.charge.home, window)
    wait(lambda: read(two.charge.home.log) == (window,))
    restore(one.charge.home, 1, "bob", "it was the clock", time.time())
    wait(lambda: read(two.charge.home.log) == ())
    assert one.state.epoch == epoch


def _stopped_on_one(one: Host, two: Host) -> None:
    """What the guard stops on a host that follows stays out of that host's answers, until it is cleared."""
    stops = Stops.of(two.charge.home)
    stops.put(Stop("version", "1", "fallback", "too many", "it answers in the fallback order", time.time()))
    wait(lambda: two.state is not None and two.state.stopped == {"1": "fallback: too many"})
    wait(lambda: two.worker.current is not None and two.worker.current.state.stopped)
    assert one.state is not None
    assert one.state.stopped == {}
    stops.drop("1")
    wait(lambda: two.state == one.state)


def test_a_version_damaged_on_one_host_gives_way_to_another_of_its_disk(tmp_path: Path) -> None:
    """Without a registry to have it from again: those that serve or have served, and are here."""
    home = Home(tmp_path / "shop")
    replica = Replica(home, tmp_path / "live.yaml", None, lambda version: None, Journal(home))  # type: ignore[arg-type]
    state = State(
        3,
        "shop",
        "s",
        {CHAMPION: "4", "@challenger": "5"},
        previous=(Served("2", 0.0, 1.0), Served("3", 1.0, 2.0)),
    )
    for stop, stopped in ((FILES, "4"), ("fallback", "5")):
        Stops.of(home).put(Stop("version", stopped, stop, "evidence", "", 1.0))
    stopped = {"4": "files: evidence", "5": "fallback: evidence"}
    assert replica._safe(state).versions == state.versions  # none is on this disk
    for version in ("2", "3", "4", "5"):
        home.version(version).mkdir(parents=True)
    safe = replica._safe(state)
    assert safe.versions == {CHAMPION: "3", "@challenger": "5"}  # what was stopped for itself has no heir
    assert safe.stopped == {"5": stopped["5"]}
    assert replica._safe(safe) == safe


def _without_redis(one: Host, two: Host, valkey: Server, digest: str) -> None:
    valkey.kill()
    for host in (one, two):
        wait(lambda host=host: host.report["shared"]["stale"])
        assert any("the last good state is served" in each for each in host.report["problems"])
        assert host.serves(digest)
    wait(lambda: one.role() != "leads")
    with pytest.raises(ChangeError, match="Redis does not answer: no host changes what is served"):
        base_of(one.charge.home, one.charge.live)
    before = one.state
    one.charge.live.write_text(LIVE % "@champion" + "        end: 2100-01-02\n")
    time.sleep(1)  # ten ticks in which nobody may move anything
    assert one.state == two.state == before
    _guard_alone(one, two)


def _guard_alone(one: Host, two: Host) -> None:
    """With nobody leading, what the guard stops on a host stays out there all the same."""
    Stops.of(one.charge.home).put(Stop("version", "1", "fallback", "too many", "stopped", time.time()))
    wait(lambda: one.worker.current is not None and one.worker.current.champion.stopped is not None)
    assert one.state is not None
    assert one.state.stopped == {"1": "fallback: too many"}
    assert two.state is not None
    assert two.state.stopped == {}
    Stops.of(one.charge.home).drop("1")


def _redis_again(one: Host, two: Host, valkey: Server) -> None:
    """It comes back empty: who led before leads again, and what waited goes out."""
    valkey.start()
    digest = parse(one.charge.live.read_text()).digest
    wait(lambda: one.serves(digest) and two.serves(digest))
    wait(lambda: (one.role(), two.role()) == ("leads", "follows"))
    assert not one.report["shared"]["stale"]
    assert [each["event"] for each in decisions(one.charge.home)].count("redis reachable") == 1


def test_a_version_that_cannot_be_had_is_told(stand: Stand, valkey: Server, tmp_path: Path) -> None:  # noqa: F811
    """With MLflow out of the second host's reach it keeps what it has, and says which epoch waits and why."""
    promoted(stand, stand.packages[0])
    one, two = hosts(stand, valkey, tmp_path)
    two.charge = replace(two.charge, uri="http://127.0.0.1:1")
    with running(one):
        wait(lambda: one.state is not None)
        with running(two):
            wait(lambda: two.charge.home.steward.exists() and two.report["shared"]["stale"])
            assert any("can't be taken up" in each for each in two.report["problems"])
            assert two.state is None
            shutil.copytree(one.charge.home.version("1"), two.charge.home.version("1"))
            wait(lambda: two.state == one.state)
            wait(lambda: not two.report["shared"]["stale"])
    assert isinstance(stand.registry, Registry)
