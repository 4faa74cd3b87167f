"""`ballast publish`: what it needs. (With a Redis: tests of the catalogue, and tests/serve.)"""

from __future__ import annotations

import pytest

from bentos.home.state import CHAMPION, Home, State, write_state
from bentos.settings import settings
from models.catalogue.redis_catalogue import connect
from models.catalogue.redis_upkeep import published
from tests.bentos.commands.running import mistake, run, told
from tests.models.catalogue.redises import server
from tests.models.engine.engines import open_catalogue, random_table


def test_there_must_be_a_redis(empty: Home) -> None:
    done = run("publish")
    assert done.exit_code == 2
    assert "BALLAST_REDIS is not set" in told(done)


def test_there_must_be_a_catalogue(empty: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a version that was trained; and it must be whole."""
    monkeypatch.setenv("BALLAST_REDIS", "redis://127.0.0.1:1")
    settings.cache_clear()
    assert "train a version first" in told(run("publish"))
    empty.current_catalogue.parent.mkdir(parents=True)
    empty.current_catalogue.write_text("abc\n")
    assert "abc" in str(mistake("publish"))


def test_what_nobody_names_is_taken_out(empty: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten trainings leave no ten catalogues; what serves, or served before, stays."""
    with server("redis-server") as running:
        url = f"redis://127.0.0.1:{running.port}"
        monkeypatch.setenv("BALLAST_REDIS", url)
        settings.cache_clear()
        made = [
            open_catalogue(empty.catalogue, random_table(seed, 5, 2), created=float(seed)).snapshot
            for seed in range(5)
        ]
        write_state(empty.state, State(1, "small", made[0], {CHAMPION: "1"}))
        for snapshot in made:
            empty.current_catalogue.write_text(snapshot)
            done = run("publish")
            assert done.exit_code == 0, done.output
        left = published(connect(url, 5))
        assert {made[0], made[4]} <= left.keys() < set(made)
        assert "snapshots out of Redis that no version names any more" in told(done)


def test_a_redis_that_keeps_too_little_is_refused(empty: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one that drops items without a word; and its policy is named."""
    options = ("--maxmemory", "3mb", "--maxmemory-policy", "allkeys-lru")
    with server("redis-server", *options) as running:
        monkeypatch.setenv("BALLAST_REDIS", f"redis://127.0.0.1:{running.port}")
        settings.cache_clear()
        small = open_catalogue(empty.catalogue, random_table(1, 5, 2)).snapshot
        empty.current_catalogue.write_text(small)
        assert "maxmemory-policy allkeys-lru" in told(run("publish"))
        large = open_catalogue(empty.catalogue, random_table(1, 20_000, 20)).snapshot
        empty.current_catalogue.write_text(large)
        said = str(mistake("publish"))
        assert f"items of snapshot {large} are gone already: Redis drops items" in said
