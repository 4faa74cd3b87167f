"""The status, as `ballast status` prints it: whether anybody answers, what is wrong, then everything else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from rich import box
from rich.markup import escape
from rich.table import Table

from bentos.commands.console import err, out, three_lines
from bentos.home.live_experiments import live_experiments
from bentos.home.state import Home

MOST = 10  # problems that are shown; more of them are no news
ALL = "ballast status --json"


def print_status(report: dict[str, Any], home: Home) -> None:
    """All of a status as `ballast status --json` has it; problems go to standard error."""
    out.print(_answering(report), style="bold", markup=False, highlight=False)
    _problems(report["problems"])
    out.print(_workers(report))
    steward = report["steward"]
    _section("verdicts", _verdicts(steward, _aliases(report)))
    _section("overrides", _overrides(steward))
    _section("stopped", _stopped(steward))
    _section("experiments", _experiments(steward, report["state"], home))
    _section("rates", _rates(report["rates"]))


def _answering(report: dict[str, Any]) -> str:
    found = report["answering"]
    if not found["answers"]:
        return f"{report['ranker']} does not answer at {found['address']}: {found['problem']}"
    if not found["ready"]:
        return f"{report['ranker']} answers at {found['address']}, but serves nothing: {found['problem']}"
    return f"{report['ranker']} answers at {found['address']}"


def _problems(problems: list[str]) -> None:
    for problem in problems[:MOST]:
        err.print(
            f"! {three_lines(problem, err.width - 2, ALL)}", style="yellow", highlight=False, markup=False
        )
    if len(problems) > MOST:
        err.print(f"! and {len(problems) - MOST} more: {ALL}", style="yellow", highlight=False)


def _workers(report: dict[str, Any]) -> Table:
    state = report["state"]
    table = Table(
        title=f"{report['ranker']}: epoch {state['epoch'] if state else '–'}",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    for name in ("worker", "kind", "epoch", "serves"):
        table.add_column(name, overflow="fold")
    for worker in report["workers"]:
        serves = ", ".join(f"{reference} = {version}" for reference, version in worker["versions"].items())
        table.add_row(str(worker["pid"]), worker["kind"], str(worker["epoch"]), escape(serves))
    return table


def _section(name: str, rows: Iterable[tuple[str, str]]) -> None:
    """A heading, and a line or three for each row; nothing where there are none."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(overflow="fold", max_width=30)
    grid.add_column(overflow="fold")
    width = max(out.width - 36, 20)
    for first, text in rows:
        grid.add_row(f"  {escape(first)}", escape(three_lines(text, width, ALL)))
    if grid.row_count:
        out.print(name, style="bold")
        out.print(grid, highlight=False)


def _aliases(report: dict[str, Any]) -> dict[str, str]:
    """By version, what people and the state call it."""
    served = (report["state"] or {}).get("versions", {})
    asked = {f"@{alias}": version for alias, version in report["steward"].get("aliases", {}).items()}
    names: dict[str, list[str]] = {}
    for reference, version in (asked | served).items():
        if reference != version:
            names.setdefault(version, []).append(reference)
    return {version: " ".join(sorted(found)) for version, found in names.items()}


def _verdicts(steward: dict[str, Any], aliases: dict[str, str]) -> Iterator[tuple[str, str]]:
    examining = steward.get("examining", ())
    for version, ruling in sorted(steward.get("rulings", {}).items(), key=lambda each: _number(each[0])):
        yield f"{version} {aliases.get(version, '')}", _said(ruling)
    # A judgement goes on after its verdict, with the page; and what is judged again has its last one.
    for version in sorted({*examining} - {*steward.get("rulings", {})}, key=_number):
        yield f"{version} {aliases.get(version, '')}", "is being judged"


def _said(ruling: dict[str, Any]) -> str:
    """What the gate said of a version; of one that passed what that rests on, without the checks' names."""
    reasons = ruling["reasons"]
    if ruling["outcome"] != "pass":
        outcome = str(ruling["outcome"])
        return reasons if reasons.startswith(f"{outcome}: ") else f"{outcome}: {reasons}".removesuffix(": ")
    first, _, names = reasons.partition("\npassed: ")
    return first if names else "pass"


def _number(version: str) -> tuple[int, str]:
    return (int(version) if version.isdecimal() else 0, version)


def _overrides(steward: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for version, ruling in steward.get("rulings", {}).items():
        made = ruling.get("override")
        if made:
            yield (
                version,
                f"{ruling['outcome']}, serves until {_moment(made['until'])}: {made['by']}: {made['reason']}",
            )


def _stopped(steward: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for subject, stop in steward.get("guard", {}).items():
        if not stop.get("cleared"):
            affects = f"; {stop['affects']}" if stop.get("affects") else ""
            said = f"since {_moment(stop['time'])}: {stop['why']}; {stop['done']}{affects}"
            yield f"{stop['kind']} {subject}", said


def _experiments(
    steward: dict[str, Any], state: dict[str, Any] | None, home: Home
) -> Iterator[tuple[str, str]]:
    rollouts = steward.get("rollouts", {})
    for experiment in live_experiments(home, (state or {}).get("experiments", "")):
        name = experiment["name"]
        arms = ", ".join(
            f"{each['name']} = {each.get('model', 'the default')}" for each in experiment["variants"]
        )
        course = (
            f"; rollout: {rollouts[name]['action']}, {rollouts[name]['reason']}" if name in rollouts else ""
        )
        yield name, f"{'on' if experiment.get('enabled', True) else 'stopped'}; {arms}{course}"


def _rates(found: dict[str, Any] | None) -> Iterator[tuple[str, str]]:
    if found is None:
        return
    yield (
        "answers",
        f"{found['answers']:,.0f}, {found['per_second']:.3g} a second over {found['seconds']:,.0f} s",
    )
    yield "in the fallback order", f"{found['fallback']:.2%}"
    yield "explored", f"{found['explored']:.2%}"
    yield "refused", f"{found['refused']:,.0f}"


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="minutes")
