"""YAML as a tree that remembers lines: the small, unsurprising part of YAML that a reviewed file needs.

Of YAML's many readings of a bare word only YAML 1.2's core is kept (`no` is a string, `1:30` is one too);
a key written twice, an alias or a tag is a problem instead of a surprise.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

import yaml

from experiments.config.problems import ConfigProblem, Path, shown

DEEPEST = 100  # levels; a live.yaml has eight
REWORDED = 1 << 16  # characters of a file that PyYAML's own parser reads within a second
_TAG = "tag:yaml.org,2002:"


@dataclass(slots=True)
class Entry:
    """One value of the file.

    `damaged`: something below it was taken out because it was wrong. `unread`: it has no plain value.
    """

    value: Any  # dict[str, Entry], list[Entry] or a scalar
    line: int
    path: Path
    damaged: bool = False
    unread: bool = False
    removed: set[str] = field(default_factory=set)

    def plain(self) -> Any:
        """The value without its lines."""
        if isinstance(self.value, dict):
            return {key: entry.plain() for key, entry in self.value.items()}
        return [entry.plain() for entry in self.value] if isinstance(self.value, list) else self.value

    def at(self, path: Path) -> "Entry":
        """The entry at `path`, or the deepest one on the way that exists."""
        return list(self.along(path))[-1]

    def along(self, path: Path) -> "Iterator[Entry]":
        """This entry and those below it on the way to `path`, as far as they exist."""
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


def read_tree(text: str) -> tuple[Entry | None, list[ConfigProblem]]:
    """The file as a tree, or None where it isn't YAML, and what is wrong with its form."""
    problems: list[ConfigProblem] = []
    try:
        node = _composed(text)
        tree = None if node is None else _entry(node, (), node.start_mark.line + 1, problems, set())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        return None, [ConfigProblem(line, "(file)", _line(text, line), f"is not YAML: {error.problem}")]
    except yaml.YAMLError as error:
        return None, [ConfigProblem(1, "(file)", text[:40], f"is not YAML: {str(error).splitlines()[0]}")]
    except RecursionError:
        return None, [ConfigProblem(1, "(file)", text[:40], "is nested too deeply")]
    if tree is None:
        return None, [ConfigProblem(1, "(file)", text[:40], "is empty: there is nothing to run")]
    return (None if tree.unread else tree), problems


def _composed(text: str) -> Any:
    """The file's nodes: by libyaml, in a tenth of the time; where that refuses it, in PyYAML's own words.

    Libyaml's nodes are made on the stack of C, which ends the process where it ends: RecursionError before.
    """
    if _may_be_deep(text) and _depth(text) > DEEPEST:
        raise RecursionError
    try:
        return yaml.compose(text, Loader=_Libyaml)
    except yaml.YAMLError:
        if len(text) > REWORDED:
            raise
        return yaml.compose(text, Loader=Loader)


def _may_be_deep(text: str) -> bool:
    """Whether brackets and indents could make more than DEEPEST levels: two a column, one a bracket."""
    columns = max(map(len, re.findall(r"^[ \t\-?:]*", text, re.MULTILINE)))
    opened = accumulate(1 if mark in "[{" else -1 for mark in re.findall(r"[\[\]{}]", text))
    return 2 * columns + max(opened, default=0) > DEEPEST


def _depth(text: str) -> int:
    """How deep the file is nested, as far as it is YAML; what is deeper than DEEPEST isn't counted."""
    depth = deepest = 0
    try:
        for event in yaml.parse(text, Loader=_Libyaml):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            deepest = max(deepest, depth)
            if deepest > DEEPEST:
                break
    except yaml.YAMLError:
        pass
    return deepest


class Loader(yaml.SafeLoader):
    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's protocol


_own = {"yaml_implicit_resolvers": Loader.yaml_implicit_resolvers}
_Libyaml: Any = type("Libyaml", (yaml.CSafeLoader,), _own) if hasattr(yaml, "CSafeLoader") else Loader

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
    Loader.add_implicit_resolver(f"{_TAG}{_name}", re.compile(f"(?:{_pattern})$"), _first)


def _entry(node: Any, path: Path, line: int, problems: list[ConfigProblem], seen: set[int]) -> Entry:
    entry = Entry(None, line, path)
    if id(node) in seen:
        problems.append(
            ConfigProblem(line, shown(path), "*", "is an alias; write the value out where it is used")
        )
        entry.unread = True
    elif isinstance(node, yaml.MappingNode):
        _fill_mapping(entry, node, problems, seen)
    elif isinstance(node, yaml.SequenceNode):
        below = [
            _entry(item, (*path, index), item.start_mark.line + 1, problems, seen)
            for index, item in enumerate(node.value)
        ]
        entry.value = [item for item in below if not item.unread]
        entry.damaged = any(item.unread or item.damaged for item in below)
    else:
        entry.value = _scalar(node, entry, problems)
    seen.add(id(node))
    return entry


def _fill_mapping(entry: Entry, node: Any, problems: list[ConfigProblem], seen: set[int]) -> None:
    entry.value = {}
    for key, item in node.value:
        line, name = key.start_mark.line + 1, key.value
        if not isinstance(key, yaml.ScalarNode):
            problems.append(ConfigProblem(line, shown(entry.path), "?", "has a key that isn't a plain word"))
            continue
        if name in entry.value:
            rule = f"is written twice (first in line {entry.value[name].line})"
            problems.append(ConfigProblem(line, shown((*entry.path, name)), name, rule))
        below = _entry(item, (*entry.path, name), line, problems, seen)
        entry.damaged |= below.unread or below.damaged
        if below.unread:
            entry.removed.add(name)
        else:
            entry.value[name] = below


def _scalar(node: Any, entry: Entry, problems: list[ConfigProblem]) -> object:
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
        problems.append(
            ConfigProblem(entry.line, shown(entry.path), kind, "is a tag; only plain values are read")
        )
        entry.unread = True
    return text


def _line(text: str, number: int) -> str:
    lines = text.splitlines()
    return lines[number - 1].strip()[:60] if 0 < number <= len(lines) else ""
