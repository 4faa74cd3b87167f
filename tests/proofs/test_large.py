"""What an analysis of a log costs grows no faster than the log, and little memory is enough for it."""

from __future__ import annotations

import resource

import pytest

from bentos.home.live_files import ever_live
from bentos.home.state import Home
from experiments.analysis import metric_sql
from experiments.analysis.analyze import analyze
from experiments.analysis.effects import Analysis
from experiments.analysis.log_question import rows_of
from experiments.analysis.log_rows import Reading
from experiments.analysis.logged_experiments import latest
from experiments.analysis.report import rows
from monitoring.log.window import window
from tests.proofs import large_log

SMALL, TIMES = 40_000, 4
MEMORY = "120MB"
"""Hardly more than two threads need to read Parquet files."""


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> list[Home]:
    """A log, and one four times as long."""
    found = [Home(tmp_path_factory.mktemp("large") / str(times)) for times in (1, TIMES)]
    for home, times in zip(found, (1, TIMES), strict=True):
        large_log.write(home, SMALL * times, SMALL * times // 10)
    return found


def analysed(home: Home, memory: str) -> Analysis:
    """As the command does it, with so much memory for DuckDB."""
    with window(home.log, memory=memory) as log:
        configs = ever_live(home)
        table, question = rows_of(log, *latest(log, large_log.NAME, configs), configs, Reading(2e9))
        return analyze(table, question)


def _spent(home: Home) -> float:
    before = resource.getrusage(resource.RUSAGE_SELF)
    analysed(home, "900MB")
    after = resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_cpu_grows_no_faster_than_the_log(homes: list[Home]) -> None:
    """Four times as long a log costs at most six times as much, of which chance may have a part."""
    _spent(homes[0])  # imports are paid once
    small = min(_spent(homes[0]) for _ in range(3))
    large = min(_spent(homes[1]) for _ in range(3))
    assert large < small * TIMES**1.3, (small, large)


def test_little_memory_gives_the_same(homes: list[Home], monkeypatch: pytest.MonkeyPatch) -> None:
    """The figures are those of an analysis with room for all."""
    wide = analysed(homes[1], "2GB")
    monkeypatch.setattr(metric_sql, "AT_ONCE", 10_000)
    narrow = analysed(homes[1], MEMORY)
    assert rows(narrow.effects) == rows(wide.effects)
    assert (narrow.accounting, narrow.units) == (wide.accounting, wide.units)
    assert {each.metric for each in wide.effects} == {"ndcg_10", "fallback", "slow"}
