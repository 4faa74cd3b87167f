"""A command is known by its line of help before its module is imported."""

from __future__ import annotations

import subprocess
import sys

import pytest
import typer

from bentos.commands.days import seconds
from bentos.commands.lazy_command import Later, load
from bentos.environment import ROOT


def test_a_place_names_what_is_in_a_module_of_the_folder() -> None:
    assert load("days:seconds") is seconds


@pytest.mark.parametrize(
    ("place", "error"), [("days:nothing", AttributeError), ("nothing:seconds", ModuleNotFoundError)]
)
def test_a_place_that_is_none_is_a_defect(place: str, error: type[Exception]) -> None:
    """Not a user's mistake: the table is wrong."""
    with pytest.raises(error):
        load(place)


def test_a_later_command_is_the_real_one_under_its_own_name() -> None:
    """A function, and a group with commands of its own."""
    known = Later("look", "status:status", "What is promoted.")
    assert (known.name, known.help, known.params) == ("look", "What is promoted.", [])
    real = known.command()
    assert real.name == "look"
    assert [param.name for param in real.params] == ["watch", "as_json"]
    group = Later("guard", "guard:app", "What the guard watches.").command()
    assert isinstance(group, typer.core.TyperGroup)
    assert list(group.commands) == ["clear"]


def test_nothing_is_imported_before_it_is_called() -> None:
    """In a fresh process: a command in the table costs nothing."""
    code = (
        "import sys; from bentos.commands.lazy_command import Later; "
        "known = Later('s', 'status:status', 'x');"
        "before = 'bentos.commands.status' in sys.modules; known.command();"
        "print(before, 'bentos.commands.status' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout == "False True\n"
