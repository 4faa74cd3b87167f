"""What is served and what is wrong, as one page: the worst first. All text is escaped by the sheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from monitoring.dates import to_second
from monitoring.pages.sheet import heading, paragraph, section, sheet, table

REFRESH = 10  # seconds after which a browser asks again
FORM = (
    '<form action="/console/explain" method="get"><label>Request id '
    '<input name="request_id" required maxlength="200" autofocus/></label> <button>Explain</button></form>'
)
LINKS = (
    '<p><a href="/console/explain">Why one answer was as it was</a> · <a href="/docs">How to ask</a> · '
    '<a href="/status">Status as JSON</a></p>'
)


class Overview(NamedTuple):
    """A status as the home has it, live experiments, sentences of drift, the journal's last lines."""

    report: dict[str, Any]
    live: list[dict[str, Any]]
    alarms: Sequence[str]
    history: Sequence[dict[str, Any]]


def overview_page(found: Overview) -> str:
    """What is served, what is wrong, and what was done; a browser asks for it again by itself."""
    return sheet(str(found.report["ranker"]), "\n".join(_parts(found)), refresh=REFRESH)


def form_page() -> str:
    """Where a request id is put in: a page that does not change while somebody types."""
    title = "Why one answer was as it was"
    return sheet(title, f'{heading(title)}{FORM}<p><a href="/console">Console</a></p>')


def _parts(found: Overview) -> Iterator[str]:
    report, steward = found.report, found.report["steward"]
    yield heading("What is served, and what is wrong")
    yield from _wrong(steward, report["problems"])
    yield paragraph(
        f"As of {to_second(datetime.now(UTC).timestamp())}; it asks again every {REFRESH} s.", "soft"
    )
    yield LINKS
    yield section("What serves", _serves(report["state"]), _workers(report["workers"]))
    yield section("What the gate said", _verdicts(steward))
    yield section("Experiments", _experiments(found.live, steward.get("rollouts", {})))
    further = [each for each in found.alarms if each not in report["problems"]]
    yield section("Drift, besides what is said above", *(paragraph(each, "open") for each in further))
    yield section("What was done", _history(found.history))


def _wrong(steward: dict[str, Any], problems: list[str]) -> Iterator[str]:
    stops = [(name, each) for name, each in steward.get("guard", {}).items() if not each.get("cleared")]
    if not stops and not problems:
        yield paragraph("Nothing is known to be wrong.", "verdict good")
    for subject, stop in stops:
        yield paragraph(
            f"Stopped: {stop['kind']} {subject}, since {to_second(stop['time'])}: {stop['why']}. "
            f"Done: {stop['done']}. To look: ballast guard. To let it serve again: "
            f'ballast guard clear {subject} --why "…"',
            "verdict bad",
        )
    yield from (paragraph(each, "verdict open") for each in problems)


def _serves(state: dict[str, Any] | None) -> str:
    if state is None:
        return paragraph("Nothing is promoted yet.", "soft")
    lines = [(str(name), str(version)) for name, version in state["versions"].items()]
    return paragraph(f"Epoch {state['epoch']}.") + table(("asked for as", "version"), lines)


def _workers(workers: list[dict[str, Any]]) -> str:
    lines = [
        (
            str(each["pid"]),
            each["kind"],
            str(each["epoch"]),
            ", ".join(f"{name} = {version}" for name, version in each["versions"].items()),
        )
        for each in workers
    ]
    return table(("process", "kind", "epoch", "serves"), lines) if lines else ""


def _verdicts(steward: dict[str, Any]) -> str:
    lines = [
        (str(version), ruling["outcome"], _first_line(ruling["reasons"]), _override(ruling))
        for version, ruling in reversed(steward.get("rulings", {}).items())
    ]
    lines = [(version, "is being judged", "", "") for version in steward.get("examining", ())] + lines
    return table(("version", "verdict", "reasons", "override"), lines) if lines else ""


def _history(history: Sequence[dict[str, Any]]) -> str:
    lines = [
        (
            to_second(each["time"]),
            _event(each),
            _first_line(str(each.get("why", ""))),
            str(each.get("by", "")),
        )
        for each in history
    ]
    return table(("when", "what", "why", "by"), lines) if lines else ""


def _first_line(text: str) -> str:
    """Of a verdict, without the names of all checks that passed."""
    return text.partition("\n")[0]


def _event(line: dict[str, Any]) -> str:
    """The journal's word for it, and what it was done to."""
    about = [str(line[name]) for name in ("reference", "version", "experiment", "subject") if line.get(name)]
    return " ".join([str(line["event"]), *about])


def _override(ruling: dict[str, Any]) -> str:
    made = ruling.get("override")
    return f"until {to_second(made['until'])}: {made['by']}: {made['reason']}" if made else ""


def _experiments(live: list[dict[str, Any]], rollouts: dict[str, Any]) -> str:
    lines = []
    for each in live:
        course = rollouts.get(each["name"])
        arms = ", ".join(
            f"{arm['name']} = {arm.get('model', 'the default')}, weight {arm.get('weight', '–')}"
            for arm in each["variants"]
        )
        said = f"{course['action']}: {course['reason']}" if course else ""
        lines.append((each["name"], "on" if each.get("enabled", True) else "stopped", arms, said))
    return table(("experiment", "state", "arms", "rollout"), lines) if lines else ""
