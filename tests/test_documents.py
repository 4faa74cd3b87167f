"""README and docs say what exists: commands, files, folders, words, and how long a README may be."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bentos.cli import COMMANDS, EXPERIMENT
from bentos.home.state import State
from bentos.http.openapi import document
from bentos.wire.messages import Feedback, ItemOutcome, RankRequest
from monitoring.log.record import Decision, Outcome
from tests.documents import ROOT

DOCS = ROOT / "docs"
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted(DOCS.glob("*.md")),
    *sorted(DOCS.glob("runbooks/*.md")),
]
GLOSSARY = DOCS / "glossary.md"
GROUPS = {"experiment": set(EXPERIMENT), "guard": {"clear"}, "correction": {"drop"}}
IN_A_FORM = {"v"}  # the version of a record's form, which only docs/log.md speaks of


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_a_page_names_exists(page: Path) -> None:
    """`ballast word` in code is a command, `ballast experiment word` a command of that group."""
    text = "\n".join(re.findall(r"`+[^`]+`+", page.read_text()))
    for group, inner in re.findall(r"\bballast ([a-z]+)(?: ([a-z]+))?", text):
        assert group in COMMANDS, f"{page.name} names `ballast {group}`"
        if group == "experiment" and inner:
            assert inner in GROUPS[group], f"{page.name} names `ballast experiment {inner}`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_names_exists(page: Path) -> None:
    """Links, and paths in code that begin with a folder of the project."""
    text = page.read_text()
    named = set(re.findall(r"`((?:bentos|models|experiments|monitoring|tests|docs)/[\w./-]+)`", text))
    linked = {link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link}
    missing = [path for path in named if not (ROOT / path).exists()]
    missing += [link for link in linked if not (page.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_heading_that_a_link_names_exists(page: Path) -> None:
    """`page.md#heading`, as GitHub makes anchors of headings."""
    gone = []
    for target, anchor in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", page.read_text()):
        other = page.parent / target if target else page
        headings = re.findall(r"^#+ (.+)$", other.read_text(), re.MULTILINE)
        if anchor not in {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}:
            gone.append(f"{target}#{anchor}")
    assert gone == []


def test_the_readme_is_short() -> None:
    """At most 150 lines."""
    assert len((ROOT / "README.md").read_text().splitlines()) <= 150


def test_the_design_has_every_folder() -> None:
    """And no other: its table of folders is the tree."""
    listed = set(re.findall(r"^\| `([a-z/]+)/` \|", (DOCS / "design.md").read_text(), re.MULTILINE))
    tops = ("bentos", "models", "experiments", "monitoring")
    there = {str(path.parent.relative_to(ROOT)) for top in tops for path in (ROOT / top).rglob("__init__.py")}
    assert listed == there | {"monitoring/rules", "tests"}


def test_no_module_is_named_that_is_gone() -> None:
    """Modules in code, such as `monitoring.log.window`, can be imported."""
    gone = []
    for page in PAGES:
        for name in re.findall(
            r"`((?:bentos|models|experiments|monitoring)(?:\.[a-z_]+)+)`", page.read_text()
        ):
            places = [ROOT / (name.replace(".", "/") + end) for end in (".py", "/__init__.py")]
            above = ROOT / (name.rpartition(".")[0].replace(".", "/") + ".py")
            found = any(place.exists() for place in places)
            attribute = above.exists() and re.search(
                rf"^(?:def |class )?{name.rpartition('.')[2]}\b", above.read_text(), re.MULTILINE
            )
            if not found and not attribute:
                gone.append(f"{page.name}: {name}")
    assert gone == []


@cache
def _rows() -> list[tuple[str, str, str]]:
    found = re.findall(r"^\| (.+?) \| (.+?) \| ?(.*?) ?\|$", GLOSSARY.read_text(), re.MULTILINE)
    return [row for row in found if row[0] not in ("Word", "---")]


@cache
def _words() -> set[str]:
    return {word.strip().strip("`") for row in _rows() for word in row[0].split(",")}


def _fields() -> Iterator[str]:
    """Every field of the API's bodies, of records and of the state, every command, every key of live.yaml."""
    for kind in (RankRequest, Feedback, ItemOutcome, Decision, Outcome, State):
        yield from msgspec.structs.fields(kind) and [
            each.encode_name for each in msgspec.structs.fields(kind)
        ]
    yield from _properties(document("text"))
    yield from _properties(json.loads((ROOT / "experiments" / "schema.json").read_text()))
    yield from COMMANDS
    yield from EXPERIMENT


def _properties(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for each in schema.values():
            yield from _properties(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from _properties(each)


def test_every_term_of_the_api_is_in_the_glossary() -> None:
    """So that nobody has to guess what a field, a command or a key means."""
    text = GLOSSARY.read_text()
    missing = {name for name in _fields() if name not in _words() | IN_A_FORM and f"`{name}`" not in text}
    assert missing == set()


def test_a_word_of_the_glossary_is_one_row_and_one_sentence() -> None:
    """No word twice in one part, and each row ends as a sentence does."""
    for part in GLOSSARY.read_text().split("\n## ")[1:]:
        words = [
            word.strip()
            for row in re.findall(r"^\| (.+?) \|", part, re.MULTILINE)
            if row not in ("Word", "---")
            for word in row.split(",")
        ]
        assert sorted(words) == sorted(set(words)), part.splitlines()[0]
    assert [word for word, sentence, _ in _rows() if not sentence.endswith(".")] == []


@pytest.mark.parametrize("page", [page for page in PAGES if page != GLOSSARY], ids=lambda page: page.name)
def test_pages_use_the_glossarys_words(page: Path) -> None:
    """A word that the glossary gives up for another stands on no page, and in no command's help."""
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    given_up = [word.strip() for _, _, other in _rows() for word in other.split(",") if word.strip()]
    assert len(given_up) > 10
    assert [word for word in given_up if re.search(rf"\b{re.escape(word)}s?\b", text, re.IGNORECASE)] == []


def test_help_uses_the_glossarys_words() -> None:
    """The same for the command line."""
    said = " ".join(line for _, line in (COMMANDS | EXPERIMENT).values())
    given_up = [word.strip() for _, _, other in _rows() for word in other.split(",") if word.strip()]
    assert [word for word in given_up if re.search(rf"\b{re.escape(word)}s?\b", said, re.IGNORECASE)] == []
