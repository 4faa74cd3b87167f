"""Which experiments run: half open in time, and one that ends before it starts never does."""

from math import inf

from hypothesis import given
from hypothesis import strategies as st

from experiments.assignment.running import Running

TIMES = st.sampled_from([-inf, 0.0, 1.0, 1.5, 2.0, 7.0, inf])


@given(st.lists(st.tuples(TIMES, TIMES), max_size=12), TIMES)
def test_it_is_the_rule_of_each_experiment(periods: list[tuple[float, float]], now: float) -> None:
    """Bit n is set where experiment n has started and has not ended."""
    bits = Running.of(periods).at(now)
    assert [bool(bits >> n & 1) for n in range(len(periods))] == [a <= now < b for a, b in periods]
    assert bits >> len(periods) == 0
