"""What a state names is had from the registry, from Redis and from the leading host's document, each once."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from bentos.control.hosts.exchange import Exchange
from bentos.control.hosts.judged_packages import JudgedPackages
from bentos.control.hosts.redis_state import Document, Shared, SharedUnavailable
from bentos.home.journal import decisions
from bentos.home.live_files import keep_live, live_under
from bentos.home.state import CHALLENGER, CHAMPION, Home, State
from bentos.home.stops import Stop, Stops
from experiments.config.check import parse
from monitoring.log.struck import StruckWindow, read, suspect
from tests.bentos.files import LIVE

TEXT = LIVE % "@challenger"
LIVING = parse(TEXT)
STATE = State(5, "small", "snap", {CHAMPION: "1", CHALLENGER: "2", "2": "2"}, experiments=LIVING.digest)


class Host:
    """One host's exchange, with what it downloaded; no Redis answers."""

    def __init__(self, folder: Path) -> None:
        self.home, self.live = Home(folder / "home"), folder / "live.yaml"
        self.downloaded: list[str] = []
        shared = Shared("redis://127.0.0.1:1", "small", "here")
        self.exchange = Exchange(self.home, self.live, shared, JudgedPackages(self.home, self._get))

    def _get(self, version: str) -> None:
        self.downloaded.append(version)
        self.home.version(version).mkdir(parents=True, exist_ok=True)

    def has(self, snapshot: str) -> None:
        (self.home.catalogue / snapshot).mkdir(parents=True)
        self.home.current_catalogue.write_text(f"{snapshot}\n")


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def test_a_document_has_the_files_that_the_state_came_from(host: Host) -> None:
    """live.yaml as it is written, the rollouts, the corrections that the state names."""
    host.live.write_text(TEXT)
    host.home.corrections.mkdir(parents=True)
    (host.home.corrections / "c.json").write_text("{}")
    state = msgspec.structs.replace(STATE, corrections={"1": "c", "2": "gone"})
    found = host.exchange.document(state)
    assert found == Document(state, TEXT, None, {"c": "{}", "gone": ""}, struck=())
    host.home.rollouts.write_text("{}")
    assert host.exchange.document(state).rollouts == "{}"


@pytest.mark.parametrize("text", [None, "version: 7\n", LIVE % "3"])
def test_files_that_say_something_else_are_left_out(host: Host, text: str | None) -> None:
    """Gone, broken, or edited and not yet live: the others keep theirs."""
    if text is not None:
        host.live.write_text(text)
    assert host.exchange.document(STATE) == Document(STATE, struck=())


def test_what_is_not_here_is_had(host: Host) -> None:
    """Each version once, corrections from the document; what is here is left alone."""
    host.has("snap")
    host.home.version("1").mkdir(parents=True)
    keep_live(host.home, LIVING)
    there = Document(STATE, corrections={"c": '{"a": 1}', "lost": ""})
    assert host.exchange.complete(there) == STATE
    assert host.downloaded == ["2"]
    assert (host.home.corrections / "c.json").read_text() == '{"a": 1}'
    assert not (host.home.corrections / "lost.json").exists()
    host.exchange.complete(Document(STATE, corrections={"c": "another"}))
    assert (host.home.corrections / "c.json").read_text() == '{"a": 1}'
    assert live_under(host.home, LIVING.digest) == LIVING


def test_experiments_that_are_not_here_come_from_redis(host: Host) -> None:
    """And can't be had without it."""
    host.has("snap")
    with pytest.raises(SharedUnavailable, match="Redis: "):
        host.exchange.complete(Document(STATE))
    host.exchange.complete(Document(msgspec.structs.replace(STATE, experiments="")))


def test_a_host_serves_from_its_own_catalogue(host: Host) -> None:
    """Where the snapshot is not here; why another host distrusts its own says nothing about this one's."""
    host.has("own")
    state = msgspec.structs.replace(STATE, experiments="", distrusted="damaged there")
    found = host.exchange.complete(Document(state))
    assert (found.snapshot, found.distrusted) == ("own", "")
    assert found.epoch == state.epoch


def test_the_leading_hosts_files_are_laid_down(host: Host, tmp_path: Path) -> None:
    """So that leading can pass to this host; a link stays one, and what the document lacks stays as it is."""
    (tmp_path / "real.yaml").write_text("old")
    host.live.symlink_to(tmp_path / "real.yaml")
    host.home.folder.mkdir()
    host.exchange.replace_files(Document(STATE, TEXT, '{"a": 1}'))
    assert host.live.is_symlink()
    assert (tmp_path / "real.yaml").read_text() == TEXT
    assert host.home.rollouts.read_text() == '{"a": 1}'
    host.exchange.replace_files(Document(STATE))
    assert (host.live.read_text(), host.home.rollouts.read_text()) == (TEXT, '{"a": 1}')


def test_windows_are_struck_as_on_the_leading_host(host: Host) -> None:
    """And restored; a host that says nothing of them, as one of an earlier release, changes none."""
    home = host.home
    window, other = (StruckWindow(since, since + 10, "turned", "ann", 1.0) for since in (5.0, 50.0))
    Stops.of(home).put(Stop("version", "3", "order against outcomes", "turned", "stays out", 9.0, since=7.0))
    suspect(home.log, 70.0, "turned", 90.0)
    host.exchange.follow_strikes(Document(STATE, struck=(window, other)), "there", 100.0)
    assert host.exchange.document(STATE).struck == (window, other)
    assert Stops.of(home).active("version") == {}
    host.exchange.follow_strikes(Document(STATE), "there", 100.0)
    host.exchange.follow_strikes(Document(STATE, struck=(other,)), "there", 100.0)
    assert host.exchange.struck() == (other,)
    assert len(read(home.log, suspected=True)) == 2  # what this host suspects stays suspected
    struck, again, restored = decisions(home)
    assert (struck["event"], again["event"], restored["event"]) == ("evidence struck",) * 2 + (
        "evidence restored",
    )
    assert restored["why"] == "there: it is evidence on the host that leads"
    (home.log / "struck.json").write_text("no list")
    assert host.exchange.document(STATE).struck is None
