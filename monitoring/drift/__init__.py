"""Drift: do the data that are served differ from those of training, and in which columns?

`compare.compare(reference, current, columns)` takes two frames and gives each column's distance, with a limit
that comes from how much the data differ by chance; `report.write_report` draws it.

    compare    two windows compared, column by column
    columns    what is compared, and what was found
    family     columns that are looked at together: which rows are one block, how far the windows are apart
    blocks     blocks of the same size in both windows
    bins       a column as counts per block and bin, and the distances of such counts
    limits     limits that know how many columns are looked at together
    power      which shifts a comparison would have found
    outcomes   what came of decisions: differences with their limits, and dates of change
    series     a quantity of outcomes over time, as sums by block
    change_point   when a mean changed: its test, and the interval of its date
    sketches   a column of some hours as a sketch that adds up over hours, days and hosts
    days       closed days against reference days, with a stated rate of false alarms over time
    report     a comparison as a page of HTML
    pictures   the pictures on that page, drawn by Evidently in a process of its own
"""

__all__ = ["columns", "compare", "days", "family", "outcomes", "power", "report", "series", "sketches"]
