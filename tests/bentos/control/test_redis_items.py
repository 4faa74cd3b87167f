"""Items that a Redis has lost are a problem with a name, and what drops them is said."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from bentos.control import redis_items
from bentos.control.redis_items import RedisItems
from bentos.home.state import CHAMPION, Home, State, write_state
from models.catalogue.redis_catalogue import connect, publish
from tests.models.catalogue.redises import server
from tests.models.engine.engines import open_catalogue, random_table


def test_what_is_wrong_with_the_items_is_said(tmp_path: Path) -> None:
    """Nothing of the snapshot, all of it, a part; and a Redis that is gone is for others to tell."""
    home = Home(tmp_path)
    with server("redis-server") as running:
        url = f"redis://127.0.0.1:{running.port}"
        items, client = RedisItems(home, url), connect(url, 5.0)
        items.look()
        assert items.problems == ()
        catalogue = open_catalogue(home.catalogue, random_table(1, 50, 2))
        write_state(home.state, State(1, "small", catalogue.snapshot, {CHAMPION: "1"}))
        items.look()
        assert items.problems == (
            f"catalogue: Redis has no snapshot {catalogue.snapshot}: `ballast publish`",
        )
        publish(client, catalogue)
        items.look()
        assert items.problems == ()
        client.delete(f"ballast:{catalogue.snapshot}:{{0}}:item-7")
        client.config_set("maxmemory", "100mb")
        client.config_set("maxmemory-policy", "allkeys-lfu")
        items.look()
        lost, drops = items.problems
        assert lost.startswith(
            f"catalogue incomplete: Redis lacks 1 of 50 items of snapshot {catalogue.snapshot}"
        )
        assert drops.startswith(
            "catalogue: Redis drops items when its memory is full (maxmemory-policy allkeys-lfu"
        )
        assert lost.endswith(": `ballast publish`")
        used = int(client.info("memory")["used_memory"])
        client.config_set("maxmemory-policy", "noeviction")
        client.config_set("maxmemory", str(used))
        items.look()
        [full] = items.problems
        assert "fallback order: give Redis room (maxmemory is " in full
        assert full.endswith(" are missing), then `ballast publish`")
    items.look()
    assert items.problems == (full,)
    client.close()


def test_it_looks_until_told_to_stop(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(redis_items, "EVERY", 0.0)
    stop, looks = threading.Event(), 0

    def make(url: str, wait: float) -> Any:
        nonlocal looks
        looks += 1
        if looks == 3:
            stop.set()
        raise OSError("gone")

    home = Home(tmp_path)
    write_state(home.state, State(1, "small", "none", {CHAMPION: "1"}))
    RedisItems(home, "redis://127.0.0.1:1", make).run(stop)
    assert looks == 3
