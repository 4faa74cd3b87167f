"""The proof that every load gives: kernel and CatBoost on the same rows, compared bit for bit.

Two sets of rows. *Edge rows* are made up, feature by feature, of what is hardest to agree on: NaN,
infinities, zeros of both signs, denormals, the model's own borders and their neighbours. They pass through
the same quantiser, contexts and crossed columns as a request does. *Real rows* are the snapshot's own,
with contexts of the same kind.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.engine.cityhash import category_hashes
from models.engine.fast import KernelEngine
from models.engine.fill import fill_statistics
from models.engine.lanes import NARROW
from models.engine.layout import Group
from models.engine.lookups import Sources
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
    return [_edge_trial(engine, draw, _heard(engine, requests)), *_real_trials(engine, draw, requests)]


def _heard(engine: KernelEngine, requests: Sequence[Job]) -> dict[str, NDArray[np.object_]]:
    """Words that categorical features have: those of the items' vocabularies, of the requests' contexts."""
    heard = dict(engine.inputs.words)
    for place, name in enumerate(engine.spec.context_categorical):
        said = dict.fromkeys(job.context.categorical[place] for job in requests)
        heard[name] = np.array([*said, MISSING], object)
    return heard


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


def _edge_trial(
    engine: KernelEngine, draw: np.random.Generator, heard: Mapping[str, NDArray[np.object_]]
) -> Trial:
    spec = engine.spec
    columns: dict[str, NDArray[Any]] = {}
    for place, name in enumerate(spec.names):
        if name in spec.categorical:
            columns[name] = _words(heard[name], draw)
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


def _words(known: NDArray[np.object_], draw: np.random.Generator) -> NDArray[np.object_]:
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
    contexts = np.zeros((EDGE_ROWS, layout.context_size), np.uint8)
    numbers, hashes = _stacked(columns, spec.context_numeric), _hashed(columns, spec.context_categorical)
    for row, number, hashed in zip(contexts, numbers.T.copy(), hashes.T.copy(), strict=True):
        layout.context_row(number, hashed, row)
    keys = [layout.joint.keys(*each) for each in zip(numbers.T.copy(), hashes.T.copy(), strict=True)]
    crossed, rows = _stacked(columns, spec.cross_names), np.arange(EDGE_ROWS)
    owner, sources = rows.astype(np.int32), _sources(engine, columns)
    joint = layout.joint.fill(np.array(keys), owner, rows, sources, crossed)
    parts = [  # both widths of the kernel's blocks
        walker.scores(
            table, rows[part], contexts, owner[part], crossed[:, part].copy(), joint[:, part].copy()
        )
        for part in (slice(NARROW), slice(NARROW, None))
    ]
    return np.concatenate([scores for scores, _ in parts])


def _stacked(columns: Columns, names: Sequence[str]) -> NDArray[np.float32]:
    return np.array([columns[name] for name in names], np.float32).reshape(-1, EDGE_ROWS)


def _hashed(columns: Columns, names: Sequence[str]) -> NDArray[np.uint32]:
    hashes = [category_hashes(columns[name].tolist()) for name in names]
    return np.array(hashes, np.uint32).reshape(-1, EDGE_ROWS)


def _sources(engine: KernelEngine, columns: Columns) -> Sources:
    """The columns' items as a catalogue has them, where every word has a code of its own."""
    spec = engine.spec
    numeric, hashes = _stacked(columns, spec.item_numeric), _hashed(columns, spec.item_categorical)
    codes = np.tile(np.arange(EDGE_ROWS, dtype=np.int32), (len(hashes), 1))
    begin = np.arange(len(hashes)) * EDGE_ROWS
    for each in (numeric, codes):
        each.flags.writeable = False  # as mapped ones are
    return Sources(
        numeric, codes, np.arange(len(numeric)), np.arange(len(hashes)), hashes.ravel(), begin, begin
    )


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
