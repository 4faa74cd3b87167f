"""Was the model fitted on the features that it will see? Its own borders against the served values.

CatBoost takes a feature's borders from the values that it is fitted on, so they lie among them. A model that
was fitted on another unit, standardised numbers or another column has borders where no served value is, and
the feature says nothing, or the same of every item. The birth certificate can't see it where training's proof
was made from the served features: a model that was trained elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models.gate.stats import Floats
from models.gate.subject import Subject
from models.gate.verdict import SHARE, Check, Result

FEW = 5  # borders below which a feature's are not judged
OUTSIDE = 0.5  # share of a feature's borders


def borders(subject: Subject) -> Iterator[Check]:
    """Most borders of every feature lie among the values that are served for it."""
    names = subject.model.feature_names_
    shares: dict[str, tuple[float, Floats, Floats]] = {}
    for place, found in subject.model.get_borders().items():
        values = _served(subject, names[place])
        if len(found) >= FEW and len(values):
            own = np.asarray(found, np.float64)
            outside = float(((own < values[0]) | (own > values[-1])).mean())
            shares[names[place]] = outside, own, values
    bad = [name for name, (outside, _, _) in shares.items() if outside > OUTSIDE]
    result = Result.HOLD if bad else Result.PASS
    sentence = f"the borders of {len(shares)} numbers lie among the values that are served"
    if bad:
        shown = "; ".join(_shown(name, *shares[name]) for name in bad[:3])
        sentence = f"fitted on other values than are served, of {len(bad)} features: {shown}"
    worst = max((outside for outside, _, _ in shares.values()), default=0.0)
    yield Check("borders of the model", result, sentence, worst, OUTSIDE, "the model", SHARE)


def _shown(name: str, outside: float, own: Floats, values: Floats) -> str:
    span = f"{own.min():.6g} to {own.max():.6g}"
    return f"{name}: {outside:.0%} of its borders ({span}) lie outside of {values[0]:.6g} to {values[-1]:.6g}"


def _served(subject: Subject, name: str) -> Floats:
    """Lowest and highest finite value of a feature: of the catalogue's items, or of the sample of training.

    Empty for what is not of items where a package has no such sample: a few days may lack a storm.
    """
    if name in subject.catalogue.numeric_names:
        column = subject.catalogue.numeric[subject.catalogue.numeric_names.index(name)]
    elif name in subject.sample:
        column = subject.sample[name].to_numpy(np.float32)
    else:
        return np.empty(0)
    finite = column[np.isfinite(column)]
    return np.array([finite.min(), finite.max()], np.float64) if len(finite) else np.empty(0)
