"""What people call things stands in SQL as it is."""

import json

import duckdb
import pytest

from experiments.analysis.sql_names import attribute, name_of, text_of


@pytest.mark.parametrize("name", ["session.id", "a$b", 'say "so"', "it's", "back\\slash", "tier"])
def test_an_attribute_is_read_by_its_name(name: str) -> None:
    """Whatever stands in it: a dot is no step into another object."""
    body = json.dumps({name: "s-1", "session": {"id": "another"}})
    with duckdb.connect() as connection:
        query = f"SELECT {attribute(name)} FROM (SELECT ?::JSON AS attributes)"
        assert connection.execute(query, [body]).fetchall() == [("s-1",)]


@pytest.mark.parametrize("text", ["it's", 'say "so"', "back\\slash", "a.b", "; DROP TABLE x --"])
def test_names_and_texts_stay_what_they_are(text: str) -> None:
    """As the name of a column, and as a text."""
    with duckdb.connect() as connection:
        found = connection.execute(f"SELECT {text_of(text)} AS {name_of(text)}")
        assert (found.description[0][0], found.fetchall()) == (text, [(text,)])
