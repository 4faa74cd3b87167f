"""A declared table: what a ranker learns from, read and checked as its declaration says.

dataset     the table: rows in time order, grouped in requests, split in training and test
requests    its real requests, one after the other, with what came of them
sources     where it comes from: csv, parquet, LETOR, or a function
letor       the LETOR text format
columns     one column at a time: what it must be, and what it becomes
split       which rows train and which evaluate, and their order
"""

__all__ = ["dataset", "requests"]
