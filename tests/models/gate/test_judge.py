"""The gate's checks one by one, on a small ranker: what each measures, and what it says."""

from __future__ import annotations

import dataclasses
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models.declaration.declaration import read
from models.gate import calibration, canary, golden, skew, stats
from models.gate.judge import judge
from models.gate.page import page
from models.gate.subject import Subject
from models.gate.verdict import Check, Result, Verdict
from models.package import read_manifest
from models.training.train import train
from monitoring.log.record import Decision, Outcome, encode
from tests.faults.shop import Recipe, Shop
from tests.models.small import DECLARATION, declare, table


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("gate")
    declare(folder / "declared")
    return Shop(folder / "declared" / "ranker.toml", folder / "home")


@pytest.fixture(scope="module")
def version(shop: Shop) -> Path:
    return shop.version(Recipe(declared=lambda declared: declared.with_ranker(seed=4)))


def subject(shop: Shop, version: Path, **changes: Any) -> Subject:
    parts: dict[str, Any] = {
        "ranker": "small",
        "version": version.name,
        "package": version,
        "catalogues": shop.home / "small" / "catalogue",
        "declaration": shop.origin,
        "champion": shop.champion,
        "now": time.time(),
    }
    return Subject(**(parts | changes))


def with_expect(shop: Shop, folder: Path, text: str, **files: str) -> Path:
    """The served declaration with another [expect], and files beside it."""
    (folder / "table.csv").write_bytes((shop.origin.parent / "table.csv").read_bytes())
    for name, content in files.items():
        (folder / f"{name}.csv").write_text(content)
    path = folder / "ranker.toml"
    path.write_text(DECLARATION.format(name="small").partition("[expect]")[0] + "[expect]\n" + text)
    return path


def named(checks: list[Check], name: str) -> Check:
    return next(check for check in checks if check.name.startswith(name))


def test_a_healthy_version_passes_in_time(shop: Shop, version: Path) -> None:
    """Every check has a sentence and a name of its own; figures that are counted have a limit."""
    verdict = judge(subject(shop, version))
    assert verdict.result is Result.PASS, verdict.reasons
    names = [check.name for check in verdict.checks]
    assert len(set(names)) == len(names)
    assert all(check.sentence for check in verdict.checks)
    assert {"files", "certified features", "certified scores", "direction of rating"} <= set(names)
    assert verdict.champion == shop.champion.name


def test_a_check_that_fails_holds(shop: Shop, version: Path) -> None:
    """What could not be measured is no pass, and the other checks are made all the same."""

    def broken(_: Subject) -> Any:
        raise ZeroDivisionError("nothing to divide by")

    def sound(_: Subject) -> Any:
        yield Check("sound", Result.PASS, "fine", np.float64("nan"), np.float64(2))

    verdict = judge(subject(shop, version), stages=((broken, sound),))
    assert verdict.result is Result.HOLD
    assert "the check could not be made: ZeroDivisionError: nothing to divide by" in verdict.reasons
    assert (verdict.checks[1].figure, verdict.checks[1].limit) == (None, 2.0)


def test_golden_pairs_are_read_and_held_to(shop: Shop, version: Path, tmp_path: Path) -> None:
    """A pair in the right order passes; the same pair turned round is rejected, by line."""
    scored = subject(shop, version)
    rows = np.arange(50, dtype=np.int64)
    context = {"hour": 12}
    from models.features import parse_context

    scores = scored.engine.score(rows, parse_context(scored.engine.spec, context))
    best, worst = (scored.catalogue.ids(rows)[int(each)] for each in (scores.argmax(), scores.argmin()))
    asked = json.dumps(context).replace('"', '""')
    right = f'better,worse,context\n{best},{worst},"{asked}"\n'
    wrong = f'better,worse,context\n{best},{worst},"{asked}"\n{worst},{best},"{asked}"\n'
    for text, result in ((right, Result.PASS), (wrong, Result.REJECT)):
        declared = with_expect(shop, tmp_path, 'golden = "golden.csv"\n', golden=text)
        found = named(list(golden.golden(subject(shop, version, declaration=declared))), "golden pairs")
        assert found.result is result
    assert f"golden.csv: {worst} over {best} (line 3)" in found.sentence


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("better,worst\na,b\n", "golden.csv: lacks the column worse"),
        ("better,worse\n", "golden.csv: has no pair"),
        ("better,worse,context\nitem-1,item-2,{\n", "golden.csv:2: context: '{' is not JSON"),
        ("better,worse\nitem-1,nowhere\n", "has an item that the catalogue does not know"),
        ('better,worse,context\nitem-1,item-2,"{""hour"": ""late""}"\n', "must be a number"),
    ],
)
def test_golden_pairs_that_say_nothing_hold(
    shop: Shop, version: Path, tmp_path: Path, text: str, rule: str
) -> None:
    """A file that can't be used, or an item that is gone, is a person's to mend: held, and said where."""
    declared = with_expect(shop, tmp_path, 'golden = "golden.csv"\n', golden=text)
    checks = list(golden.golden(subject(shop, version, declaration=declared)))
    held = [check for check in checks if check.result is Result.HOLD]
    assert any(rule in check.sentence for check in held), checks


def test_a_direction_that_is_not_there_holds(shop: Shop, version: Path, tmp_path: Path) -> None:
    """A declared sign is tried on real rows: the wrong way rejects; shared context can't be tried."""
    declared = with_expect(shop, tmp_path, 'sign = { rating = "-", price = "-", hour = "+" }\n')
    checks = list(judge(subject(shop, version, declaration=declared)).checks)
    assert named(checks, "direction of rating").result is Result.REJECT
    assert named(checks, "direction of price").result is Result.PASS
    assert "compares only those" in named(checks, "direction of hour").sentence


def logged(folder: Path, shop: Shop, version: Path, requests: int = 60, noise: float = 0.0) -> Path:
    """A decision log of real requests of the table, served by the version, with their outcomes."""
    from models.gate.window import jobs

    seen = subject(shop, version)
    assert seen.table is not None
    window = seen.table.window
    for kind in ("decisions", "outcomes"):
        (folder / kind).mkdir(parents=True)
    lines, outcomes = [], []
    draw = np.random.default_rng(0)
    for place, job in enumerate(jobs(window, seen.engine, seen.catalogue)[:requests]):
        low, high = window.starts[place], window.starts[place + 1]
        ids, scores = list(window.ids[low:high]), seen.engine.score(job.rows, job.context)
        order = np.argsort(-scores, kind="stable")
        lines.append(
            encode(
                Decision(
                    request_id=f"q{place}",
                    time=float(place),
                    received=float(place),
                    unit="u",
                    context={name: v + noise for name, v in window.contexts[place].items()},
                    attributes={},
                    arms=[],
                    experiments="",
                    epoch=1,
                    model="small/1",
                    snapshot=seen.catalogue.snapshot,
                    candidates=ids,
                    slate=order.tolist(),
                    scores=scores[order].tolist(),
                    propensities=[1.0] * len(ids),
                    explored=bool(draw.random() < 0.01),
                )
            )
        )
        for item, value in zip(ids, window.labels[low:high].tolist(), strict=True):
            outcomes.append(
                encode(Outcome(request_id=f"q{place}", item=item, value=value, time=place + 1, received=0))
            )
    (folder / "decisions" / f"{time.time_ns()}-1.jsonl").write_bytes(b"".join(lines) + b'{"torn')
    (folder / "outcomes" / f"{time.time_ns()}-1.jsonl").write_bytes(b"".join(outcomes))
    return folder


def test_recent_decisions_are_replayed(shop: Shop, version: Path, tmp_path: Path) -> None:
    """The log's last decisions with their outcomes are a window like the others, a torn line left out."""
    log = logged(tmp_path / "log", shop, version)
    judged = subject(shop, version, log=log)
    assert judged.recent is not None
    assert judged.recent.requests == 60
    assert np.isfinite(judged.recent.labels).all()
    verdict = judge(judged)
    assert verdict.result is Result.PASS, verdict.reasons
    names = {check.name for check in verdict.checks}
    assert {"canary coverage", "canary moves", "canary latency", "sign on recent decisions"} <= names
    assert list(canary.replay(subject(shop, version, log=tmp_path / "none"))) == []


def test_requests_of_another_unit_are_noticed(shop: Shop, version: Path, tmp_path: Path) -> None:
    """Clients that send the hour in minutes: the column is named, with what it was and what it is."""
    log = logged(tmp_path / "log", shop, version, noise=5000.0)
    checks = list(skew.columns(subject(shop, version, log=log)))
    found = named(checks, "features against recent decisions")
    assert found.result is Result.HOLD
    assert "hour: its middle size is" in found.sentence


def test_columns_differ_by_what_a_season_does_not_do() -> None:
    """Drift of a spread passes; a unit, a frozen column, lost values and unknown categories do not."""
    draw = np.random.default_rng(1)
    summer, winter = draw.normal(20, 5, 500), draw.normal(3, 6, 500)
    assert list(skew.differences("temp", summer, winter)) == []
    for own, words in (
        (winter * 60, "60"),
        (np.full(500, 4.0), "frozen or filled"),
        (np.where(draw.random(500) < 0.5, np.nan, winter), "missing"),
    ):
        assert any(words in each for each in skew.differences("temp", own, winter)), words
    shops = draw.choice(["a", "b"], 500).astype(object)
    assert list(skew.differences("shop", shops, shops[::-1])) == []
    assert "not known" in next(
        skew.differences("shop", np.char.upper(shops.astype(str)).astype(object), shops)
    )


TWO_CLASSES = """
[ranker]
name = "lending"
objective = "Logloss"
trees = 40
depth = 3
learning_rate = 0.1
[data]
source = "table.csv"
time = "time"
label = "good"
test_share = 0.4
slices = ["region"]
[features]
numeric = ["income", "debt"]
categorical = ["region"]
available_at = { "*" = "0h" }
[expect]
sign = { income = "+", debt = "-" }
calibration = { max_ece = 0.05 }
"""


@pytest.fixture(scope="module")
def lending(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A two-class ranker without groups: probabilities are served, one row a request."""
    folder = tmp_path_factory.mktemp("lending")
    draw = np.random.default_rng(8)
    count = 4000
    income, debt = draw.normal(size=(2, count))
    region = draw.choice(["east", "west"], count)
    chance = 1 / (1 + np.exp(-(1.2 * income - debt + 0.5 * (region == "east"))))
    frame = pd.DataFrame({"income": income, "debt": debt, "region": region})
    frame["good"] = (draw.random(count) < chance).astype(int)
    frame["time"] = pd.date_range("2026-01-01", periods=count, freq="h")
    frame.to_csv(folder / "table.csv", index=False)
    (folder / "ranker.toml").write_text(TWO_CLASSES)
    return Shop(folder / "ranker.toml", folder / "home")


def test_a_right_classifier_passes(lending: Shop) -> None:
    """AUC, calibration, confidence and both declared directions, on its own window and the table's."""
    verdict = lending.judge(lending.version(Recipe()))
    assert verdict.result is Result.PASS, verdict.reasons
    checks = list(verdict.checks)
    assert "AUC" in named(checks, "quality on").sentence
    assert named(checks, "calibration on").limit == 0.05
    assert named(checks, "direction of debt").result is Result.PASS


@pytest.mark.parametrize(
    ("scale", "bias", "check"),
    [
        (3.0, 0.0, "calibration on"),
        (0.3, 0.0, "confidence"),
        (1.0, 1.5, "calibration on"),
        (-1.0, 0.0, "sign on"),
    ],
)
def test_wrong_probabilities_are_stopped(lending: Shop, scale: float, bias: float, check: str) -> None:
    """Overconfident, underconfident, shifted, and upside down: each by the check that names it."""

    def changed(_: Shop, model: Any) -> Any:
        model.set_scale_and_bias(scale, bias)
        return model

    verdict = lending.judge(lending.version(Recipe(model=changed)))
    stopping = [each.name for each in verdict.checks if each.result is not Result.PASS]
    assert any(name.startswith(check) for name in stopping), verdict.reasons


def test_calibration_figures_are_the_known_ones() -> None:
    """The slope of right probabilities is 1, of ones with doubled log-odds a half."""
    draw = np.random.default_rng(2)
    logits = draw.normal(size=20_000)
    truth = draw.random(20_000) < 1 / (1 + np.exp(-logits))
    right = calibration.slope(1 / (1 + np.exp(-logits)), truth)
    assert right.low < 1 < right.high
    double = calibration.slope(1 / (1 + np.exp(-2 * logits)), truth)
    assert double.low < 0.5 < double.high
    assert isinstance(right, stats.GateEstimate)


def test_the_page_stands_alone(shop: Shop, version: Path, lending: Shop) -> None:
    """Checks and pictures in one file that loads nothing; also for what could not be loaded."""
    judged = subject(shop, version)
    text = page(judge(judged), judged)
    assert text.count("data:image/png;base64,") == 3
    assert "Direction of rating" in text
    assert "http" not in text.replace("http-equiv", "")
    broken = subject(shop, version, package=version / "nowhere")
    verdict = judge(broken)
    assert verdict.result is Result.REJECT
    assert "model.cb" in page(verdict, broken)
    hostile = Verdict("small", "1", (Check("x", Result.HOLD, "<script>alert(1)</script>"),), 0.0, 0.0)
    assert "<script>" not in page(hostile, broken)


def test_another_tables_version_is_not_held_to_this_one(shop: Shop, version: Path, tmp_path: Path) -> None:
    """A version of a table that has changed since is held, not rejected, where rows differ."""
    frame = table()
    frame["label"] = 3 - frame["label"]
    declare(tmp_path, frame=frame)
    verdict = judge(subject(shop, version, declaration=tmp_path / "ranker.toml", champion=None))
    assert named(list(verdict.checks), "training data against the table").result is Result.HOLD


def test_the_real_package_of_training_passes(tmp_path: Path) -> None:
    """What `ballast train` writes, untouched, as a first version."""
    declared = declare(tmp_path / "declared")
    result = train(read(declared.folder / "ranker.toml"), tmp_path / "home")
    assert dataclasses.is_dataclass(read_manifest(result.package))
    judged = Subject(
        "small",
        "1",
        result.package,
        tmp_path / "home" / "small" / "catalogue",
        declared.folder / "ranker.toml",
        now=1.0,
    )
    verdict = judge(judged)
    assert verdict.result is Result.PASS, verdict.reasons
