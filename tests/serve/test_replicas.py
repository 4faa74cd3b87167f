"""Two hosts on one Valkey, each a `ballast up`: one leads and is killed under load; Redis goes and comes."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from bentos.control.hosts.redis_state import HOLDS
from bentos.home.state import Home
from bentos.home.stops import Stop, Stops
from tests.models.catalogue.redises import Server, server
from tests.serve.load import load
from tests.serve.stack import Stack

pytestmark = [pytest.mark.slow, pytest.mark.shares("serve")]
PATIENCE = 60.0  # the promises are 1 s for a change, 5 s for another host to lead; a loaded machine gets more


@contextmanager
def _host(stack: Stack, valkey: Server, folder: Path) -> Iterator[Stack]:
    """A host with nothing but a copy of the catalogue and of live.yaml, on the stack's MLflow."""
    shutil.copytree(stack.home / "flights" / "catalogue", folder / "home" / "flights" / "catalogue")
    live = folder / "live.yaml"
    shutil.copy(stack.experiments, live)
    settings = {
        "BALLAST_REDIS": f"redis://127.0.0.1:{valkey.port}",
        "BALLAST_MLFLOW_URI": f"http://127.0.0.1:{stack.mlflow_port}",
        "BALLAST_WORKERS": "1",
        "NUMBA_CACHE_DIR": str(stack.home / "numba"),  # the same code for the same processor
    }
    host = Stack(folder / "home", ranker=stack.ranker, experiments=live, settings=settings)
    if valkey.process is not None and not (folder.parent / "published").exists():
        published = host.run("publish")
        assert published.returncode == 0, published.stderr
        (folder.parent / "published").touch()
    host.start()
    try:
        yield host
    finally:
        host.stop()


def _role(host: Stack) -> str:
    return str(host.status()["steward"]["shared"]["role"])


def _apply(host: Stack, days: int) -> tuple[int, Any]:
    """Another end of the experiment: exit status, and what the command says."""
    changed = host.home / "changed.yaml"
    text = host.experiments.read_text().partition("        end: ")[0]
    changed.write_text(f"{text.rstrip()}\n        end: 2100-01-{days:02d}\n")
    done = host.run("experiment", "apply", str(changed), "--why", "a test", "--by", "ana", "--json")
    return done.returncode, json.loads(done.stdout) if done.returncode == 0 else done.stderr


def _kill(host: Stack) -> None:
    """All of a host's processes at once, as a power cut does."""
    assert host.process is not None
    whole = psutil.Process(host.process.pid)
    for process in [whole, *whole.children(recursive=True)]:
        process.kill()
    host.process.wait(20)


def test_two_hosts_outlive_their_leader_and_redis(stack: Stack, tmp_path: Path) -> None:
    """A change reaches both; the other leads after a kill under load; without Redis, guards still act."""
    with ExitStack() as context:
        valkey = context.enter_context(server("valkey"))
        one, two = (context.enter_context(_host(stack, valkey, tmp_path / name)) for name in ("one", "two"))
        assert (_role(one), _role(two)) == ("leads", "follows")
        assert one.status()["state"] == two.status()["state"]
        _changed_on_both(one, two)
        _leader_killed(one, two)
        _redis_gone(one, two, valkey)


def _changed_on_both(one: Stack, two: Stack) -> None:
    status, told = _apply(two, 1)
    assert status != 0
    assert "this host does not lead" in told
    status, told = _apply(one, 1)
    assert status == 0, told
    took = two.wait_for("both serve the change", lambda: _served(two, told["epoch"]), PATIENCE)
    print(f"applied where it leads: served there after {told['seconds']:.2f} s, elsewhere {took:.2f} s later")
    assert two.experiments.read_text() == one.experiments.read_text()


def _served(host: Stack, epoch: int) -> bool:
    found = host.status()
    return bool(found["acknowledged"] and found["state"]["epoch"] >= epoch)


def _leader_killed(one: Stack, two: Stack) -> None:
    """Not an answer is lost where it did not run, epochs go on, and when it is back it follows."""
    epoch = two.status()["state"]["epoch"]
    with load(two.url, two.example() | {"request_id": None}) as running:
        two.wait_for("answers", lambda: len(running.answers) > 20, PATIENCE)
        _kill(one)
        took = two.wait_for("the other leads", lambda: _role(two) == "leads", PATIENCE)
        print(f"the other leads {took:.1f} s after the kill (promised: {HOLDS:.0f} s)")
        status, told = _apply(two, 2)
        assert status == 0, told
        count = len(running.answers)
        two.wait_for("answers after it", lambda: len(running.answers) > count + 50, PATIENCE)
    assert running.failures == []
    assert {answer["fallback"] for _, answer in running.answers} == {None}
    assert told["epoch"] == epoch + 1
    assert {each["epoch"] for each in two.decisions() if each["unit"].startswith("load-")} == {
        epoch,
        epoch + 1,
    }
    one.start()
    one.wait_for("it follows", lambda: _role(one) == "follows", PATIENCE)
    one.wait_for("it serves what is live now", lambda: _served(one, epoch + 1), PATIENCE)
    assert one.status()["state"] == two.status()["state"]
    assert one.experiments.read_text() == two.experiments.read_text()


def _redis_gone(one: Stack, two: Stack, valkey: Server) -> None:
    """Nobody moves the state, and both say so; what a guard stops stays out; an edit goes out afterwards."""
    before = two.status()["state"]
    valkey.kill()
    for host in (one, two):
        host.wait_for("stale", lambda host=host: host.status()["stale"], PATIENCE)
    two.wait_for("nobody leads", lambda: _role(two) != "leads", PATIENCE)
    status, told = _apply(two, 3)
    assert status != 0
    assert "Redis does not answer: no host changes what is served until it does" in told
    text = two.experiments.read_text()
    two.experiments.write_text(text.replace("2100-01-02", "2100-01-04"))
    champion = before["versions"]["@champion"]
    for host in (one, two):
        stops = Stops.of(Home(host.home / "flights"))
        stops.put(
            Stop("version", champion, "fallback", "too many", "it answers in the order given", time.time())
        )
        stopped = {champion: "fallback: too many"}
        took = host.wait_for(
            "stopped", lambda h=host, s=stopped: h.status()["state"]["stopped"] == s, PATIENCE
        )
        print(f"what the guard stopped is out after {took:.2f} s, without Redis")
        assert host.status()["state"]["epoch"] == before["epoch"]
        assert host.status()["state"]["experiments"] == before["experiments"]
        stops.drop(champion)
    valkey.start()  # empty: who led before leads again, with the edit that waited
    assert two.run("publish").returncode == 0
    for host in (one, two):
        host.wait_for("the edit is out", lambda h=host: _served(h, before["epoch"] + 1), PATIENCE)
        host.wait_for("not stale", lambda h=host: not h.status()["stale"], PATIENCE)
    assert (_role(one), _role(two)) == ("follows", "leads")
    assert one.status()["state"] == two.status()["state"]
    assert "2100-01-04" in one.experiments.read_text()
