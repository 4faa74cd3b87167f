"""`ballast publish`: the catalogue, as `ballast train` last wrote it, into Redis."""

from __future__ import annotations

from contextlib import suppress

import typer
from redis.exceptions import RedisClusterException, RedisError

from bentos.commands.console import err
from bentos.home.state import Home, read_state
from bentos.settings import SettingsError, settings
from models.catalogue import redis_catalogue, redis_upkeep
from models.catalogue.catalogue import Catalogue
from models.package import PackageError, read_manifest


def publish() -> None:
    """Publish the current catalogue snapshot to the Redis of BALLAST_REDIS."""
    config = settings()
    home = Home(config.ranker_home)
    if config.redis is None:
        raise typer.BadParameter("BALLAST_REDIS is not set: there is no Redis to publish to")
    if not home.current_catalogue.is_file():
        raise typer.BadParameter(f"{home.current_catalogue} does not exist: train a version first")
    publish_snapshot(config.redis, home, home.current_catalogue.read_text().strip())


def publish_snapshot(url: str, home: Home, snapshot: str) -> None:
    """Write a snapshot of the catalogue to a Redis, and take out those that nobody names any more.

    Raises SettingsError where that can't be done, or Redis has not kept all of it.
    """
    catalogue = Catalogue.open(home.catalogue / snapshot)
    try:
        client = redis_catalogue.connect(url, wait=10)
        with err.status(f"publishing {catalogue.size:,} items to Redis…"):
            redis_catalogue.publish(client, catalogue)
            lost, drops = redis_upkeep.missing(client, catalogue).missing, redis_upkeep.eviction(client)
            gone = [] if lost else redis_upkeep.retire_others(client, *named_snapshots(home, snapshot))
    except (RedisError, RedisClusterException, OSError, ValueError) as error:
        raise SettingsError(
            f"BALLAST_REDIS: snapshot {snapshot} was not published, so it is not served: {error}"
        ) from error
    if lost:
        raise SettingsError(
            f"BALLAST_REDIS: {lost:,} of {catalogue.size:,} items of snapshot {snapshot} are gone already: "
            f"{drops or 'is its memory large enough?'}"
        )
    if drops:
        err.print(f"! BALLAST_REDIS: {drops}", style="yellow", highlight=False, markup=False)
    err.print(f"published {catalogue.size:,} items of snapshot {snapshot} to Redis", highlight=False)
    if gone:
        err.print(f"took {len(gone)} snapshots out of Redis that no version names any more", highlight=False)


def named_snapshots(home: Home, current: str) -> tuple[set[str], set[str]]:
    """(those that what serves, or served before, may need; all that are this ranker's)."""
    keep, state = {current}, read_state(home.state)
    if state is not None:
        keep.add(state.snapshot)
        for version in (*state.versions.values(), *(each.version for each in state.previous)):
            with suppress(PackageError):
                keep.add(read_manifest(home.version(version)).snapshot)
    own = {path.name for path in home.catalogue.iterdir() if path.is_dir()} | keep
    return keep, own
