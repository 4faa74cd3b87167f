"""A declared table: what a ranker learns from, read and checked as its declaration says.

One row is one candidate of one request and what came of it. Whatever a row must be is checked here once, and
refused by file, key, value and rule.

    dataset       the table: read, checked, ordered in time, split in training and test
    rows          the table as a value: rows, requests, features
    requests      its real requests, one after the other, with what came of them
    sources       where it comes from: csv, parquet, LETOR, or a function
    letor         the LETOR text format
    parquet_file  a Parquet file, each column in its own type
    file_frame    Parquet files that outgrow memory: a column is read when it is asked for
    spool         arrays of such a table in a file without a name, mapped while they are looked at
    coded         names as numbers of different names, and a table's columns by name
    made_table    a table that a function makes
    columns       one column at a time: what it must be, and what it becomes
    arrow_column  what a column holds, and its values as text or numbers, exactly
    moments       a column of times as unix seconds
    table_checks  what must hold for the whole table, between its columns and rows
    split         which rows train and which evaluate, and their order
"""

__all__ = ["dataset", "requests"]
