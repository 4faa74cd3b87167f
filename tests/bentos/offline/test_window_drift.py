"""A window of the log against the reference of the version that served it."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest

from bentos.home.state import Home
from bentos.offline.window_drift import DriftError, VersionShare, _different, compare_window, served
from models.declaration.declaration import read
from models.package import REFERENCE
from monitoring.log.record import encode
from monitoring.log.segments import SegmentWriter
from monitoring.log.window import window
from tests.bentos.corrected import BEGIN, DAY, Place
from tests.bentos.decisions.deciding import Desk


def test_the_version_that_answered_most_is_compared(copied: Home, made: tuple[Home, Desk]) -> None:
    """Every feature, the scores and the labels; the page lies under the window's days."""
    answered = [record.model for record in made[1].records()]
    most = max(sorted(set(answered)), key=answered.count)
    found = compare_window(copied, None, None)
    assert (found.model, found.decisions) == (most, answered.count(most))
    names = {column.column for column in found.drift.columns}
    assert names >= {"price", "rating", "age", "hour", "shop", "colour", "score"}
    asked = {frozenset(record.candidates) for record in made[1].records() if record.model == most}
    assert found.drift.rows[1] == 8 * len(asked) < 8 * found.decisions
    hour = next(column for column in found.drift.columns if column.column == "hour")
    assert hour.drifted, "all requests were of the same hour, which training's are not"
    assert found.page.parent == copied.reports
    assert found.page.name.startswith("drift-20")
    assert f"{most}: drift since its training" in found.page.read_text()


def test_viewers_of_one_list_are_one_request(copied: Home, made: tuple[Home, Desk]) -> None:
    """What is compared is the same when six viewers ask for every list, seconds apart, as when one does."""
    log = copied.log
    log.unlink()
    shutil.copytree(made[0].log, log)
    once = compare_window(copied, None, None)
    more = SegmentWriter(log / "decisions", "more")
    for viewer in range(1, 6):
        for record in made[1].records():
            named, later = f"{record.request_id}-{viewer}", record.time + viewer / 100
            more.append(encode(msgspec.structs.replace(record, request_id=named, time=later)))
    more.close()
    found = compare_window(copied, None, None)
    assert found.decisions == 6 * once.decisions
    assert found.drift.rows == once.drift.rows


def test_a_window_without_decisions_says_what_makes_some(copied: Home, tmp_path: Path) -> None:
    """An empty log, and a window before the first decision."""
    message = "the window has no decisions; `ballast replay` makes some from real requests"
    with pytest.raises(DriftError, match=message):
        compare_window(Home(tmp_path / "empty"), None, None)
    with pytest.raises(DriftError, match=message):
        compare_window(copied, None, 1000.0)


def test_a_version_without_its_reference_is_named(copied: Home) -> None:
    """With the file that is missing."""
    for number in ("1", "2"):
        package = copied.version(number).resolve()
        copied.version(number).unlink()
        shutil.copytree(package, copied.version(number))
        (copied.version(number) / REFERENCE).unlink()
    with pytest.raises(DriftError, match=r"small/\d: its reference, .*reference\.parquet, is not here"):
        compare_window(copied, None, None)


def test_drift_compares_the_models_own_scores(place: Place) -> None:
    """A published correction is no drift of the model: what it does is undone first."""
    place.live(range(150), 0.0, 9.0)
    place.refit()
    place.publish()
    place.live(range(200, 350), 10.0, 12.0, seed=2)
    with window(place.home.log, BEGIN + 9.9 * DAY) as log:
        frame = served(log, place.home, VersionShare("small/1", 1.0), read(place.toml))
    own = place.raw({"items": frame["item"].tolist()})
    assert frame["score"].to_numpy() == pytest.approx(own, abs=1e-12)


def test_a_share_is_drawn_of_a_large_window(copied: Home, made: tuple[Home, Desk]) -> None:
    """By ids, so that the same decisions are drawn again; all of them where the share is whole."""
    models = [record.model for record in made[1].records()]
    most = max(sorted(set(models)), key=models.count)
    with window(copied.log) as log:
        whole, half, again = (_different(log, VersionShare(most, share)) for share in (1.0, 0.5, 0.5))
    assert set(half["request_id"]) == set(again["request_id"]) < set(whole["request_id"])
    assert 0.2 < len(half) / len(whole) < 0.8
