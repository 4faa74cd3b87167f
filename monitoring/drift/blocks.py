"""Blocks of the same kind in both windows: what is drawn anew is as large in the one as in the other."""

from __future__ import annotations

import numpy as np
import pandas as pd

from monitoring.drift.columns import Columns, Frames

ALIKE = 1.25
"""Requests of a window may be this many times as large as the other's before rows are left out of them."""


def alike(frames: Frames, columns: Columns, rng: np.random.Generator) -> Frames:
    """The frames with requests of about the same size.

    A limit comes from blocks that change places (`limits`). Were those of one window larger, the window would
    seem as noisy as if it had few rows. Where training has single rows (`grouped` is False), its rows make
    blocks as large as the requests that are served, each of rows that follow one another in time: rows of one
    moment may be alike. Where both have requests, rows are left out at random of the larger ones.
    """
    if not columns.grouped:
        return _runs(frames[0], columns, max(1, round(_size(frames[1], columns)))), frames[1]
    sizes = [_size(frame, columns) for frame in frames]
    if max(sizes) <= ALIKE * min(sizes):
        return frames
    first, second = (
        frame if size <= ALIKE * min(sizes) else frame[rng.random(len(frame)) < min(sizes) / size]
        for frame, size in zip(frames, sizes, strict=True)
    )
    return first, second


def _size(frame: pd.DataFrame, columns: Columns) -> float:
    return len(frame) / max(frame[columns.request].nunique(), 1)


def _runs(frame: pd.DataFrame, columns: Columns, size: int) -> pd.DataFrame:
    ordered = frame.sort_values(columns.time, kind="stable")
    return ordered.assign(**{columns.request: np.arange(len(ordered)) // size})
