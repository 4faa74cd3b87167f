"""Names of versions: both parts come back, and a text that is no name is refused with a reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.log.version_name import VersionName, VersionNameError


@given(ranker=st.text(min_size=1), number=st.integers(min_value=0).map(str))
def test_what_is_written_is_read_again(ranker: str, number: str) -> None:
    """Also where a ranker's name has slashes of its own: the last one parts."""
    name = VersionName(ranker, number)
    assert str(name) == f"{ranker}/{number}"
    assert VersionName.parse(str(name)) == name


@pytest.mark.parametrize("text", ["flights", "7", "", "champion"])
def test_a_name_without_a_slash_is_refused(text: str) -> None:
    """The message has the text and an example."""
    with pytest.raises(VersionNameError) as caught:
        VersionName.parse(text)
    assert str(caught.value) == f"version name {text!r}: it has no slash, as 'flights/7' has"


@pytest.mark.parametrize("text", ["/7", "flights/", "/", "flights/seven", "flights/-1", "flights/..", "f/٧"])
def test_a_name_with_half_missing_is_refused(text: str) -> None:
    """No ranker, or no number: a number also names a folder, which `..` must never reach."""
    with pytest.raises(VersionNameError) as caught:
        VersionName.parse(text)
    rule = "it is a ranker's name, a slash and a number, as in 'flights/7'"
    assert str(caught.value) == f"version name {text!r}: {rule}"


def test_the_parts_are_held_to_the_same_rule() -> None:
    """Nobody can build what `parse` would refuse."""
    with pytest.raises(VersionNameError, match="version name 'flights/': it is a ranker's name"):
        VersionName("flights", "")


def test_names_are_values() -> None:
    """Equal ones are one key of a dict, and none can be changed."""
    assert {VersionName("flights", "7"): 1}[VersionName.parse("flights/7")] == 1
    with pytest.raises(AttributeError):
        VersionName("flights", "7").number = "8"  # type: ignore[misc]
