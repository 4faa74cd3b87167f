"""`ballast experiment reweight`: the ranges of new weights that move the fewest units."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Annotated

import typer

from bentos.commands.console import out, print_json
from bentos.settings import settings
from experiments.assignment.arm_changes import moved_share, ranges_of, reweighted
from experiments.config.check import load
from experiments.config.live import Experiment
from experiments.config.problems import AnalysisError


def reweight(
    name: Annotated[str, typer.Argument(help="the experiment")],
    shares: Annotated[list[str], typer.Argument(help="ARM=SHARE, one for each of its variants")],
    file: Annotated[Path | None, typer.Option(help="its file; the live one if not given")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Ranges for new weights that move the least possible share of units, to paste into the file."""
    experiment = _named(load(file or settings().experiments).experiments, name)
    arms = [variant.name for variant in experiment.variants]
    wanted = _wanted(shares, arms)
    now = ranges_of(experiment)
    new = reweighted(now, [wanted[arm] for arm in arms])
    moved, plain = moved_share(now, new), moved_share(now, _side_by_side([wanted[arm] for arm in arms]))
    if as_json:
        print_json(
            {"experiment": name, "ranges": dict(zip(arms, new, strict=True)), "moved": moved, "plain": plain}
        )
        return
    for arm, parts in zip(arms, new, strict=True):
        out.print(f"{arm}: ranges: {[list(each) for each in parts]}", highlight=False, markup=False)
    out.print(
        f"{moved:.1%} of the units change arm or leave; with plain weights it would be {plain:.1%}. While it "
        "runs, its analysis goes on within strata, without what those do from then on",
        highlight=False,
    )


def _named(experiments: tuple[Experiment, ...], name: str) -> Experiment:
    for each in experiments:
        if each.name == name and each.mode == "split":
            return each
    known = ", ".join(each.name for each in experiments if each.mode == "split") or "none"
    raise AnalysisError(f"experiment: {name!r} splits no units in the file; those that do: {known}")


def _wanted(shares: list[str], arms: list[str]) -> dict[str, float]:
    """AnalysisError unless each arm has one share, and they sum to 1."""
    found: dict[str, float] = {}
    for text in shares:
        arm, _, share = text.rpartition("=")
        try:
            value = float(share)
        except ValueError:
            value = -1.0
        if arm not in arms or not 0 <= value <= 1:
            rule = f"must be ARM=SHARE with a share from 0 to 1 and an arm of {', '.join(arms)}"
            raise AnalysisError(f"{text!r}: {rule}")
        found[arm] = value
    if len(found) < len(arms) or abs(sum(found.values()) - 1) > 1e-6:
        raise AnalysisError(f"shares: {found} must be one for each of {', '.join(arms)}, and sum to 1")
    return found


def _side_by_side(weights: list[float]) -> list[list[tuple[float, float]]]:
    edges = [0.0]
    for weight in weights:
        edges.append(edges[-1] + weight)
    return [[(low, high)] for low, high in pairwise(edges)]
