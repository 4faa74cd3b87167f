"""A request as rows of numbers: the same while serving as at training."""

from __future__ import annotations

import numpy as np

from models.contexts.layout import RequestLayout, common, kinds_of

LAYOUT = RequestLayout(
    ("rain",), {"sky": ["grey", "blue"]}, ("price",), {"zone": ["park", "dock"]}, ("zone",)
)
FIELDS = {
    "price": np.array([1, np.nan, 3, np.nan], np.float32),
    "zone": np.array(["park", "park", "dock", "x"], object),
}


def test_contexts_are_numbers_and_places_among_the_commonest() -> None:
    fields = {"rain": np.array([0.5, np.nan]), "sky": np.array(["blue", ""], object)}
    assert LAYOUT.contexts(fields).tolist()[0] == [0.5, 1.0]
    assert np.isnan(LAYOUT.contexts(fields)[1]).all()
    other = {"rain": np.array([0.0]), "sky": np.array(["pink"], object)}
    assert LAYOUT.contexts(other).tolist() == [[0.0, 2.0]]
    assert LAYOUT.context_names == ("rain", "sky")


def test_candidates_are_means_and_shares_by_request() -> None:
    both = LAYOUT.candidates(FIELDS, np.array([0, 2, 4]))
    assert both.tolist() == [[1.0, 1.0, 0.0], [3.0, 0.0, 0.5]]
    alone = LAYOUT.candidates({name: column[2:] for name, column in FIELDS.items()}, np.array([0, 2]))
    assert alone.tolist() == both[1:].tolist()
    nothing = LAYOUT.candidates({name: column[1:2] for name, column in FIELDS.items()}, np.array([0, 1]))
    assert np.isnan(nothing[0, 0])
    assert LAYOUT.kind(FIELDS) == ("park",)
    assert LAYOUT.missing_items({"price": FIELDS["price"]}) == ["zone"]


def test_kinds_are_categories_that_the_candidates_of_a_request_share() -> None:
    """Of few values; lists of one item have no kind, since all of them would agree."""
    starts = np.arange(0, 41, 4)
    zone = np.repeat(np.array(["a", "b"], object), 20)
    own = np.array([str(each) for each in range(40)], object)
    assert kinds_of({"zone": zone, "own": own}, starts) == ("zone",)
    assert kinds_of({"zone": zone}, np.arange(41)) == ()


def test_the_commonest_come_first_and_none_is_missing() -> None:
    assert common(np.array(["b", "a", "b", "", ""], object)) == ["b", "a"]
    assert len(common(np.array([str(each) for each in range(90)], object))) == 20
