"""Drift: do the data that are served differ from those of training, and in which columns?

`compare.compare(reference, current, columns)` takes two frames and gives each column's distance, with a limit
that comes from how much the data differ by chance; `report.write_report` draws it.

    compare    two windows compared, column by column
    columns    what is compared, and what was found
    family     columns that are looked at together: which rows are one block, how far the windows are apart
    bins       a column as counts per block and bin, and the distances of such counts
    limits     limits that know how many columns are looked at together
    report     a comparison as a page of HTML
    pictures   the pictures on that page, drawn by Evidently in a process of its own
"""

__all__ = ["compare", "report"]
