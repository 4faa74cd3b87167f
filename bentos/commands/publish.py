"""`ballast publish`: the catalogue, as `ballast train` last wrote it, into Redis."""

from __future__ import annotations

import typer
from redis.exceptions import RedisClusterException, RedisError

from bentos.commands.console import err
from bentos.home.state import Home
from bentos.settings import SettingsError, settings
from models.catalogue import redis_catalogue
from models.catalogue.catalogue import Catalogue


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
    """Write a snapshot of the catalogue to a Redis. Raises SettingsError where that can't be done."""
    catalogue = Catalogue.open(home.catalogue / snapshot)
    try:
        with err.status(f"publishing {catalogue.size:,} items to Redis…"):
            redis_catalogue.publish(redis_catalogue.connect(url, wait=10), catalogue)
    except (RedisError, RedisClusterException, OSError, ValueError) as error:
        raise SettingsError(
            f"BALLAST_REDIS: snapshot {snapshot} was not published, so it is not served: {error}"
        ) from error
    err.print(f"published {catalogue.size:,} items of snapshot {snapshot} to Redis", highlight=False)
