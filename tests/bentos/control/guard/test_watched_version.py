"""What is watched of a version, with limits from its package."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bentos.control.guard import watched_version
from bentos.control.guard.quantities import (
    APART,
    FALLBACK,
    NO_SCORES,
    ORDER,
    SLOW,
    TAILS,
    TOO_HIGH,
    TOO_LOW,
    UNKNOWN,
    UNSOUND,
)
from bentos.control.guard.watched_version import (
    BATCH,
    CHANCE,
    DAY,
    discordances,
    moments,
    read_watched,
    shared_quantities,
    shows_lead,
)
from models.declaration.sections import GuardSection
from models.gate.reading import reference_frame
from models.package import EVALUATION, MANIFEST, TRAINING, sha256
from monitoring.guard.guard import Guard
from monitoring.guard.limits import discordance_limit, share_limit
from monitoring.guard.ordering import discordance
from monitoring.guard.quantity import Quantity, Unwatched
from tests.bentos.control.guard.conftest import Made
from tests.faults.months import Stage
from tests.models.small import declare, table, trained


def test_limits_come_from_the_reference_and_from_guard(made: Made) -> None:
    """And each says from which."""
    declared, package, _ = made
    found = read_watched(package, GuardSection(slow=0.7, tails=0.2))
    frame = reference_frame(package, declared)
    requests = frame["request"].nunique()
    assert {each.name: (each.clock, each.limit, each.source) for each in found.quantities} == {
        FALLBACK: ("seconds", share_limit(0, requests), f"none of {requests} in the reference"),
        UNSOUND: ("seconds", share_limit(0, requests), f"none of {requests} in the reference"),
        SLOW: ("seconds", 0.05, "[guard] slow: 0.7 s"),
        TAILS: ("minutes", 0.2, "[guard] tails"),
        ORDER: (
            "hours",
            discordance_limit(discordances(frame)),
            f"{len(discordances(frame))} requests of the reference",
        ),
    }
    assert (found.version, found.package) == (package.name, sha256(package / MANIFEST))
    assert not found.probabilities
    low, high = found.tails
    assert np.mean((frame["score"] < low) | (frame["score"] > high)) == pytest.approx(0.02, abs=0.01)


def test_an_order_that_is_compared_is_one_more_quantity(made: Made) -> None:
    """And one that is not has a row."""
    alone = read_watched(made[1], GuardSection())
    pair = Quantity(APART, "minutes", 0.35, "0.05 on certified requests with version 2", against="2")
    assert alone.compared(pair).quantities == (*alone.quantities, pair)
    why = Unwatched(APART, "minutes", "there is no other version to compare with")
    assert alone.compared(why).quantities == alone.quantities
    assert alone.compared(why).unwatched == (*alone.unwatched, why)


def test_what_a_ranking_loss_does_not_give_has_a_row(made: Made) -> None:
    found = {each.name: each.why for each in read_watched(made[1], GuardSection()).unwatched}
    assert found.keys() == {TOO_LOW, TOO_HIGH}
    assert found[TOO_LOW].startswith("scores are no probabilities (")


def test_a_lead_is_told_without_watching(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shows_lead(made[1])
    assert read_watched(made[1], GuardSection()).leads
    monkeypatch.setattr(watched_version, "discordances", lambda _: [0.6] * 40)
    assert not shows_lead(made[1])
    assert not read_watched(made[1], GuardSection()).leads


def test_probabilities_are_watched_on_both_sides(tmp_path: Path) -> None:
    """An excess of outcomes and one of scores."""
    frame = table()
    declared = declare(tmp_path / "declared", frame=frame.assign(label=(frame["label"] > 0).astype(int)))
    package = trained(tmp_path / "home", declared, objective="Logloss")
    found = read_watched(package, GuardSection(calibration=0.2))
    limits = {each.name: each.limit for each in found.quantities}
    assert found.probabilities
    assert (limits[TOO_LOW], limits[TOO_HIGH]) == (0.6, 0.6)


def test_outcomes_are_known_when_guard_or_the_evaluation_says(stage: Stage) -> None:
    folder = stage.home.version("1")
    path = folder / EVALUATION
    evaluation = json.loads(path.read_bytes())
    path.chmod(0o644)
    for seconds, delay in ((7200.5, 7200.5), (None, DAY)):
        path.write_text(json.dumps(evaluation | {"matured_seconds": seconds}))
        assert read_watched(folder, GuardSection()).delay == delay
    assert read_watched(folder, GuardSection(matured_after="3h")).delay == 10_800.0


def test_what_all_versions_share() -> None:
    found = {each.name: each.limit for each in shared_quantities(GuardSection(unknown=0.3))}
    assert found == {NO_SCORES: 0.05, UNKNOWN: 0.3}


def test_moments_are_those_of_training_and_evaluation_by_time(stage: Stage) -> None:
    """One a request, with the numbers of its context; a package may lack training's sample."""
    folder = stage.home.version("1")
    watched = read_watched(folder, GuardSection())
    found = moments(folder, watched.declared)
    times = [time for time, _ in found]
    assert times == sorted(times)
    assert all(context.keys() == {"hour"} and 0 <= context["hour"] < 24 for _, context in found)
    (folder / TRAINING).unlink()
    fewer = moments(folder, watched.declared)
    frame = reference_frame(folder, watched.declared)
    assert len(fewer) == frame["request"].nunique() < len(found)


def test_requests_of_one_row_are_mixed_into_batches() -> None:
    """A table that has a row per request still shows whether high scores have high outcomes."""
    draw = np.random.default_rng(0)
    count = 10 * BATCH
    score = draw.standard_normal(count)
    frame = pd.DataFrame({"request": np.arange(count), "score": score, "label": (score > 0).astype(float)})
    found = discordances(frame)
    assert len(found) == 10
    assert found == [0.0] * 10
    assert np.mean(discordances(frame.assign(score=-score))) == 1.0


def test_requests_of_several_rows_are_taken_as_they_are() -> None:
    """Those whose outcomes are all alike tell nothing."""
    frame = pd.DataFrame(
        {
            "request": ["a"] * 3 + ["b"] * 3 + ["c"] * 2,
            "score": [3.0, 2.0, 1.0, 1.0, 2.0, 3.0, 1.0, 2.0],
            "label": [1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0],
        }
    )
    assert discordances(frame) == [0.0, 1.0]
    assert discordance(np.array([1.0, 2.0]), np.array([1.0, 1.0])) is None


@pytest.mark.parametrize("lead", [[0.6, 0.7, 0.65] * 20, [0.5] * 9, []])
def test_a_version_without_a_lead_of_its_own_is_watched_against_chance(
    made: Made, lead: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And its row says so: an upside-down version that a person lets serve is found once outcomes come."""
    monkeypatch.setattr(watched_version, "discordances", lambda _: lead)
    found = {each.name: each for each in read_watched(made[1], GuardSection()).quantities}[ORDER]
    assert found.limit == CHANCE
    assert found.source == f"chance: no lead of its own in {len(lead)} requests of the reference"
    draw = np.random.default_rng(7)
    healthy, inverted = Guard("1", [found]), Guard("2", [found])
    for _ in range(100):
        healthy.look({ORDER: [draw.uniform(0, 1)]}, 1.0)
        inverted.look({ORDER: [draw.uniform(0.4, 1)]}, 1.0)
    assert healthy.trips == []
    assert [trip.quantity for trip in inverted.trips] == [ORDER]
