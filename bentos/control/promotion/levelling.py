"""Brings MLflow's alias level with a rollback that was made while MLflow did not answer."""

from __future__ import annotations

from bentos.control.sources import Aliases
from bentos.home import waiting_move
from bentos.home.journal import Event, Journal
from bentos.home.state import Home


def bring_level(home: Home, aliases: Aliases, journal: Journal) -> None:
    """Tell a registry that answers again. Raises RegistryError where it does not; then the move waits on.

    An alias that somebody has moved in MLflow meanwhile stays where it is: that was decided with MLflow in
    sight.
    """
    move = waiting_move.read(home)
    if move is None:
        return
    now = (aliases.seen or {}).get(move.alias)
    facts = {"alias": move.alias, "version": move.version, "before": now}
    if now not in {move.version, move.before} and move.before is not None:
        why = f"it points at version {now} by now, which stands: {move.by}'s rollback is over"
    else:
        if now != move.version:
            aliases.registry.set_alias(aliases.ranker, move.alias, move.version)
        aliases.seen = {**(aliases.seen or {}), move.alias: move.version}
        why = f"MLflow knows of {move.by}'s rollback now"
    waiting_move.drop(home)
    journal.decided(Event.LEVELLED, why, **facts)
