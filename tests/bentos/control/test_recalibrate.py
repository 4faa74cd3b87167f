"""Calibration that follows, with a real Decider, Follower and Steward's parts over a trained version."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import numpy as np
import orjson
import pytest
from prometheus_client import CollectorRegistry
from typer.testing import CliRunner

from bentos.cli import app
from bentos.control import next_state
from bentos.control.guard.quantities import SERVED, TAILS
from bentos.control.guard.rescored_sample import SampleRescorer
from bentos.control.guard.watched_version import WatchedVersion
from bentos.control.recalibrate import Corrector
from bentos.decisions.decider import Decider
from bentos.decisions.parts import best_first
from bentos.decisions.scoring import Embedded
from bentos.home.corrections import drop, keep, kept, read_correction, serving
from bentos.home.journal import Journal, decisions
from bentos.home.state import CHAMPION, Home, State, StateError, read_state, write_state
from bentos.offline.correction_rows import Span, latest, matured, shown
from bentos.offline.rescoring import Rescorer, Uncorrected, logged
from bentos.offline.window_drift import _served
from bentos.settings import settings
from bentos.worker.follower import Follower
from experiments.config.check import parse
from experiments.config.live import Exploration
from models.declaration.declaration import read
from models.features import parse_context
from models.training.train import train
from monitoring.calibration.logistic import log_odds, probability
from monitoring.log.record import Outcome, decode, encode_outcomes
from monitoring.log.segments import SegmentWriter
from monitoring.log.window import window
from monitoring.metrics import Metrics
from tests.models import small

BEGIN, DAY = 1_760_000_000.0, 86_400.0
SHIFT = 1.2  # of the log odds: by so much the world differs from the model
NOISE = 5 / (750 * 0.2) ** 0.5  # five deviations of a shift fitted on 750 outcomes of variance about .2
LIVE = 'version: 1\nunit: viewer\ndefault: "@champion"\n'


class Place:
    """One ranker's home with a served version, a Decider that follows its state, and a Corrector."""

    def __init__(self, folder: Path, trained: Path, pool: ThreadPoolExecutor) -> None:
        self.home = Home(folder / "home" / "small")
        self.home.versions.mkdir(parents=True)
        self.toml = folder / "ranker.toml"
        self.toml.write_text((trained / "ranker.toml").read_text())
        (folder / "table.csv").symlink_to(trained / "table.csv")
        self.home.version("1").symlink_to(trained / "package")
        self.home.catalogue.symlink_to(trained / "small" / "catalogue")
        self.home.experiments.mkdir()
        snapshot = json.loads((trained / "package" / "manifest.json").read_bytes())["snapshot"]
        write_state(self.home.state, State(1, "small", snapshot, {CHAMPION: "1"}))
        self.explore("exploration: {share: 1.0, salt: e-1}\n")
        self.follower = Follower(self.home, "ranker")
        self.follower.look()
        self.log = SegmentWriter(self.home.log / "decisions", "w0")
        self.decider = Decider(self.follower, Embedded(), self.log, Metrics(CollectorRegistry()))
        self.corrector = Corrector(self.home, self.toml, Journal(self.home), pool)

    def explore(self, slice_: str) -> None:
        """Make a live.yaml with this exploration slice live."""
        live, state = parse(LIVE + slice_), read_state(self.home.state)
        assert state is not None
        self.home.compiled(live.digest).write_text(live.to_json())
        write_state(self.home.state, msgspec.structs.replace(state, experiments=live.digest))

    def rank(self, number: int, days: float, **more: Any) -> dict[str, Any]:
        """The answer to one of the table's own requests, so many days after the first."""
        items = [f"item-{row}" for row in range(8 * (number % 400), 8 * (number % 400) + 8)]
        moment = {"time": BEGIN + float(days) * DAY, "request_id": f"r{number}"}
        body = {"unit": f"u{number}", "candidates": items, "context": {"hour": 9}} | moment | more
        return dict(orjson.loads(asyncio.run(self.decider.rank(orjson.dumps(body)))))

    def raw(self, answer: dict[str, Any]) -> np.ndarray:
        """The model's own scores of an answer's items."""
        version = self.follower.current.champion  # type: ignore[union-attr]
        context = parse_context(version.engine.spec, {"hour": 9})
        return version.engine.score(version.catalogue.rows(list(answer["items"])), context)

    def live(self, numbers: range, first: float, last: float, seed: int = 0) -> None:
        """Requests over some days, and outcomes two hours later from a world that differs by SHIFT."""
        draw, outcomes = np.random.default_rng(seed), []
        for number, day in zip(numbers, np.linspace(first, last, len(numbers)), strict=True):
            answer = self.rank(number, day)
            came = draw.random(8) < probability(log_odds(self.raw(answer)) + SHIFT)
            known = BEGIN + float(day) * DAY + 7200.0
            for item, one in zip(answer["items"], came.tolist(), strict=True):
                name = answer["request_id"]
                outcomes.append(
                    Outcome(request_id=name, item=item, value=float(one), time=known, received=known)
                )
        writer = SegmentWriter(self.home.log / "outcomes", "w0")
        writer.append(encode_outcomes(outcomes))
        writer.close()

    def refit(self) -> str | None:
        """One look of the Steward's, at the log's own time."""
        now = latest(self.home, time.time())
        assert now is not None
        return self.corrector.refit("small", "1", now)

    def publish(self) -> State:
        """What the Steward's loop makes of it: the next state, loaded by the worker."""
        state = read_state(self.home.state)
        assert state is not None
        wanted = self.corrector.wanted()
        wish = next_state.Wish("small", {"champion": "1"}, (), state.experiments, state.snapshot, wanted)
        after = next_state.advance(state, wish, next_state.Settled({CHAMPION: "1"}), time.time())
        assert after is not None
        assert after.epoch == state.epoch + 1
        write_state(self.home.state, after)
        self.follower.look()
        return after

    def rows(self, since: float = 0.0, until: float = 1e12) -> Any:
        """Decisions of the log."""
        with window(self.home.log, since, until) as log:
            return log.sql("SELECT * FROM decisions ORDER BY time")


def serving_digests(home: Home) -> dict[str, str]:
    return {version: each.digest for version, each in serving(kept(home)).items()}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A two-class version of the small ranker, declared to be corrected."""
    folder = tmp_path_factory.mktemp("corrected")
    frame = small.table()
    small.declare(folder, frame=frame.assign(label=(frame["label"] > 1).astype(int)))
    text = (folder / "ranker.toml").read_text().replace("QueryRMSE", "Logloss")
    section = '\n[correction]\nkind = "additive"\nmatured = "6h"\nwindow = "30d"\nleast = 300\n'
    (folder / "ranker.toml").write_text(text + section)
    result = train(read(folder / "ranker.toml"), folder)
    (folder / "package").symlink_to(result.package)
    return folder


@pytest.fixture
def place(trained: Path, tmp_path: Path) -> Iterator[Place]:
    with ThreadPoolExecutor(1) as pool:
        yield Place(tmp_path, trained, pool)


def test_outcomes_are_followed_and_every_score_comes_out_again(place: Place) -> None:
    """Fitted, passed, served by one epoch, on record, scored again bit for bit; refitted on raw scores."""
    place.live(range(150), 0.0, 9.0)
    before = place.rank(900, 10.0)
    assert before["scores"] == place.raw(before).tolist()
    assert place.refit().startswith("passed: log loss -")
    engine = place.follower.current.champion.engine  # type: ignore[union-attr]
    state = place.publish()
    digest = state.corrections["1"]
    assert place.follower.current.champion.engine is engine  # type: ignore[union-attr]
    published = read_correction(place.home, digest).correction
    assert published.shift == pytest.approx(SHIFT, abs=NOISE)  # type: ignore[union-attr]
    answer = place.rank(901, 10.1)
    raw = place.raw(answer)
    assert answer["scores"] == published.apply(raw).tolist()
    record = place.rows().iloc[-1]
    assert (record.correction, list(record.scores)) == (digest, answer["scores"])
    assert not isinstance(place.rows().iloc[0].correction, str)
    rescorer = Rescorer(place.home, place.home.version("1"))
    for row in place.rows().itertuples():
        again = rescorer.score(logged(row))
        assert again.same
        assert again.raw.tolist() == place.raw({"items": [row.candidates[k] for k in row.slate]}).tolist()
    undone = Uncorrected(place.home).of(record.scores, record.correction)
    assert undone == pytest.approx(raw.tolist(), abs=1e-12)
    assert place.refit() is None  # not due before a day has passed
    place.live(range(200, 300), 10.5, 13.0, seed=1)
    place.refit()
    found = matured(place.home, "small", "1", Span(0, 1e12, 1e12))
    corrected = found.rows.time > BEGIN + 10.4 * DAY
    own = log_odds(found.rows.score[corrected]).mean()
    assert own == pytest.approx(log_odds(found.rows.score[~corrected]).mean(), abs=0.2)
    second = kept(place.home, "1")[-1].fitted
    assert second.before == digest
    assert second.correction.shift == pytest.approx(SHIFT, abs=NOISE)  # type: ignore[union-attr]


def test_the_order_stays_that_of_the_models_own_scores(place: Place) -> None:
    """Without exploration, item by item; a score that is not above another stays so."""
    place.live(range(150), 0.0, 9.0)
    place.refit()
    place.explore("")
    place.publish()
    for number in range(600, 620):
        answer = place.rank(number, 11.0)
        assert not answer["explored"]
        items = place.rows().set_index("request_id").loc[answer["request_id"]].candidates
        own = place.raw({"items": items})
        assert answer["items"] == [items[at] for at in best_first(own)]
        assert answer["scores"] != own[best_first(own)].tolist()
        assert (np.diff(answer["scores"]) <= 0).all()


def test_immature_decisions_are_never_looked_at(place: Place) -> None:
    """Their outcomes may be there: only the punctual ones are."""
    place.live(range(150), 0.0, 9.0)
    place.refit()
    fitted = kept(place.home, "1")[-1].fitted
    last = float(place.rows().time.max())
    assert fitted.until == last - 6 * 3600
    seen = matured(place.home, "small", "1", Span(fitted.since, fitted.until, last)).rows
    assert seen.time.max() < fitted.until
    assert len(seen.time) == fitted.rows + fitted.judged.rows


def test_too_little_data_is_said_and_keeps_nothing(place: Place) -> None:
    place.live(range(20), 0.0, 9.0)
    assert "matured outcomes, and at least 300 are needed" in place.refit()
    assert kept(place.home) == []


def test_a_person_takes_a_correction_back_and_the_one_before_serves(place: Place) -> None:
    """By the command; then none is left, and raw scores are served again."""
    place.live(range(150), 0.0, 9.0)
    place.refit()
    first = place.publish().corrections["1"]
    place.live(range(200, 300), 10.5, 13.0, seed=1)
    history = kept(place.home, "1")[-1].fitted
    newer = msgspec.structs.replace(history, made=history.made + 1, before=first)
    second = keep(place.home, newer)
    assert serving_digests(place.home) == {"1": second}
    drop(place.home, "1", "ana", "too bold", time.time())
    assert serving_digests(place.home) == {"1": first}
    drop(place.home, "1", "ana", "this one too", time.time())
    assert serving_digests(place.home) == {}
    with pytest.raises(StateError, match="version '1' has none that could be dropped"):
        drop(place.home, "1", "ana", "again", time.time())
    with pytest.raises(StateError, match="needs the name of who answers for it, and a reason"):
        drop(place.home, "1", "ana", " ", time.time())
    place.corrector = Corrector(place.home, place.toml, Journal(place.home), ThreadPoolExecutor(1))
    assert place.publish().corrections == {}
    answer = place.rank(902, 14.0)
    assert answer["scores"] == place.raw(answer).tolist()


def test_a_changed_file_serves_nothing(place: Place) -> None:
    """A worker refuses it by its digest and serves on; the Steward names another, or none."""
    place.live(range(150), 0.0, 9.0)
    place.refit()
    digest = serving_digests(place.home)["1"]
    path = place.home.corrections / f"{digest}.json"
    path.write_bytes(path.read_bytes().replace(b'"odds": ', b'"odds": 9'))
    state = read_state(place.home.state)
    assert state is not None
    write_state(place.home.state, msgspec.structs.replace(state, epoch=2, corrections={"1": digest}))
    place.follower.look()
    assert "its content is another than its name says" in str(place.follower.problem)
    assert place.rank(903, 10.0)["fallback"] is None
    assert serving_digests(place.home) == {}


def test_scores_that_do_not_come_out_again_are_not_fitted_on(place: Place) -> None:
    """Then something on disk is not what it was, and nothing may be learnt from it."""
    place.live(range(150), 0.0, 9.0)
    place.log.close()
    for segment in (place.home.log / "decisions").glob("*.jsonl"):
        lines = segment.read_bytes().splitlines(keepends=True)
        first = orjson.loads(lines[0])
        lines[0] = orjson.dumps(first | {"scores": [score + 1e-9 for score in first["scores"]]}) + b"\n"
        segment.write_bytes(b"".join(lines))
    assert place.refit().startswith("refused: 1 of 145 explored decisions do not give again the scores")
    assert kept(place.home) == []
    assert [each["event"] for each in decisions(place.home)] == ["correction refused"]


def test_the_loop_asks_when_it_is_due_and_stops_with_the_section(place: Place) -> None:
    """`look` works in the pool; without [correction] nothing is wanted, and a bad file is told."""
    place.live(range(150), 0.0, 9.0)
    place.corrector.look("small", {"1"})
    _until(place.corrector.wanted)
    report = place.corrector.report()["1"]
    assert report.serving == report.last == place.corrector.wanted()["1"]
    text = place.toml.read_text()
    place.toml.write_text(text.replace('window = "30d"', 'window = "a month"'))
    assert place.corrector.wanted()
    assert "correction.window: 'a month' is not a duration" in place.corrector.problems[0]
    place.toml.write_text(text.partition("[correction]")[0])
    assert place.corrector.wanted() == {}
    assert place.corrector.problems == []


def test_drift_compares_the_models_own_scores(place: Place) -> None:
    """A published correction is no drift of the model: what it does is undone first."""
    place.live(range(150), 0.0, 9.0)
    place.refit()
    place.publish()
    place.live(range(200, 350), 10.0, 12.0, seed=2)
    with window(place.home.log, BEGIN + 9.9 * DAY) as log:
        frame = _served(log, place.home, "small/1", read(place.toml))
    own = place.raw({"items": frame["item"].tolist()})
    assert frame["score"].to_numpy() == pytest.approx(own, abs=1e-12)


def test_the_guard_scores_corrected_records_again(place: Place) -> None:
    """Served scores must be what the correction makes of them; the tails are those of the model's own."""
    place.live(range(150), 0.0, 9.0)
    place.refit()
    place.publish()
    answer = place.rank(903, 10.0)
    place.log.close()
    lines = [line for file in (place.home.log / "decisions").glob("*.jsonl") for line in file.open("rb")]
    record = decode(next(line for line in lines if b'"r903"' in line))
    raw = place.raw(answer)
    own = SimpleNamespace(version="1", tails=(float(raw.min()), float(raw.max())))
    again = SampleRescorer(place.home.versions, place.home.catalogue)
    assert again.observe(record, cast("WatchedVersion", own), None) == {TAILS: [0.0], SERVED: [0.0]}
    scores = [score + 1e-12 for score in answer["scores"]]
    other = msgspec.structs.replace(record, scores=scores)
    assert again.observe(other, cast("WatchedVersion", own), None)[SERVED] == [1.0]


def test_the_command_shows_and_drops(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.live(range(150), 0.0, 9.0)
    place.refit()
    place.publish()
    monkeypatch.setenv("BALLAST_HOME", str(place.home.folder.parent))
    monkeypatch.setenv("BALLAST_RANKER", str(place.toml))
    settings.cache_clear()
    run = CliRunner()
    try:
        (shown_,) = json.loads(run.invoke(app, ["correction", "--json"]).stdout)
        assert (shown_["version"], shown_["serving"], shown_["passed"], shown_["dropped"]) == (
            "1",
            True,
            True,
            None,
        )
        assert shown_["digest"] in run.invoke(app, ["correction"]).stdout
        told = run.invoke(app, ["correction", "drop", "1", "--by", "ana", "--reason", "looks odd"])
        assert told.exit_code == 0, told.output
        (after,) = json.loads(run.invoke(app, ["correction", "--json"]).stdout)
        assert after["dropped"]["reason"] == "looks odd"
    finally:
        settings.cache_clear()
    assert list(decisions(place.home))[-1]["event"] == "correction dropped"


@pytest.mark.parametrize(
    ("policy", "known", "served", "weights"),
    [
        ({}, 3, [1.0, 2.0, 3.0], [1.0, 1.0, 1.0]),
        ({}, 12, [1.0, 2.0, 3.0], [4.0, 4.0, 4.0]),
        ({"policy": "top-k", "top": 6}, 12, [1.0, 2.0, 3.0], [2.0, 2.0, 2.0]),
        ({"policy": "top-k", "top": 2}, 12, [1.0, 2.0, 3.0], [1.0, 1.0, 1.0]),
        ({"policy": "plackett-luce", "temperature": 1.0}, 3, [1.0, 2.0, 3.0], [1.0, 1.0, 1.0]),
        ({"policy": "plackett-luce", "temperature": 1.0}, 12, [1.0, 2.0, 3.0], None),
    ],
)
def test_a_cut_slate_stands_for_all_that_could_be_drawn(
    policy: dict[str, Any], known: int, served: list[float], weights: list[float] | None
) -> None:
    found = shown(Exploration(share=0.01, salt="s", **policy), known, np.array(served))
    assert (None if found is None else found.tolist()) == weights
    assert shown(None, known, np.array(served)) is None


def _until(holds: Callable[[], object]) -> None:
    limit = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < limit
        time.sleep(0.05)
