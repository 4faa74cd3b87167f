"""Number, means, variances and covariances of each arm's units: all that a comparison needs, in one query.

Moments of two samples add up to those of both (Chan, Golub, LeVeque 1983, "Algorithms for Computing the
Sample Variance"), and a ratio of means has a variance by the delta method (Deng, Knoblich, Lu 2018, "Applying
the Delta Method in Metric Analytics"). Figures are those of tea-tasting, term by term, and a test holds them
to it; it isn't used itself because importing it takes longer than analysing a small table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from experiments.analysis.tables import Table, fetched

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Moments:
    """One sample: its size; by column, mean and variance (over size − 1); by sorted pair, covariance.

    None as a column stands for the constant 1, so that a mean is the ratio with it as denominator.
    """

    size: int
    means: Mapping[str, float]
    variances: Mapping[str, float]
    covariances: Mapping[Pair, float]

    def count(self) -> int:
        """How many there are."""
        return self.size

    def mean(self, name: str | None) -> float:
        """Of one column."""
        return 1.0 if name is None else self.means[name]

    def var(self, name: str | None) -> float:
        """Of one column."""
        return 0.0 if name is None else self.variances[name]

    def cov(self, one: str | None, other: str | None) -> float:
        """Of two columns."""
        return 0.0 if one is None or other is None else self.covariances[_sorted(one, other)]

    def ratio_var(self, above: str | None, below: str | None) -> float:
        """Variance per unit of mean(above) / mean(below), linearised; ZeroDivisionError where below is 0."""
        squared = self.mean(below) * self.mean(below)
        return (
            self.var(above)
            - 2 * self.cov(above, below) * self.mean(above) / self.mean(below)
            + self.var(below) * (self.mean(above) * self.mean(above)) / squared
        ) / squared

    def ratio_cov(self, above: str | None, below: str | None, past: str | None, size: str | None) -> float:
        """Covariance per unit of above / below with past / size, linearised. ZeroDivisionError as well."""
        one, other = self.mean(above) / self.mean(below), self.mean(past) / self.mean(size)
        return (
            (
                self.cov(above, past)
                - self.cov(above, size) * other
                - self.cov(below, past) * one
                + self.cov(below, size) * one * other
            )
            / self.mean(below)
            / self.mean(size)
        )

    def __add__(self, other: "Moments") -> "Moments":
        """Those of both samples together."""
        return Moments(
            self.size + other.size,
            {name: self._mean_with(other, name) for name in self.means},
            {
                name: self._with(other, (name, name), self.var(name), other.var(name))
                for name in self.variances
            },
            {pair: self._with(other, pair, self.cov(*pair), other.cov(*pair)) for pair in self.covariances},
        )

    def _mean_with(self, other: "Moments", name: str) -> float:
        return (self.size * self.mean(name) + other.size * other.mean(name)) / (self.size + other.size)

    def _with(self, other: "Moments", pair: Pair, own: float, theirs: float) -> float:
        whole = self.size + other.size
        apart = [self.mean(name) - other.mean(name) for name in pair]
        between = apart[0] * apart[1] * self.size * other.size / whole
        return (own * (self.size - 1) + theirs * (other.size - 1) + between) / (whole - 1)


def moments_by(table: Table, group: str, columns: Sequence[str], pairs: Sequence[Pair]) -> dict[str, Moments]:
    """Moments of `columns`, and covariances of `pairs` of them, for each value of `group`."""
    asked = {"_count": table.count()}
    floats = {name: table[name].cast("float64") for name in columns}
    both = [_sorted(*pair) for pair in pairs]
    asked |= {f"_mean__{name}": column.mean() for name, column in floats.items()}
    asked |= {f"_var__{name}": column.var(how="sample") for name, column in floats.items()}
    asked |= {f"_cov__{a}__{b}": floats[a].cov(floats[b], how="sample") for a, b in both}
    return {
        row[group]: Moments(
            row["_count"],
            {name: row[f"_mean__{name}"] for name in columns},
            {name: row[f"_var__{name}"] for name in columns},
            {pair: row["_cov__{}__{}".format(*pair)] for pair in both},
        )
        for row in fetched(table.group_by(group).aggregate(**asked))
    }


def _sorted(one: str, other: str) -> Pair:
    return (one, other) if one <= other else (other, one)
