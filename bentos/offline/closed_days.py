"""Closed days of the log: sketched once, compared with training and with the weeks before.

`python -m bentos.offline.closed_days HOME DECLARATION` is one look, in a process of its own. A day is closed
when the log's own clock, that of events, is `GRACE` beyond its end.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import msgspec

from bentos.home.drift_alarms import DriftAlarm, DriftLook, drift_folder, read_look, write_look
from bentos.home.journal import Event, Journal
from bentos.home.state import Home
from bentos.offline.correction_rows import latest
from bentos.offline.day_columns import column_of, declared, importances, kinds
from bentos.offline.day_files import (
    Key,
    day_file,
    forget_before,
    left_out,
    own_sketches,
    read_days,
    write_day,
)
from bentos.offline.window_drift import VersionShare, reference_of, served
from bentos.parentage import signalled_with_parent
from bentos.worker.priority import first_to_go, process_behind
from monitoring.dates import to_day
from monitoring.drift.days import WINDOW, ColumnDays, DayDrift, compare_days, look_alpha
from monitoring.drift.sketches import ColumnSketch
from monitoring.errors import UserError
from monitoring.log.window import BOUNDED, window

DAY = 86400.0
GRACE = 3600.0  # seconds of the log's clock after a day's end, for records that come late
MOST_DAYS = 60  # closed days that are looked back at
BEFORE = 28  # days before the last week that it is compared with
DRAWN = 40_000  # decisions of a day among which those that are sketched are drawn


def look(home: Home, now: float) -> DriftLook:
    """Sketch days that have closed, compare the last ones, and keep what was found. Raises OSError.

    Where no day has closed since the last look and no version was left out, what that found stands.
    """
    before = read_look(home)
    clock = latest(home, now)
    if clock is None:
        return before
    last = int((clock - GRACE) // DAY) - 1
    folder = drift_folder(home) / "sketches"
    said: list[str] = []
    days = [_name(day) for day in range(last - MOST_DAYS + 1, last + 1)]
    if before.day == days[-1] and not any(left_out(folder, day) for day in days):
        found = msgspec.structs.replace(before, checked=now)
        write_look(home, found)
        return found
    forget_before(folder, days[0])
    for number in _with_decisions(home, last):
        _sketch_day(home, folder, number, said)
    alarms = list(_alarms(home, read_days(folder, days), days[-1], said))
    since = {_key(each): each.since for each in before.alarms}
    kept = [msgspec.structs.replace(each, since=since.get(_key(each), each.since)) for each in alarms]
    found = DriftLook(
        alarms=tuple(sorted(kept, key=lambda each: -each.cost)), said=tuple(said), checked=now, day=days[-1]
    )
    write_look(home, found)
    _tell(Journal(home), before, found)
    return found


def _with_decisions(home: Home, last: int) -> list[int]:
    """The closed days that have decisions, as days since 1970."""
    with window(home.log, (last - MOST_DAYS + 1) * DAY, (last + 1) * DAY, memory=BOUNDED) as log:
        found = log.sql("SELECT DISTINCT floor(time / 86400)::BIGINT AS day FROM decisions ORDER BY day")
    return [int(day) for day in found["day"]]


def _sketch_day(home: Home, folder: Path, number: int, said: list[str]) -> None:
    """Write a day's file; of a day that has one, add the versions that it had to leave out."""
    day = _name(number)
    if not day_file(folder, day).is_file():
        write_day(folder, day, *_sketched(home, number * DAY, said, None))
    elif lacking := left_out(folder, day):
        found, still = _sketched(home, number * DAY, said, lacking)
        if found:
            write_day(folder, day, own_sketches(folder, day) | found, still)


def _sketched(
    home: Home, begin: float, said: list[str], only: Collection[str] | None
) -> tuple[dict[Key, ColumnSketch], list[str]]:
    """A day's sketches, of some versions `only` or of all, and the versions that could not be sketched."""
    found: dict[Key, ColumnSketch] = {}
    lacking: list[str] = []
    with window(home.log, begin, begin + DAY, memory=BOUNDED) as log:
        models = log.sql("SELECT model, count(*) AS n FROM decisions GROUP BY model ORDER BY model")
        for model, count in zip(models["model"].tolist(), models["n"].tolist(), strict=True):
            if only is not None and model not in only:
                continue
            try:
                declaration = declared(home, model)
                frame = served(log, home, VersionShare(model, min(1.0, DRAWN / count)), declaration)
            except (UserError, OSError) as error:
                said.append(f"drift of {model}, {_name(int(begin // DAY))}: {error}")
                lacking.append(model)
                continue
            for hour, rows in frame.groupby(frame["time"].floordiv(3600).astype(int)):
                for name, kind in kinds(declaration).items():
                    found[model, int(str(hour)), name] = column_of(rows, name, kind, declaration)
    return found, lacking


def _alarms(
    home: Home, days: Mapping[str, Mapping[tuple[str, str], ColumnSketch]], last: str, said: list[str]
) -> Iterator[DriftAlarm]:
    """Of each version that answered on the last closed day."""
    for version in sorted({version for version, _ in days.get(last, {})}):
        own = [
            {column: sketch for (of, column), sketch in table.items() if of == version}
            for _, table in sorted(days.items())
        ]
        own = [day for day in own if day]
        current, earlier = own[-WINDOW:], own[:-WINDOW][-BEFORE:]
        try:
            training = reference_days(home, version, current)
        except (UserError, OSError) as error:
            said.append(f"drift of {version} against training: {error}")
            training = {}
        drifted = [
            (against, found)
            for against, reference in (("training", training), ("before", _by_column(earlier)))
            for found in _compared(reference, _by_column(current), f"{version} against {against}", said)
        ]
        share = _importances(home, version, said) if drifted else {}
        for against, found in drifted:
            yield _alarm(found, version, against, last, share.get(found.column, 1.0))


def _by_column(days: list[dict[str, ColumnSketch]]) -> dict[str, list[ColumnSketch]]:
    return {name: [day[name] for day in days if name in day] for name in (days[0] if days else ())}


def _compared(
    reference: Mapping[str, list[ColumnSketch]],
    current: Mapping[str, list[ColumnSketch]],
    what: str,
    said: list[str],
) -> list[DayDrift]:
    """Columns with the same days are looked at together; each such group spends its part of alpha."""
    groups: dict[tuple[int, int], dict[str, ColumnDays]] = {}
    for name in reference.keys() & current.keys():
        size = (len(reference[name]), len(current[name]))
        groups.setdefault(size, {})[name] = ColumnDays(reference[name], current[name])
    found: list[DayDrift] = []
    for group in groups.values() or [{}]:
        share = len(group) / max(len(reference.keys() & current.keys()), 1)
        result = compare_days(dict(sorted(group.items())), look_alpha() * share)
        if isinstance(result, str):
            said.append(f"drift of {what}: {result}")
        else:
            found += [each for each in result if each.drifted]
    return found


def reference_days(
    home: Home, version: str, current: list[dict[str, ColumnSketch]]
) -> dict[str, list[ColumnSketch]]:
    """Training's rows by day, as many a day as are served; of the score those that have one."""
    frame, declaration = reference_of(home, version), declared(home, version)
    served_rows = sum(day["score"].count for day in current) / max(len(current), 1)
    by_day = frame["time"].floordiv(DAY)
    share = min(1.0, served_rows / max(len(frame) / max(by_day.nunique(), 1), 1.0))
    drawn = frame.sample(frac=share, random_state=0)
    found: dict[str, list[ColumnSketch]] = {}
    for name, kind in kinds(declaration).items():
        rows = drawn[drawn["score"].notna()] if name == "score" else drawn
        by_days = rows.groupby(rows["time"].floordiv(DAY))
        found[name] = [column_of(day, name, kind, declaration) for _, day in by_days]
    return found


def _importances(home: Home, version: str, said: list[str]) -> dict[str, float]:
    """None for a version whose model can't be read: then all columns count alike."""
    try:
        return importances(home, version)
    except (UserError, OSError) as error:
        said.append(f"what drift of {version} costs: {error}; its columns count alike")
        return {}


def _alarm(found: DayDrift, version: str, against: str, day: str, importance: float = 1.0) -> DriftAlarm:
    missing = found.missing_current - found.missing_reference
    kind = "score" if found.column == "score" else "feature"
    kind = "missing" if abs(missing) > found.distance / 2 else kind
    sentence = (
        f"drift: {version}'s {found.column} of the {WINDOW} closed days to {day} is "
        f"{found.distance:.3f} from {against} (limit {found.limit:.3f}); see `ballast drift --live`"
    )
    return DriftAlarm(
        kind=kind,
        column=found.column,
        version=version,
        against=against,
        day=day,
        distance=round(found.distance, 4),
        limit=round(found.limit, 4),
        since=day,
        cost=round(found.distance * importance, 6),
        importance=round(importance, 4),
        sentence=sentence,
    )


def _tell(journal: Journal, before: DriftLook, after: DriftLook) -> None:
    was, now = ({_key(each): each for each in look_.alarms} for look_ in (before, after))
    for key in sorted(now.keys() - was.keys()):
        journal.decided(Event.DRIFT_BEGINS, now[key].sentence, version=now[key].version, column=key[2])
    for key in sorted(was.keys() - now.keys()):
        ended = f"{key[1]}'s {key[2]} is within its limit against {key[3]} again"
        journal.decided(Event.DRIFT_ENDS, ended, version=key[1], column=key[2])


def _key(alarm: DriftAlarm) -> tuple[str, str, str, str]:
    return alarm.kind, alarm.version, alarm.column, alarm.against


def _name(day: int) -> str:
    return to_day(day * DAY)


def main() -> None:
    """One look at the home that is the argument; what can't be done is one sentence on stderr."""
    signalled_with_parent()
    process_behind()
    first_to_go()
    try:
        look(Home(Path(sys.argv[1]), Path(sys.argv[2])), time.time())
    except (UserError, OSError) as error:
        sys.exit(f"closed days were not looked at: {error}")


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
