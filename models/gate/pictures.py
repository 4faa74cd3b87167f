"""The pictures a person wants beside a verdict: score histograms, calibration, directions."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from models.gate.compare import Comparison
from models.gate.stats import Floats
from models.gate.subject import Subject

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OWN, CHAMPION = "#0b6bcb", "#8a949e"
STEPS = 25  # points of a direction's curve
ROWS = 300  # rows that are moved along it


@dataclass(frozen=True)
class Picture:
    """A PNG as base64, with what it shows."""

    title: str
    caption: str
    content: str


def pictures(subject: Subject) -> Iterator[Picture]:
    """Those that the version's kind allows."""
    for comparison in subject.comparisons:
        yield _histogram(comparison)
        if not subject.declared.ranks:
            yield _calibration(comparison)
    for feature, sign in subject.served.expect.sign.items():
        if feature in subject.declared.numeric:
            yield _direction(subject, feature, sign)


def _histogram(comparison: Comparison) -> Picture:
    def draw(axes: Axes) -> None:
        both = [each for each in (comparison.own, comparison.champion) if each is not None]
        finite = np.concatenate([each[np.isfinite(each)] for each in both])
        low, high = np.quantile(finite, [0.001, 0.999]) if len(finite) else (0.0, 1.0)
        edges = np.linspace(low, high, 60).tolist()
        axes.hist(comparison.own, edges, color=OWN, alpha=0.6, label="this version")
        if comparison.champion is not None:
            axes.hist(comparison.champion, edges, histtype="step", color=CHAMPION, lw=2, label="champion")
        axes.set(xlabel="score", ylabel="candidates")
        axes.legend()

    source = comparison.window.source
    return Picture(f"Scores on {source}", f"{len(comparison.own):,} candidates.", _png(draw))


def _calibration(comparison: Comparison) -> Picture:
    def draw(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color=CHAMPION, lw=1)
        axes.plot(*_curve(comparison.own, comparison), "o-", color=OWN, label="this version")
        if comparison.champion is not None:
            axes.plot(*_curve(comparison.champion, comparison), "s--", color=CHAMPION, label="champion")
        axes.set(xlabel="probability served", ylabel="share of ones", xlim=(0, 1), ylim=(0, 1))
        axes.legend()

    caption = "Ten groups of equal size; on the line, probabilities mean what they say."
    return Picture(f"Calibration on {comparison.window.source}", caption, _png(draw))


def _curve(scores: Floats, comparison: Comparison) -> tuple[list[float], list[float]]:
    parts = [part for part in np.array_split(np.argsort(scores), 10) if len(part)]
    truth = comparison.window.truth
    return [float(scores[part].mean()) for part in parts], [float(truth[part].mean()) for part in parts]


def _direction(subject: Subject, feature: str, sign: str) -> Picture:
    frame = subject.probes.iloc[:: max(1, len(subject.probes) // ROWS)].reset_index(drop=True)
    column = subject.probes[feature].to_numpy(np.float32)
    grid = np.unique(np.nanquantile(column, np.linspace(0.02, 0.98, STEPS)))
    means = [float(subject.predict(frame.assign(**{feature: np.float32(value)})).mean()) for value in grid]

    def draw(axes: Axes) -> None:
        axes.plot(grid, means, "o-", color=OWN)
        axes.set(xlabel=feature, ylabel="mean raw score")

    caption = f"Mean score of {len(frame)} real rows as {feature} alone is moved; declared {sign}."
    return Picture(f"Direction of {feature}", caption, _png(draw))


def _png(draw: Callable[[Any], None]) -> str:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 3.2), layout="constrained")
    draw(figure.subplots())
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    return base64.b64encode(buffer.getvalue()).decode()
