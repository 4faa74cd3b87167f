"""Team-draft interleaving: one slate from two rankers, and outcomes credited to the one that chose the item.

Every unit sees both rankers at once, so that what differs between units and requests cancels. That is why
interleaving needs far fewer requests than a split to show which ranker is better. It does not show by how
much a metric would change; a split does. Source: Radlinski, Kurup, Joachims 2008, "How Does Clickthrough Data
Reflect Retrieval Quality?", algorithm 2; credit as in Chapelle, Joachims, Radlinski, Yue 2012, "Large-Scale
Validation and Analysis of Interleaved Search Evaluation".
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.config.live import Exploration
from experiments.slates.explore import Slate, draws, explore, policy_propensities

Indexes = NDArray[np.int64]
Floats = NDArray[np.float64]

FIRST = 10
"""Positions whose propensity is worked out; further down it is NaN, since states may double every round."""
NEITHER = -1


@dataclass(frozen=True, slots=True)
class Draft:
    """One interleaved slate.

    `order`: int64[n], best first. `team`: int8[n], which ranker chose `order[k]`: 0, 1, or −1 in the
    beginning that both rankers agree on, which nobody is credited for. `propensities`: float64[n], over
    the coins, of `order[k]` at position k; NaN from the eleventh on.
    """

    order: Indexes
    team: NDArray[np.int8]
    propensities: Floats


def team_draft(first: Indexes, second: Indexes, salt: str, request_id: str) -> Draft:
    """Interleave two orders of the same items, int64[n] each, best first; coins follow from salt and request.

    In each round a coin says who chooses first; each ranker then adds its best item not yet chosen.
    ValueError where the two don't order the same items.
    """
    if not np.array_equal(np.sort(first), np.sort(second)):
        raise ValueError("the two orders don't hold the same items; only rankers of one request interleave")
    orders = (first.tolist(), second.tolist())
    coins = draws(salt, request_id, (len(first) + 1) // 2) & np.uint64(1)
    picked: list[int] = []
    team: list[int] = []
    taken: set[int] = set()
    left = (iter(orders[0]), iter(orders[1]))
    for coin in coins.tolist():
        for ranker in (coin, 1 - coin):
            if len(picked) < len(first):
                item = next(each for each in left[ranker] if each not in taken)
                taken.add(item)
                picked.append(item)
                team.append(ranker)
    teams = np.array(team, np.int8)
    teams[: _shared(first, second)] = NEITHER
    return Draft(np.array(picked, np.int64), teams, _propensities(orders, picked))


def propensities(first: Indexes, second: Indexes, slate: Indexes) -> Floats:
    """Probability, over the coins, that the draft puts `slate[k]` at position k: float64[n]; NaN from the
    eleventh on. `slate` holds the items of both orders, drafted or not.
    """
    return _propensities((first.tolist(), second.tolist()), slate.tolist())


def drafted(  # noqa: PLR0913, PLR0917 - what one request has
    exploration: Exploration | None,
    salt: str,
    request_id: str,
    unit: str,
    orders: tuple[Indexes, Indexes],
    scores: Floats | None = None,
) -> tuple[Slate, NDArray[np.int8] | None]:
    """The draft of two orders, or in the explored share of requests an order drawn as if the first served.

    Also who chose each position; None where the order was drawn, as nobody chose. Propensities are those of
    the mixture, (1 − share)·draft + share·policy. `scores`: float64[n], the first ranker's, of
    `orders[0][k]`, as `explore` takes them.
    """
    drawn = explore(exploration, request_id, unit, orders[0], scores)
    draft = team_draft(*orders, salt, request_id)
    if exploration is None or exploration.share == 0 or len(draft.order) == 0:
        return Slate(draft.order, draft.propensities, False), draft.team
    share = exploration.share
    if drawn.explored:
        chosen = propensities(*orders, drawn.order)
        chance = policy_propensities(exploration, orders[0], drawn.order, scores)
        return Slate(drawn.order, (1 - share) * chosen + share * chance, True), None
    chance = policy_propensities(exploration, orders[0], draft.order, scores)
    return Slate(draft.order, (1 - share) * draft.propensities + share * chance, False), draft.team


def _best(order: list[int], taken: set[int] | frozenset[int]) -> int:
    return next(item for item in order if item not in taken)


def _shared(first: Indexes, second: Indexes) -> int:
    """Length of the beginning on which both agree."""
    differs = np.flatnonzero(first != second)
    return int(differs[0]) if len(differs) else len(first)


def _propensities(orders: tuple[list[int], list[int]], picked: list[int]) -> Floats:
    """Sum over all coins: the sets chosen after each round, with their probabilities.

    After a round in which the two best differ, both coins give the same set; it doubles only where they
    agree.
    """
    found = np.full(len(picked), np.nan)
    states: dict[frozenset[int], float] = {frozenset(): 1.0}
    for place in range(0, min(FIRST, len(picked)), 2):
        found[place : place + 2] = 0.0
        after: dict[frozenset[int], float] = {}
        for taken, probability in states.items():
            for coin in (0, 1):
                pair = _round(orders, taken, coin, len(picked) - place)
                for step, item in enumerate(pair):
                    found[place + step] += probability / 2 * (picked[place + step] == item)
                chosen = taken | set(pair)
                after[chosen] = after.get(chosen, 0.0) + probability / 2
        states = after
    return found


def _round(orders: tuple[list[int], list[int]], taken: frozenset[int], coin: int, left: int) -> list[int]:
    one = _best(orders[coin], taken)
    return [one] if left == 1 else [one, _best(orders[1 - coin], taken | {one})]
