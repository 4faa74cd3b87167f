"""Real Redises, one of which evicts: what is missing is counted, what nobody names is retired."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.catalogue.catalogue import Catalogue
from models.catalogue.redis_catalogue import connect, publish
from models.catalogue.redis_upkeep import Missing, eviction, missing, published, retire, retire_others
from tests.models.catalogue.redises import server, three_masters
from tests.models.engine.engines import open_catalogue, random_table

WAIT = 5.0


@pytest.fixture(scope="module", params=["one", "cluster"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "cluster":
        with three_masters() as found:
            yield found
        return
    with server("redis-server") as running:
        yield f"redis://127.0.0.1:{running.port}"


def snapshots(folder: Path, count: int) -> list[Catalogue]:
    return [open_catalogue(folder, random_table(seed, 40, 2)) for seed in range(count)]


def test_items_that_are_gone_are_counted(tmp_path: Path, url: str) -> None:
    """All of them, or of a sample; a Redis without a bound on its memory drops none."""
    client, [catalogue] = connect(url, WAIT), snapshots(tmp_path, 1)
    publish(client, catalogue)
    assert eviction(client) is None
    assert missing(client, catalogue) == Missing(0, 40)
    for key in list(client.scan_iter(match=f"ballast:{catalogue.snapshot}:*item-1*")):
        client.delete(key)
    assert missing(client, catalogue) == Missing(11, 40)  # item-1, item-10 to item-19
    assert missing(client, catalogue, 10).looked == 10
    retire(client, catalogue.snapshot)
    assert list(client.scan_iter(match=f"ballast:{catalogue.snapshot}*")) == []
    client.close()


def test_snapshots_that_nobody_names_are_retired(tmp_path: Path, url: str) -> None:
    """The named ones stay, the two newest, and whatever is another ranker's; also other keys."""
    client, every = connect(url, WAIT), snapshots(tmp_path, 6)
    for each in every:
        publish(client, each)
        key, made = f"ballast:{each.snapshot}:meta", b'"created": %d' % every.index(each)
        client.set(key, client.get(key).replace(b'"created": 1.0', made))
    client.set("ballast:state:{small}:meta", b"[]")
    names = [each.snapshot for each in every]
    assert published(client) == {name: float(place) for place, name in enumerate(names)}
    assert sorted(retire_others(client, keep={names[1]}, own=names[1:])) == sorted(names[2:4])
    assert sorted(published(client)) == sorted([names[0], names[1], *names[4:]])
    assert list(client.scan_iter(match=f"ballast:{names[2]}*")) == []
    for place in (0, 1, 4, 5):
        assert missing(client, every[place]).missing == 0
    assert client.get("ballast:state:{small}:meta") == b"[]"
    client.close()


def test_a_redis_that_drops_items_is_told_by_its_policy(tmp_path: Path) -> None:
    """Little memory and allkeys-lru: items are gone, and why is said; keys that expire are another matter."""
    options = ("--maxmemory", "3mb", "--maxmemory-policy", "allkeys-lru")
    with server("redis-server", *options) as running:
        client = connect(f"redis://127.0.0.1:{running.port}", WAIT)
        catalogue = open_catalogue(tmp_path, random_table(3, 20_000, 20))
        publish(client, catalogue)
        found = missing(client, catalogue)
        assert 0 < found.missing < found.looked
        said = eviction(client)
        assert said is not None
        assert said.startswith(
            "Redis drops items when its memory is full (maxmemory-policy allkeys-lru, 3 MB, "
        )
        for policy in ("volatile-lru", "noeviction"):
            client.config_set("maxmemory-policy", policy)
            assert eviction(client) is None
        client.close()
