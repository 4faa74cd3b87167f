"""One picture: CPU per request against the number of candidates, with the floors as lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

LINES = {  # system: (colour, marker)
    "Ballast": ("#0b6e4f", "o"),
    "Ballast, remote runner": ("#6fb98f", "s"),
    "FastAPI + uvicorn": ("#3a6ea5", "^"),
    "BentoML's pattern": ("#c0392b", "v"),
    "mlflow models serve": ("#8e6bbf", "D"),
}
FLOORS = {"predict": ("CatBoost predict alone, 1 thread", "--"), "kernel": ("Ballast's kernel alone", ":")}


def draw(found: dict[str, Any], path: Path) -> None:
    """Draw a document of `report.document` as a PNG of some 50 kB."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7.2, 4.6), dpi=110)
    for what, (title, style) in FLOORS.items():
        points = [(one["candidates"], one["value"]) for one in found["floors_ms"] if one["what"] == what]
        axes.plot(*zip(*sorted(points), strict=True), style, color="#777777", label=title, linewidth=1.4)
    _empty(axes, found)
    for system, (colour, marker) in LINES.items():
        points = _cheapest(found, system)
        if points:
            axes.plot(*zip(*points, strict=True), color=colour, marker=marker, label=system, linewidth=1.8)
    axes.set(xscale="log", yscale="log", xlabel="candidates per request", ylabel="CPU ms per request")
    sizes = sorted({one["candidates"] for one in found["floors_ms"]})
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axes.minorticks_off()
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8)
    axes.set_title(found["world"], fontsize=9)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    pyplot.close(figure)


def _empty(axes: Any, found: dict[str, Any]) -> None:
    costs = [
        one["cpu"] for one in found["cases"] if one["system"] == "empty POST" and one["connections"] == 8
    ]
    if costs:
        axes.axhline(costs[0], color="#777777", linestyle="-.", linewidth=1.2, label="an empty POST")


def _cheapest(found: dict[str, Any], system: str) -> list[tuple[int, float]]:
    """(candidates, CPU ms) at 8 connections, or at however many it was measured."""
    points: dict[int, float] = {}
    for one in found["cases"]:
        if one["system"] != system or one["cpu"] is None:
            continue
        if one["connections"] == 8 or one["candidates"] not in points:
            points[one["candidates"]] = one["cpu"]
    return sorted(points.items())
