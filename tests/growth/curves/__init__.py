"""The curves. A module for each kind of work has `CURVES`, a tuple of `tests.growth.core.Curve`."""
