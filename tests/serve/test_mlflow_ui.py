"""Promoting as people do: in the MLflow UI, in a browser, while load is on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, sync_playwright

from models.registry import Registry
from tests.serve.load import load
from tests.serve.stack import Stack

PATIENCE = 30.0
CHROMIUM = shutil.which("chromium")
QUIET = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
QUIET += ("--disable-component-update", "--disable-sync")

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium on the path"),
    pytest.mark.shares("serve"),
]


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser.new_page(viewport={"width": 1400, "height": 1000})
        browser.close()


def _champion(stack: Stack, version: str) -> bool:
    found = stack.status()
    return bool(found["acknowledged"] and found["state"]["versions"]["@champion"] == version)


def test_the_alias_moved_in_the_browser(stack: Stack, page: Page) -> None:
    """Add the alias champion to version 2, save: every worker serves it, and no answer fails."""
    page.goto(f"http://127.0.0.1:{stack.mlflow_port}/#/models/flights/versions/2", timeout=60_000)
    aliases = page.get_by_test_id("descriptions-item").filter(has_text="Aliases")
    aliases.get_by_title("Edit aliases").click(timeout=60_000)
    dialog = page.get_by_role("dialog")
    box = dialog.get_by_role("combobox")
    box.fill("champion")
    box.press("Enter")
    with load(stack.url, stack.example()) as running:
        dialog.get_by_role("button", name="Save").click()
        took = stack.wait_for("version 2 serves everywhere", lambda: _champion(stack, "2"), PATIENCE)
        print(f"click to acknowledgement by every worker: {took:.1f} s")
    assert running.failures == []
    page.reload()
    tags = page.get_by_test_id("tags-section")
    tags.get_by_text("ballast.gate").wait_for(timeout=60_000)
    assert (
        tags.get_by_role("row").filter(has_text="ballast.gate").get_by_text("pass", exact=True).count() == 1
    )
    Registry(f"http://127.0.0.1:{stack.mlflow_port}").set_alias("flights", "champion", "1")
    stack.wait_for("version 1 serves again", lambda: _champion(stack, "1"), PATIENCE)
