"""What a change of live.yaml does to real units before it goes live, and how to move the fewest."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from experiments.assignment.arms import HELD_OUT, Assignment
from experiments.assignment.assign import assign
from experiments.assignment.plan import compile_plan
from experiments.config.live import Experiment, Layer, Live
from experiments.hashing import Range

FROZEN = ("unit", "hash", "salt")
"""What may not change while an experiment lives: every unit would be drawn anew."""


@dataclass(frozen=True, slots=True)
class ArmChanges:
    """What happens to the sampled units in one experiment: from variant (or None) to variant (or None)."""

    experiment: str
    moves: Mapping[tuple[str | None, str | None], int]

    @property
    def changed(self) -> int:
        """Units that were in one variant and are in another."""
        return sum(n for (old, new), n in self.moves.items() if old != new and None not in (old, new))

    @property
    def joined(self) -> int:
        """Units that were in no variant and now are in one."""
        return sum(n for (old, new), n in self.moves.items() if old is None and new is not None)

    @property
    def left(self) -> int:
        """Units that were in a variant and now are in none."""
        return sum(n for (old, new), n in self.moves.items() if old is not None and new is None)


@dataclass(frozen=True, slots=True)
class Difference:
    """All of it: counts over `units` sampled ones, and warnings about what a change would break."""

    units: int
    model: int
    held_out: int
    experiments: tuple[ArmChanges, ...]
    warnings: tuple[str, ...]

    def sentences(self) -> list[str]:
        """What a person wants to know before it goes live."""
        told = [
            f"{_share(self.model, self.units)} of {self.units:,} units get another model; "
            f"{self.held_out:,} are in the holdout"
        ]
        told += [
            f"{each.experiment}: {_share(each.changed, self.units)} of units change arm, "
            f"{_share(each.joined, self.units)} join, {_share(each.left, self.units)} leave"
            for each in self.experiments
            if each.changed or each.joined or each.left
        ]
        return [*told, *self.warnings]


def diff(old: Live, new: Live, units: Iterable[tuple[str, Mapping[str, object]]], now: float) -> Difference:
    """Assign each (unit, attributes) under both files at `now` (unix seconds) and count what changes."""
    moves: dict[str, Counter[tuple[str | None, str | None]]] = {}
    count = model = held = 0
    planned, changed = (compile_plan(each) for each in without_same(old, new))
    for unit, attributes in units:
        before, after = assign(planned, unit, attributes, now), assign(changed, unit, attributes, now)
        count += 1
        model += (before.model, before.interleave) != (after.model, after.interleave)
        held += any(arm.variant == HELD_OUT for arm in after.arms)
        was, then = _variants(before), _variants(after)
        for name in was.keys() | then.keys():
            moves.setdefault(name, Counter())[was.get(name), then.get(name)] += 1
    found = tuple(ArmChanges(name, dict(counts)) for name, counts in sorted(moves.items()))
    return Difference(count, model, held, found, (*_warnings(old, new), *_unsettled(old, new, found)))


def without_same(old: Live, new: Live) -> tuple[Live, Live]:
    """Both files without the layers that are the same in both: nobody moves in them.

    A layer whose experiments name models stays, since other layers may not name any.
    """
    if (old.unit, old.holdout, old.default) != (new.unit, new.holdout, new.default):
        return old, new
    before, after = set(map(_key, old.layers)), set(map(_key, new.layers))
    same = {key for key in before & after if not key[1]}
    return tuple(
        each.model_copy(update={"layers": tuple(layer for layer in each.layers if _key(layer) not in same)})
        for each in (old, new)
    )  # type: ignore[return-value]


def _key(layer: Layer) -> tuple[str, bool]:
    """A layer's whole content, and whether it names models."""
    models = any(variant.model is not None for each in layer.experiments for variant in each.variants)
    return layer.model_dump_json(), models


def reweighted(ranges: Sequence[Sequence[Range]], weights: Sequence[float]) -> list[list[Range]]:
    """Ranges of the new weights that move the least possible share: half the sum of the weights' changes.

    `ranges`: each variant's present ones; variants that shrink give the ends of theirs to those that
    grow. For two variants side by side nothing is gained over plain weights. ValueError for weights of
    another length.
    """
    if len(ranges) != len(weights):
        raise ValueError(f"weights: {len(weights)} for {len(ranges)} variants; give one to each")
    total = sum(high - low for each in ranges for low, high in each)
    kept: list[list[Range]] = []
    free: list[Range] = []
    for each, weight in zip(ranges, weights, strict=True):
        stays, given = _cut(each, weight * total)
        kept.append(stays)
        free += given
    for each, weight in zip(kept, weights, strict=True):
        missing = weight * total - sum(high - low for low, high in each)
        taken, free = _cut(free, missing)
        each.extend(taken)
    return [_joined(each) for each in kept]


def ranges_of(experiment: Experiment) -> list[list[Range]]:
    """Each variant's ranges: those that are written, or its weight's, side by side in file order."""
    found, edge = [], 0.0
    for each in experiment.variants:
        found.append([*each.ranges] if each.ranges else [(edge, edge + (each.weight or 0.0))])
        edge += each.weight or 0.0
    return found


def moved_share(old: Sequence[Sequence[Range]], new: Sequence[Sequence[Range]]) -> float:
    """Share of the units in a variant that are in another one, or in none, afterwards."""
    whole = sum(high - low for each in old for low, high in each)
    stay = sum(
        max(0.0, min(high, top) - max(low, bottom))
        for before, after in zip(old, new, strict=True)
        for low, high in before
        for bottom, top in after
    )
    return max(0.0, whole - stay) / (whole or 1.0)


def _cut(ranges: Sequence[Range], width: float) -> tuple[list[Range], list[Range]]:
    """The first `width` of the ranges, and the rest; edges on the grid of the hash's 1/10000."""
    taken, rest = [], []
    ends = [0.0, *accumulate(high - low for low, high in ranges)]
    for (low, high), start in zip(ranges, ends, strict=False):
        edge = round(min(max(low + width - start, low), high), 4)
        taken += [(low, edge)] if edge > low else []
        rest += [(edge, high)] if high > edge else []
    return taken, rest


def _joined(ranges: list[Range]) -> list[Range]:
    joined: list[Range] = []
    for low, high in sorted(ranges):
        if joined and abs(joined[-1][1] - low) < 1e-9:
            joined[-1] = (joined[-1][0], high)
        else:
            joined.append((low, high))
    return joined


def _variants(assignment: Assignment) -> dict[str, str]:
    return {arm.experiment: arm.variant for arm in assignment.arms if arm.variant != HELD_OUT}


def _warnings(old: Live, new: Live) -> list[str]:
    was: dict[str, Experiment] = {each.name: each for each in old.experiments}
    told = []
    for each in new.experiments:
        for key in FROZEN:
            if each.name in was and getattr(each, key) != getattr(was[each.name], key):
                before, after = getattr(was[each.name], key), getattr(each, key)
                told.append(
                    f"{each.name}: {key} changes from {before!r} to {after!r}, which draws every unit anew; "
                    "that is another experiment and should have another name"
                )
    return told


def _unsettled(old: Live, new: Live, found: Iterable[ArmChanges]) -> list[str]:
    """What new weights do to an analysis that runs, and the way that does it no harm."""
    was = {each.name: each for each in old.experiments}
    moved = {each.experiment: each.changed for each in found}
    return [
        f"{each.name}: its weights change from {_weights(was[each.name])} to {_weights(each)} while it runs; "
        f"its analysis goes on within strata, without what the {moved[each.name]:,} units that change arm do "
        "from then on, and needs more units. To open it to more units let `traffic` or a `ramp` grow; for "
        "other weights stop it and start another one, with a name and a salt of its own"
        for each in new.experiments
        if each.name in was
        and moved.get(each.name)
        and all(getattr(each, key) == getattr(was[each.name], key) for key in FROZEN)
        and _weights(each) != _weights(was[each.name])
    ]


def _weights(experiment: Experiment) -> str:
    """Such as "50/50", in the order of the file."""
    parts = [
        sum(high - low for low, high in each.ranges) if each.ranges else each.weight or 0.0
        for each in experiment.variants
    ]
    return "/".join(f"{100 * part / (sum(parts) or 1.0):.3g}" for part in parts)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "none"
