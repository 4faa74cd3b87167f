"""A home whose log and journal can be changed, and an answer of its first version by scores."""

from __future__ import annotations

import shutil

import pytest

from bentos.home.journal import Event, append
from bentos.home.state import Home
from monitoring.log.record import Decision
from tests.bentos.decisions.deciding import Desk


@pytest.fixture
def told(copied: Home, made: tuple[Home, Desk]) -> Home:
    """With a journal that says which versions the aliases named."""
    copied.log.unlink()
    shutil.copytree(made[0].log, copied.log)
    for reference, version in (("@champion", "1"), ("@challenger", "2")):
        facts = {"reference": reference, "version": version, "epoch": 1}
        append(copied, Event.PROMOTED, "passed the gate", 0.0, facts)
    return copied


@pytest.fixture
def record(made: tuple[Home, Desk]) -> Decision:
    """An answer of version 1 that was not explored."""
    return next(each for each in made[1].records() if not each.explored and each.model == "small/1")
