"""What MLflow is told of a package: parameters and metrics from its documents, and the names of tags."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

DIGEST_TAG = "ballast.manifest"  # of a version: sha256 of manifest.json as training wrote it
SNAPSHOT_TAG = "ballast.snapshot"  # of a version: the catalogue snapshot that it was trained on
LOGGED_DIGEST = ".logged_digest"  # the file beside a downloaded package that has that tag's value
_PARAM_LIMIT = 6000  # characters: MLflow's limit for a parameter's value
_NAME_LIMIT = 250  # characters: MLflow's limit for a name


def metrics(evaluation: Mapping[str, Any]) -> dict[str, float]:
    """Every finite number of a nested document by its path: {"ndcg@10": {"low": .4}} → ndcg_at_10/low.

    MLflow takes letters, digits, `_-./: ` and blanks in a name, and refuses "@". A list of objects takes the
    object's first text value as its part of the path, else its place.
    """
    found = {_name(path): float(value) for path, value in _leaves(evaluation) if _is_number(value)}
    return {name: value for name, value in found.items() if math.isfinite(value)}


def params(declaration: Mapping[str, Any]) -> dict[str, str]:
    """A declaration as parameters: scalars by their path, lists as JSON, empty and missing ones left out."""
    found: dict[str, str] = {}
    for section, keys in declaration.items():
        for key, value in keys.items() if isinstance(keys, Mapping) else [("", keys)]:
            if value not in (None, {}, [], ()):
                text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                name = _name((section, key) if key else (section,))
                found[name] = text if len(text) <= _PARAM_LIMIT else f"{text[: _PARAM_LIMIT - 1]}…"
    return found


def _leaves(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from _leaves(value, (*path, str(key)))
    elif isinstance(node, list):
        for place, value in enumerate(node):
            yield from _leaves(value, (*path, _label(value, place)))
    else:
        yield path, node


def _label(value: Any, place: int) -> str:
    texts = [each for each in value.values() if isinstance(each, str)] if isinstance(value, Mapping) else []
    return texts[0] if texts else str(place)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _name(path: tuple[str, ...]) -> str:
    parts = (re.sub(r"[^\w\-. :]", "_", part.replace("@", "_at_"), flags=re.ASCII) for part in path)
    return "/".join(part.strip(". ") or "_" for part in parts)[:_NAME_LIMIT]
