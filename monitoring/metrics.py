"""What Prometheus sees. Counters and histograms add up over worker processes; gauges are the latest set by a
process that lives (`metric_files` retires those of the others).

A label never takes text from a client, and a metric never has more than `MOST_SERIES` label sets: what comes
after them is counted under "other". Arms have as much room as those that are live need, and one process tells
`MOST_ARMS` label sets of them at most: nothing can be taken out of a file that processes share.
"""

from __future__ import annotations

from collections import Counter as Counted
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Literal

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram

MOST_SERIES = 200
MOST_ARMS = 10_000  # label sets of arms: about 2 MB of a process's file
VERSIONS = 4  # that answer for an arm while it is live; more are counted under "other"
LATEST: Literal["livemostrecent"] = "livemostrecent"  # of gauges, among the processes that live
LONGEST = 300  # characters of a label
LATENCY_SECONDS = (
    *(0.0002, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075),
    *(0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5),
)
CANDIDATES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 3000, 5000)


class _Children:
    """Resolves each label set once: `labels()` costs more than the increment."""

    def __init__(self, metric: Counter, width: int) -> None:
        self._metric = metric
        self._other = ("other",) * width
        self._known: dict[tuple[str, ...], Counter] = {}
        self._told: set[tuple[str, ...]] = set()
        self._room = MOST_SERIES

    def keep(self, arms: Set[tuple[str, ...]]) -> None:
        """Room for label sets that begin with one of these; all others give theirs back."""
        self._known = {each: child for each, child in self._known.items() if each[:2] in arms}
        self._room = max(MOST_SERIES, VERSIONS * len(arms))

    def __call__(self, *labels: str) -> Counter:
        child = self._known.get(labels)
        if child is None:
            return self._resolve(labels)
        return child

    def _resolve(self, labels: tuple[str, ...]) -> Counter:
        if len(self._known) >= self._room or (labels not in self._told and len(self._told) >= MOST_ARMS):
            return self._metric.labels(*self._other)
        self._told.add(labels)
        return self._known.setdefault(labels, self._metric.labels(*labels))


class Metrics:
    """All of Ballast's metrics, made once per process. Methods cost a few µs each and never raise."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self._waiting: dict[str, Counted[tuple[str, str]]] = {}
        self._counters(registry)
        self._gauges(registry)
        self._seconds = Histogram(
            "ballast_rank_seconds", "Time to answer /rank.", buckets=LATENCY_SECONDS, registry=registry
        )
        self._candidates = Histogram(
            "ballast_candidates", "Candidates per request.", buckets=CANDIDATES, registry=registry
        )

    def answered(  # noqa: PLR0913 - one call per request, all of it by name
        self,
        *,
        model: str,
        arms: Iterable[tuple[str, str]],
        explored: bool,
        fallback: str | None,
        seconds: float,
        candidates: int,
        unknown: int,
    ) -> None:
        """One answer of /rank. `arms` are (experiment, variant); a fallback counts by what its colon ends.

        Arms are counted here, and told by `settle`: an answer may have hundreds.
        """
        self._requests(model, "true" if explored else "false", kind_of(fallback)).inc()
        self._waiting.setdefault(model, Counted()).update(arms)
        self._seconds.observe(seconds)
        self._candidates.observe(candidates)
        if unknown:
            self._unknown.inc(unknown)

    def refused(self, route: str, status: int) -> None:
        """One problem+json answer. `route` is the declared route, never the path that a client sent."""
        self._refused(route, str(status)).inc()

    def unsound(self, model: str, reason: str) -> None:
        """Scores that `sanity.check` would not let pass."""
        self._unsound(model, kind_of(reason)).inc()

    def log_failed(self, what: str) -> None:
        """A record that could not be written; `what` is "decision" or "outcome"."""
        self._log_failures(what).inc()

    def outcome_refused(self, field: str) -> None:
        """One feedback that was refused for its "time" or a "value" that can't be meant."""
        self._unmeant(field).inc()

    def log_writable(self, writable: bool) -> None:
        """Whether this worker could write its log a moment ago."""
        self._writable.set(float(writable))

    def repeated_ids(self, requests: int) -> None:
        """How many requests had an id that another one had, since the Steward began."""
        self._repeated.set(requests)

    def log_damaged(self, files: int) -> None:
        """How many files of the log do not hold what was written into them."""
        self._damaged.set(files)

    def fed_back(self, recorded: int) -> None:
        """One accepted /feedback with as many outcomes."""
        self._feedback.inc()
        self._outcomes.inc(recorded)

    def settle(self) -> None:
        """Tell the arms counted since the last time. To be called every second or so, and at the end."""
        waiting, self._waiting = self._waiting, {}
        for model, counted in waiting.items():
            for (experiment, variant), answers in counted.items():
                self._arms(experiment, variant, model).inc(answers)

    def live(self, arms: Iterable[tuple[str, str]]) -> None:
        """The arms (experiment, variant) that are live now, all of them; to be told now and then."""
        self._arms.keep(set(arms))

    def state(self, epoch: int, catalogue_age_seconds: float) -> None:
        """To be called by whoever polls the state, once a second or so."""
        self._epoch.set(epoch)
        self._catalogue_age.set(catalogue_age_seconds)

    def registry(self, reachable: bool, checked: float) -> None:
        """What the Steward last saw of MLflow, and when (unix seconds)."""
        self._reachable.set(float(reachable))
        self._checked.set(checked)

    def rollouts(self, stopped: Mapping[str, bool]) -> None:
        """By experiment, whether its rollout was stopped by itself; one that is gone is not stopped."""
        for experiment in self._rolled | stopped.keys():
            self._stopped.labels(experiment).set(float(stopped.get(experiment, False)))
        self._rolled |= stopped.keys()

    def drift(self, alarms: Iterable[str], checked: float) -> None:
        """The kind of each alarm of the last closed days, and when these were looked at (unix seconds)."""
        now = Counted(alarms)
        for kind in self._drifting | now.keys():
            self._drift_alarms.labels(kind).set(now[kind])
        self._drifting |= now.keys()
        self._drift_checked.set(checked)

    def guard(self, stopped: Iterable[Sequence[str]]) -> None:
        """What the guard has stopped: (kind, subject, quantity, evidence, what was done), all of it."""
        now = {tuple(text[:LONGEST] for text in each) for each in stopped}
        for gone in self._stops - now:
            self._guarded.labels(*gone).set(0)
        for each in list(now)[:MOST_SERIES]:
            self._guarded.labels(*each).set(1)
        self._stops |= now

    def guard_affected(self, answers: Mapping[str, int]) -> None:
        """By fault of all versions, how many answers it may have put into another order; all of them."""
        for gone in self._faults - answers.keys():
            self._affected.labels(gone).set(0)
        for subject, count in list(answers.items())[:MOST_SERIES]:
            self._affected.labels(subject).set(count)
        self._faults |= answers.keys()

    def guard_failing(self, parts: Iterable[str]) -> None:
        """The parts of the guard that do not work now, all of them."""
        now = set(parts)
        for part in self._parts | now:
            self._failing.labels(part).set(float(part in now))
        self._parts |= now

    def _counters(self, registry: CollectorRegistry) -> None:
        def count(name: str, text: str, *labels: str) -> _Children:
            return _Children(Counter(name, text, labels, registry=registry), len(labels))

        self._requests = count("ballast_requests", "Answers of /rank.", "model", "explored", "fallback")
        self._arms = count("ballast_arms", "Answers by experiment arm.", "experiment", "variant", "model")
        self._refused = count("ballast_refused", "Answers that were a problem.", "route", "status")
        self._unsound = count(
            "ballast_unsound_scores", "Answers whose scores failed a check.", "model", "kind"
        )
        self._log_failures = count("ballast_log_failures", "Records that could not be written.", "record")
        self._unmeant = count(
            "ballast_outcomes_refused", "Feedback whose time or value can't be meant.", "field"
        )
        for field in ("time", "value"):
            self._unmeant(field)
        for record in ("decision", "outcome"):
            self._log_failures(record)  # from 0, so that the first failure is an increase
        self._unknown = Counter(
            "ballast_unknown_candidates", "Candidates the catalogue lacks.", registry=registry
        )
        self._feedback = Counter("ballast_feedback", "Feedback accepted.", registry=registry)
        self._outcomes = Counter("ballast_outcomes", "Outcomes recorded.", registry=registry)

    def _gauges(self, registry: CollectorRegistry) -> None:
        def latest(name: str, text: str) -> Gauge:
            return Gauge(name, text, multiprocess_mode=LATEST, registry=registry)

        labels = ("kind", "subject", "quantity", "evidence", "done")
        self._stops: set[tuple[str, ...]] = set()
        self._guarded = Gauge(
            "ballast_guard_stopped",
            "1 for what the guard has stopped.",
            labels,
            multiprocess_mode=LATEST,
            registry=registry,
        )
        self._faults: set[str] = set()
        self._affected = Gauge(
            "ballast_guard_affected_answers",
            "Answers that a fault of all versions may have put into another order, since it began.",
            ("subject",),
            multiprocess_mode=LATEST,
            registry=registry,
        )
        self._parts: set[str] = set()
        self._failing = Gauge(
            "ballast_guard_failing",
            "1 for a part of the guard that does not work.",
            ("part",),
            multiprocess_mode=LATEST,
            registry=registry,
        )
        self._epoch = latest("ballast_epoch", "The epoch of the state that is served.")
        self._writable = latest("ballast_log_writable", "1 where the log can be written.")
        self._repeated = latest(
            "ballast_repeated_ids", "Requests with an id that another one had, since the Steward began."
        )
        self._damaged = latest(
            "ballast_log_damaged_files", "Files of the log that do not hold what they held."
        )
        self._catalogue_age = latest("ballast_catalogue_age_seconds", "Age of the catalogue snapshot.")
        self._reachable = latest("ballast_registry_reachable", "1 where the Steward reached MLflow last.")
        self._stopped = Gauge(
            "ballast_rollout_stopped",
            "1 for a rollout that was stopped by itself.",
            ("experiment",),
            multiprocess_mode=LATEST,
            registry=registry,
        )
        self._rolled: set[str] = set()
        self._drift_alarms = Gauge(
            "ballast_drift_alarm",
            "Alarms of the last closed days.",
            ("kind",),
            multiprocess_mode=LATEST,
            registry=registry,
        )
        self._drifting = {"feature", "missing", "score"}  # from 0, before the first
        self._drift_checked = latest("ballast_drift_checked_seconds", "When closed days were looked at last.")
        self._checked = latest("ballast_registry_checked_seconds", "When the Steward last tried MLflow.")


def kind_of(reason: str | None) -> str:
    """The part of a reason that labels a metric: up to its first colon; "none" for no reason."""
    return "none" if reason is None else reason.split(":", 1)[0][:60]
