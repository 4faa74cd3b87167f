"""Faults in the contexts of requests, of whatever table: what a client, a feed or a join may do to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from models.table.requests import TableRequest

Contexts = list[dict[str, Any]]
Fault = Callable[[list[TableRequest], Contexts], Contexts]
DAY = 86400.0


def broken(asked: list[TableRequest], fault: Fault) -> list[TableRequest]:
    """The same requests with the contexts that a fault makes of theirs."""
    contexts = fault(asked, [dict(request.context) for request in asked])
    return [replace(request, context=context) for request, context in zip(asked, contexts, strict=True)]


def null(_: list[TableRequest], contexts: Contexts) -> Contexts:
    return [dict.fromkeys(context) for context in contexts]


def half_null(_: list[TableRequest], contexts: Contexts) -> Contexts:
    draw = np.random.default_rng(4)
    return [{name: None if draw.random() < 0.5 else own for name, own in each.items()} for each in contexts]


def shuffled(asked: list[TableRequest], contexts: Contexts) -> Contexts:
    """Among the requests of a day."""
    draw = np.random.default_rng(4)
    key = np.array([request.time // DAY for request in asked]) + draw.random(len(asked))
    return [contexts[place] for place in np.argsort(key)]


def of_the_one_before(_: list[TableRequest], contexts: Contexts) -> Contexts:
    return [contexts[0], *contexts[:-1]]


def _a_third(contexts: Contexts, value: Callable[[str], Any]) -> Contexts:
    draw = np.random.default_rng(4)
    return [
        {name: value(name) if draw.random() < 0.3 else own for name, own in each.items()} for each in contexts
    ]


def usual(contexts: Contexts) -> dict[str, Any]:
    """By field the median, or the commonest text."""
    found = {}
    for name in contexts[0]:
        given = [each[name] for each in contexts if each[name] is not None]
        text = isinstance(given[0], str)
        found[name] = max(set(given), key=given.count) if text else float(np.median(given))
    return found


def a_third_usual(_: list[TableRequest], contexts: Contexts) -> Contexts:
    return _a_third(contexts, usual(contexts).__getitem__)


def a_third_zero(_: list[TableRequest], contexts: Contexts) -> Contexts:
    texts = {name for name, value in usual(contexts).items() if isinstance(value, str)}
    return _a_third(contexts, lambda name: "" if name in texts else 0.0)


def a_third_of_others(_: list[TableRequest], contexts: Contexts) -> Contexts:
    draw = np.random.default_rng(5)
    return _a_third(contexts, lambda name: contexts[int(draw.integers(len(contexts)))][name])


def all_frozen(_: list[TableRequest], contexts: Contexts) -> Contexts:
    return [contexts[0]] * len(contexts)


def in_another_unit(name: str, factor: float) -> Fault:
    def change(_: list[TableRequest], contexts: Contexts) -> Contexts:
        return [each | {name: None if each[name] is None else each[name] * factor} for each in contexts]

    change.__name__ = f"{name}_times_{factor:g}"
    return change


def filled(name: str, value: Any) -> Fault:
    def change(_: list[TableRequest], contexts: Contexts) -> Contexts:
        return [each | {name: value} for each in contexts]

    change.__name__ = f"{name}_always_{value}"
    return change


def in_capitals(name: str) -> Fault:
    def change(_: list[TableRequest], contexts: Contexts) -> Contexts:
        return [each | {name: str(each[name]).upper()} for each in contexts]

    change.__name__ = f"{name}_in_capitals"
    return change


def of_another_clock(name: str, hours: int) -> Fault:
    """The hour of the day as another time zone has it."""

    def change(_: list[TableRequest], contexts: Contexts) -> Contexts:
        return [each | {name: (each[name] + hours) % 24} for each in contexts]

    change.__name__ = f"{name}_{hours:+d}"
    return change


def exchanged(one: str, other: str) -> Fault:
    def change(_: list[TableRequest], contexts: Contexts) -> Contexts:
        return [each | {one: each[other], other: each[one]} for each in contexts]

    change.__name__ = f"{one}_for_{other}"
    return change


def renewed_every(seconds: float) -> Fault:
    """A cache that keeps a kind's context for a while; a kind is what stands before the last / of a key."""

    def change(asked: list[TableRequest], contexts: Contexts) -> Contexts:
        kept: dict[str, tuple[float, dict[str, Any]]] = {}
        found = []
        for request, context in zip(asked, contexts, strict=True):
            kind = str(request.key).partition("/")[2]
            if kind not in kept or request.time - kept[kind][0] >= seconds:
                kept[kind] = (request.time, context)
            found.append(kept[kind][1])
        return found

    change.__name__ = f"renewed_every_{seconds / 3600:g}_h"
    return change
