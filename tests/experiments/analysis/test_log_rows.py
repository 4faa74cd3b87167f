"""From real log segments to rows: every decision's figures are those of the definitions."""

import json
from pathlib import Path

import numpy as np
import pytest

from experiments.analysis import log_rows
from experiments.analysis.analyze import analyze
from experiments.analysis.log_question import rows_of
from experiments.analysis.log_rows import Reading
from monitoring.log.window import window
from tests.experiments.analysis.logged import CONFIGS, HOUR, TAIL, asked, ramped, second, serve
from tests.experiments.files import live


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A log of two phases."""
    return ramped(tmp_path)


def test_figures_equal_their_definitions(folder: Path) -> None:
    """NDCG at 10 and fallback of each decision, worked out once more in Python from the raw lines."""
    lines = [json.loads(line) for file in (folder / "decisions").iterdir() for line in _lines(file)]
    values = {
        (each["request_id"], each["item"]): each["value"]
        for file in (folder / "outcomes").iterdir()
        for each in map(json.loads, _lines(file))
    }
    expected = {}
    for line in lines:
        if not line["explored"]:
            gains = [2 ** values[line["request_id"], line["candidates"][i]] - 1 for i in line["slate"]]
            discount = 1 / np.log2(np.arange(6) + 2)
            best = float(np.sort(gains)[::-1] @ discount)
            expected[line["received"]] = float(gains @ discount) / best if best else None
    with window(folder) as log:
        table, _ = asked(log, "challenger", CONFIGS, Reading(now=2e6))
        found = {row["log_received"]: row["metric_ndcg_10"] for row in table.to_pyarrow().to_pylist()}
    assert found == pytest.approx(expected)
    assert len(found) < len(lines)


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.suffix in (".jsonl", ".open", ".closed", ".json") else []


def test_latency_is_a_metric(folder: Path) -> None:
    """Seconds of each answer, of which a quantile may be asked; it needs no outcomes."""
    config = second()
    slow = config.metrics["fallback"].model_copy(update={"of": "latency", "quantile": 0.9})
    config = config.model_copy(update={"metrics": {**config.metrics, "fallback": slow}})
    with window(folder, until=1e6 + 2 * HOUR, since=1e6 + HOUR) as log:
        log.connection.execute("CREATE TABLE served AS SELECT * FROM decisions")
        log.connection.execute(
            "CREATE OR REPLACE TEMP VIEW decisions AS SELECT * REPLACE "
            "(0.001 * (1 + hash(request_id) % 500) AS seconds) FROM served"
        )
        found = analyze(*rows_of(log, config, config.experiments[0], CONFIGS, Reading(now=2e6)))
    effects = {each.metric: each for each in found.effects}
    assert effects["fallback"].control_value == pytest.approx(0.45, abs=0.03)


def test_overrides_and_explored_answers_are_left_out(folder: Path) -> None:
    """Nobody drew the first, and the second are the same in both arms."""
    forced = live(tail=f"        overrides: {{viewer-1: challenger}}\n{TAIL}")
    serve(folder, forced, ["viewer-1"] * 20, 1.5e6, 0.0, 4)
    with window(folder, since=1.4e6) as log:
        table, _ = asked(log, "challenger", {forced.digest: forced}, Reading(now=2e6))
        assert int(table.count().execute()) == 0


def test_an_experiment_on_few_decisions_has_the_same_figures(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether outcomes of all decisions are looked up, or only of those in an arm."""
    found = []
    for most in (True, False):
        monkeypatch.setattr(log_rows, "_in_most", lambda *_, most=most: most)
        with window(folder) as log:
            table, _ = asked(log, "challenger", CONFIGS, Reading(now=2e6))
            lines = table.to_pyarrow().to_pylist()
            figures = {line["log_received"]: line["metric_ndcg_10"] for line in lines}
            found.append((figures, {line["log_received"]: line["log_backwards"] for line in lines}))
    assert found[0][0] == pytest.approx(found[1][0], rel=1e-12)  # sums are made in any order
    assert found[0][1] == found[1][1]
    assert len(found[0][0]) > 2_000
