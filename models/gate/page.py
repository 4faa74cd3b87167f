"""The verdict as one HTML page that needs nothing else: checks, worst first, and pictures."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment

from models.gate.pictures import Picture, pictures
from models.gate.subject import Subject
from models.gate.verdict import Verdict
from monitoring.pages.sheet import STYLE

logger = logging.getLogger(__name__)
TEMPLATE = Path(__file__).with_name("page.html")


def page(verdict: Verdict, subject: Subject) -> str:
    """The page. Pictures that the evidence does not allow are left out; the checks say what is wrong."""
    template = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
        TEMPLATE.read_text(encoding="utf-8")
    )
    return template.render(
        verdict=verdict,
        checks=sorted(verdict.checks, key=lambda check: -check.result),
        pictures=_pictures(subject),
        style=STYLE,
        when=datetime.fromtimestamp(verdict.time, UTC).strftime("%Y-%m-%d %H:%M:%S UTC"),
    )


def _pictures(subject: Subject) -> list[Picture]:
    found: list[Picture] = []
    try:
        found.extend(pictures(subject))
    except Exception as error:  # a broken version has a page too
        logger.info("no further pictures of version %s: %s", subject.version, error)
    return found
