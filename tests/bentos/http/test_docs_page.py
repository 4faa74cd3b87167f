"""The page that describes the API: all of the document, and nothing from elsewhere."""

from __future__ import annotations

import html
import re

from bentos.http.docs_page import page
from bentos.http.openapi import document

EXAMPLE = '{"unit": "someone", "candidates": ["<one>"]}'
PAGE = page("small", EXAMPLE)


def test_every_path_is_on_it_with_what_it_does() -> None:
    """Verb, path and summary."""
    for path, verbs in document("small")["paths"].items():
        for verb, operation in verbs.items():
            assert f"<h2><span class=verb>{verb}</span> <code>{path}</code></h2>" in PAGE
            assert f"<p>{html.escape(operation['summary'])}</p>" in PAGE


def test_fields_are_explained() -> None:
    """By type and meaning; what is required has a star."""
    assert "<tr><td><code>unit</code> *<td>string<td>who asks: what is randomised" in PAGE
    assert "<td><code>items</code><td>list of string or integer<td>best first; unknown ones last" in PAGE
    assert "<tr><td><code>dry_run</code><td>integer<td>1: check and diff only" in PAGE
    assert "Refusals, as <code>application/problem+json</code>: 400, 413, 422, 429, 503." in PAGE


def test_what_is_shown_is_escaped() -> None:
    """Example and name are text, whatever stands in them."""
    assert "&lt;one&gt;" in PAGE
    assert "<one>" not in PAGE
    assert "Ballast: <code>&lt;b&gt;</code>" in page("<b>", EXAMPLE)


def test_it_needs_nothing_from_the_internet() -> None:
    """No script, no picture, no font, no link out."""
    assert re.findall(r"https?://|<script|<img|<link|@import|url\(", PAGE) == []
