"""Whatever a table holds, every command that reads one gives an answer or a sentence, and no trace."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from bentos.cli import app
from tests.proofs.hostile import TABLES, mixed, sound

WEIGHTS = ["--weight", "a=.5", "--weight", "b=.5"]
ANALYZE = ["experiment", "analyze", "t", *WEIGHTS]
COMMANDS: dict[str, list[str]] = {
    "analyze": [
        *ANALYZE, *("--metric", "m", "--metric", "m/size", "--before", "p"),
        *("--winsorise", ".99", "--slice", "arm", "--ended"),
    ],
    "quantile": [*ANALYZE, "--metric", "p90(m)", "--time", "p", "--json"],
    "power": ["experiment", "power", "--metric", "m", "--metric", "m/size"],
    "evaluate": [
        *("evaluate", "--off-policy", "--propensity", "chance", "--target", "wanted"),
        *("--action", "arm", "--slice", "unit", "--unit", "unit"),
    ],
}  # fmt: skip
ANSWERS = {0, 1, 2, 10, 11}


def ran(command: str, data: pd.DataFrame, folder: Path) -> Result:
    """What a command does with a table."""
    file = folder / "table.parquet"
    data.to_parquet(file)
    return CliRunner().invoke(app, [*COMMANDS[command], "--table", str(file)])


def sensible(done: Result) -> bool:
    """An answer or a sentence."""
    known = done.exception is None or isinstance(done.exception, SystemExit)
    return (
        known and done.exit_code in ANSWERS and "Traceback" not in done.output and bool(done.output.strip())
    )


def turns() -> Iterator[tuple[str, str]]:
    """Every table with one of the commands in turn."""
    commands = [*COMMANDS]
    for number, name in enumerate(TABLES):
        yield name, commands[number % len(commands)]


@pytest.mark.parametrize(("name", "command"), turns())
def test_no_table_is_a_trace(name: str, command: str, tmp_path: Path) -> None:
    done = ran(command, TABLES[name](), tmp_path)
    assert sensible(done), (name, command, done.output, done.exception)


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_no_table_is_a_trace_to_any_command(command: str, tmp_path: Path) -> None:
    for name, make in TABLES.items():
        done = ran(command, make(), tmp_path)
        assert sensible(done), (name, command, done.output, done.exception)


@pytest.mark.slow
@given(
    names=st.lists(st.sampled_from([*TABLES]), min_size=8, max_size=8), command=st.sampled_from([*COMMANDS])
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_mixture_is_a_trace(names: list[str], command: str, tmp_path: Path) -> None:
    """Each column from another hostile table."""
    done = ran(command, mixed(tuple(names)), tmp_path)
    assert sensible(done), (names, command, done.output, done.exception)


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("arms", [2, 1_000_000])
def test_large_tables(command: str, arms: int, tmp_path: Path) -> None:
    """Ten million rows, and a million arms."""
    rows = 10_000_000 if arms == 2 else arms
    few = sound()
    data = pd.DataFrame({name: np.resize(column.to_numpy(), rows) for name, column in few.items()})
    data["unit"] = np.arange(rows) // 10
    data["arm"] = (
        np.array(["a", "b"])[(np.arange(rows) // 10) % 2] if arms == 2 else np.arange(rows).astype(str)
    )
    data["p"] = (data["unit"] * 7 % 13).astype(float)
    assert sensible(ran(command, data, tmp_path))
