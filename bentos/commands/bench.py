"""`ballast bench`: what a request costs on this machine, beside its floors and its peers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from bentos.environment import ROOT


def bench(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="Under a minute: fewer cases, shorter.")] = False,
    out: Annotated[Path | None, typer.Option(help="Folder for bench.json and cost.png.")] = None,
) -> None:
    """Measure Ballast, its floors and its peers in one run (about 8 minutes; best on an idle machine)."""
    if not (ROOT / "tests" / "bench").is_dir():
        raise typer.BadParameter(f"{ROOT} has no tests/bench: bench runs from a checkout of the project")
    command = [sys.executable, "-m", "tests.bench"]
    command += ["--json"] if as_json else []
    command += ["--quick"] if quick else []
    command += ["--out", str(out.absolute())] if out is not None else []
    raise typer.Exit(subprocess.run(command, cwd=ROOT, check=False).returncode)  # noqa: S603 - our own command
