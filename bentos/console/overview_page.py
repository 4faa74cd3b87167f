"""What is served and what is wrong, as one page: the worst first. All text is escaped by the sheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from monitoring.pages.sheet import paragraph, section, sheet, table

REFRESH = 10  # seconds after which a browser asks again
FORM = (
    '<form action="/console/explain" method="get"><label>Request id '
    '<input name="request_id" required maxlength="200"/></label> <button>Explain</button></form>'
)
LINKS = '<p><a href="/docs">How to ask</a> · <a href="/status">Status as JSON</a></p>'


def overview_page(report: dict[str, Any], live: list[dict[str, Any]], alarms: Sequence[str]) -> str:
    """The page of a status as the home's files have it, the live experiments, and the drift alarms."""
    return sheet(str(report["ranker"]), "\n".join(_parts(report, live, alarms)), refresh=REFRESH)


def _parts(report: dict[str, Any], live: list[dict[str, Any]], alarms: Sequence[str]) -> Iterator[str]:
    steward = report["steward"]
    yield "<h1>What is served, and what is wrong</h1>"
    yield from _wrong(steward, report["problems"])
    yield paragraph(
        f"As of {_moment(datetime.now(UTC).timestamp())}; it asks again every {REFRESH} s.", "soft"
    )
    yield section("Why one answer was as it was", FORM)
    yield section("What serves", _serves(report["state"]), _workers(report["workers"]))
    yield section("What the gate said", _verdicts(steward))
    yield section("Experiments", _experiments(live, steward.get("rollouts", {})))
    yield section("Drift", *(paragraph(each, "open") for each in alarms))
    yield section("More", LINKS)


def _wrong(steward: dict[str, Any], problems: list[str]) -> Iterator[str]:
    stops = [(name, each) for name, each in steward.get("guard", {}).items() if not each.get("cleared")]
    if not stops and not problems:
        yield paragraph("Nothing is known to be wrong.", "verdict good")
    for subject, stop in stops:
        yield paragraph(
            f"Stopped: {stop['kind']} {subject}, since {_moment(stop['time'])}: {stop['why']}. "
            f"Done: {stop['done']}. To look: ballast guard. To let it serve again: ballast guard clear.",
            "verdict bad",
        )
    yield from (paragraph(each, "verdict open") for each in problems)


def _moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"


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
        (str(version), ruling["outcome"], ruling["reasons"], _override(ruling))
        for version, ruling in steward.get("rulings", {}).items()
    ]
    return table(("version", "verdict", "reasons", "override"), lines) if lines else ""


def _override(ruling: dict[str, Any]) -> str:
    made = ruling.get("override")
    return f"until {_moment(made['until'])}: {made['by']}: {made['reason']}" if made else ""


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
