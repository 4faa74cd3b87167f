"""A broken rule of live.yaml, and what rules about shares and names have in common."""

from collections.abc import Collection, Iterator, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from experiments.config.problems import Path
from experiments.hashing import RESOLUTION


class Broken(NamedTuple):
    """A rule that is broken at `path`; said only if nothing was taken out below `needs`."""

    path: Path
    value: object
    rule: str
    needs: tuple[Path, ...] = ()


def resolved(path: Path, value: float | tuple[float, float], algorithm: str) -> Iterator[Broken]:
    """A share or range that the hash can't cut so finely."""
    size = RESOLUTION[algorithm]
    edges = value if isinstance(value, tuple) else (value,)
    if any(abs(edge * size - round(edge * size)) > 1e-6 for edge in edges):
        stands = list(value) if isinstance(value, tuple) else value
        yield Broken(path, stands, f"is finer than 1/{size}, the steps of {algorithm}")


def named_metrics(
    primary: str | None, guardrails: Sequence[str], metrics: Collection[str], path: Path = ()
) -> Iterator[Broken]:
    """Metrics that what stands at `path` names, and that are not declared, or named twice."""
    named: list[tuple[Path, str]] = [((*path, "primary"), primary)] if primary else []
    named += [((*path, "guardrails", i), name) for i, name in enumerate(guardrails)]
    seen: set[str] = set()
    for at, name in named:
        if name not in metrics:
            rule = f"is not a metric of this file{near(name, list(metrics))}"
            yield Broken(at, name, rule, needs=(("metrics",),))
        if name in seen:
            yield Broken(at, name, "is named twice among primary and guardrails")
        seen.add(name)


def near(name: str, known: list[str]) -> str:
    """What ends a sentence about an unknown name: the known one that is like it, or all of them."""
    near = get_close_matches(name, known, 1)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; those are {', '.join(known)}" if known else "; there are none"
