"""What a policy would have earned, from a table of another system's decisions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from experiments.analysis.tables import connect, read, readable
from experiments.config.problems import AnalysisError
from experiments.offpolicy.estimators import Evaluation, evaluate
from experiments.offpolicy.policy_log import log_of
from experiments.offpolicy.weight_tests import LogParts


def evaluate_table(  # noqa: PLR0913, PLR0917 - the options
    table: Path,
    reward: str,
    propensity: str,
    target: str | None,
    uniform: int | None,
    unit: str | None,
    action: str | None = None,
    slices: Sequence[str] = (),
) -> Evaluation:
    """Value the policy whose probabilities stand in `target`, or the `uniform` one over so many items.

    `reward`, `propensity`, `target`, `unit`, `action` and `slices` are columns of the file `table`.
    """
    if (target is None) == (uniform is None):
        raise AnalysisError("give either --target COLUMN or --uniform ITEMS: the policy to be valued")
    if uniform is not None and uniform < 1:
        raise AnalysisError(f"--uniform {uniform}: must be the number of items, 1 or more")
    texts = [name for name in (unit, action, *slices) if name is not None]
    names = list(dict.fromkeys([reward, propensity, *([] if target is None else [target]), *texts]))
    source = read(table, connect(), texts)
    if absent := [name for name in names if name not in source.columns]:
        raise AnalysisError(
            f"table: {table.name} has no column {absent[0]!r}; it has {', '.join(source.columns[:12])}"
        )
    with readable(table):
        frame = source.select(*names).to_pandas()
    for name in texts:
        if missing := int(frame[name].isna().sum()):
            raise AnalysisError(f"{name}: {missing:,} of {len(frame):,} rows have no value; leave them out")
    wanted = frame[target] if target is not None else [1 / (uniform or 1)] * len(frame)
    log = log_of(
        frame[reward], frame[propensity], wanted, unit=frame[unit].to_numpy(object) if unit else None
    )
    known = {name: frame[name].to_numpy(object) for name in slices}
    taken = None if action is None else frame[action].to_numpy(object)
    always = uniform is not None and action is not None and frame[action].nunique() <= uniform
    return evaluate(log, parts=LogParts(known, taken, always))
