"""The command line. Each command is a function in `bentos/commands/`; here is their list."""

from __future__ import annotations

import sys

import typer

from bentos.commands import (
    bench,
    correction,
    drift,
    evaluate,
    experiment,
    export,
    guard,
    override,
    replay,
    request,
    train,
    up,
    versions,
)
from bentos.commands.console import err
from monitoring.errors import UserError

app = typer.Typer(
    name="ballast",
    help="Serves a CatBoost ranker with experiment controls, and keeps it the right way up.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(up.up)
app.command()(train.train)
app.command()(train.register)
app.command()(train.publish)
app.command()(versions.gate)
app.command()(override.override)
app.command()(versions.promote)
app.command()(versions.rollback)
app.command()(versions.status)
app.command()(request.request)
app.command()(replay.replay)
app.command()(drift.drift)
app.command()(bench.bench)
app.command()(evaluate.evaluate)
app.command()(export.export)
app.add_typer(experiment.app, name="experiment")
app.add_typer(correction.app, name="correction")
app.add_typer(guard.app, name="guard")


def main() -> None:
    """Run a command; a user's mistake is one sentence and status 2, never a stack trace."""
    try:
        app()
    except UserError as error:
        err.print(f"error: {error}", style="red", highlight=False, markup=False)
        sys.exit(2)
