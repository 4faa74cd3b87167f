"""One picture: a panel per curve, CPU per unit of work over the size, both logarithmic."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from tests.growth.report import duration

ACROSS = 4
GOOD, BAD = "#0b6e4f", "#c0392b"
SAME = {"svg.hashsalt": "growth", "svg.fonttype": "none", "font.family": "sans-serif"}
"""So that equal figures give an equal file, whose text can be found and read aloud."""


def draw(document: Sequence[dict[str, Any]], path: Path) -> None:
    """Draw a document of `report.document` as an SVG; a dotted line is what flat would be."""
    shown = [each for each in document if each["points"]]
    down = math.ceil(len(shown) / ACROSS)
    figure = Figure(figsize=(2.7 * ACROSS, 2.3 * down), dpi=110)
    FigureCanvasSVG(figure)
    grid = figure.subplots(down, ACROSS, squeeze=False)
    panels = list(grid.flat)
    for panel, each in zip(panels, shown, strict=False):
        _panel(panel, each)
    for panel in panels[len(shown) :]:
        panel.set_visible(False)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(SAME):
        figure.savefig(path, format="svg", metadata={"Date": None}, facecolor="white")


def _panel(panel: Any, each: dict[str, Any]) -> None:
    sizes = [point["size"] for point in each["points"]]
    costs = [point["cpu"] for point in each["points"]]
    panel.plot(sizes, costs, marker="o", markersize=3.5, linewidth=1.5, color=BAD if each["breaks"] else GOOD)
    panel.axhline(costs[0], linestyle=":", color="#777777", linewidth=1)
    panel.set(xscale="log", yscale="log")
    low, high = min(costs), max(costs)
    panel.set_ylim(low / 3, max(high * 1.5, low * 10))
    panel.set_xticks(sizes, [_short(size) for size in sizes], fontsize=6)
    panel.set_yticks(
        [low, high], [duration(low), duration(high)] if high > low * 1.3 else ["", duration(high)], fontsize=6
    )
    panel.minorticks_off()
    panel.grid(alpha=0.25)
    panel.spines[["top", "right"]].set_visible(False)
    power = "" if each["exponent"] is None else f" ({each['exponent']:+.2f})"
    panel.set_title(f"{each['name']}{power}", fontsize=7)
    panel.set_xlabel(each["size"], fontsize=6)


def _short(size: int) -> str:
    for scale, letter in ((10**6, "M"), (10**3, "k")):
        if size >= scale:
            return f"{size / scale:g}{letter}"
    return str(size)
