"""`python -m tests.bench`: measure Ballast, its floors and its peers on this machine, in one run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bentos.commands import console
from bentos.settings import settings

if TYPE_CHECKING:
    from tests.bench.world import World

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


def _world() -> World:
    from tests.bench.world import World

    return World(settings().home / "bench")


@app.callback(invoke_without_command=True)
def bench(
    context: typer.Context,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document instead of tables.")
    ] = False,
    quick: Annotated[bool, typer.Option(help="Under a minute: fewer cases, shorter, no mlflow.")] = False,
    out: Annotated[Path | None, typer.Option(help="Folder for bench.json and cost.png.")] = None,
    picture: Annotated[Path | None, typer.Option(help="Draw the picture into this file.")] = None,
) -> None:
    """The whole comparison."""
    if context.invoked_subcommand is not None:
        return
    from tests.bench.measure import FULL, QUICK, measure
    from tests.bench.report import document, print_tables

    with console.err.status("") as status:
        results = measure(_world(), QUICK if quick else FULL, status.update)
    found = document(results)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "bench.json").write_text(json.dumps(found, indent=1))
    for path in (picture, out / "cost.png" if out else None):
        if path is not None:
            from tests.bench.picture import draw

            draw(found, path)
    if as_json:
        print(json.dumps(found))
    else:
        print_tables(console.out, found)


@app.command()
def overload(
    seconds: Annotated[float, typer.Option(help="How long twice the sustainable load is offered.")] = 60,
    candidates: Annotated[int, typer.Option(help="Candidates per request.")] = 1000,
    times: Annotated[float, typer.Option(help="How many times the sustainable load.")] = 2,
) -> None:
    """Offer more than can be served, and see what becomes of it."""
    from tests.bench.overload import run

    print(json.dumps(run(_world(), seconds, candidates, times), indent=1))


@app.command()
def memory(
    minutes: Annotated[float, typer.Option(help="How long.")] = 10,
    candidates: Annotated[int, typer.Option(help="Candidates per request.")] = 300,
) -> None:
    """Watch the memory of every process under a steady load."""
    from tests.bench.memory import run

    print(json.dumps(run(_world(), minutes * 60, candidates), indent=1))


@app.command()
def swap(
    candidates: Annotated[int, typer.Option(help="Candidates per request.")] = 100,
) -> None:
    """Replace the catalogue and the version under load: latencies before, during and after."""
    from tests.bench.swap import run

    print(json.dumps(run(_world(), candidates), indent=1))


@app.command()
def redis() -> None:
    """Items from Redis beside a bare MGET and the kernel."""
    from tests.bench.mget import run

    print(json.dumps(run(_world()), indent=1))


if __name__ == "__main__":
    app()
