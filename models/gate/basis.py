"""What a verdict rests on, and what the data could not have shown: the first line of a pass.

A pass on little data is a weak word. It says by how much a random order was beaten, how much worse a ranker
would have passed too, and how many rows would tell the two apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from models.gate.compare import Comparison
from models.gate.dominant import dominant
from models.gate.identity import foreign
from models.gate.screened import least_told
from models.gate.stats import GateEstimate
from models.gate.subject import Subject

SURELY = (
    1.5  # interval halves above the bar: so much that nine of ten samples clear it, (2.576 + 1.282) / 2.576
)
SMALL = 0.05  # of NDCG or AUC: a lead that is worth finding out where none is seen
INVERTED = "an inverted table would pass too: [expect] declares neither a sign nor golden pairs"
MOST = 0.8  # of what all columns tell: one that alone has more is named
HIDDEN = "these rows could not have shown"
SWAPPED = "half of them with features of others at random"


def basis(subject: Subject) -> str:
    """What the version's pass rests on, in one line; "" where it has no window with outcomes."""
    found = [each for each in subject.comparisons if not each.window.as_asked and each.advantage.n]
    if not found:
        return ""
    trusted = [each for each in found if each.trusted and each.window.source != "the champion's"] or found
    said = rests_on(
        max(trusted, key=lambda each: each.advantage.n), subject.served.expect.least or 0.0, training(subject)
    )
    caveats = [*([] if upright(subject) else [INVERTED]), *unseen(subject)]
    return "; ".join([*caveats, said, *one_strong_column(subject)])


def unseen(subject: Subject) -> Iterator[str]:
    """What rows of this number can't show of themselves, where no champion shows what is usual."""
    design = subject.rows
    if subject.champion is not None or design is None:
        return
    copy, least = "a column made of the outcome", least_told(design)
    if least < 1:
        copy = f"{copy} with a correlation below {least:.2f}"
    mixed = [] if design.rows.items is not None and foreign(design.rows) else [SWAPPED]
    yield f"{HIDDEN} {' or '.join([*mixed, copy])}"


def one_strong_column(subject: Subject) -> Iterator[str]:
    """The column on which most of it rests, for a person to look at."""
    found = None if subject.champion is not None or subject.rows is None else dominant(subject.rows)
    if found is not None and found.share > MOST:
        yield f"most of it rests on {found.name} ({found.share:.0%}): is that known at the decision?"


def upright(subject: Subject) -> bool:
    """Whether a person's word, or a champion that serves, would show a table that is turned round."""
    expect = subject.served.expect
    tried = {*subject.declared.numeric}
    if subject.declared.ranks:
        tried -= {*subject.declared.context}
    return subject.champion is not None or expect.golden is not None or bool(tried & expect.sign.keys())


def training(subject: Subject) -> int:
    """How many requests training had; 0 where that is not known."""
    return int((subject.training or {}).get("requests", 0))


def rests_on(comparison: Comparison, bar: float, trained: int) -> str:
    """The lead over a random order, what share of it would have passed, and the data that would tell."""
    gain, window = comparison.advantage, comparison.window
    unit = "requests" if window.ordered else "rows"
    share = (bar + gain.value - gain.low) / gain.value
    weaker = "half as good" if share <= 0.5 else f"{share:.0%} as good"
    said = (
        f"on {gain.n:,} {unit} of {window.source} it beats a random order by {gain.low:.2f} to "
        f"{gain.high:.2f} ({window.measure} {comparison.quality.value:.3f}); a ranker {weaker} "
        "would have passed"
    )
    if share <= 0.5:
        said = f"{said} ([expect] least = {gain.value / 2:.2f} would hold it)"
    needed = apart(gain, max(0.5, share))
    if needed <= gain.n:
        return said
    return f"{said}; {round_up(needed)} {unit} to judge by would tell{whole(needed, gain.n, trained, unit)}"


def apart(gain: GateEstimate, share: float) -> int:
    """How many requests it takes until intervals of this lead and of a share of it don't overlap."""
    halves = gain.value - gain.low
    return ceil(gain.n * (2 * halves / (gain.value * (1 - share))) ** 2)


def enough(gain: GateEstimate, bar: float = 0.0) -> int | None:
    """How many requests would surely show a lead such as was seen above the bar, nine times of ten.

    Where no lead was seen, one of SMALL; None where nothing was measured.
    """
    if not gain.n or gain.high <= gain.low:
        return None
    lead = max(gain.value - bar, SMALL)
    return max(gain.n + 1, ceil(gain.n * (SURELY * (gain.high - gain.low) / 2 / lead) ** 2))


def whole(needed: int, judged: int, trained: int, unit: str) -> str:
    """How large the whole table is then, with the same split; "" where that is not known."""
    if not trained:
        return ""
    return f", which is a table of {round_up(ceil(needed * (judged + trained) / judged))} {unit}"


def round_up(count: int) -> str:
    """Two figures are enough: 5,917 → "6,000"."""
    step = 10 ** max(0, len(str(count)) - 2)
    return f"{-(-count // step) * step:,}"
