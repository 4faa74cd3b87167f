"""Tables that people bring, as csv files: read strictly, each value as it is written.

One reader for training, analyses and whatever else takes a table. It guesses nothing by a sample of the rows,
fills nothing up and cuts nothing off: what is no table is refused by line, value and rule.

    dialect   how a csv is written: separator, encoding, words for missing, decimal point
    csv_file  a csv as columns of text
    odd_row   the first row that breaks its form: too few fields, too many, an open quote
    file_kind what a file is that only its name calls a csv
    numbers   text as numbers, exactly those that are written
    guessed   text as what all of its values are: whole numbers, numbers, truths, times
"""

__all__ = ["csv_file", "dialect", "guessed", "numbers"]
