"""What goes wrong with a small table before anybody trains on it: changes of the frame that people bring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tests.faults.small_tables import SmallTable

Draw = np.random.Generator
Change = Callable[[pd.DataFrame, SmallTable, Draw], pd.DataFrame]


@dataclass(frozen=True)
class TableFault:
    """A changed table; `added` are columns that the declaration then has as numbers.

    `caught` holds beginnings of the names of checks that are right to stop it, `missed` the tables of which
    1,000 rows, or 300 queries, don't show it.
    """

    name: str
    change: Change
    caught: tuple[str, ...]
    added: tuple[str, ...] = ()
    kinds: str = "all"  # or "rows", "queries"
    missed: tuple[str, ...] = ()

    def suits(self, table: SmallTable) -> bool:
        """Whether such a table can have it."""
        return self.kinds == "all" or (self.kinds == "queries") == table.grouped


def turned(label: pd.Series, where: np.ndarray) -> np.ndarray:
    return np.where(where, label.max() - label, label)


def part(frame: pd.DataFrame, low: float, high: float) -> np.ndarray:
    """Rows between two shares of the time, requests whole."""
    place = pd.factorize(frame["request"])[0]
    share = place / (place.max() + 1)
    return (share >= low) & (share < high)


def inverted(low: float, high: float) -> Change:
    return lambda frame, table, draw: frame.assign(label=turned(frame["label"], part(frame, low, high)))


def features(table: SmallTable) -> list[str]:
    """The columns that belong to the item: context goes with its request."""
    return [name for name in (*table.numeric, *table.categorical) if name not in table.context]


def with_rows(frame: pd.DataFrame, table: SmallTable, source: np.ndarray) -> pd.DataFrame:
    """The item features of other rows, by row."""
    names = features(table)
    return frame.assign(**{name: frame[name].to_numpy()[source] for name in names})


def swapped_pairs(frame: pd.DataFrame, table: SmallTable, draw: Draw) -> pd.DataFrame:
    """Of every other pair of neighbouring rows, one has the other's features."""
    source = np.arange(len(frame))
    for low in range(0, len(frame) - 1, 4):
        source[low], source[low + 1] = low + 1, low
    return with_rows(frame, table, source)


def swapped_some(frame: pd.DataFrame, table: SmallTable, draw: Draw) -> pd.DataFrame:
    """Half of the pairs, anywhere."""
    source = np.arange(len(frame))
    for low in range(0, len(frame) - 1, 2):
        if draw.random() < 0.5:
            source[low], source[low + 1] = low + 1, low
    return with_rows(frame, table, source)


def shifted(low: float, high: float, by: int) -> Change:
    """From `low` to `high` of the time every row has the features of the row `by` before it."""

    def change(frame: pd.DataFrame, table: SmallTable, draw: Draw) -> pd.DataFrame:
        rows = np.flatnonzero(part(frame, low, high))
        source = np.arange(len(frame))
        source[rows] = np.roll(rows, by)
        return with_rows(frame, table, source)

    return change


def permuted(low: float, high: float, within: bool = False) -> Change:
    """The features of a part of the time, among its rows, or among the rows of each request."""

    def change(frame: pd.DataFrame, table: SmallTable, draw: Draw) -> pd.DataFrame:
        rows = np.flatnonzero(part(frame, low, high))
        source = np.arange(len(frame))
        request = pd.factorize(frame["request"])[0][rows] if within else np.zeros(len(rows))
        source[rows] = rows[np.lexsort((draw.random(len(rows)), request))]
        return with_rows(frame, table, source)

    return change


def swapped_at_random(frame: pd.DataFrame, table: SmallTable, draw: Draw) -> pd.DataFrame:
    """Half of the rows, anywhere, among themselves."""
    rows = np.flatnonzero(draw.random(len(frame)) < 0.5)
    source = np.arange(len(frame))
    source[rows] = draw.permutation(rows)
    return with_rows(frame, table, source)


def reversed_in_half(frame: pd.DataFrame, table: SmallTable, draw: Draw) -> pd.DataFrame:
    """The features of every other request stand from last to first."""
    request = pd.factorize(frame["request"])[0]
    source = np.arange(len(frame))
    for each in range(0, request.max() + 1, 2):
        rows = np.flatnonzero(request == each)
        source[rows] = rows[::-1]
    return with_rows(frame, table, source)


def leak(noise: float) -> Change:
    def change(frame: pd.DataFrame, table: SmallTable, draw: Draw) -> pd.DataFrame:
        label = frame["label"].to_numpy(float)
        return frame.assign(leak=label + draw.normal(0, noise * label.std() / 0.46, len(frame)))

    return change


def window(before: int, after: int, own: bool = True, noise: float = 0.0) -> Change:
    """The mean outcome of rows about each."""

    def change(frame: pd.DataFrame, table: SmallTable, draw: Draw) -> pd.DataFrame:
        label = frame["label"].to_numpy(float)
        steps = [step for step in range(-before, after + 1) if own or step]
        found = np.mean([np.roll(label, -step) for step in steps], axis=0)
        return frame.assign(leak=found + draw.normal(0, 1e-9 + noise, len(frame)))

    return change


def known_for_ones(frame: pd.DataFrame, table: SmallTable, draw: Draw) -> pd.DataFrame:
    """A column that is filled mostly once the outcome is there."""
    known = draw.random(len(frame)) < np.where(frame["label"] > 0, 0.7, 0.15)
    return frame.assign(leak=np.where(known, draw.normal(size=len(frame)), np.nan))


def two_leaks(frame: pd.DataFrame, table: SmallTable, draw: Draw) -> pd.DataFrame:
    """A number and a mark that came with the outcome, each in its own way."""
    label = frame["label"].to_numpy(float)
    mark = np.where(draw.random(len(frame)) < 0.75, label > 0, draw.random(len(frame)) < 0.5)
    number = label + draw.normal(0, 1.5 * label.std(), len(frame))
    return frame.assign(leak=number, again=mark.astype(int))


def row_number(frame: pd.DataFrame, table: SmallTable, draw: Draw) -> pd.DataFrame:
    """Ids that were given with some regard to the outcome, as where good and bad came from two lists."""
    order = np.argsort(frame["label"].to_numpy(float) + draw.normal(0, 0.6, len(frame)))
    ids = np.empty(len(frame), int)
    ids[order] = np.arange(len(frame)) + 1
    return frame.assign(leak=ids)


def doubled(share: float) -> Change:
    """Some rows stand a second time, with the other outcome."""

    def change(frame: pd.DataFrame, table: SmallTable, draw: Draw) -> pd.DataFrame:
        again = frame[draw.random(len(frame)) < share]
        again = again.assign(label=again["label"].max() - again["label"], item=again["item"] + "b")
        both = pd.concat([frame, again])
        return both.sort_values("time", kind="stable").reset_index(drop=True)

    return change


def jump(low: float, high: float, share: float) -> Change:
    """In a part of the time, some outcomes of 0 are noted as the highest."""

    def change(frame: pd.DataFrame, table: SmallTable, draw: Draw) -> pd.DataFrame:
        hit = part(frame, low, high) & (draw.random(len(frame)) < share)
        return frame.assign(label=np.where(hit, frame["label"].max(), frame["label"]))

    return change


def column_turned(low: float, high: float) -> Change:
    """The column that goes with outcomes most has the other sign in a part of the time."""

    def change(frame: pd.DataFrame, table: SmallTable, draw: Draw) -> pd.DataFrame:
        numbers = [name for name in features(table) if name in table.numeric]
        best = max(
            numbers,
            key=lambda name: (
                abs(frame[name].corr(frame["label"], method="spearman")) if frame[name].std() else 0
            ),
        )
        return frame.assign(**{best: np.where(part(frame, low, high), -frame[best], frame[best])})

    return change


def labels_shifted(frame: pd.DataFrame, table: SmallTable, draw: Draw) -> pd.DataFrame:
    return frame.assign(label=np.roll(frame["label"], 1))


DIRECTION = ("halves", "features of", "sign", "quality")
LEAK = ("one column", "later outcomes", "single features")
ALL = ("german", "binary, 30%", "queries")
FAULTS: tuple[TableFault, ...] = (
    TableFault("inverted, first 30%", inverted(0, 0.3), DIRECTION),
    TableFault("inverted, last 30%", inverted(0.7, 1), DIRECTION),
    TableFault("inverted, middle 30%", inverted(0.35, 0.65), DIRECTION),
    TableFault("inverted, first half", inverted(0, 0.5), DIRECTION),
    TableFault("inverted, first 15%", inverted(0, 0.15), DIRECTION),
    TableFault("inverted, all", inverted(0, 1), ()),
    TableFault("swapped, every other pair", swapped_pairs, DIRECTION),
    TableFault("swapped, half of the pairs", swapped_some, DIRECTION),
    TableFault("swapped, half at random", swapped_at_random, DIRECTION, missed=ALL),
    TableFault("permuted, first half", permuted(0, 0.5), DIRECTION),
    TableFault("permuted, first 30%", permuted(0, 0.3), DIRECTION, missed=("binary, 30%",)),
    TableFault("permuted in requests, first half", permuted(0, 0.5, True), DIRECTION, kinds="queries"),
    TableFault("reversed in every other request", reversed_in_half, DIRECTION, kinds="queries"),
    TableFault("shifted by one row", shifted(0, 1, 1), DIRECTION),
    TableFault("shifted by one row, last half", shifted(0.5, 1, 1), DIRECTION),
    TableFault("labels shifted by one row", labels_shifted, DIRECTION),
    TableFault("leak: label + noise .55", leak(0.55), LEAK, ("leak",)),
    TableFault("leak: label + noise .4", leak(0.4), LEAK, ("leak",)),
    TableFault("leak: label + noise .8", leak(0.8), LEAK, ("leak",)),
    TableFault("leak: label + noise 1.1", leak(1.1), LEAK, ("leak",), missed=("binary, 30%",)),
    TableFault("leak: two that are made of it", two_leaks, LEAK, ("leak", "again")),
    TableFault("leak: label and next four", window(0, 4), LEAK, ("leak",)),
    TableFault("leak: next four", window(0, 4, own=False), LEAK, ("leak",)),
    TableFault("leak: two before to two after", window(2, 2), LEAK, ("leak",)),
    TableFault("leak: label and next nine", window(0, 9, noise=0.05), LEAK, ("leak",)),
    TableFault("leak: known for ones", known_for_ones, LEAK, ("leak",)),
    TableFault("leak: row number", row_number, LEAK, ("leak",)),
    TableFault("doubled, half, other label", doubled(0.5), ("contradictions",)),
    TableFault("doubled, 5%, other label", doubled(0.05), ("contradictions",)),
    TableFault("rate jumps in the first 30%", jump(0, 0.3, 0.4), ("halves",)),
    TableFault("rate jumps in the last half", jump(0.5, 1, 0.4), ("halves",)),
    TableFault("best column turned, first 30%", column_turned(0, 0.3), DIRECTION, missed=("german",)),
    TableFault("best column turned, last half", column_turned(0.5, 1), DIRECTION, missed=("german",)),
)
