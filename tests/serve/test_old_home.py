"""A home that the release 0.1.0 wrote is read by the code as it is, offline and by `ballast up`.

tests/homes/searches-0.1.0.tar.xz holds it: the tutorial's table, three versions in MLflow of which 3 is
champion, 847 decisions and 6,761 outcomes as Parquet, three live.yaml, a rollout at its first step, evidence
of the guard, an override, and version 2 stopped.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator

import httpx
import pytest

from bentos.home.evidence import read_all
from bentos.home.journal import decisions
from bentos.home.live_files import live_under
from bentos.home.rollouts import read_courses
from bentos.home.rulings import Rulings
from bentos.home.state import Home, read_state
from bentos.home.stops import Stops
from bentos.offline.rescoring import Rescorer, logged
from monitoring.log.window import window
from tests.serve.stack import ROOT, Stack

pytestmark = pytest.mark.shares("own")

ARCHIVE = ROOT / "tests" / "homes" / "searches-0.1.0.tar.xz"


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The old home, unpacked; not started."""
    folder = tmp_path_factory.mktemp("old")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    ranker = ROOT / "docs" / "tutorial" / "searches.toml"
    stack = Stack(folder / "home", ranker, folder / "live.yaml", {"BALLAST_WORKERS": "1"})
    yield stack
    stack.stop()


@pytest.fixture(scope="module")
def home(old: Stack) -> Home:
    """The ranker's part of it."""
    return Home(old.home / "searches")


def test_the_state_is_read(home: Home) -> None:
    """Epoch, versions, and who was champion before."""
    state = read_state(home.state)
    assert state is not None
    assert (state.epoch, state.versions) == (4, {"@champion": "3", "@challenger": "2"})
    assert [each.version for each in state.previous] == ["1"]
    live = live_under(home, state.experiments)
    assert [each.name for each in live.layers[0].experiments] == ["challenger", "rolled"]


def test_the_journal_is_read(home: Home) -> None:
    """Every line, with what was done and why."""
    lines = list(decisions(home))
    events = [line["event"] for line in lines]
    assert events.count("verdict") == 4
    assert events.count("promoted") == 3
    applied = [line["reason"] for line in lines if line["event"] == "experiments applied"]
    assert applied == ["more to learn from", "a rollout"]


def test_what_people_and_guard_decided_is_read(home: Home) -> None:
    """A stop, an override beside its verdict, evidence, and how far a rollout has come."""
    [stop] = Stops.of(home).all()
    assert (stop.kind, stop.subject, stop.cleared) == ("version", "2", None)
    ruling = Rulings.of(home).get("2")
    assert ruling is not None
    assert ruling.override is not None
    assert (ruling.verdict.result.word, ruling.override.reason) == ("pass", "tried by hand")
    assert set(read_all(home)) == {"1", "2", "3"}
    [rolled] = read_courses(home).values()
    assert [step.share for step in rolled.steps] == [0.2]


def test_the_log_is_read_and_scores_come_out_again(home: Home) -> None:
    """Every record, and every score of it, bit for bit, by the version and snapshot that it names."""
    with window(home.log) as log:
        rows = log.sql("SELECT * FROM decisions")
        outcomes = len(log.sql("SELECT item FROM outcomes"))
    assert len(rows) == 847
    assert outcomes == 6761
    for model, part in rows.groupby("model"):
        rescorer = Rescorer(home, home.version(str(model).partition("/")[2]))
        assert all(rescorer.score(logged(row)).same for row in part.itertuples())
    assert set(rows.model) == {"searches/1", "searches/2", "searches/3"}


def test_up_goes_on_where_it_was(old: Stack, home: Home) -> None:
    """Nothing is trained; the same champion serves, and what was stopped stays out."""
    printed = old.start()
    assert "training" not in printed
    state = old.status()["state"]
    assert state["versions"]["@champion"] == "3"
    old.wait_for("the stop is in the state", lambda: "2" in old.status()["state"]["stopped"], 30)
    body = old.example() | {"request_id": "after"}
    answer = httpx.post(f"{old.url}/rank", json=body).json()
    assert answer["model"] == "searches/3"  # also where the unit's arm is the stopped challenger's
    feedback = {"request_id": "after", "outcomes": [{"item": answer["items"][0], "value": 1}]}
    assert httpx.post(f"{old.url}/feedback", json=feedback).status_code == 200


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("experiment", "history"), "more to learn"),
        (("experiment", "analyze", "challenger"), "challenger"),
        (("guard",), "stopped"),
        (("status",), "searches"),
        (("gate", "3"), "pass"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else value,
)
def test_commands_know_what_was(old: Stack, command: tuple[str, ...], says: str) -> None:
    """On the home as it was taken over."""
    done = old.run(*command)
    assert "Traceback" not in done.stderr
    assert says in done.stdout + done.stderr
    assert done.returncode in (0, 1)
