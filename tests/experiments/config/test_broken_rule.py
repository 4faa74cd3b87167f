"""What several rules have in common: the hash's resolution, and hints for a name that is unknown."""

import pytest

from experiments.config.broken_rule import Broken, near, resolved


@pytest.mark.parametrize(
    ("value", "algorithm", "fine"),
    [
        (0.0001, "growthbook-v2", True), (0.00011, "growthbook-v2", False), (0.3333, "growthbook-v2", True),
        (0.001, "growthbook-v1", True), (0.0001, "growthbook-v1", False),
        ((0.25, 0.75), "growthbook-v2", True), ((0.25, 0.75001), "growthbook-v2", False),
    ],
)  # fmt: skip
def test_shares_finer_than_the_hash_are_refused(value: object, algorithm: str, fine: bool) -> None:
    """Every edge of a range counts."""
    found = list(resolved(("holdout", "share"), value, algorithm))  # type: ignore[arg-type]
    assert (found == []) == fine
    if not fine:
        steps = {"growthbook-v1": 1_000, "growthbook-v2": 10_000}[algorithm]
        assert found[0].rule == f"is finer than 1/{steps}, the steps of {algorithm}"
        assert found[0].value == (list(value) if isinstance(value, tuple) else value)


def test_a_hint_ends_the_sentence() -> None:
    """The name that is like it, or all there are, or that there are none."""
    assert near("chalenger", ["champion", "challenger"]) == "; did you mean 'challenger'?"
    assert near("x", ["champion", "challenger"]) == "; those are champion, challenger"
    assert near("x", []) == "; there are none"


def test_a_broken_rule_needs_nothing_by_itself() -> None:
    """Only rules that may follow from something taken out say what they rest on."""
    assert Broken(("a",), 1, "is wrong").needs == ()
