"""A change is tried on the units that the log has seen, each with its own attributes."""

from __future__ import annotations

from pathlib import Path

import pytest

from bentos.control.experiments import unit_diff
from bentos.control.experiments.unit_diff import difference
from bentos.home.state import Home
from experiments.config.check import parse
from tests.bentos.files import LIVE
from tests.monitoring.records import decision, write_decisions

OLD = parse(LIVE % "@challenger")
STOPPED = parse((LIVE % "@challenger") + "        enabled: false\n")

MANY = (LIVE % "@challenger") + "".join(
    f"""\
  - name: layer{number}
    salt: layer-{number}
    experiments:
      - name: exp{number}
        unit: viewer
        hash: growthbook-v2
        salt: exp-{number}
        variants: [{{name: a, weight: 0.5}}, {{name: b, weight: 0.5}}]
"""
    for number in range(20)
)


def logged(folder: Path, units: int, requests: int = 1) -> Home:
    home = Home(folder)
    rows = [
        decision(f"r{unit}-{number}", unit=f"u{unit}") for unit in range(units) for number in range(requests)
    ]
    write_decisions(home.log, *rows)
    return home


def test_units_count_once_however_often_they_asked(tmp_path: Path) -> None:
    """Under the same file nothing changes for any of them."""
    found = difference(logged(tmp_path, 40, 3), OLD, OLD)
    assert (found.units, found.model, found.held_out) == (40, 0, 0)


def test_what_a_stop_would_do_is_counted(tmp_path: Path) -> None:
    """Every unit leaves the experiment, and those of the second arm get the default model."""
    found = difference(logged(tmp_path, 200), OLD, STOPPED)
    [moved] = found.experiments
    assert (found.units, moved.left, moved.changed, moved.joined) == (200, 200, 0, 0)
    assert found.model == sum(count for (old, _), count in moved.moves.items() if old == "b")
    assert 200 * 0.5 - 4 * (200 * 0.25) ** 0.5 < found.model < 200 * 0.5 + 4 * (200 * 0.25) ** 0.5


def test_a_sample_is_at_most_that_large(tmp_path: Path) -> None:
    """The log may know more units than one wants to wait for; an empty one knows none."""
    assert difference(logged(tmp_path / "full", 30), OLD, STOPPED, most=10).units == 10
    assert difference(Home(tmp_path / "empty"), OLD, STOPPED).units == 0


def test_the_more_layers_change_the_fewer_units_are_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change of two hundred layers takes no longer than one of a single one."""
    monkeypatch.setattr(unit_diff, "SPLITS", 60)
    monkeypatch.setattr(unit_diff, "LEAST", 5)
    home = logged(tmp_path, 40)
    assert difference(home, OLD, STOPPED).units == 30
    assert difference(home, OLD, parse(MANY)).units == 5
