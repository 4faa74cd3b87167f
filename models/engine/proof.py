"""The proof that every load gives: kernel and CatBoost on the same rows, compared bit for bit.

Two sets of rows. *Edge rows* are made up, feature by feature, of what is hardest to agree on: NaN,
infinities, zeros of both signs, denormals, the model's own borders and their neighbours. They pass through
the same quantiser, contexts and crossed columns as a request does. *Real rows* are the snapshot's own,
with contexts of the same kind.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.engine.cityhash import category_hashes
from models.engine.fast import KernelEngine
from models.engine.fill import fill_statistics
from models.engine.lanes import NARROW
from models.engine.layout import Group
from models.engine.protocol import Columns, Job, Scores
from models.engine.quantise import fill_row
from models.features import MISSING, Context

EDGE_ROWS = 600
REAL_ROWS = 200
CONTEXTS = 4  # how many contexts the real rows are spread over
_TINY = float(np.finfo(np.float32).smallest_subnormal)
_LARGEST = float(np.finfo(np.float32).max)
_EDGES = np.array(
    [np.nan, np.inf, -np.inf, 0.0, -0.0, _TINY, -_TINY, 1e-40, -1e-40, _LARGEST, -_LARGEST, 1.0, -1.0],
    np.float32,
)
Judge = Callable[[Columns], Scores]


@dataclass(frozen=True)
class Trial:
    """What an engine is judged on: the columns of n rows, and its scores of them, float64 (n)."""

    name: str
    columns: Columns
    scores: Scores

    @property
    def digest(self) -> str:
        """Of the columns: recorded scores hold for these rows only."""
        content = hashlib.sha256()
        for name, column in self.columns.items():
            content.update(name.encode())
            text = column.dtype == object
            content.update("\0".join(column).encode() if text else np.ascontiguousarray(column).tobytes())
        return content.hexdigest()[:16]


def trials(engine: KernelEngine, requests: Sequence[Job]) -> list[Trial]:
    """Edge rows, real rows and `requests`, scored by `engine`. The same for the same model and snapshot."""
    draw = np.random.default_rng(int(engine.digest, 16))
    return [_edge_trial(engine, draw), *_real_trials(engine, draw, requests)]


def difference(trial: Trial, expected: Scores) -> str | None:
    """Where an engine's scores are not CatBoost's, in a sentence; None where every bit is equal."""
    if expected.shape != trial.scores.shape:
        return f"{trial.name}: {trial.scores.size} scores, CatBoost gives {expected.size}"
    unequal = trial.scores.view(np.int64) != expected.view(np.int64)
    if not unequal.any():
        return None
    row = int(unequal.argmax())
    return (
        f"{trial.name}: {int(unequal.sum())} of {unequal.size} scores differ from CatBoost's, "
        f"first in row {row}: {trial.scores[row]!r}, not {expected[row]!r}"
    )


def _edge_trial(engine: KernelEngine, draw: np.random.Generator) -> Trial:
    spec = engine.spec
    columns: dict[str, NDArray[Any]] = {}
    for place, name in enumerate(spec.names):
        if name in spec.categorical:
            columns[name] = _words(engine, name, draw)
        else:
            borders = [c.borders for c in engine.walker.forest.columns if c.feature == place]
            columns[name] = _numbers(np.concatenate([*borders, _EDGES]), draw)
    return Trial("edge rows", columns, _score(engine, columns))


def _numbers(borders: NDArray[np.float32], draw: np.random.Generator) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):  # the largest float's neighbour is infinite, which is meant
        near = [borders, *(np.nextafter(borders, np.float32(side)) for side in (np.inf, -np.inf))]
    finite = borders[np.abs(borders) < _LARGEST].astype(np.float64)
    spread = np.clip(draw.normal(finite.mean(), finite.std(), EDGE_ROWS // 2), -_LARGEST, _LARGEST)
    edges = draw.choice(np.concatenate([*near, _EDGES]), EDGE_ROWS - spread.size)
    return draw.permutation(np.concatenate([edges, spread.astype(np.float32)]))


def _words(engine: KernelEngine, name: str, draw: np.random.Generator) -> NDArray[np.object_]:
    known = engine.inputs.words.get(name, np.array([MISSING], object))
    known = draw.choice(known, min(known.size, EDGE_ROWS), replace=False)
    return draw.choice(np.concatenate([known, np.array(["unheard of", MISSING], object)]), EDGE_ROWS)


def _score(engine: KernelEngine, columns: Columns) -> Scores:
    """Score made-up columns through the quantiser and the walk, one context for every row."""
    walker, layout, spec = engine.walker, engine.walker.layout, engine.spec
    table = np.zeros((EDGE_ROWS, layout.width), np.uint8)
    _quantise(layout.item, columns, (spec.item_numeric, spec.item_categorical), table)
    fill_statistics(
        layout,
        walker.forest,
        lambda feature: category_hashes(columns[spec.names[feature]].tolist()),
        lambda feature: columns[spec.names[feature]],
        table,
    )
    table.flags.writeable = False  # as a mapped table is: another type to Numba, and another compilation
    contexts = np.zeros((EDGE_ROWS, layout.context.size), np.uint8)
    _quantise(layout.context, columns, (spec.context_numeric, spec.context_categorical), contexts)
    crossed = np.array([columns[name] for name in spec.cross_names], np.float32).reshape(-1, EDGE_ROWS)
    rows = np.arange(EDGE_ROWS)
    parts = [  # both widths of the kernel's blocks
        walker.scores(table, part, contexts, part.astype(np.int32), np.ascontiguousarray(crossed[:, part]))[0]
        for part in (rows[:NARROW], rows[NARROW:])
    ]
    return np.concatenate(parts)


def _quantise(
    group: Group, columns: Columns, names: tuple[tuple[str, ...], tuple[str, ...]], table: NDArray[np.uint8]
) -> None:
    numeric, categorical = names
    values = np.array([columns[name] for name in numeric], np.float32).reshape(-1, table.shape[0])
    for row, target in zip(np.ascontiguousarray(values.T), table, strict=True):
        fill_row(row, group.sources, group.ruler.borders, group.ruler.of_nan, target)
    for at, (place, category) in enumerate(zip(group.categorical, group.categories, strict=True)):
        hashes = category_hashes(columns[categorical[place]].tolist())
        table[:, group.sources.size + at] = hashes == category


def _real_trials(engine: KernelEngine, draw: np.random.Generator, requests: Sequence[Job]) -> list[Trial]:
    size = engine.inputs.catalogue.size
    drawn = [
        Job(draw.integers(0, size, REAL_ROWS // CONTEXTS), _context(engine, draw)) for _ in range(CONTEXTS)
    ]
    jobs = [*drawn, *requests]
    return [
        Trial(f"real rows, request {turn}", engine.features(job.rows, job.context), _sound(scores))
        for turn, (job, scores) in enumerate(zip(jobs, engine.score_many(jobs), strict=True))
    ]


def _sound(scores: Scores | Exception) -> Scores:
    if isinstance(scores, Exception):
        raise scores
    return scores


def _context(engine: KernelEngine, draw: np.random.Generator) -> Context:
    spec = engine.spec
    place = {name: at for at, name in enumerate(spec.names)}
    numbers = np.full(len(spec.context_numeric), np.nan, np.float32)
    for at, name in enumerate(spec.context_numeric):
        borders = [c.borders for c in engine.walker.forest.columns if c.feature == place[name]]
        values = np.concatenate([*borders, np.array([np.nan, 0.0, 1.0], np.float32)])
        numbers[at] = draw.choice(values)
    return Context(numbers, tuple(MISSING for _ in spec.context_categorical))
