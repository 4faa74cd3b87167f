"""A page is one file that needs nothing, and says to telephones, the dark and printers how it looks there."""

from xml.etree import ElementTree

from monitoring.pages.sheet import STYLE, figure, paragraph, section, sheet, table


def test_what_is_written_is_text_and_the_page_is_whole() -> None:
    lines = [("<b>", "1 & 2"), ("c", "")]
    body = section("<i>", paragraph("a < b", "bad"), table(("name", "value"), lines))
    html = sheet("<title>", body)
    root = ElementTree.fromstring(html.removeprefix("<!doctype html>\n"))
    assert [cell.text for cell in root.iter("td")] == ["<b>", "1 & 2", "c", None]
    assert [cell.get("data-name") for cell in root.iter("td")] == ["name", "value"] * 2
    assert root.findtext("head/title") == "<title>"
    assert "http" not in html
    assert 'name="viewport"' in html


def test_what_is_empty_leaves_no_heading() -> None:
    assert section("nothing", "", figure("", "caption")) == ""


def test_it_has_a_look_for_each_place() -> None:
    assert all(
        f"@media {where}" in STYLE for where in ("print", "(prefers-color-scheme: dark)", "(max-width")
    )
    assert "<" not in STYLE


def test_many_columns_are_cards_where_there_is_no_room() -> None:
    """But for short numbers."""
    wide, few = ("a", "b", "c", "d"), ("a", "b")
    assert 'class="cards"' in table(wide, [wide])
    assert 'class="cards"' not in table(wide, [wide], short=True)
    assert 'class="cards"' not in table(few, [few])
