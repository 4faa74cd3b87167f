"""`ballast replay`: drive the running service with real requests, and see what came of it."""

from __future__ import annotations

import asyncio
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import numpy as np
import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from bentos.commands.console import err, out, print_json
from bentos.commands.progress import progress
from bentos.local.replay_client import Answered, Replay
from bentos.settings import settings
from experiments.analysis.clustered_means import summarise
from models.declaration.declaration import read
from models.table.requests import real_requests
from models.training.ranking_metrics import Gain, ndcg_of_order

WIDE = 96  # columns in which means and intervals of usual names stand side by side
LEAST_UNITS = 10  # with fewer, an interval says more about its own assumptions than about the data


def replay(  # noqa: PLR0913 - options
    *,
    start: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="first day; the table's first if not given"),
    ] = None,
    days: Annotated[
        int | None, typer.Option(min=1, help="how many days; to the table's end if not given")
    ] = None,
    viewers: Annotated[int, typer.Option(min=1, help="how many units ask for each request")] = 5,
    population: Annotated[int, typer.Option(min=1, help="how many units there are in all")] = 2000,
    seed: Annotated[int, typer.Option(help="which viewers ask for what")] = 0,
    speed: Annotated[
        float | None,
        typer.Option(min=1, help="simulated seconds per second; as fast as it goes if not given"),
    ] = None,
    connections: Annotated[int, typer.Option(min=1, max=256)] = 16,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Replay real requests in time order, each outcome when it would be known.

    The requests and the outcomes are the table's own; only the units who ask are made up: `--viewers` of a
    seeded population of `--population` ask for each request.
    """
    config = settings()
    driver = Replay(f"http://127.0.0.1:{config.port}", viewers, population, seed, speed, connections)
    _check_ready(driver.url)
    requests = _requests(start, days)
    started = time.monotonic()
    with progress("replaying", total=len(requests)) as (bar, task):
        asyncio.run(driver.run(requests, lambda count: bar.advance(task, count)))
    seconds = time.monotonic() - started
    report = _report(driver, seconds, read(config.ranker).data.gain)
    if as_json:
        print_json(report)
    else:
        _print(report)
    if not driver.answers:
        raise typer.Exit(1)


def _check_ready(url: str) -> None:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=5):  # noqa: S310 - loopback
            return
    except urllib.error.HTTPError as error:
        why = f"answers {error.code}: nothing is served yet; `ballast status` says why"
    except (urllib.error.URLError, OSError) as error:
        why = f"does not answer ({error}): start it with `make up`, or set BALLAST_PORT"
    err.print(f"error: {url} {why}", style="red", highlight=False, markup=False)
    raise typer.Exit(2)


def _requests(start: datetime | None, days: int | None) -> list[Any]:
    since = None if start is None else start.replace(tzinfo=UTC)
    until = None if since is None or days is None else since + timedelta(days=days)
    config = settings()
    with err.status("reading the table…"):
        found = list(
            real_requests(
                read(config.ranker),
                config.home,
                since=None if since is None else since.timestamp(),
                until=None if until is None else until.timestamp(),
            )
        )
    if not found:
        raise typer.BadParameter(f"the table has no requests from {since} to {until}")
    return found


def _report(driver: Replay, seconds: float, gain: Gain = "exponential") -> dict[str, Any]:
    answers = driver.answers
    rows = summarise(
        [answer.unit for answer in answers],
        [f"{_arms(answer)}|{answer.model}" for answer in answers],
        [answer.explored for answer in answers],
        {
            "ndcg_10": [ndcg_of_order(answer.labels, 10, gain) for answer in answers],
            "reward": [float(answer.labels[0]) if len(answer.labels) else np.nan for answer in answers],
        },
    )
    return {
        "decisions": len(answers),
        "outcomes": driver.outcomes,
        "seconds": round(seconds, 1),
        "fallbacks": sum(answer.fallback is not None for answer in answers),
        "failures": dict(driver.failures),
        "rows": [
            {
                "arms": row.arm.rpartition("|")[0],
                "model": row.arm.rpartition("|")[2],
                "explored": row.explored,
                "decisions": row.decisions,
                "units": row.units,
                **{name: [one.mean, one.low, one.high] for name, one in row.metrics.items()},
            }
            for row in rows
        ],
    }


def _arms(answer: Answered) -> str:
    if len(answer.arms) == 1:
        return answer.arms[0][1]
    return ", ".join(f"{experiment}: {variant}" for experiment, variant in answer.arms) or "none"


def _table(rows: list[dict[str, Any]], width: int) -> Table:
    """A row for each arm, version and kind of order; intervals stand below their means where it is narrow."""
    narrow = width < WIDE
    table = Table(
        title="means with 95% intervals by unit",
        title_justify="left",
        box=box.SIMPLE_HEAD if narrow else box.HEAVY_HEAD,
        padding=(0, 0) if narrow else (0, 1),
    )
    for name in ("arm", "model", "explored"):
        table.add_column(name, overflow="fold", min_width=len(name))
    for name in ("decisions", "NDCG@10", "reward"):
        table.add_column(name, justify="right", no_wrap=True)
    between = "\n" if narrow else " "
    for row in rows:
        table.add_row(
            escape(row["arms"]),
            escape(row["model"]),
            "yes" if row["explored"] else "no",
            f"{row['decisions']:,}",
            _interval(row["ndcg_10"], row["units"], between),
            _interval(row["reward"], row["units"], between),
        )
    return table


def _print(report: dict[str, Any]) -> None:
    out.print(_table(report["rows"], out.width))
    rate = report["decisions"] / max(report["seconds"], 0.1)
    out.print(
        f"{report['decisions']:,} decisions and {report['outcomes']:,} outcomes in {report['seconds']:.0f} s "
        f"({rate:,.0f} decisions a second), {report['fallbacks']:,} fallbacks. "
        "Reward is the outcome of the item at the top.",
        highlight=False,
    )
    for reason, count in report["failures"].items():
        err.print(f"{count:,} requests failed: {reason}", style="red", highlight=False, markup=False)


def _interval(figures: list[float | None], units: int, between: str = " ") -> str:
    mean, low, high = figures
    if mean is None:
        return "–"
    if low is None or units < LEAST_UNITS:
        return f"{mean:.3f}{between}(few units)"
    return f"{mean:.3f}{between}({low:.3f} to {high:.3f})"
