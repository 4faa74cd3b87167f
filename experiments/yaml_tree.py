"""YAML as a tree that remembers lines: the small, unsurprising part of YAML that a reviewed file needs.

Of YAML's many readings of a bare word only YAML 1.2's core is kept (``no`` is a string, ``1:30`` is one too);
a key written twice, an alias or a tag is a problem instead of a surprise.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from experiments.problems import Path, Problem, shown

_TAG = "tag:yaml.org,2002:"


@dataclass(slots=True)
class Entry:
    """One value of the file. ``damaged`` means that something below it was taken out because it was wrong."""

    value: Any  # dict[str, Entry], list[Entry] or a scalar
    line: int
    path: Path
    damaged: bool = False
    removed: set[str] = field(default_factory=set)

    def plain(self) -> Any:
        """The value without its lines."""
        if isinstance(self.value, dict):
            return {key: entry.plain() for key, entry in self.value.items()}
        return [entry.plain() for entry in self.value] if isinstance(self.value, list) else self.value

    def at(self, path: Path) -> "Entry":
        """The entry at ``path``, or the deepest one on the way that exists."""
        return list(self.along(path))[-1]

    def along(self, path: Path) -> "Iterator[Entry]":
        """This entry and those below it on the way to ``path``, as far as they exist."""
        entry: Entry | None = self
        steps = iter(path)
        while entry is not None:
            yield entry
            entry = entry.below(next(steps, None))

    def below(self, step: str | int | None) -> "Entry | None":
        """What is at this key or index, if anything is."""
        if isinstance(self.value, dict):
            return self.value.get(step)
        if isinstance(self.value, list) and isinstance(step, int):
            return self.value[step] if step < len(self.value) else None
        return None


def read_tree(text: str) -> tuple[Entry | None, list[Problem]]:
    """The file as a tree, or None where it isn't YAML, and what is wrong with its form."""
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        return None, [Problem(line, "(file)", _line(text, line), f"is not YAML: {error.problem}")]
    except yaml.YAMLError as error:
        return None, [Problem(1, "(file)", text[:40], f"is not YAML: {error}")]
    if node is None:
        return None, [Problem(1, "(file)", text[:40], "is empty: there is nothing to run")]
    problems: list[Problem] = []
    return _entry(node, (), node.start_mark.line + 1, problems, set()), problems


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's protocol


for _name, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    (
        "float",
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf)|\.(nan|NaN)",
        list("-+.0123456789"),
    ),
):
    _Loader.add_implicit_resolver(f"{_TAG}{_name}", re.compile(f"(?:{_pattern})$"), _first)


def _entry(node: Any, path: Path, line: int, problems: list[Problem], seen: set[int]) -> Entry:
    if id(node) in seen:
        problems.append(Problem(line, shown(path), "*", "is an alias; write the value out where it is used"))
        return Entry(None, line, path)
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        return Entry(_mapping(node, path, problems, seen), line, path)
    if isinstance(node, yaml.SequenceNode):
        items = [
            _entry(below, (*path, index), below.start_mark.line + 1, problems, seen)
            for index, below in enumerate(node.value)
        ]
        return Entry(items, line, path)
    return Entry(_scalar(node, path, line, problems), line, path)


def _mapping(node: Any, path: Path, problems: list[Problem], seen: set[int]) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    for key, below in node.value:
        line = key.start_mark.line + 1
        name = key.value if isinstance(key, yaml.ScalarNode) else "?"
        if not isinstance(key, yaml.ScalarNode):
            problems.append(Problem(line, shown(path), "?", "has a key that isn't a plain word"))
        elif name in entries:
            first = entries[name].line
            problems.append(
                Problem(line, shown((*path, name)), name, f"is written twice (first in line {first})")
            )
        entries[name] = _entry(below, (*path, name), line, problems, seen)
    return entries


def _scalar(node: Any, path: Path, line: int, problems: list[Problem]) -> object:
    kind, text = node.tag.removeprefix(_TAG), node.value
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    if kind == "int":
        return int(text) if len(text) < 20 else float(text)
    if kind == "float":
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    if kind != "str":
        problems.append(Problem(line, shown(path), node.tag, "is a tag; only plain values are read"))
    return text


def _line(text: str, number: int) -> str:
    lines = text.splitlines()
    return lines[number - 1].strip()[:60] if 0 < number <= len(lines) else ""
