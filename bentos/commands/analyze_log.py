"""What came of an experiment in Ballast's own log, whether it splits units or interleaves orders."""

from __future__ import annotations

import time
from dataclasses import replace

from bentos.commands.console import out, print_json
from bentos.commands.looks import looked
from bentos.commands.printed_analysis import (
    WIDE,
    ResultForm,
    exit_for,
    print_analysis,
    print_notes,
    print_table,
    print_verdicts,
    write_page,
)
from bentos.home.live_files import ever_live
from bentos.home.state import Home
from bentos.settings import settings
from experiments.analysis.analyze import analyze
from experiments.analysis.effects import Analysis
from experiments.analysis.holdout_rows import holdout_phases, holdout_rows
from experiments.analysis.log_question import rows_of
from experiments.analysis.log_rows import Reading
from experiments.analysis.logged_experiments import latest
from experiments.analysis.page import Look
from experiments.analysis.question import Question
from experiments.analysis.recommendation import recommend
from experiments.config.problems import AnalysisError
from experiments.interleaving.draft_rows import preferences_of
from experiments.interleaving.preferences import Preferences, preferred
from experiments.interleaving.report import SHORT, headings, page, rows, sentences, short_rows, to_json
from monitoring.log.window import BOUNDED, window


def analyze_log(  # noqa: PLR0913 - options of a command
    name: str,
    between: tuple[float | None, float | None],
    *,
    before_days: float,
    settle_hours: float,
    slices: tuple[str, ...],
    level: float,
    interactions: bool,
    triggered: bool | None,
    shown: ResultForm,
) -> None:
    """Analyse the experiment `name` in the log `between` two times (unix seconds), and show it."""
    reading = Reading(time.time(), before_days, settle_hours, slices, level, triggered, interactions)
    found = _found(name, between, reading, detailed=shown.detailed, over_time=shown.over_time)
    if isinstance(found, Preferences):
        return _show(name, found, shown, reading.now)
    analysis, question = found
    look = Look(reading.now, analysis.rows, str(recommend(analysis, question)))
    looks = looked(Home(settings().ranker_home).folder, name, look)
    return print_analysis(name, analysis, question, shown, looks)


def _found(
    name: str,
    between: tuple[float | None, float | None],
    reading: Reading,
    *,
    detailed: bool,
    over_time: bool,
) -> tuple[Analysis, Question] | Preferences:
    home = Home(settings().ranker_home)
    with window(home.log, *between, memory=BOUNDED) as log:
        configs = ever_live(home)
        if phases := holdout_phases(log, name, configs):
            table, question = holdout_rows(log, phases, reading)
            question = replace(question, detailed=detailed)
            return analyze(table, question), question
        live, experiment = latest(log, name, configs)
        if experiment.mode == "interleave":
            if over_time:
                raise AnalysisError("--over-time: only of experiments that split; this one interleaves")
            return preferences_of(log, live, experiment, reading)
        table, question = rows_of(log, live, experiment, configs, reading)
        question = replace(question, detailed=detailed)
        return analyze(table, question), question


def _show(name: str, found: Preferences, shown: ResultForm, now: float) -> None:
    """Whose items were preferred, in an experiment that interleaves."""
    said = preferred(found)
    answers = sum(found.left_out.values()) + max((each.requests for each in found.credits), default=0)
    looks = looked(Home(settings().ranker_home).folder, name, Look(now, answers, str(said)))
    if shown.html is not None:
        write_page(shown.html, page(name, found, said, looks))
    if shown.as_json:
        print_json(to_json(found, said))
        return exit_for(said.word, shown)
    print_verdicts(str(said), [])
    if out.width < WIDE:
        print_table(SHORT, short_rows(found.credits))
    else:
        print_table(headings(found), rows(found.credits))
    print_notes(sentences(found))
    return exit_for(said.word, shown)
