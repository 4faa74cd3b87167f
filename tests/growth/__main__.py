"""`python -m tests.growth`: measure what work costs as it grows, on this machine (about 15 minutes)."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from bentos.commands import console
from tests.growth.core import Curve, Found, every_curve, run
from tests.growth.report import details, document, summary


def growth(
    names: Annotated[list[str] | None, typer.Argument(help="Curves whose name has one of these.")] = None,
    small: Annotated[bool, typer.Option(help="At the test's sizes.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write what was measured into this JSON file.")] = None,
    picture: Annotated[Path | None, typer.Option(help="Draw the picture into this file.")] = None,
    again: Annotated[Path | None, typer.Option(help="Measure nothing: table and picture of a file.")] = None,
) -> None:
    """Every curve at its sizes."""
    if again is not None:
        found = json.loads(again.read_text())
    else:
        chosen = [one for one in every_curve() if not names or any(name in one.name for name in names)]
        found = []
        for curve in chosen:
            found += document([_measured(curve, small)])
            if out is not None:  # after each, so that a run that is ended leaves what it measured
                out.write_text(json.dumps(found, indent=1))
    if picture is not None:
        from tests.growth.picture import draw

        draw(found, picture)
    for each in found:
        print("\n".join(details(each)), end="\n\n")
    print("\n".join(summary(found)))


def _measured(curve: Curve, small: bool) -> Found:
    found = Found(curve)
    folder = Path(tempfile.mkdtemp(prefix="ballast-growth-"))
    try:
        for found in run(curve, curve.small if small else curve.sizes, folder):
            console.err.print(f"{curve.name}: {', '.join(f'{size:,}' for size in found.costs)}")
    except Exception as error:
        found.failed[0] = f"{type(error).__name__}: {error}"[:200]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return found


if __name__ == "__main__":
    typer.run(growth)
