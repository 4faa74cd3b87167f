"""A declared file read against its model: everything that is wrong with it at once, each with its line."""

import difflib
from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from experiments.config import yaml_tree
from experiments.config.broken_rule import Broken
from experiments.config.problems import MISSING, ConfigError, ConfigProblem, shown
from experiments.config.yaml_tree import Entry

LIMIT = 1 << 20  # bytes; a reviewed file is some kB
MOST = 100  # problems that are told; who mends so many reads the rest at the next look
Content = TypeVar("Content", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class DeclaredFile(Generic[Content]):
    """A kind of file: the model that it must have the shape of, and the rules over all of it.

    `sound` reads what needs no look at its lines, such as a form that Ballast wrote; None for all else.
    """

    model: type[Content]
    broken: Callable[[Content], Iterable[Broken]]
    sound: Callable[[str], Content | None] = lambda _: None

    def load(self, path: Path) -> Content:
        """Read and check a file.

        ConfigError lists every problem with its line, path, value and rule; it is raised as well for a file
        that can't be read.
        """
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ConfigError(
                path.name, [ConfigProblem(1, "(file)", str(path), f"can't be read: {error.strerror}")]
            ) from None
        if len(content) > LIMIT:
            rule = f"bytes are more than the {LIMIT} that are read"
            raise ConfigError(path.name, [ConfigProblem(1, "(file)", len(content), rule)])
        try:
            return self.parse(content.decode(), path.name)
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            rule = "is not UTF-8"
            raise ConfigError(
                path.name, [ConfigProblem(line, "(file)", content[error.start : error.end], rule)]
            ) from None

    def parse(self, text: str, source: str) -> Content:
        """The same on the file's text."""
        if (sound := self.sound(text)) is not None:
            return sound
        tree, problems = yaml_tree.read_tree(text)
        if tree is None or len(problems) >= MOST:
            raise ConfigError(source, problems[:MOST])
        found, wrong = _sound_part(tree, self.model)
        problems += wrong
        if found is not None:
            problems += _broken_rules(self.broken(found), tree)
        if problems or found is None:
            raise ConfigError(source, problems[:MOST])
        return found


def _sound_part(tree: Entry, model: type[Content]) -> tuple[Content | None, list[ConfigProblem]]:
    """What remains of the file when everything of the wrong shape is taken out, and what was wrong.

    Only so can a wrong sum in one experiment be reported with a wrong type in another. A file with more
    than MOST problems is not looked through: each look takes as long as the file is.
    """
    problems: list[ConfigProblem] = []
    while True:
        try:
            return model.model_validate(tree.plain()), problems
        except ValidationError as error:
            errors = error.errors(include_url=False, include_input=False)
        above = {each["loc"][:depth] for each in errors for depth in range(len(each["loc"]))}
        causes = [each for each in errors if not _follows(each, above)][:MOST]
        new = [found for each in causes if (found := _problem(tree, each, model)) is not None]
        problems += [problem for problem in new if problem not in problems]
        if len(problems) >= MOST:
            return None, problems
        taken = [_take_out(tree, each) for each in causes]
        if not all(taken):
            return None, problems


def _follows(error: ErrorDetails, above: Set[tuple[int | str, ...]]) -> bool:
    """Whether a list is too short only because entries of it are wrong, as pydantic counts the right ones.

    `above` are the places that have an error below them.
    """
    return error["type"] == "too_short" and error["loc"] in above


def _problem(tree: Entry, error: ErrorDetails, model: type[BaseModel]) -> ConfigProblem | None:
    """The error as a sentence; None where it only follows from what was taken out before."""
    entry = tree.at(error["loc"])
    name = str(error["loc"][-1]) if error["loc"] else ""
    if error["type"] == "missing":
        if name in entry.removed:
            return None
        return ConfigProblem(entry.line, shown((*entry.path, name)), None, MISSING)
    if entry.damaged and error["type"] in ("too_short", "too_long"):
        return None
    return ConfigProblem(entry.line, shown(entry.path), _short(entry.plain()), _rule(error, model))


def _take_out(tree: Entry, error: ErrorDetails) -> bool:
    """Take what is wrong out of the tree and mark what held it; False if nothing would remain."""
    way = list(tree.along(error["loc"]))
    if len(way) < 2:
        return error["type"] != "missing" and bool(error["loc"])
    parent, wrong = way[-2], way[-1]
    if error["type"] != "extra_forbidden":
        for above in way[:-1]:
            above.damaged = True
    if isinstance(parent.value, dict):
        key = str(wrong.path[-1])
        parent.value.pop(key, None)
        parent.removed.add(key)
    elif wrong in parent.value:
        parent.value.remove(wrong)
    return True


def _broken_rules(broken: Iterable[Broken], tree: Entry) -> list[ConfigProblem]:
    problems: list[ConfigProblem] = []
    for found in broken:
        if len(problems) >= MOST:
            break
        if any(tree.at(path).damaged or tree.at(path).removed for path in found.needs):
            continue
        entry = tree.at(found.path)
        problems.append(ConfigProblem(entry.line, shown(entry.path), _short(found.value), found.rule))
    return problems


_WORDS = {
    "extra_forbidden": "is not a key here",
    "string_type": "must be text; put it in quotes",
    "string_too_short": "must not be empty",
    "string_too_long": "is longer than {max_length} characters",
    "string_pattern_mismatch": "must be at most 64 letters, digits, '.', '_' or '-', a letter or digit first",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "bool_type": "must be true or false",
    "finite_number": "must be finite",
    "tuple_type": "must be a list",
    "dict_type": "must be a mapping",
    "model_type": "must be a mapping",
    "literal_error": "must be {expected}",
    "too_short": "needs at least {min_length} entries",
    "too_long": "takes at most {max_length} entries",
    "greater_than": "must be above {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be below {lt}",
    "less_than_equal": "must be at most {le}",
    "value_error": "{error}",
}


def _rule(error: ErrorDetails, model: type[BaseModel]) -> str:
    rule = _WORDS.get(error["type"], error["msg"]).format_map(error.get("ctx", {}))
    if error["type"] != "extra_forbidden":
        return rule
    name, keys = str(error["loc"][-1]), _keys(error["loc"][:-1], model)
    near = difflib.get_close_matches(name, keys, 1)
    return f"{rule}; did you mean {near[0]!r}?" if near else f"{rule}; the keys are {', '.join(keys)}"


def _keys(path: tuple[str | int, ...], model: type[BaseModel]) -> list[str]:
    """The keys that the model at `path` takes."""
    kind: Any = model
    for step in path:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            named = {field.alias or name: field for name, field in kind.model_fields.items()}
            kind = named[str(step)].annotation if step in named else None
        else:
            kind = _inside(kind)
        kind = _without_none(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [field.alias or name for name, field in kind.model_fields.items()]
    return []


def _inside(kind: Any) -> Any:
    """What a `tuple[X, ...]` or `dict[str, X]` holds."""
    arguments = [each for each in get_args(kind) if each is not Ellipsis]
    return arguments[-1] if arguments else None


def _without_none(kind: Any) -> Any:
    inner = [each for each in get_args(kind) if each is not type(None)]
    return inner[0] if type(None) in get_args(kind) and inner else kind


def _short(value: object) -> object:
    return value if len(repr(value)) <= 80 else repr(value)[:77] + "..."
