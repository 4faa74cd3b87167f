"""`ballast experiment analyze|power|diff|history`: what came of an experiment, and what a change would do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from bentos.commands import preferring
from bentos.commands.console import err, out, print_json
from bentos.settings import settings
from bentos.state import Home
from experiments.config import Live, load
from experiments.log_rows import Reading
from experiments.problems import ConfigError
from experiments.question import AnalysisError, Measure, Question

if TYPE_CHECKING:
    from experiments.analyze import Analysis
    from experiments.preferences import Preferences
    from experiments.verdict import Verdict

Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]
Json = Annotated[bool, typer.Option("--json", help="print JSON")]
File = Annotated[Path | None, typer.Option("--table", help="a .csv or .parquet that isn't Ballast's log")]
Unit = Annotated[str, typer.Option(help="with --table: the column of what was randomised")]
ArmColumn = Annotated[str, typer.Option("--arm", help="with --table: the column of arms")]
Metrics = Annotated[
    list[str] | None,
    typer.Option("--metric", help="with --table: a column, or numerator/denominator; the first is primary"),
]


def analyze(  # noqa: PLR0913, PLR0917 - options of a command
    name: Annotated[str, typer.Argument(help="the experiment, or a title with --table")],
    table: File = None,
    unit: Unit = "unit",
    arm: ArmColumn = "arm",
    metric: Metrics = None,
    weight: Annotated[
        list[str] | None, typer.Option(help="with --table: ARM=SHARE, the control first; once per arm")
    ] = None,
    per_unit: Annotated[
        bool, typer.Option(help="with --table: metrics are sums per unit, not means")
    ] = False,
    before: Annotated[
        str | None, typer.Option(help="with --table: column of the primary metric from before, for CUPED")
    ] = None,
    trigger: Annotated[str | None, typer.Option(help="with --table: boolean column, rows that count")] = None,
    winsorise: Annotated[float | None, typer.Option(help="with --table: quantile as a cap")] = None,
    by: Annotated[list[str] | None, typer.Option("--slice", help="also by this column or attribute")] = None,
    start: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="first day")] = None,
    end: Annotated[
        datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], help="the day after the last")
    ] = None,
    before_days: Annotated[float, typer.Option(help="days before the experiment that CUPED may use")] = 0.0,
    settle_hours: Annotated[float, typer.Option(help="hours that outcomes are waited for")] = 0.0,
    triggered: Annotated[
        bool | None,
        typer.Option("--triggered/--all-slates", help="only slates that differ; so where they are marked"),
    ] = None,
    ended: Annotated[bool, typer.Option(help="with --table: the planned end has been reached")] = False,
    html: Annotated[Path | None, typer.Option(help="also write a page with pictures here")] = None,
    as_json: Json = False,
) -> None:
    """Mismatch, effects with intervals that survive peeking, and a verdict: of the log, or any table."""
    from experiments.analyze import analyze as analyzed
    from experiments.verdict import verdict

    with _mistakes():
        if table is not None:
            from experiments.engine import connect, read

            question = Question(
                control="",
                weights={"": {}},
                measures=_measures(metric or [], per_unit, before, winsorise),
                unit=unit,
                arm=arm,
                trigger=trigger,
                slices=tuple(by or ()),
                ended=ended,
            )
            question = _weighted(question, weight or [])
            found = analyzed(read(table, connect()), question)
        else:
            answer = _from_log(
                name,
                start,
                end,
                Reading(time.time(), before_days, settle_hours, tuple(by or ()), 0.95, triggered),
            )
            if not isinstance(answer, tuple):
                preferring.show(name, answer, html, as_json)
                return
            found, question = answer
        said = verdict(found, question)
    _show(name, found, said, html, as_json)


def power(  # noqa: PLR0913, PLR0917 - options of a command
    table: Annotated[Path, typer.Option(help="a table of the past")],
    metric: Annotated[list[str], typer.Option(help="a column, or numerator/denominator")],
    unit: Unit = "unit",
    effect: Annotated[float, typer.Option(help="smallest relative effect that matters")] = 0.05,
    share: Annotated[float, typer.Option(help="of units in the treated arm")] = 0.5,
    units_per_day: Annotated[
        float | None, typer.Option(help="new units a day, for the time it takes")
    ] = None,
    per_unit: Annotated[bool, typer.Option(help="metrics are sums per unit, not means")] = False,
    as_json: Json = False,
) -> None:
    """How many units an experiment needs, from a table of how its units behave today."""
    from dataclasses import asdict, replace

    from experiments.engine import connect, read
    from experiments.power import pilot, power_of

    with _mistakes():
        measures = tuple(replace(each, effect=effect) for each in _measures(metric, per_unit, None, None))
        found = [
            power_of(measure, mean, deviation, share, units_per_day)
            for measure, mean, deviation, _ in pilot(read(table, connect()), measures, unit)
        ]
    if as_json:
        print_json([asdict(each) for each in found])
        return
    for each in found:
        days = f", {each.days:,.0f} days at this rate" if each.days else ""
        out.print(
            f"{each.metric}: to see {each.effect:+.1%} four times out of five, {each.fixed:,} units looked "
            f"at once, {each.anytime:,} looked at at any time{days}",
            highlight=False,
        )


def diff(
    file: Annotated[
        Path | None, typer.Argument(help="the changed file; the one in place if not given")
    ] = None,
    sample: Annotated[int, typer.Option(help="at most so many units of the log")] = 100_000,
    as_json: Json = False,
) -> None:
    """What a changed live.yaml would do to the units that the log has seen, against what is live."""
    from bentos.control.courses import as_served
    from bentos.control.sample import difference

    home = Home(settings().ranker_home)
    with _mistakes():
        new = load(file or settings().experiments)
        old = _live_now(home)
        found = difference(home, old, as_served(home, new), sample)
    if as_json:
        print_json(
            {"old": old.digest, "new": new.digest, "units": found.units, "sentences": found.sentences()}
        )
        return
    out.print(f"{old.digest} is live, {new.digest} is the change", highlight=False)
    for sentence in found.sentences():
        out.print(sentence, highlight=False, markup=False)


def history(as_json: Json = False) -> None:
    """Every version of the experiments that was ever live: when, by whom and why, for how many decisions."""
    from bentos.control.journal import decisions
    from bentos.control.past import SERVED, timeline
    from monitoring.log import window

    home = Home(settings().ranker_home)
    with _mistakes(), window(home.log) as log:
        served: Any = log.sql(SERVED).to_dict("records")
        rows = timeline(served, list(decisions(home)))
    if as_json:
        print_json(rows)
        return
    shown = Table("digest", "first epoch", "from", "until", "decisions", "by", "why")
    for row in rows:
        moments = (
            datetime.fromtimestamp(row[key], UTC).isoformat(timespec="seconds") for key in ("first", "last")
        )
        said = escape(row["by"] or ""), escape(row["why"] or "")
        shown.add_row(row["digest"] or "none", str(row["epoch"]), *moments, f"{row['decisions']:,}", *said)
    out.print(shown)


def _from_log(
    name: str, start: datetime | None, end: datetime | None, reading: Reading
) -> tuple[Analysis, Question] | Preferences:
    from experiments.analyze import analyze as analyzed
    from experiments.draft_rows import preferences_of
    from experiments.log_rows import latest, rows_of
    from monitoring.log import BOUNDED, window

    home = Home(settings().ranker_home)
    with window(home.log, _seconds(start), _seconds(end), memory=BOUNDED) as log:
        configs = _ever_live(home)
        live, experiment = latest(log, name, configs)
        if experiment.mode == "interleave":
            return preferences_of(log, live, experiment, reading)
        rows, question = rows_of(log, name, configs, reading)
        return analyzed(rows, question), question


def _measures(
    names: list[str], per_unit: bool, before: str | None, winsorise: float | None
) -> tuple[Measure, ...]:
    found = []
    for index, name in enumerate(names):
        numerator, _, denominator = name.partition("/")
        found.append(
            Measure(
                name=name,
                numerator=numerator,
                denominator=denominator or None,
                per_unit=per_unit,
                role="primary" if index == 0 else "secondary",
                winsorise=winsorise,
                before=(before, None) if before and index == 0 else None,
            )
        )
    return tuple(found)


def _weighted(question: Question, weights: list[str]) -> Question:
    from dataclasses import replace

    shares = {}
    for text in weights:
        arm, _, share = text.rpartition("=")
        try:
            shares[arm] = float(share)
        except ValueError:
            raise AnalysisError(f"--weight {text!r}: must be ARM=SHARE, such as control=0.5") from None
    if len(shares) < 2 or abs(sum(shares.values()) - 1) > 1e-6:
        raise AnalysisError(f"--weight: {shares} must be the shares of two arms or more, and sum to 1")
    return replace(question, control=next(iter(shares)), weights={"": shares})


def _show(name: str, found: Analysis, said: Verdict, html: Path | None, as_json: bool) -> None:
    from experiments.report import HEADINGS, page, parts_of, rows, to_json

    if html is not None:
        html.write_text(page(name, found, said))
        err.print(f"wrote {html}", highlight=False)
    if as_json:
        print_json(to_json(found, said))
        return
    for whose, each in zip(("", "where arms differ: "), found.mismatches, strict=False):
        style = "red" if each.blocks else None
        out.print(f"{whose}{each.sentence()}", style=style, highlight=False, markup=False)
    parts: list[tuple[str, Any]] = [*parts_of(found)]
    parts += [
        (f"{column} = {value}", each) for column, of in found.slices.items() for value, each in of.items()
    ]
    for title, effects in parts:
        shown = Table(*HEADINGS, title=title or None, title_justify="left")
        for row in rows(effects):
            shown.add_row(*row)
        out.print(shown)
    for note in found.notes:
        err.print(f"! {note}", style="yellow", highlight=False, markup=False)
    out.print(str(said), style="bold", highlight=False, markup=False)


def _ever_live(home: Home) -> dict[str, Live]:
    return {file.stem: Live.from_json(file.read_bytes()) for file in home.experiments.glob("*.json")}


def _live_now(home: Home) -> Live:
    from bentos.state import read_state

    state = read_state(home.state)
    if state is None or not state.experiments:
        raise AnalysisError(
            f"nothing is live: {home.folder} has no state with experiments; start the service once"
        )
    return Live.from_json(home.compiled(state.experiments).read_bytes())


def _seconds(day: datetime | None) -> float | None:
    return None if day is None else day.replace(tzinfo=UTC).timestamp()


@contextmanager
def _mistakes() -> Iterator[None]:
    """A question that can't be answered is one sentence and status 2."""
    from monitoring.record import RecordError

    try:
        yield
    except (AnalysisError, ConfigError, RecordError) as error:
        err.print(f"error: {error}", style="red", highlight=False, markup=False)
        raise typer.Exit(2) from error
