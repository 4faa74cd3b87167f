"""The look of every page that Ballast writes: one sheet, its tables, its drawings.

A page is one file that takes nothing from elsewhere, readable on a telephone, in the dark and on paper.

    sheet    a whole page and its tables
    drawing  intervals, courses with bands, and distributions as SVG
    ticks    round numbers for an axis
"""

__all__ = ["drawing", "sheet"]
