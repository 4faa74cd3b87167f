"""What one Steward has in its charge, and the parts that its control loop is made of."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from bentos.control.catalogue_file import CatalogueFile
from bentos.control.experiments.rollout_loop import Rollouts
from bentos.control.guard.breaker import Breaker
from bentos.control.hosts.redis_state import Shared
from bentos.control.hosts.replica import Replica
from bentos.control.preload import Preload
from bentos.control.promotion.examinations import Examinations
from bentos.control.promotion.examiner import Examiner
from bentos.control.recalibrate import Corrector
from bentos.control.sources import Aliases, LiveFile
from bentos.home.journal import Journal
from bentos.home.state import Home
from experiments.config.live import Live
from models.registry import Registry


@dataclass(frozen=True)
class Charge:
    """What one Steward has in its charge; `declaration` is ranker.toml, `live` live.yaml, `uri` MLflow's.

    `redis` is where several hosts share the state, if they do; a catalogue snapshot of more than `most` bytes
    is not taken from MLflow.
    """

    ranker: str
    home: Home
    declaration: Path
    live: Path
    uri: str
    redis: str | None = None
    most: int = 1_024_000_000


@dataclass(frozen=True)
class Parts:
    """All that one ranker's control loop works with; `replica` is None where the state is not shared.

    Long work runs in `pool`; `clock` gives unix seconds.
    """

    ranker: str
    home: Home
    aliases: Aliases
    live: LiveFile
    catalogue: CatalogueFile
    examinations: Examinations
    breaker: Breaker
    corrector: Corrector
    rollouts: Rollouts
    preload: Preload
    replica: Replica | None
    journal: Journal
    pool: Executor
    clock: Callable[[], float]


def assemble(
    charge: Charge, pool: Executor, clock: Callable[[], float], loads: Executor | None = None
) -> Parts:
    """The parts for one charge; in `loads`, what workers will load does not wait for examinations."""
    home, journal = charge.home, Journal(charge.home, clock)
    aliases = Aliases(charge.ranker, Registry(charge.uri), clock)
    live = LiveFile(charge.live, home)
    examiner = Examiner(
        home, charge.ranker, charge.declaration, aliases.registry, journal, clock, charge.most
    )
    replica = None if charge.redis is None else _replica(charge, charge.redis, examiner, journal, clock)
    return Parts(
        ranker=charge.ranker,
        home=home,
        aliases=aliases,
        live=live,
        catalogue=CatalogueFile(home),
        examinations=Examinations(examiner, pool, clock),
        breaker=Breaker(home, charge.declaration),
        corrector=Corrector(home, charge.declaration, journal, pool, clock),
        rollouts=Rollouts(home, lambda: _own_file(live, replica), journal, clock),
        preload=Preload(home, loads or pool),
        replica=replica,
        journal=journal,
        pool=pool,
        clock=clock,
    )


def _replica(
    charge: Charge, redis: str, examiner: Examiner, journal: Journal, clock: Callable[[], float]
) -> Replica:
    name = f"{socket.gethostname()}:{os.getpid()}:{os.urandom(4).hex()}"
    shared = Shared(redis, charge.ranker, name)
    return Replica(charge.home, charge.live, shared, examiner.fetch, journal, clock)


def _own_file(live: LiveFile, replica: Replica | None) -> Live | None:
    """live.yaml, where it is this Steward that acts on it."""
    return live.file if replica is None or replica.holds() else None
