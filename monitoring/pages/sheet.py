"""A whole page, and its tables: readable at 390 pixels, in the dark, and on paper."""

from collections.abc import Iterable, Sequence
from html import escape

STYLE = """
:root { color-scheme: light dark; --ground: #fff; --ink: #1c2024; --soft: #57606a; --line: #d8dce0;
  --tint: #f3f5f7; --one: #0b6bcb; --other: #8a5a00; --third: #7a3e9d; --good: #116329; --open: #8a5a00;
  --bad: #b3001b }
@media (prefers-color-scheme: dark) { :root { --ground: #15181c; --ink: #e4e7ea; --soft: #9aa4ae;
  --line: #343b43; --tint: #1e2329; --one: #6db3f2; --other: #e0a84a; --third: #c79be6; --good: #69c883;
  --open: #e0a84a; --bad: #ff8a8a } }
@media print { :root { color-scheme: light; --ground: #fff; --ink: #000; --soft: #444; --line: #bbb;
  --tint: #fff; --one: #0b6bcb; --other: #8a5a00; --third: #7a3e9d; --good: #116329; --open: #8a5a00;
  --bad: #b3001b } section, figure, tr { break-inside: avoid } body { max-width: none } }
* { box-sizing: border-box }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground);
  max-width: 62rem; margin: 0 auto; padding: 1rem 1rem 3rem }
h1 { font-size: 1.45rem; line-height: 1.25; margin: .5rem 0 1rem }
h2 { font-size: 1.1rem; margin: 2.2rem 0 .6rem } h3 { font-size: 1rem; margin: 1.2rem 0 .4rem }
h1, h2, h3, p, td, li, figcaption { overflow-wrap: break-word }
p { margin: .4rem 0; max-width: 46rem } .soft { color: var(--soft) }
.good, .pass { color: var(--good) } .open, .hold { color: var(--open) } .bad, .reject { color: var(--bad) }
.verdict { background: var(--tint); border-left: .3rem solid var(--soft); padding: .7rem 1rem;
  font-size: 1.1rem; max-width: none } .verdict.good { border-color: var(--good); color: inherit }
.verdict.open { border-color: var(--open); color: inherit }
.verdict.bad { border-color: var(--bad); color: inherit }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1rem; font-size: .92rem;
  font-variant-numeric: tabular-nums }
th, td { text-align: left; vertical-align: top; padding: .3rem .7rem .3rem 0;
  border-bottom: 1px solid var(--line) }
th { color: var(--soft); font-weight: 600 } td.figure { text-align: right; white-space: nowrap }
.figures { display: grid; gap: 1.2rem;
  grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr)) }
figure { margin: .5rem 0 } figcaption { color: var(--soft); font-size: .9rem; margin-top: .3rem }
svg { width: 100%; max-width: 34rem; height: auto; display: block; font: 11px system-ui, sans-serif }
svg text { fill: var(--ink) } svg .soft { fill: var(--soft) } img { max-width: 100% }
.stroke { stroke: var(--one); stroke-width: 2; fill: none } .dot { fill: var(--one) }
.s1 { stroke: var(--other); stroke-dasharray: 5 2 } .s2 { stroke: var(--third); stroke-dasharray: 2 2 }
.band { fill: var(--one); opacity: .18 } .rule { stroke: var(--line) }
.zero { stroke: var(--soft); stroke-dasharray: 3 3 }
@media (max-width: 860px) { td { overflow-wrap: anywhere }
  .short td { overflow-wrap: normal; padding-right: .4rem }
  table.cards thead { display: none }
  table.cards, .cards tbody, .cards tr, .cards td { display: block; width: 100% }
  .cards tr { border-bottom: 1px solid var(--line); padding: .5rem 0 }
  .cards td { border: 0; padding: .1rem 0; display: grid; grid-template-columns: 8.5rem 1fr; gap: .5rem;
    text-align: left; white-space: normal; overflow-wrap: anywhere }
  .cards td:first-child { font-weight: 600 }
  .cards td::before { content: attr(data-name); color: var(--soft); font-weight: 400 }
  .cards td:empty { display: none } }
"""

NARROW = 3
"""Columns of text that have room on a telephone."""


def sheet(title: str, body: str, *, refresh: int = 0) -> str:
    """A page of this body, which is HTML; a browser asks for it again after `refresh` seconds, if any."""
    again = f'<meta http-equiv="refresh" content="{refresh}"/>' if refresh else ""
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"/>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"/>'
        f"{again}<title>{escape(title)}</title><style>{STYLE}</style></head><body>\n{body}\n</body></html>\n"
    )


def table(headings: Sequence[str], lines: Iterable[Sequence[str]], *, short: bool = False) -> str:
    """A table of text; where the screen is narrow, and it has many columns, a card for each line.

    `short`: its cells are short numbers, and stay in columns everywhere.
    """
    head = "".join(f"<th>{escape(heading)}</th>" for heading in headings)
    body = "".join(f"<tr>{_cells(headings, line)}</tr>" for line in lines)
    kind = ' class="short"' if short else ' class="cards"' if len(headings) > NARROW else ""
    return f"<table{kind}><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cells(headings: Sequence[str], line: Sequence[str]) -> str:
    return "".join(
        f'<td data-name="{escape(heading)}">{escape(cell)}</td>'
        for heading, cell in zip(headings, line, strict=True)
    )


def heading(text: str) -> str:
    """What the whole page is about."""
    return f"<h1>{escape(text)}</h1>"


def section(title: str, *parts: str) -> str:
    """A headed part of a page; nothing where all of it is empty."""
    inside = "".join(parts)
    return f"<section><h2>{escape(title)}</h2>{inside}</section>" if inside else ""


def paragraph(text: str, kind: str = "") -> str:
    """A paragraph of text; `kind`: good, open, bad, soft or nothing."""
    named = f' class="{kind}"' if kind else ""
    return f"<p{named}>{escape(text)}</p>"


def figure(drawing: str, caption: str) -> str:
    """A drawing with what it shows; nothing without a drawing."""
    return f"<figure>{drawing}<figcaption>{escape(caption)}</figcaption></figure>" if drawing else ""
