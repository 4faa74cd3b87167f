"""`ballast experiment check`: is a live.yaml right?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bentos.commands.change import warn_of
from bentos.commands.console import err, out, print_json
from bentos.home.state import Home
from bentos.settings import settings
from experiments.config.check import load
from experiments.config.problems import ConfigError


def check(
    file: Annotated[Path | None, typer.Argument(help="the file to check; the live one if not given")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Check a live.yaml: every problem with its line. Exits 1 where there is one."""
    path = file or settings().experiments
    try:
        live = load(path)
    except ConfigError as error:
        if as_json:
            print_json({"ok": False, "problems": [problem._asdict() for problem in error.problems]})
        else:
            err.print(str(error), style="red", highlight=False, markup=False)
        raise typer.Exit(1) from error
    warnings = warn_of(Home(settings().ranker_home), live)
    if as_json:
        print_json({"ok": True, "digest": live.digest, "warnings": warnings})
    else:
        out.print(f"{path}: {len(live.experiments)} experiments, digest {live.digest}", highlight=False)
