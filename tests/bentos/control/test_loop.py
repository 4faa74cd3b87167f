"""The Steward against a real MLflow: promotions, refusals, edits, outages, restarts, rollback."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bentos.control.guard.stopper import Stopper
from bentos.control.loop import Control
from bentos.control.loop_parts import Charge
from bentos.control.promotion.moves import AliasMoves, MoveError, override
from bentos.home.journal import decisions
from bentos.home.rulings import Rulings
from bentos.home.state import CHAMPION, Home, State, read_state
from bentos.home.stops import clear
from bentos.worker.follower import Follower
from bentos.worker.serving import load
from models.catalogue.catalogue import Catalogue, write_catalogue
from models.declaration.declaration import Declaration
from models.engine import load_engine
from models.features import CrossError
from models.gate.verdict import Result
from models.package import read_manifest, write_manifest
from models.registry import Registry
from monitoring.guard.watch import Trip
from tests.bentos.files import LIVE
from tests.mlflow_server import MlflowServer
from tests.models.small import declare, trained
from tests.overwrite import overwrite

pytestmark = pytest.mark.shares("mlflow")


@dataclass
class Stand:
    """One ranker under one Steward. `ticks` runs the loop until a condition holds."""

    home: Home
    registry: Registry
    charge: Charge
    packages: list[Path]
    control: Control
    pool: ThreadPoolExecutor

    @property
    def ranker(self) -> str:
        return self.charge.ranker

    @property
    def state(self) -> State | None:
        return read_state(self.home.state)

    @property
    def report(self) -> dict[str, Any]:
        return json.loads(self.home.steward.read_bytes())  # type: ignore[no-any-return]

    def ticks(self, until: Callable[[], object], seconds: float = 120.0) -> float:
        started = time.monotonic()
        while not until():
            assert time.monotonic() - started < seconds, self.report
            self.control.tick()
            time.sleep(0.05)
        return time.monotonic() - started

    def serves(self, reference: str, version: str) -> Callable[[], bool]:
        return lambda: self.state is not None and self.state.versions.get(reference) == version

    def told(self, version: str) -> Callable[[], bool]:
        def known() -> bool:
            ruling = Rulings.of(self.home).get(version)
            return ruling is not None and ruling.told

        return known

    def stopper(self) -> Stopper:
        return self.control.watcher().stopper

    def restarted(self) -> None:
        self.control = Control(self.charge, self.pool)


@pytest.fixture(scope="module")
def declared(tmp_path_factory: pytest.TempPathFactory) -> Declaration:
    return declare(tmp_path_factory.mktemp("small"), "small")


@pytest.fixture(scope="module")
def packages(declared: Declaration, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Path]]:
    home = tmp_path_factory.mktemp("trained")
    return home, [trained(home, declared, seed=seed) for seed in (0, 1, 2)]


@pytest.fixture
def stand(
    packages: tuple[Path, list[Path]],
    declared: Declaration,
    mlflow_server: MlflowServer,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> Iterator[Stand]:
    """A ranker of its own per test: the packages again, under another name."""
    trained_home, originals = packages
    ranker = request.node.name.removeprefix("test_").replace("_", "-")[:40]
    toml = tmp_path / "ranker.toml"
    text = (declared.folder / "ranker.toml").read_text()
    toml.write_text(text.replace('name = "small"', f'name = "{ranker}"'))
    shutil.copy(declared.folder / "table.csv", tmp_path / "table.csv")
    copies = [renamed(package, tmp_path / "packages" / package.name, ranker) for package in originals]
    home = Home(tmp_path / "var" / ranker)
    shutil.copytree(trained_home / "small" / "catalogue", home.catalogue)
    snapshot = read_manifest(copies[0]).snapshot
    (home.catalogue / "current").write_text(snapshot)
    live = tmp_path / "live.yaml"
    live.write_text(LIVE % "@champion")
    charge = Charge(ranker, home, toml, live, mlflow_server.uri)
    with ThreadPoolExecutor(1) as pool:
        yield Stand(home, Registry(mlflow_server.uri), charge, copies, Control(charge, pool), pool)


def renamed(package: Path, to: Path, ranker: str) -> Path:
    shutil.copytree(package, to, ignore=shutil.ignore_patterns("engine"))
    text = json.loads((to / "declaration.json").read_text())
    text["ranker"]["name"] = ranker
    (to / "declaration.json").write_text(json.dumps(text))
    manifest = read_manifest(to)
    write_manifest(to, type(manifest)(**{**vars(manifest), "ranker": ranker}))
    return to


def promoted(stand: Stand, package: Path, alias: str = "champion") -> str:
    version = stand.registry.log_version(package)
    stand.registry.set_alias(stand.ranker, alias, version)
    return version


def page_in_mlflow(stand: Stand, version: str) -> str:
    """The verdict's page, as people find it beside the model: a package's download leaves it there."""
    from mlflow.artifacts import download_artifacts

    place = stand.registry._location(stand.registry.version(stand.ranker, version).source)
    page = f"{place}/gate/{version}.html"
    return Path(download_artifacts(page, tracking_uri=stand.registry.uri)).read_text()


def test_promotion_verdict_and_rollback(stand: Stand) -> None:
    """Aliases become the state, verdicts become tags, a page and a journal; a rollback goes back and pops."""
    first = promoted(stand, stand.packages[0])
    stand.ticks(stand.serves("@champion", first))
    second = promoted(stand, stand.packages[1])
    challenger = promoted(stand, stand.packages[2], "challenger")
    stand.ticks(stand.serves("@champion", second))
    stand.ticks(stand.serves("@challenger", challenger))
    assert stand.state is not None
    assert [each.version for each in stand.state.previous] == [first]
    ruling = Rulings.of(stand.home).get(second)
    assert ruling is not None
    assert ruling.verdict.champion == first
    stand.ticks(stand.told(second))
    assert stand.registry.version(stand.ranker, second).tags["ballast.gate"] == "pass"
    assert "Scores on" in page_in_mlflow(stand, second)
    moves = AliasMoves(stand.registry, stand.home, stand.ranker, "ana")
    assert moves.rollback() == first
    stand.ticks(stand.serves("@champion", first))
    assert stand.state.previous == ()
    events = [(each["event"], each.get("version")) for each in decisions(stand.home)]
    assert ("asked", first) in events
    assert [version for event, version in events if event == "promoted"].count(first) == 2


def test_a_refused_version_stays_out(stand: Stand) -> None:
    """One whose package lacks its certificate is rejected in words, once; the champion serves on."""
    first = promoted(stand, stand.packages[0])
    stand.ticks(stand.serves("@champion", first))
    broken = stand.packages[1]
    (broken / "certificate.npz").unlink()
    write_manifest(broken, read_manifest(broken))
    second = promoted(stand, broken)
    stand.ticks(stand.told(second))
    tags = stand.registry.version(stand.ranker, second).tags
    assert tags["ballast.gate"] == "reject"
    assert "certificate.npz is missing: train and register with `ballast train`" in tags["ballast.reasons"]
    for _ in range(5):
        stand.control.tick()
    assert stand.serves("@champion", first)()
    assert any(f"version {second} stays out" in problem for problem in stand.report["problems"])
    verdicts = [each for each in decisions(stand.home) if each["event"] == "verdict"]
    assert [each["version"] for each in verdicts] == [first, second]
    override(stand.home, second, "ana", "the certificate is known to be lost", time.time() + 3600)
    stand.ticks(stand.serves("@champion", second))


def test_an_edit_is_out_at_once_and_a_bad_one_is_not(stand: Stand) -> None:
    """A valid live.yaml is a new epoch; an invalid one is told by line; a numbered version is judged."""
    first = promoted(stand, stand.packages[0])
    second = stand.registry.log_version(stand.packages[1])
    stand.ticks(stand.serves("@champion", first))
    before = stand.state
    assert before is not None
    stand.charge.live.write_text("version: 7\n")
    stand.ticks(lambda: stand.report["experiments"]["problems"])
    assert stand.state == before
    assert stand.report["experiments"]["problems"][0]["line"] == 1
    assert any("experiments: live.yaml:1: version: 7" in each for each in stand.report["problems"])
    stand.charge.live.write_text(LIVE % second)
    stand.ticks(stand.serves(second, second))
    assert stand.state.experiments != before.experiments
    assert stand.home.compiled(stand.state.experiments).is_file()
    stand.charge.live.write_text(LIVE % "99")
    stand.ticks(lambda: any("99" in problem for problem in stand.report["problems"]))
    assert stand.serves("@champion", first)()


def test_a_restart_without_mlflow_serves_what_it_had(stand: Stand) -> None:
    """With the registry gone the state stays, edits still go out, and the report says since when and why."""
    first = promoted(stand, stand.packages[0])
    stand.ticks(stand.serves("@champion", first))
    before = stand.state
    assert before is not None
    stand.charge = Charge(
        stand.ranker, stand.home, stand.charge.declaration, stand.charge.live, "http://127.0.0.1:1"
    )
    stand.restarted()
    for _ in range(3):
        stand.control.tick()
    assert stand.state == before
    registry = stand.report["registry"]
    assert registry["reachable"] is False
    assert registry["since"] <= time.time()
    assert "does not answer" in registry["error"]
    stand.charge.live.write_text(LIVE % first)
    stand.ticks(lambda: stand.state != before)
    assert stand.state is not None
    assert stand.state.versions == {"@champion": first, first: first}


def test_an_outage_ends_and_nothing_was_lost(stand: Stand, mlflow_server: MlflowServer) -> None:
    """MLflow dies and comes back on the same port: an alias that moved meanwhile is followed then."""
    first = promoted(stand, stand.packages[0])
    stand.ticks(stand.serves("@champion", first))
    mlflow_server.stop()
    try:
        stand.ticks(lambda: not stand.report["registry"]["reachable"])
        assert stand.serves("@champion", first)()
    finally:
        mlflow_server.start()
    second = promoted(stand, stand.packages[1])
    stand.ticks(stand.serves("@champion", second))
    events = [each["event"] for each in decisions(stand.home)]
    assert events.index("registry unreachable") < events.index("registry reachable", 1)


def test_a_state_that_somebody_broke_is_whole_again_and_the_loop_goes_on(stand: Stand) -> None:
    """It is taken from the last good one, reported by name, and what is asked next is followed."""
    first = promoted(stand, stand.packages[0])
    stand.ticks(stand.serves("@champion", first))
    whole = stand.home.state.read_bytes()
    stand.home.state.write_text("not a state")
    stand.control.tick()
    [said] = [problem for problem in stand.report["problems"] if "is not a state" in problem]
    assert said.startswith(f"{stand.home.state}")
    assert "written again from the last good one" in said
    assert stand.home.state.read_bytes() == whole
    second = promoted(stand, stand.packages[1])
    stand.ticks(stand.serves("@champion", second))


def test_a_promotion_is_quick_for_a_version_that_was_judged_ahead(stand: Stand) -> None:
    """A new version is judged when it is registered; its promotion then takes a poll, not a gate."""
    first = promoted(stand, stand.packages[0])
    stand.ticks(stand.serves("@champion", first))
    second = stand.registry.log_version(stand.packages[1])
    stand.ticks(lambda: Rulings.of(stand.home).get(second))
    judged = Rulings.of(stand.home).get(second)
    assert judged is not None
    stand.registry.set_alias(stand.ranker, "champion", second)
    stand.ticks(stand.serves("@champion", second))
    after = Rulings.of(stand.home).get(second)
    assert after is not None
    assert after.verdict == judged.verdict, "not judged again"


def second_serves(stand: Stand) -> None:
    """Versions 1 and 2, promoted one after the other."""
    for version, package in zip("12", stand.packages, strict=False):
        assert promoted(stand, package) == version
        stand.ticks(stand.serves(CHAMPION, version))


def stopped(stand: Stand, version: str) -> None:
    """As the guard's thread does it: on record first, then the state."""
    trip = Trip(version, "unsound scores", "seconds", 1.0, 0.01, 5, "unsound scores: mean 1", 1.0)
    stand.stopper().act_on_trip(trip, {version: [trip]})


def test_what_the_guard_stops_stays_out(stand: Stand) -> None:
    """At once, without MLflow, without flapping, over a restart; MLflow hears of it; a person clears it."""
    second_serves(stand)
    stopped(stand, "2")
    state = stand.state
    assert state is not None
    assert (state.champion, list(state.stopped), state.previous) == ("1", ["2"], ())
    epoch = state.epoch
    tags = stand.registry.version
    stand.ticks(lambda: tags(stand.ranker, "2").tags.get("ballast.guard") == "stopped")
    assert "unsound scores" in tags(stand.ranker, "2").tags["ballast.guard_reasons"]
    stand.restarted()
    stand.registry.set_alias(stand.ranker, "champion", "2")  # promoting it again does not bring it back
    for _ in range(10):
        stand.control.tick()
    assert stand.state is not None
    assert (stand.state.champion, stand.state.epoch) == ("1", epoch)
    assert "the guard stopped it" in " ".join(stand.report["problems"])
    assert stand.report["guard"]["2"]["done"] == "version 1 serves"
    clear(stand.home, "2", "ann", "a false alarm")
    stand.ticks(stand.serves(CHAMPION, "2"))
    stand.ticks(lambda: tags(stand.ranker, "2").tags.get("ballast.guard") == "cleared")
    events = [line["event"] for line in decisions(stand.home)]
    assert events.index("guard stopped") < events.index("guard cleared")


def test_what_the_guard_does_is_reported_at_once(stand: Stand) -> None:
    """The next tick does not wait once the guard has moved the state; the one after it does again."""
    started = time.monotonic()
    stand.control.move()
    stand.control.wait(600.0)
    assert time.monotonic() - started < 300
    stand.control.wait(0.0)


def test_with_no_version_to_go_back_to(stand: Stand) -> None:
    """The champion stays in the state as stopped; workers answer in the declared order."""
    text = stand.charge.declaration.read_text()
    stand.charge.declaration.write_text(text + '\n[guard]\nfallback = "-price"\n')
    stand.registry.log_version(stand.packages[0])
    stand.registry.set_alias(stand.ranker, "champion", "1")
    stand.ticks(stand.serves(CHAMPION, "1"))
    stopped(stand, "1")
    state = stand.state
    assert state is not None
    assert (state.champion, list(state.stopped), state.fallback) == ("1", ["1"], "-price")
    serving = load(stand.home, state, None)
    assert serving.champion.stopped is not None
    assert serving.champion.stopped.startswith("stopped by the guard: unsound scores")
    assert serving.champion.engine.kind == "none"


def test_a_snapshot_that_is_upside_down_stays_out(stand: Stand) -> None:
    """Its columns are compared with the served ones before a worker takes it; a person may accept it."""
    stand.registry.log_version(stand.packages[0])
    stand.registry.set_alias(stand.ranker, "champion", "1")
    stand.ticks(stand.serves(CHAMPION, "1"))
    assert stand.state is not None
    good = stand.state.snapshot
    healthy, broken = inverted(stand.home, good, 0.98), inverted(stand.home, good, -1.0)
    (stand.home.catalogue / "current").write_text(healthy)
    stand.ticks(lambda: stand.state is not None and stand.state.snapshot == healthy)
    (stand.home.catalogue / "current").write_text(broken)
    stand.ticks(lambda: broken in stand.report["guard"])
    assert stand.state.snapshot == healthy
    why = stand.report["guard"][broken]["why"]
    assert "rating: it is upside down: rank correlation -1.00" in why
    clear(stand.home, broken, "ann", "ratings are ranks now")
    stand.ticks(lambda: stand.state is not None and stand.state.snapshot == broken)


def inverted(home: Home, snapshot: str, times: float) -> str:
    """The snapshot with one column turned round (or, by a positive factor, nearly as it was)."""
    own = Catalogue.open(home.catalogue / snapshot)
    numeric = dict(zip(own.numeric_names, np.array(own.numeric), strict=True))
    numeric["rating"] = np.float32(times) * numeric["rating"] + np.float32(6 if times < 0 else 0)
    words = {
        name: [None if code < 0 else vocabulary[code] for code in codes]
        for name, vocabulary, codes in zip(own.categorical_names, own.vocabularies, own.codes, strict=True)
    }
    return write_catalogue(home.catalogue, own.ids(np.arange(own.size)), numeric, words, time.time())


def test_damaged_files_are_seen_at_once(stand: Stand) -> None:
    """A model that was swapped is stopped once a worker must load it, an overwritten catalogue at once."""
    second_serves(stand)
    watcher = stand.control.watcher()
    watcher.look()
    assert stand.state is not None
    assert stand.state.stopped == {}
    overwrite(stand.home.version("2") / "model.cb", (stand.home.version("1") / "model.cb").read_bytes())
    watcher.look()
    assert (stand.state.champion, stand.state.stopped) == ("2", {}), "memory serves on"
    worker = Follower(stand.home, "ranker")
    worker.look()
    assert worker.current is None
    watcher.look()
    assert (stand.state.champion, "sha256" in stand.state.stopped["2"]) == ("1", True)
    numbers = stand.home.catalogue / stand.state.snapshot / "numeric.npy"
    whole = numbers.read_bytes()
    overwrite(numbers, bytes(64), at=len(whole) - 64)
    watcher.look()
    assert "digest" in stand.state.distrusted
    serving = load(stand.home, stand.state, None)
    assert (serving.catalogue.size, serving.catalogue.id_type, serving.champion.engine.kind) == (
        0,
        str,
        "none",
    )
    overwrite(numbers, whole)
    clear(stand.home, stand.state.snapshot, "ann", "restored")
    stand.ticks(lambda: stand.state is not None and not stand.state.distrusted)
    again = load(stand.home, stand.state, serving)
    assert again.champion.stopped is None
    assert again.catalogue.size > 0


@pytest.fixture
def trap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module that this process, and every one it starts, could import; the file appears where one does."""
    (tmp_path / "trap.py").write_text(
        f"open({str(tmp_path / 'sprung')!r}, 'w')\ndef f(items, context): ...\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path / "sprung"


def with_function(package: Path) -> None:
    """The package names a function, in a manifest that is right."""
    text = json.loads((package / "declaration.json").read_text())
    text["features"] |= {"cross": "trap:f", "cross_names": ["x"]}
    (package / "declaration.json").write_text(json.dumps(text))
    reference = pd.read_parquet(package / "reference.parquet")
    reference.assign(x=1.0).to_parquet(package / "reference.parquet")
    write_manifest(package, read_manifest(package))


def test_what_a_version_names_is_not_imported(stand: Stand, trap: Path) -> None:
    """It is held with the reason, no override changes that, and who loads it by force is refused."""
    first = promoted(stand, stand.packages[0])
    stand.ticks(stand.serves("@champion", first))
    with_function(stand.packages[1])
    second = promoted(stand, stand.packages[1])
    stand.ticks(stand.told(second))
    ruling = Rulings.of(stand.home).get(second)
    assert ruling is not None
    assert ruling.verdict.result is Result.HOLD, ruling.verdict.reasons
    why = "hold: functions: features.cross: 'trap:f' is not imported: the served ranker.toml names none"
    assert ruling.verdict.reasons.startswith(why)
    with pytest.raises(MoveError, match="an override does not change that"):
        override(stand.home, second, "mw", "please", time.time() + 60)
    catalogue = Catalogue.open(stand.home.catalogue / read_manifest(stand.packages[1]).snapshot)
    with pytest.raises(CrossError, match="'trap:f' is not imported"):
        load_engine(stand.home.version(second), catalogue, stand.home.functions)
    assert not trap.exists()


def test_a_function_that_ranker_toml_names_is_imported(stand: Stand, trap: Path) -> None:
    """The trap works: the same version, once people name its function as one of before."""
    with_function(stand.packages[0])
    text = stand.charge.declaration.read_text()
    stand.charge.declaration.write_text(
        text.replace("[features]\n", '[features]\ncross_before = ["trap:f"]\n')
    )
    version = promoted(stand, stand.packages[0])
    stand.ticks(stand.told(version))
    assert trap.exists()


def test_code_beside_a_model_is_not_downloaded_and_rejects(stand: Stand) -> None:
    """What else was registered with a version is named in the verdict."""
    from mlflow import MlflowClient

    version = stand.registry.log_version(stand.packages[0])
    client = MlflowClient(stand.registry.uri)
    model = stand.registry.version(stand.ranker, version).source.removeprefix("models:/")
    (evil := stand.home.folder / "evil.py").write_text("boom")
    client.log_model_artifact(model, str(evil))
    stand.registry.set_alias(stand.ranker, "champion", version)
    stand.ticks(stand.told(version))
    ruling = Rulings.of(stand.home).get(version)
    assert ruling is not None
    assert ruling.verdict.reasons == "reject: files: evil.py is no file of a package"
    assert not (stand.home.version(version) / "evil.py").exists()
