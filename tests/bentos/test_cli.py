"""The command line: its table says what the commands say, and a command loads what it runs."""

from __future__ import annotations

import errno
import inspect
import os
import resource
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
import typer

from bentos.cli import COMMANDS, EXPERIMENT
from bentos.commands.lazy_command import load
from bentos.environment import ROOT
from tests.bentos.commands.running import run

SLOW = {
    *("numpy", "numba", "llvmlite", "scipy", "pandas", "pyarrow", "duckdb", "ibis", "tea_tasting", "sklearn"),
    *("catboost", "matplotlib", "mlflow", "evidently", "bentoml", "starlette", "uvicorn", "aiohttp", "redis"),
    *("requests", "psutil", "datasketches", "yaml", "msgspec", "orjson", "pydantic_settings"),
}
"""Libraries whose import takes long enough to be noticed, or that few commands need. (Pydantic is not among
them: Typer itself imports it to read a command's arguments.)"""

HOME = {"msgspec"}  # reads what the processes of a home wrote
LIVE = {"yaml", "numpy"}  # reads a live.yaml
DATA = {"numpy", "pandas", "pyarrow"}  # reads the ranker's own table
TABLE = {*DATA, "duckdb", "ibis"}  # reads a table that somebody gives
ANALYSIS = {"numpy", "pyarrow", "duckdb", "ibis", "scipy"}  # analyses one
LOADS: dict[str, set[str]] = {
    "": set(),
    "--help": set(),
    "--version": set(),
    "experiment --help": set(),
    "experiment nonsense": set(),
    "bench --help": set(),
    "status": HOME,
    "status --json": HOME,
    "guard": HOME,
    "guard clear 1": HOME,
    "override 1 --why x": HOME,
    "rollback": HOME,
    "correction": {*HOME, "numpy"},
    "correction drop 1 --why x": {*HOME, "numpy"},
    "experiment check": {*HOME, *LIVE},
    "experiment stop x --why w": {*HOME, *LIVE},
    "experiment start x --why w": {*HOME, *LIVE},
    "experiment resume x --why w": {*HOME, *LIVE},
    "experiment analyze x --table TABLE --metric m --weight a=0.5 --weight b=0.5": {*ANALYSIS, *HOME},
    "experiment power --table TABLE --metric m": ANALYSIS,
    "evaluate --off-policy --table TABLE --reward m --propensity p --uniform 2": {*TABLE, "scipy"},
    "request --help": {*DATA, "orjson"},
    "replay --help": {*DATA, "orjson", "aiohttp", "scipy"},
}
"""What a command may load at most; where it runs without a service, it runs."""

DRIVER = """
import atexit, sys
from bentos.cli import main
atexit.register(lambda: print("loaded:", *{name.partition(".")[0] for name in sys.modules}, file=sys.stderr))
main()
"""


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small table of two arms."""
    file = tmp_path_factory.mktemp("table") / "sessions.csv"
    rows = (f"u{n},{'ab'[n % 2]},{n * 37 % 101},0.5" for n in range(400))
    file.write_text("\n".join(["unit,arm,m,p", *rows]))
    return file


@pytest.mark.parametrize("asked", LOADS)
def test_a_command_loads_what_it_runs(asked: str, table: Path, tmp_path: Path) -> None:
    """In a process of its own, in an empty home: no more libraries than the table above allows."""
    arguments = [str(table) if word == "TABLE" else word for word in asked.split()]
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, *arguments],
        env={**os.environ, "BALLAST_HOME": str(tmp_path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert "Traceback" not in done.stderr
    *_, last = done.stderr.splitlines()
    assert last.startswith("loaded: ")
    assert set(last.split()) & SLOW <= LOADS[asked]


def test_help_costs_little_more_than_typer_and_rich() -> None:
    """CPU time of `ballast --help` and `status`: at most three times that of the imports they need."""
    base = [sys.executable, "-c", "import typer, rich, rich.console, rich.table"]
    asked = [[sys.executable, "-m", "bentos", word] for word in ("--help", "status")]
    least = [float("inf")] * 3
    for _ in range(15):  # the least of several is what it costs; a busy machine needs more of them
        least = [min(known, _cpu(command)) for known, command in zip(least, (base, *asked), strict=True)]
        if max(least) <= 3 * least[0]:
            return
    raise AssertionError(f"--help and status took {least[1:]} s of CPU, against {least[0]} s")


def _cpu(command: list[str]) -> float:
    """Seconds of user and system time that a process took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, timeout=280)
    assert done.returncode in {0, 1, 2}, done.stderr  # status says by it how things are
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


@pytest.mark.parametrize("name", [*COMMANDS, *(f"experiment {name}" for name in EXPERIMENT)])
def test_a_line_of_help_is_how_the_docstring_begins(name: str) -> None:
    """The first paragraph, on one line; of a group its own help."""
    place, line = EXPERIMENT[name.split()[1]] if " " in name else COMMANDS[name]
    if not place:
        return
    found = load(place)
    text = found.info.help if isinstance(found, typer.Typer) else inspect.getdoc(found)
    assert " ".join(text.split("\n\n")[0].split()) == line


def test_help_lists_all_commands_in_order() -> None:
    """Those of the table, and of `experiment` its own; a group's other commands stand in its own help."""
    for asked, names in (((), COMMANDS), (("experiment",), EXPERIMENT)):
        lines = run(*asked, "--help").stdout.split("Commands")[1].splitlines()
        listed = [line[2:].split(" ")[0] for line in lines if line.startswith("│ ") and line[2] != " "]
        assert listed == list(names)
    assert "drop" in run("correction", "--help").stdout
    assert "clear" in run("guard", "-h").stdout


def test_every_command_has_help_of_its_own() -> None:
    """Its usage names it."""
    for name in [*COMMANDS, *(f"experiment {name}" for name in EXPERIMENT)]:
        done = run(*name.split(), "--help")
        assert done.exit_code == 0
        assert f"Usage: ballast {name} [OPTIONS]" in done.stdout


def test_the_version_is_the_package_s() -> None:
    """`ballast` and `python -m bentos` are the same."""
    for command in ([Path(sys.executable).with_name("ballast")], [sys.executable, "-m", "bentos"]):
        done = subprocess.run([*command, "--version"], cwd=ROOT, check=True, capture_output=True, text=True)
        assert done.stdout == f"ballast {version('ballast')}\n"


def test_a_word_that_is_no_command_is_refused_with_the_nearest() -> None:
    """Status 2."""
    done = run("experiment", "chek")
    assert done.exit_code == 2
    assert "No such command 'chek'. Did you mean 'check'?" in done.stderr


@pytest.mark.parametrize(
    ("number", "shown"), [(errno.ENOSPC, True), (errno.EACCES, True), (errno.EBADF, False)]
)
def test_what_the_machine_refuses_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, number: int, shown: bool
) -> None:
    """A full disk and a file of somebody else; other errors of the system are defects."""

    def refuse(_: object) -> None:
        raise OSError(number, os.strerror(number), "/disk/file")

    monkeypatch.setattr("bentos.commands.status.saved_status", refuse)
    done = run("status")
    if shown:
        assert (done.exit_code, done.stderr) == (2, f"error: /disk/file: {os.strerror(number)}\n")
    else:
        assert isinstance(done.exception, OSError)
