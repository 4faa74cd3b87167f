"""What follows a changed live.yaml in a test of changes: the Steward's file watch, the state, one worker."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from bentos.control.sources import LiveFile
from bentos.home.acknowledgements import acknowledge
from bentos.home.journal import Journal
from bentos.home.state import CHAMPION, Home, State, read_state, write_state
from bentos.settings import settings
from monitoring.log.record import ArmRecord, Decision, encode
from monitoring.log.segments import SegmentWriter


def begin(home: Home, file: Path) -> LiveFile:
    """The file made live as epoch 1, acknowledged by this process."""
    live = LiveFile(file, home)
    live.poll()
    state = State(1, "small", "snap", {CHAMPION: "1"}, experiments=live.digest)
    write_state(home.state, state)
    acknowledge(home.acks, "ranker", state)
    return live


def follow(home: Home, live: LiveFile) -> None:
    """One look: a changed file becomes the next epoch, and is acknowledged."""
    state = read_state(home.state)
    live.poll()
    if state is not None and live.digest != state.experiments:
        after = msgspec.structs.replace(state, epoch=state.epoch + 1, experiments=live.digest)
        write_state(home.state, after)
        facts = {"before": state.experiments, "after": after.experiments, "epoch": after.epoch}
        Journal(home).decided("experiments", "changed", **facts)
        acknowledge(home.acks, "ranker", after)


@contextmanager
def followed(home: Home, file: Path) -> Iterator[LiveFile]:
    """Following in a thread while the block runs."""
    live, stop = begin(home, file), threading.Event()

    def run() -> None:
        while not stop.wait(0.02):
            follow(home, live)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield live
    finally:
        stop.set()
        thread.join(5)


@contextmanager
def deployment(folder: Path, text: str) -> Iterator[Home]:
    """The settings of a ranker whose live.yaml has this text, followed while the block runs."""
    (folder / "ranker.toml").write_text('[ranker]\nname = "small"\n')
    (folder / "live.yaml").write_text(text)
    home = Home(folder / "home" / "small")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BALLAST_HOME", str(folder / "home"))
        patch.setenv("BALLAST_RANKER", str(folder / "ranker.toml"))
        patch.setenv("BALLAST_EXPERIMENTS", str(folder / "live.yaml"))
        settings.cache_clear()
        with followed(home, folder / "live.yaml"):
            yield home
    settings.cache_clear()


def serve(home: Home, units: int) -> None:
    """So many decisions on record, each for a unit of its own."""
    writer = SegmentWriter(home.log / "decisions", "ranker")
    for number in range(units):
        arm = ArmRecord("try", "a", "@champion", 0.1, "t")
        writer.append(
            encode(
                Decision(
                    request_id=f"r{number}", time=1.0, received=1.0, unit=f"viewer-{number}", context={},
                    attributes={}, arms=[arm], experiments="e", epoch=1, model="small/1", snapshot="s",
                    candidates=["x"], slate=[0], scores=[1.0], propensities=[1.0], explored=False,
                )
            )
        )  # fmt: skip
    writer.close()
