"""Why one unit got one order: a decision of the log, told from its record and worked out again.

`explained_decision.explain` gives an `Explanation`, from the home's files alone: record, package, snapshot,
live file, rulings. `parts` alone is quick to import: it is what is sent and printed.

    parts              value types: what is told, and in which words
    explained_decision the way: find the record, then ask each of the others
    apart              … in a process of its own
    assigned           the arms, with the shares they had, and whether they come out again
    scored             scores worked out again, what each feature adds to them, and what came of the items
    judged             what the gate said of the version, and what the guard did
    others             what the other arms would have answered
"""

__all__ = ["explained_decision", "parts"]
