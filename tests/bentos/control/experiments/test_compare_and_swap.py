"""What a change is made against, and how it is refused where that has moved, or where another host leads."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from bentos.control.experiments.compare_and_swap import (
    ChangeError,
    Conflict,
    base_of,
    refuse_following,
    refuse_moved,
    refuse_unsettled,
)
from bentos.home.journal import Event, append
from bentos.home.state import Home, read_state, write_state
from bentos.home.steward_report import HostReport, ReportWriter, StewardReport
from tests.bentos.files import LIVE
from tests.bentos.worker.following import begin

ONE, TWO = LIVE % "@challenger", LIVE % "2"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "live.yaml"
    path.write_text(ONE)
    return path


def test_an_edit_that_is_not_live_is_not_lost(home: Home, file: Path) -> None:
    """A broken edit, or one that nobody has taken up, stands in the way until somebody settles it."""
    begin(home, file)
    refuse_unsettled(home, file, base_of(home, file))
    for content in (b"version: 7\n", b"\xff", TWO.encode(), b""):
        file.write_bytes(content)
        with pytest.raises(Conflict, match=r"live.yaml: holds an edit of \S+ by \S+, which is not live"):
            refuse_unsettled(home, file, base_of(home, file))
    file.unlink()
    with pytest.raises(Conflict, match=r"live.yaml: is gone"):
        refuse_unsettled(home, file, base_of(home, file))


@pytest.mark.parametrize(
    ("host", "refusal"),
    [
        (None, None),
        (HostReport("leads", "me", True, 1.0, False), None),
        (
            HostReport("follows", "host-1:7", True, 1.0, False),
            "make the change where the Steward does, at host-1:7",
        ),
        (HostReport("waits", "", True, 1.0, True), "at nobody yet"),
        (
            HostReport("waits", None, False, 1.0, True),
            "Redis does not answer: no host changes what is served",
        ),
        (HostReport("leads", "me", False, 1.0, True), None),
    ],
)
def test_changes_are_made_where_the_leading_steward_is(
    home: Home, host: HostReport | None, refusal: str | None
) -> None:
    """As it last said of itself; a host on its own, and one without a Steward yet, leads."""
    refuse_following(home)
    ReportWriter(home).write(StewardReport(shared=host))
    if refusal is None:
        refuse_following(home)
    else:
        with pytest.raises(ChangeError, match=refusal):
            refuse_following(home)


def test_a_refusal_names_who_moved_it_last(home: Home, file: Path) -> None:
    """As the journal has it: a person and their reason, an edit of the file, or that nobody knows."""
    begin(home, file)
    base = base_of(home, file)
    state = read_state(home.state)
    assert state is not None
    write_state(home.state, msgspec.structs.replace(state, epoch=2, experiments="b"))
    with pytest.raises(Conflict, match="nothing is known of who changed it") as caught:
        refuse_moved(home, base)
    assert (caught.value.epoch, caught.value.digest) == (2, "b")
    append(home, Event.EXPERIMENTS, "changed", 10.0, {"before": "a", "after": "b", "epoch": 2})
    with pytest.raises(Conflict, match=r"b is live, .*: 1970-01-01T00:00:10Z, an edit of the file"):
        refuse_moved(home, base)
    append(
        home, Event.EXPERIMENTS_APPLIED, "ana: better", 11.0, {"by": "ana", "reason": "better", "after": "b"}
    )
    append(home, Event.SNAPSHOT, "changed", 12.0, {"before": "s", "after": "t", "epoch": 3})
    append(home, Event.CORRECTIONS, "changed", 13.0, {"before": {}, "after": {"1": "c"}, "epoch": 4})
    with pytest.raises(Conflict, match="experiments applied by ana: better"):
        refuse_moved(home, base)
    refuse_moved(home, base_of(home, file), 2)


def test_the_base_is_what_is_there_now(home: Home, file: Path) -> None:
    """The file's bytes, none where it is gone; nothing to change where nothing is live."""
    with pytest.raises(ChangeError, match=r"nothing is live: .*; start the service once"):
        base_of(home, file)
    live = begin(home, file)
    found = base_of(home, file)
    assert (found.content, found.epoch, found.digest) == (ONE.encode(), 1, live.digest)
    file.unlink()
    assert base_of(home, file).content == b""
