"""More small healthy tables, of structures that no limit of the gate was tuned on.

Every seed draws another table: how many rows and columns, how they go together and with the outcome. They are
what the rate of healthy tables that are held is measured on; `small_tables.py` has those of the first draft.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.faults.small_tables import Draw, SmallTable, chance, timed

Random = np.random.Generator


def _frame(
    x: np.ndarray, label: np.ndarray, request: np.ndarray | None = None, **more: object
) -> pd.DataFrame:
    made = pd.DataFrame({f"x{place}": np.round(column, 4) for place, column in enumerate(x.T)})
    return timed(made.assign(**more, label=label), np.arange(len(x)) if request is None else request)


def _rows(draw: Random) -> int:
    return int(draw.choice([600, 1000, 1500, 2500]))


def _scaled(signal: np.ndarray, draw: Random, low: float = 0.8, high: float = 2.2) -> np.ndarray:
    return signal / (signal.std() or 1) * draw.uniform(low, high)


def linear(seed: int) -> pd.DataFrame:
    """Causes that go together at random, each with its weight."""
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(_rows(draw), 8)) @ draw.normal(0, 1, (8, 8))
    x /= x.std(axis=0)
    signal = x @ (draw.normal(size=8) * (draw.random(8) < 0.6))
    return _frame(x, chance(_scaled(signal, draw), draw.uniform(0.1, 0.6), draw))


def interactions(seed: int) -> pd.DataFrame:
    """Products and thresholds; no column says much alone."""
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(_rows(draw), 8))
    signal = 0.6 * x[:, 0] * x[:, 1] + (x[:, 2] > 0.5) * x[:, 3] + 0.7 * np.abs(x[:, 4]) + 0.5 * x[:, 5]
    return _frame(x, chance(_scaled(signal, draw, 1, 2.5), draw.uniform(0.2, 0.5), draw))


def words(seed: int) -> pd.DataFrame:
    """Eight categories of two to thirty values, some of which follow from others, and one number."""
    draw = np.random.default_rng(seed)
    count = _rows(draw)
    shares = [draw.dirichlet(np.full(size, 0.7)) for size in (2, 3, 4, 6, 10, 20, 30)]
    codes = [draw.choice(len(share), count, p=share) for share in shares]
    codes.append(codes[5] // 4)
    signal = np.sum([draw.normal(size=int(code.max()) + 1)[code] for code in codes[:6]], axis=0)
    signal = signal + draw.normal(size=count)
    number = draw.normal(size=count) + 0.3 * codes[1]
    named = {f"c{place}": np.char.add("v", code.astype(str)) for place, code in enumerate(codes)}
    return _frame(number[:, None], chance(_scaled(signal, draw), draw.uniform(0.15, 0.5), draw), **named)


def heavy(seed: int) -> pd.DataFrame:
    """Incomes, counts and ratios: a few values are a thousand times as large as most."""
    draw = np.random.default_rng(seed)
    count = _rows(draw)
    common = draw.normal(size=count)
    x = np.column_stack(
        [
            np.exp(1.5 * draw.normal(size=count) + common),
            draw.standard_t(1.5, count),
            draw.pareto(1.2, count),
            draw.poisson(np.exp(0.5 * common)),
            np.exp(2 * draw.normal(size=count)) * (draw.random(count) < 0.4),
            common + draw.normal(size=count),
            draw.exponential(1, count) / draw.exponential(1, count),
            draw.normal(size=count),
        ]
    )
    place = pd.DataFrame(x).rank(pct=True).to_numpy()
    signal = place @ (draw.normal(size=8) * (draw.random(8) < 0.7))
    return _frame(x, chance(_scaled(signal, draw), draw.uniform(0.1, 0.5), draw))


def sparse(seed: int) -> pd.DataFrame:
    """Thirty columns that are 0 nearly always, and some that are missing half of the time."""
    draw = np.random.default_rng(seed)
    count = _rows(draw)
    x = (draw.random((count, 30)) < draw.uniform(0.02, 0.15, 30)).astype(float)
    x[:, :10] *= draw.poisson(2, (count, 10))
    signal = x @ draw.normal(0, 1, 30)
    asked = draw.random(count) < 0.3 + 0.3 * (signal > np.median(signal))
    missing = np.where(asked, draw.normal(size=count) + 0.3 * signal, np.nan)
    signal = signal + 0.5 * asked
    label = chance(_scaled(signal, draw, 1, 2.2), draw.uniform(0.15, 0.5), draw)
    return _frame(np.column_stack([x, missing]), label)


def drifting(seed: int) -> pd.DataFrame:
    """Columns whose means move with the time, weights that fade or grow, a rate that follows."""
    draw = np.random.default_rng(seed)
    count = _rows(draw)
    time = np.linspace(-1, 1, count)[:, None]
    x = draw.normal(size=(count, 8)) + time * draw.normal(0, 0.5, 8)
    first = draw.normal(size=8) * (draw.random(8) < 0.7)
    weights = first + time * draw.normal(0, 0.25, 8) * np.abs(first)
    signal = (x * weights).sum(axis=1)
    x[:, 7] = np.arange(count) + draw.normal(0, 5, count)  # something that counts up
    return _frame(x, chance(_scaled(signal, draw), draw.uniform(0.2, 0.5), draw))


def two(seed: int) -> pd.DataFrame:
    """Two or three columns, and no more."""
    draw = np.random.default_rng(seed)
    count = _rows(draw)
    x = draw.normal(size=(count, 2)) @ np.array([[1, draw.uniform(-0.7, 0.7)], [0, 1]])
    x[:, 1] = np.round(2 * x[:, 1])
    colour = draw.choice(["a", "b", "c"], count)
    signal = x @ draw.normal(size=2) + 0.5 * (colour == "a")
    return _frame(x, chance(_scaled(signal, draw, 0.8, 1.6), draw.uniform(0.2, 0.5), draw), colour=colour)


def dominant(seed: int) -> pd.DataFrame:
    """One cause that tells more than all others, which it may go with or not."""
    draw = np.random.default_rng(seed)
    count = _rows(draw)
    common = draw.normal(size=(count, 1))
    load = draw.uniform(0, 0.8, 8) * draw.choice([-1, 1], 8)
    x = common * load + draw.normal(size=(count, 8))
    signal = 2 * x[:, 0] + x[:, 1:] @ (draw.normal(0, 0.4, 7) * (draw.random(7) < 0.7))
    return _frame(x, chance(_scaled(signal, draw, 1.2, 3), draw.uniform(0.2, 0.5), draw))


def scored(seed: int) -> pd.DataFrame:
    """A score that somebody else made of the same columns and of some that are not here."""
    draw = np.random.default_rng(seed)
    count = _rows(draw)
    x = draw.normal(size=(count, 8))
    hidden = draw.normal(size=count)
    signal = x[:, 1:] @ draw.normal(0, 0.5, 7) + hidden
    x[:, 0] = signal + draw.normal(0, draw.uniform(0.5, 1.5), count)
    return _frame(x, chance(_scaled(signal, draw, 1, 2), draw.uniform(0.2, 0.5), draw))


def classes(seed: int) -> pd.DataFrame:
    """Two classes that differ in their columns' means, as in a survey of the sick and the healthy."""
    draw = np.random.default_rng(seed)
    label = (draw.random(_rows(draw)) < draw.uniform(0.2, 0.5)).astype(int)
    load = draw.normal(0, 0.5, (3, 8))
    x = draw.normal(size=(len(label), 8)) + draw.normal(size=(len(label), 3)) @ load
    x += label[:, None] * draw.normal(0, 0.6, 8) * (draw.random(8) < 0.7)
    return _frame(x, label)


def customers(seed: int) -> pd.DataFrame:
    """Rows of some hundred customers, who come again and differ; what they did before is known."""
    draw = np.random.default_rng(seed)
    count = _rows(draw)
    who = draw.integers(0, count // 6, count)
    own = draw.normal(size=(count // 6, 4))
    x = np.column_stack([own[who], draw.normal(size=(count, 3))])
    logit = x @ draw.normal(0, 0.6, 7) + 0.8 * draw.normal(size=count // 6)[who]
    label = chance(logit, draw.uniform(0.2, 0.5), draw)
    series = pd.Series(label).groupby(who)
    before = (series.cumsum() - label) / series.cumcount().clip(lower=1)
    return _frame(np.column_stack([x, before]), label)


def searches(seed: int) -> pd.DataFrame:
    """Requests of 2 to 20 candidates, items that recur with a price that changes, grades or one click."""
    draw = np.random.default_rng(seed)
    sizes = draw.integers(2, 21, int(draw.choice([150, 300, 500])))
    request = np.repeat(np.arange(len(sizes)), sizes)
    item = np.concatenate([draw.choice(120, size, replace=False) for size in sizes])
    x = np.column_stack([draw.normal(size=(120, 4))[item], np.exp(draw.normal(size=(120, 2)))[item]])
    x[:, 4] *= np.exp(0.1 * draw.normal(size=len(item)))
    hour = draw.integers(0, 24, len(sizes))[request]
    worth = pd.DataFrame(x).rank(pct=True).to_numpy() @ draw.normal(0, 1.5, 6) + 0.02 * hour * x[:, 0]
    worth += draw.gumbel(0, draw.uniform(0.5, 1.2), len(item))
    place = pd.Series(worth).groupby(request).rank(ascending=False).to_numpy()
    label = (
        (place <= 1).astype(int) if draw.random() < 0.5 else np.select([place <= 1, place <= 3], [2, 1], 0)
    )
    frame = _frame(x, label, request, hour=hour)
    return frame.assign(item=[f"i{each}" for each in item])


def answers(seed: int) -> pd.DataFrame:
    """Requests of ten with correlated columns and a place that was shown; grades 0 to 4 of any number."""
    draw = np.random.default_rng(seed)
    count = int(draw.choice([150, 300, 500]))
    request = np.repeat(np.arange(count), 10)
    x = draw.normal(size=(count * 10, 8)) @ draw.normal(0, 1, (8, 8)) + draw.normal(size=(count, 8))[request]
    worth = x @ (draw.normal(size=8) * (draw.random(8) < 0.6))
    worth = worth / (worth.std() or 1) + draw.normal(0, draw.uniform(0.5, 1.5), count * 10)
    label = np.digitize(worth, np.quantile(worth, [0.55, 0.75, 0.9, 0.97]))
    return _frame(x, label, request, hour=draw.integers(0, 24, count)[request])


def prices(seed: int) -> pd.DataFrame:
    """Requests whose outcome is an amount with a long tail, mostly 0."""
    draw = np.random.default_rng(seed)
    count = int(draw.choice([150, 300, 500]))
    request = np.repeat(np.arange(count), 8)
    x = draw.normal(size=(count * 8, 8))
    x[:, 1] = np.exp(x[:, 1] + 0.5 * x[:, 0])
    worth = 0.8 * x[:, 0] - 0.4 * np.log(x[:, 1]) + 0.5 * x[:, 2] * (x[:, 3] > 0)
    bought = draw.random(count * 8) < 1 / (1 + np.exp(1.5 - worth))
    label = np.round(bought * np.exp(0.5 * draw.normal(size=count * 8) + 0.3 * worth) * 10, 2)
    return _frame(x, label, request, hour=draw.integers(0, 24, count)[request])


def _numbers(count: int) -> tuple[str, ...]:
    return tuple(f"x{place}" for place in range(count))


def _requests(name: str, draw: Draw, count: int, objective: str) -> SmallTable:
    """Of several candidates, at an hour of the day."""
    return SmallTable(name, draw, (*_numbers(count), "hour"), (), ("hour",), objective)


OTHERS: tuple[SmallTable, ...] = (
    *(
        SmallTable(draw.__name__, draw, _numbers(8))
        for draw in (linear, interactions, heavy, drifting, dominant, scored, classes, customers)
    ),
    SmallTable("words", words, ("x0",), tuple(f"c{place}" for place in range(8))),
    SmallTable("sparse", sparse, _numbers(31)),
    SmallTable("two", two, _numbers(2), ("colour",)),
    _requests("searches", searches, 6, "QueryRMSE"),
    _requests("answers", answers, 8, "YetiRank"),
    _requests("prices", prices, 8, "QueryRMSE"),
)
