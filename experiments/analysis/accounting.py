"""Every row accounted for: how many were read, how many are used, and why the others are not."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from experiments.analysis.question import LeftOut, Question
from experiments.analysis.tables import Table, fetched

MOST_ARMS = 8
"""Arms that are not declared and are listed one by one; the others are counted together."""


@dataclass(frozen=True, slots=True)
class Accounting:
    """`read` rows are `used` plus all that are left out."""

    read: int
    used: int
    left_out: tuple[LeftOut, ...] = ()

    def sentence(self) -> str:
        """Such as "6,000 rows read, 4,000 used; left out: 2,000 of arm 'New ' (not declared; such as u7)"."""
        told = ", ".join(str(each) for each in self.left_out)
        return f"{self.read:,} rows read, {self.used:,} used" + (f"; left out: {told}" if told else "")

    def less(self, more: Sequence[LeftOut]) -> "Accounting":
        """The same after more rows were left out of those that were used."""
        kept = tuple(each for each in more if each.rows)
        return Accounting(self.read, self.used - sum(each.rows for each in kept), (*self.left_out, *kept))


def usable(table: Table, question: Question) -> Table:
    """Condition on rows: they have a unit and a declared arm."""
    return has_unit(table, question.unit) & table[question.arm].cast("string").isin(list(question.arms))


def has_unit(table: Table, column: str) -> Table:
    """Condition on rows: the unit is neither null nor NaN nor an empty text."""
    unit = table[column]
    if unit.type().is_string():
        return unit.notnull() & (unit != "")
    return unit.notnull() & ~unit.isnan() if unit.type().is_floating() else unit.notnull()


def account(table: Table, question: Question) -> Accounting:
    """Count the rows of a table by why they are used or not, after those that reading has left out."""
    known = has_unit(table, question.unit)
    rows = table.mutate(_arm=table[question.arm].cast("string"), _known=known)
    by_arm = rows.group_by("_arm").aggregate(
        rows=rows.count(), lost=(~rows["_known"]).sum(), example=rows[question.unit].min()
    )
    lost = by_arm["lost"].sum()
    [whole] = fetched(by_arm.aggregate(rows=by_arm["rows"].sum(), lost=lost))
    other = by_arm.filter(by_arm["_arm"].isnull() | ~by_arm["_arm"].isin(list(question.arms)))
    other = other.mutate(left=other["rows"] - other["lost"])
    listed = fetched(other.order_by([other["left"].desc(), other["_arm"]]).limit(MOST_ARMS))
    [every] = fetched(other.aggregate(rows=other["left"].sum(), arms=other.count()))
    read, no_unit = int(whole["rows"] or 0), int(whole["lost"] or 0)
    left = [LeftOut("without a unit", no_unit)] if no_unit else []
    left += [_of_arm(line, question) for line in listed if line["left"]]
    rest = int(every["rows"] or 0) - sum(int(line["left"]) for line in listed)
    left += (
        [LeftOut(f"of {every['arms'] - MOST_ARMS:,} more arms that are not declared", rest)] if rest else []
    )
    used = read - sum(each.rows for each in left)
    before = sum(each.rows for each in question.left_out)
    return Accounting(read + before, used, (*question.left_out, *left))


def _of_arm(line: dict[str, Any], question: Question) -> LeftOut:
    arm, rows = line["_arm"], int(line["left"])
    if arm is None:
        return LeftOut("without an arm", rows, line["example"])
    near = _near(arm, question.arms)
    hint = f", perhaps {near!r}" if near else ""
    return LeftOut(f"of arm {arm!r} (not declared{hint})", rows, line["example"])


def _near(arm: str, declared: Sequence[str]) -> str | None:
    """The declared arm that is meant: alike but for spaces, case and a number's form, or nearly alike."""
    for each in declared:
        if _plain(each) == _plain(arm):
            return each
    return next(iter(get_close_matches(arm, declared, 1, 0.75)), None)


def _plain(arm: str) -> str:
    text = arm.strip().casefold()
    return text.removesuffix(".0") if text.removesuffix(".0").isdigit() else text
