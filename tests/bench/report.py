"""What a run found, for people (Rich tables) and for programs (one JSON document)."""

from __future__ import annotations

import math
import platform
from collections.abc import Sequence
from importlib.metadata import version
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench.measure import Case, Results, Sample
from tests.bench.ratios import ratios
from tests.bench.world import CONTEXT_FEATURES, DEPTH, ITEM_FEATURES, ITEMS, TREES

WORLD = (
    f"{TREES} trees of depth {DEPTH}, {ITEM_FEATURES + CONTEXT_FEATURES} numeric features of which "
    f"{CONTEXT_FEATURES} come with the request, {ITEMS:,} items"
)


def document(results: Results) -> dict[str, Any]:
    """Everything, as plain values; medians, and in `range` the least and the most of the rounds."""
    return {
        "world": WORLD,
        "machine": {
            "cpu": _cpu(),
            "python": platform.python_version(),
            "busy_before": round(results.busy, 3),
        },
        "versions": {name: version(name) for name in ("bentoml", "catboost", "mlflow", "fastapi", "numba")},
        "rounds": results.rounds,
        "seconds": round(results.seconds, 1),
        "answers_checked": results.checked,
        "not_started": results.absent,
        "ratios": [
            {
                "name": one.name,
                "value": _rounded(one.value),
                "range": _range(one.values),
                "before": one.before,
                "reach": one.reach,
                "then": one.then,
                "verdict": one.verdict,
            }
            for one in ratios(results)
        ],
        "floors_ms": [
            {"what": what, "candidates": size, "value": _rounded(median(found)), "range": _range(found)}
            for (what, size), found in results.floors.items()
        ],
        "cases": [_case(case, samples) for case, samples in results.samples.items()],
    }


def _case(case: Case, samples: Sequence[Sample]) -> dict[str, Any]:
    columns = {name: [getattr(one, name) for one in samples] for name in Sample._fields}
    failed = sum(columns.pop("failed"))
    found = {name: _rounded(median(values)) for name, values in columns.items()}
    return {
        **case._asdict(),
        **found,
        "cpu_range": _range(columns["cpu"]),
        "rate_range": _range(columns["rate"]),
        "failed": failed,
    }


def _rounded(value: float) -> float | None:
    return None if math.isnan(value) else float(f"{value:.4g}")


def _range(values: Sequence[float]) -> list[float | None]:
    return [_rounded(min(values)), _rounded(max(values))] if values else []


def _cpu() -> str:
    with open("/proc/cpuinfo", encoding="utf-8") as file:  # noqa: PTH123
        return next((line.partition(":")[2].strip() for line in file if line.startswith("model name")), "")


def print_tables(console: Console, found: dict[str, Any]) -> None:
    """The tables of a document."""
    console.print(
        f"\n[bold]{found['world']}[/]; medians of {found['rounds']} rounds, {found['seconds']:.0f} s"
    )
    console.print(_ratios(found))
    console.print(_floors(found))
    console.print(_cases(found))
    for name, why in found["not_started"].items():
        console.print(f"{name} did not start, and is not in the tables: {why}", style="red", markup=False)
    console.print(
        f"CPU ms: of the Ranker's worker (remote: and the Scorer's); of the others, of all their processes. "
        f"“all” adds Ballast's Steward and BentoML's supervisor.\n{found['answers_checked']} answers were "
        f"compared with CatBoost's own scores: equal in every bit. The machine was "
        f"{100 * found['machine']['busy_before']:.0f}% busy with other work when the run began.",
        style="dim",
    )


def _ratios(found: dict[str, Any]) -> Table:
    table = Table("ratio", "prototype", "reach", "then", "measured", "least–most", "", title="To reach")
    for one in found["ratios"]:
        style = "green" if one["verdict"].startswith("reached") else "yellow"
        table.add_row(
            one["name"],
            *(f"{one[key]:g}" for key in ("before", "reach", "then")),
            _text(one["value"]),
            "–".join(_text(value) for value in one["range"]),
            one["verdict"],
            style=style,
        )
    return table


def _floors(found: dict[str, Any]) -> Table:
    sizes = sorted({one["candidates"] for one in found["floors_ms"]})
    table = Table("CPU ms per call", *map(str, sizes), title="Floors")
    for what, title in (
        ("predict", "CatBoost predict, ready F-order matrix"),
        ("kernel", "engine, row indexes"),
    ):
        values = {one["candidates"]: one["value"] for one in found["floors_ms"] if one["what"] == what}
        table.add_row(title, *(_text(values.get(size)) for size in sizes))
    return table


def _cases(found: dict[str, Any]) -> Table:
    heads = ("CPU ms", "least–most", "all", "requests/s", "p50 ms", "p95", "p99", "failed", "fell back")
    table = Table("system", "N", "conn.", *heads, title="Requests")
    last = None
    for one in found["cases"]:
        if last not in (None, one["system"]):
            table.add_section()
        last = one["system"]
        table.add_row(
            last,
            str(one["candidates"] or ""),
            str(one["connections"]),
            _text(one["cpu"]),
            "–".join(_text(value) for value in one["cpu_range"]),
            _text(one["cpu_all"]),
            *(_text(one[key]) for key in ("rate", "p50", "p95", "p99")),
            str(one["failed"] or ""),
            f"{100 * one['fallback']:.0f}%" if one["fallback"] else "",
        )
    return table


def _text(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
