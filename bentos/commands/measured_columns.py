"""Options that say what is measured in a table and how it is judged, for `experiment analyze` and `power`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from experiments.analysis.planned import measures_of
from experiments.analysis.question import Measure
from experiments.config.problems import AnalysisError
from experiments.config.table_plan import ColumnMetric

Unit = Annotated[str, typer.Option(help="with --table: the column of what was randomised")]


@dataclass(frozen=True)
class Judging:
    """How metrics are judged, as options say it: VALUE, or METRIC=VALUE for one of them.

    A bare effect and `better` are the primary metric's, a bare margin is every guardrail's.
    """

    effect: Sequence[str] = ()
    better: Sequence[str] = ()
    margin: Sequence[str] = ()


def columns_measured(  # noqa: PLR0913 - options of a command
    names: Sequence[str],
    guardrails: Sequence[str] = (),
    judging: Judging = Judging(),
    *,
    per_unit: bool = False,
    before: str | None = None,
    winsorise: float | None = None,
) -> tuple[Measure, ...]:
    """Columns, or numerators over denominators, as measures: the first is the primary one.

    `before` is the column of the primary one from before the experiment. Raises AnalysisError for a value
    that is none, a metric that is named twice, and one that isn't named at all.
    """
    if not names:
        raise AnalysisError("metrics: none is given; name one by --metric, or several; the first is primary")
    every = [*names, *guardrails]
    twice = next((name for name in every if every.count(name) > 1), None)
    if twice is not None:
        raise AnalysisError(f"--metric {twice!r}: is named twice; a metric has one role")
    settings: dict[str, dict[str, Any]] = {
        name: {"per": "unit" if per_unit else "row", "winsorise": _quantile(winsorise)} | _of(name)
        for name in every
    }
    if before:
        settings[names[0]]["before"] = before
    for option, values, bare in (
        ("effect", judging.effect, names[:1]),
        ("better", judging.better, names[:1]),
        ("margin", judging.margin, guardrails),
    ):
        for text in values:
            for name, value in _said(option, text, bare, every):
                settings[name][option] = value
    metrics = {name: ColumnMetric(**each) for name, each in settings.items()}
    return measures_of(metrics, names[0], guardrails)


def _of(name: str) -> dict[str, Any]:
    """The column and quantile of a name such as "p90(latency)"; nothing of any other.

    >>> _of("p99.9(latency)")["quantile"], _of("latency")
    (0.999, {})
    """
    found = re.fullmatch(r"p(\d{1,2}(?:\.\d+)?)\((.+)\)", name)
    if found is None:
        return {}
    quantile = round(float(found[1]) / 100, 12)
    if not 0 < quantile < 1:
        raise AnalysisError(f"--metric {name!r}: must be above p0 and below p100, such as p90(latency)")
    return {"of": found[2], "quantile": quantile, "per": "row", "winsorise": None}


def _quantile(winsorise: float | None) -> float | None:
    if winsorise is not None and not 0.5 < winsorise < 1:
        raise AnalysisError(f"--winsorise {winsorise:g}: must be between 0.5 and 1, such as 0.99")
    return winsorise


def _said(option: str, text: str, bare: Sequence[str], known: Sequence[str]) -> list[tuple[str, Any]]:
    """Which metrics an option is about, and its value."""
    name, _, value = text.rpartition("=")
    if name and name not in known:
        raise AnalysisError(f"--{option} {text!r}: {name!r} is no metric; those are {', '.join(known)}")
    if not name and not bare:
        raise AnalysisError(f"--{option} {text!r}: is about guardrails, and none is given by --guardrail")
    return [(each, _value(option, text, value)) for each in ([name] if name else bare)]


def _value(option: str, text: str, value: str) -> Any:
    if option == "better":
        if value not in ("higher", "lower"):
            raise AnalysisError(
                f"--better {text!r}: must be higher or lower, or METRIC=higher or METRIC=lower"
            )
        return value
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if option == "effect" and not 0 < number < 10:
        raise AnalysisError(f"--effect {text}: must be a change above 0, such as 0.05 for 5% either way")
    if option == "margin" and not 0 <= number < 1:
        raise AnalysisError(f"--margin {text}: must be a share from 0 to under 1, such as 0.01 for 1%")
    return number
