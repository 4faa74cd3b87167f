"""Options that say what is measured in a table, for `ballast experiment analyze` and `power`."""

from __future__ import annotations

from typing import Annotated

import typer

from experiments.analysis.question import Measure
from experiments.config.problems import AnalysisError

Unit = Annotated[str, typer.Option(help="with --table: the column of what was randomised")]


def measures_of(
    names: list[str], per_unit: bool, before: str | None, winsorise: float | None
) -> tuple[Measure, ...]:
    """Columns, or numerators over denominators, as measures: the first is the primary one.

    `before` is the column of the primary one from before the experiment. Raises AnalysisError for a quantile
    that is none.
    """
    if winsorise is not None and not 0.5 < winsorise < 1:
        raise AnalysisError(f"--winsorise {winsorise:g}: must be between 0.5 and 1, such as 0.99")
    found = []
    for index, name in enumerate(names):
        numerator, _, denominator = name.partition("/")
        found.append(
            Measure(
                name=name,
                numerator=numerator,
                denominator=denominator or None,
                per_unit=per_unit,
                role="primary" if index == 0 else "secondary",
                winsorise=winsorise,
                before=(before, None) if before and index == 0 else None,
            )
        )
    return tuple(found)
