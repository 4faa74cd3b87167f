"""The one sentence of a refusal: file, key, value and rule, also as attributes."""

from __future__ import annotations

from models.declaration.refusal import DataError, DeclarationError, listing
from monitoring.errors import UserError


def test_the_sentence_names_file_key_value_and_rule() -> None:
    error = DataError("shop.toml", "data.label", "stars", "is no column of the table")
    assert str(error) == "shop.toml: data.label: 'stars' is no column of the table"
    assert (error.file, error.key, error.value, error.rule) == (
        "shop.toml",
        "data.label",
        "stars",
        "is no column of the table",
    )


def test_a_wrong_table_is_caught_where_a_wrong_declaration_is() -> None:
    assert issubclass(DataError, DeclarationError)
    assert issubclass(DeclarationError, UserError)
    assert issubclass(DeclarationError, ValueError)


def test_a_listing_says_how_many_it_leaves_out() -> None:
    assert listing(["a", 1, 2.5]) == "a, 1, 2.5"
    assert listing([]) == ""
    assert listing(range(4), 3) == "0, 1, 2, … (4 in all)"
    assert listing(range(3), 3) == "0, 1, 2"
