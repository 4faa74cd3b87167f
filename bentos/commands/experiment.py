"""`ballast experiment …`: the live experiments, before and while they run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bentos.commands import analysis, change, history
from bentos.commands.console import err, out, print_json
from bentos.settings import settings
from experiments.config.check import load
from experiments.config.problems import ConfigError

app = typer.Typer(no_args_is_help=True, help="The live experiments: check, change, and what came of them.")


@app.command()
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
    if as_json:
        print_json({"ok": True, "digest": live.digest})
    else:
        out.print(f"{path}: {len(live.experiments)} experiments, digest {live.digest}", highlight=False)


app.command()(change.apply)
app.command()(change.stop)
app.command()(change.resume)
app.command()(analysis.analyze)
app.command()(analysis.power)
app.command()(history.diff)
app.command()(history.history)
