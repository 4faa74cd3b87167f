"""Stops or starts one experiment in the text of a live.yaml, and changes no other character of it.

YAML's parser tells the position to change. The new text is then read again: it is given out only if it is the
same file with that experiment stopped or started.
"""

from collections.abc import Mapping
from typing import Any

import yaml

from experiments.config.check import parse
from experiments.config.live import Live
from experiments.config.problems import AnalysisError, ConfigError
from experiments.config.yaml_tree import Loader


def disabled(text: str, name: str) -> str:
    """The file's text with `enabled: false` in the experiment `name`; comments and layout stay.

    ConfigError for a file that doesn't hold; AnalysisError for a name it doesn't have, or a layout in which
    the place can't be told.
    """
    return _in_place(text, name, switched_off(parse(text), name), on=False)


def enabled(text: str, name: str) -> str:
    """The same with the kill switch taken back: `enabled: true`. Raises as `disabled` does."""
    return _in_place(text, name, edited(parse(text), name, {"enabled": True}), on=True)


def _in_place(text: str, name: str, wanted: Live, *, on: bool) -> str:
    if parse(text) == wanted:
        return text
    changed = _switched(text, _experiment(text, name), "true" if on else "false")
    if not _means(changed, wanted):
        what, value = ("started", "true") if on else ("stopped", "false")
        raise AnalysisError(
            f"experiment: {name!r} can't be {what} in place; set enabled: {value} in the file by hand"
        )
    return changed


def switched_off(live: Live, name: str) -> Live:
    """The same file with one experiment's kill switch thrown. AnalysisError for a name it doesn't have."""
    return edited(live, name, {"enabled": False})


def _named(live: Live, name: str) -> Any:
    for experiment in live.experiments:
        if experiment.name == name:
            return experiment
    names = ", ".join(experiment.name for experiment in live.experiments) or "none"
    raise AnalysisError(f"experiment: {name!r} is not in the live file; it has {names}")


def edited(live: Live, name: str, change: Mapping[str, Any]) -> Live:
    """The same file with keys of one experiment replaced. AnalysisError for a name it doesn't have."""
    _named(live, name)
    body = live.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    for layer in body["layers"]:
        for experiment in layer.get("experiments", ()):
            if experiment["name"] == name:
                experiment.update(change)
    return Live.model_validate(body)


def _means(text: str, wanted: Live) -> bool:
    try:
        return parse(text) == wanted
    except ConfigError:
        return False


def _experiment(text: str, name: str) -> Any:
    """The node of one experiment."""
    layers = _under(yaml.compose(text, Loader=Loader), "layers")
    experiments = [each for layer in layers for each in _under(layer, "experiments")]
    return next(each for each in experiments if _keys(each)["name"].value == name)


def _keys(mapping: Any) -> dict[str, Any]:
    return {key.value: value for key, value in mapping.value}


def _under(mapping: Any, key: str) -> list[Any]:
    found = _keys(mapping).get(key)
    return [] if found is None else found.value


def _switched(text: str, experiment: Any, value: str) -> str:
    block = _keys(experiment)
    if "enabled" in block:
        mark = block["enabled"]
        return text[: mark.start_mark.index] + value + text[mark.end_mark.index :]
    end = block["name"].end_mark.index
    if experiment.flow_style:
        return f"{text[:end]}, enabled: {value}{text[end:]}"
    if "\n" not in text[end:]:
        text += "\n"
    line_end = text.index("\n", end) + 1  # after the name's line, with its comment
    newline = "\r\n" if text[:line_end].endswith("\r\n") else "\n"
    inserted = f"{' ' * experiment.start_mark.column}enabled: {value}{newline}"
    return text[:line_end] + inserted + text[line_end:]
