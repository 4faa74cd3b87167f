"""What a version would have earned, from the decisions with outcomes in Ballast's own log."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bentos.home.state import Home
from bentos.offline.version_value import value
from bentos.settings import settings
from experiments.config.problems import AnalysisError
from experiments.offpolicy.estimators import Evaluation
from models.registry import Registry


def evaluate_version(
    version: str | None, since: float | None, until: float | None
) -> tuple[Evaluation, dict[str, Any]]:
    """The value between two times (unix seconds), and beside it the gain over what served, and who counts."""
    if version is None:
        raise AnalysisError("name a version (models:/NAME/7) or give --table FILE")
    home = Home(settings().ranker_home, settings().ranker)
    found = value(home, _package(home, version), since, until)
    gain = None if found.gain is None else asdict(found.gain)
    return found.evaluation, {
        "gain": gain,
        "used": found.decisions,
        "skipped": dict(found.skipped),
        "rows": found.rows,
        "fitted_rows": found.fitted,
    }


def _package(home: Home, version: str) -> Path:
    """The version's package, downloaded where it isn't here yet."""
    asked = re.fullmatch(r"(?:models:/)?(?:[\w.-]*[/@])?@?([\w-]+)", version)
    if asked is None:
        raise AnalysisError(
            f"version: {version!r} is neither models:/NAME/7, models:/NAME@alias nor a number"
        )
    number = asked[1]
    registry, ranker = Registry(settings().registry_uri), home.folder.name
    if not number.isdigit():
        aliases = registry.aliases(ranker)
        if number not in aliases:
            raise AnalysisError(
                f"version: {ranker} has no alias {number!r}; it has {', '.join(aliases) or 'none'}"
            )
        number = aliases[number]
    folder = home.version(number)
    if not folder.is_dir():
        registry.download(ranker, number, folder)
    return folder
