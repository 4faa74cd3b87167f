"""Pure: from what people decided and what the gate ruled to the next state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

import msgspec

from bentos.control.promotion.eligibility import Eligibility
from bentos.home.state import CHALLENGER, CHAMPION, Served, State

KEEP = 50  # champions to go back to


@dataclass(frozen=True)
class Wish:
    """What people decided: `aliases` (without "@") of the registry, None where it was never reached;
    `named` are the references of the live experiments, and `experiments` their digest; `corrections` are
    those that passed, by version."""

    ranker: str
    aliases: Mapping[str, str] | None
    named: Sequence[str]
    experiments: str
    snapshot: str | None
    corrections: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Restrictions:
    """The guard's part of a state: `stopped` says per version why it must not serve, `distrusted` why the
    snapshot must not ("" where it may), `fallback` in which order items are served without scores.
    `outcomes` is the declared range of feedback."""

    stopped: Mapping[str, str] = field(default_factory=dict)
    distrusted: str = ""
    fallback: str = "as given"
    outcomes: tuple[float, float] | None = None


UNRESTRICTED = Restrictions()


@dataclass
class Settled:
    """What may be served of it: `versions` by reference, `waiting` for a ruling, and what stays out, why."""

    versions: dict[str, str] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)


def wanted(state: State | None, wish: Wish) -> tuple[dict[str, str], list[str]]:
    """Reference → version number as people want it, and what can't be wanted, as sentences.

    The champion never goes: without its alias it stays as it is served. A challenger does. With a registry
    that was never reached, every alias stays as the state has it.
    """
    served = {} if state is None else state.versions
    aliases = {f"@{alias}": version for alias, version in (wish.aliases or {}).items()}
    if wish.aliases is None:
        aliases = {reference: version for reference, version in served.items() if reference[0] == "@"}
    found: dict[str, str] = {}
    problems = []
    for reference in dict.fromkeys((CHAMPION, CHALLENGER, *wish.named)):
        if reference[0] != "@":
            found[reference] = reference
        elif reference in aliases:
            found[reference] = aliases[reference]
        elif reference == CHAMPION and CHAMPION in served:
            found[CHAMPION] = served[CHAMPION]
            problems.append(f"the alias champion is gone: version {served[CHAMPION]} keeps serving")
        elif wish.aliases is not None and (reference in wish.named or reference == CHAMPION):
            problems.append(f"{reference}: {wish.ranker} has no such alias in the registry")
    return found, problems


def settle(
    state: State | None,
    wants: Mapping[str, str],
    eligible: Mapping[str, Eligibility],
    gone: Set[str] = frozenset(),
    heirs: Sequence[str] = (),
) -> Settled:
    """Which wanted versions may serve; `eligible` says it of each.

    A reference whose version may not serve, or not yet, keeps the version it has. Where that is `gone` (its
    override has ended, or the guard stopped it), the first of `heirs` takes over, else the last champion that
    is not gone; without one, the newest other version that serves and has passed.
    """
    served = _standing(state, gone, eligible, heirs)
    settled = Settled()
    for reference, version in wants.items():
        eligibility = eligible[version]
        if eligibility.may_serve:
            settled.versions[reference] = version
            continue
        stays = served.get(reference)
        if stays is not None:
            settled.versions[reference] = stays
        if eligibility.pending:
            settled.waiting.add(reference)
        else:
            settled.problems.append(_difference(reference, version, stays, str(eligibility.refusal), gone))
    return settled


def _difference(reference: str, version: str, stays: str | None, refusal: str, gone: Set[str]) -> str:
    """That a reference's version may not serve, what does instead, and the command that ends that."""
    if stays == version:
        if version in gone:
            return f"{reference}: version {version} may not serve, and no other can take over: {refusal}"
        return f"{reference}: version {version} serves, but would not be let in again: {refusal}"
    keeps = f"; version {stays} keeps serving" if stays else ""
    if stays and reference == CHAMPION:
        keeps += ": `ballast rollback` points the alias at it"
    elif stays and reference[0] == "@":
        keeps += f": `ballast promote {stays} --alias {reference[1:]}` points the alias at it"
    return f"{reference}: version {version} stays out: {refusal}{keeps}"


def _standing(
    state: State | None, gone: Set[str], eligible: Mapping[str, Eligibility], heirs: Sequence[str]
) -> dict[str, str]:
    """What is served and may stay without a ruling of its own."""
    if state is None:
        return {}
    standing = {ref: version for ref, version in state.versions.items() if version not in gone}
    if CHAMPION not in standing and CHAMPION in state.versions:
        good = [each.version for each in reversed(state.previous) if each.version not in gone]
        passed = {each for each in standing.values() if each in eligible and eligible[each].passed}
        # With nothing to take over it stays: an answer from it is worth more than none, and one that the
        # guard stopped answers in the fallback order.
        standing[CHAMPION] = next(
            iter([*heirs, *good, *sorted(passed, key=int, reverse=True)]), state.versions[CHAMPION]
        )
    return standing


def advance(
    state: State | None, wish: Wish, settled: Settled, now: float, restrictions: Restrictions = UNRESTRICTED
) -> State | None:
    """The state that follows, None where nothing changes or nothing can be served yet.

    New experiments wait for the versions that only they name, so that no record mixes them with a fallback.
    """
    if CHAMPION not in settled.versions or wish.snapshot is None:
        return None
    if state is None:
        state = State(0, wish.ranker, "", {})
    served = set(settled.versions.values())
    needed = settled.waiting & set(wish.named) - state.versions.keys()
    changed = msgspec.structs.replace(
        state,
        snapshot=wish.snapshot,
        versions=settled.versions,
        experiments=state.experiments if needed else wish.experiments,
        previous=_previous(state, settled.versions[CHAMPION], now, restrictions.stopped.keys()),
        corrections={
            version: wish.corrections[version] for version in sorted(served & wish.corrections.keys())
        },
        stopped=dict(restrictions.stopped),
        distrusted=restrictions.distrusted,
        fallback=restrictions.fallback,
        outcomes=restrictions.outcomes,
    )
    if changed == state:
        return None
    since = state.since if changed.champion == state.champion else now
    return msgspec.structs.replace(changed, epoch=state.epoch + 1, since=since)


def _previous(state: State, champion: str, now: float, stopped: Set[str]) -> tuple[Served, ...]:
    """A promotion pushes the champion it replaces; returning to the one before pops it, and those after the
    one that takes over from a stopped champion go with it."""
    if state.champion in (None, champion):
        return state.previous
    if state.champion in stopped:
        places = [place for place, each in enumerate(state.previous) if each.version == champion]
        return state.previous[: places[-1]] if places else state.previous
    if state.previous and state.previous[-1].version == champion:
        return state.previous[:-1]
    return (*state.previous, Served(str(state.champion), state.since, now))[-KEEP:]
