"""Commands whose modules are imported when they run, so that the command line starts at once."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup


class Later(TyperCommand):
    """A command known by its name and its line of help; the rest is imported when it is called.

    `place` is `module:name` in this folder: a function, or a `typer.Typer` with commands of its own.
    """

    def __init__(self, name: str, place: str, line: str) -> None:
        super().__init__(name, help=line)
        self.place = place

    def make_context(self, info_name: Any, args: Any, parent: Any = None, **extra: Any) -> Any:
        """That of the real command, which is what runs then, or shows its help."""
        return self.command().make_context(info_name, args, parent, **extra)

    def command(self) -> TyperCommand | TyperGroup:
        """The real command; its module is imported here."""
        found = load(self.place)
        if not isinstance(found, typer.Typer):
            function, found = found, typer.Typer(add_completion=False)
            found.command(self.name)(function)
        command: Any = typer.main.get_command(found)
        command.name = self.name
        return command  # type: ignore[no-any-return]


def load(place: str) -> Any:
    """What `module:name` names in this folder; its module is imported now."""
    module, _, name = place.partition(":")
    return getattr(import_module(f"{__package__}.{module}"), name)
