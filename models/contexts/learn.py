"""Learns at training what healthy contexts are: forests on the training part, limits from held-out requests.

Every test has a fault for which it is made. It is planted into the held-out requests, and the limit lies
between what these show in health and what they show with the fault; a test that does not tell the two apart
is not made, and says so.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from models.contexts import planted
from models.contexts.field_shares import gone, missing, most_missing, repeats, together, unknown
from models.contexts.fits import unlike
from models.contexts.forest import PlainForest, fit
from models.contexts.learn_pairs import What, learn_change, learn_own
from models.contexts.reference import CHANGE, JOINT, LATE, OWN, ContextReference, Shown
from models.contexts.shown import PART_WAY, NotShownError, shown
from models.contexts.table_requests import TableRequests, layout_of, requests_of
from models.table.dataset import Table

Floats = NDArray[np.float64]
Learner = Callable[[TableRequests, TableRequests, np.random.Generator], tuple[PlainForest, What]]

LEAST_TRAINED, LEAST_HELD_OUT = 400, 100  # requests without which nothing is learnt of how fields go together
COPIES = 6  # made-up contexts for each real one


def learn(table: Table) -> ContextReference | None:
    """What is known of healthy contexts; None for a ranker whose requests have none."""
    if not table.declaration.context:
        return None
    layout = layout_of(table, table.train)
    trained, held = (requests_of(table, mask, layout) for mask in (table.train, table.test))
    forests, found, unlearnt = _tests(trained, held, table.declaration.ranker.seed)
    contexts = np.vstack([trained.contexts, held.contexts])
    repeated = repeats(layout.context_names, contexts)
    return ContextReference(
        layout=layout,
        forests=forests,
        shown=found,
        unlearnt=unlearnt,
        missing=missing(layout.context_names, contexts),
        repeats=repeated,
        together=together(contexts, repeated),
        unknown=unknown(layout.context_categorical, layout.context_names, contexts),
        gone=gone(contexts, most := most_missing(contexts)),
        most=most,
        every=trained.every,
    )


def _tests(
    trained: TableRequests, held: TableRequests, seed: int
) -> tuple[dict[str, PlainForest], dict[str, Shown], dict[str, str]]:
    """Forests, what they show, and why something can't be shown: by test."""
    learners: dict[tuple[str, ...], Learner] = {
        (JOINT,): _joint,
        (OWN, LATE): learn_own,
        (CHANGE,): learn_change,
    }
    draw = np.random.default_rng(seed)
    forests: dict[str, PlainForest] = {}
    found: dict[str, Shown] = {}
    unlearnt: dict[str, str] = {}
    for names, learner in learners.items():
        try:
            _enough(trained, held)
            forests[names[0]], what = learner(trained, held, draw)
        except NotShownError as error:
            what = dict.fromkeys(names, str(error))
        found |= {name: each for name, each in what.items() if isinstance(each, Shown)}
        unlearnt |= {name: each for name, each in what.items() if isinstance(each, str)}
    return forests, found, unlearnt


def _enough(trained: TableRequests, held: TableRequests) -> None:
    for count, least, of in (
        (len(trained), LEAST_TRAINED, "training"),
        (len(held), LEAST_HELD_OUT, "evaluation"),
    ):
        if count < least:
            raise NotShownError(f"{count} requests in {of}: it takes {least} to learn how they go together")


def _joint(
    trained: TableRequests, held: TableRequests, draw: np.random.Generator
) -> tuple[PlainForest, What]:
    """Fields of a context that go together; the fault: 30% of them are of another request."""
    if trained.contexts.shape[1] < 2:
        raise NotShownError("a context of one field has none that goes with it")
    count = len(trained)
    made_up = [
        planted.spoiled(
            trained.contexts, trained.contexts[_others(copy, count, draw)], draw, int(copy % 3 == 2)
        )
        for copy in range(COPIES)
    ]
    forest = fit(trained.contexts, np.vstack(made_up))
    healthy = unlike(forest, held.contexts)
    broken = unlike(forest, planted.part_swapped(held.contexts, draw))
    return forest, {JOINT: shown(healthy, broken, PART_WAY)}


def _others(copy: int, count: int, draw: np.random.Generator) -> planted.Places:
    return draw.permutation(count) if copy % 2 else planted.neighbours(count, planted.NEAR, draw)
