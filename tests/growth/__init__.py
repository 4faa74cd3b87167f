"""What work costs as it grows: CPU per unit of work at 3 to 5 sizes, its exponent, the step where it breaks.

    core     a curve, what one size costs, the exponent, the step where it breaks
    apart    one size measured in a process of its own: its CPU and its peak of memory
    report   the tables, and the document that the picture is drawn from
    picture  one panel per curve
    curves/  the curves: a module for each kind of work, with its `CURVES`

`python -m tests.growth` runs all of them at full size; `test_growth` at small ones.
"""
