"""Corrections on disk are what their name says, and serve until a person takes them back."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from bentos.control.recalibrate import Corrector
from bentos.home.corrections import drop, keep, kept, serving
from bentos.home.journal import Journal
from bentos.home.state import Home, StateError, read_state, write_state
from tests.bentos.corrected import Place


def serving_digests(home: Home) -> dict[str, str]:
    return {version: each.digest for version, each in serving(kept(home)).items()}


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
