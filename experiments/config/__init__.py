"""What a live.yaml may say: the layers of experiments, the holdout and the exploration slice that run now.

`check.load` reads a file and reports every problem at once, each with its line. What it gives is a
`live.Live`, whose compiled form (`Live.to_json`) is what workers are given.

    live              the models of the file: `Live`, `Experiment`, `Exploration` and their parts
    fields            the kinds of value it takes: dates, durations, shares, references to models
    declared_file     a file against its model: everything that is wrong with it, by line
    check             read a live.yaml and say everything that is wrong with it
    yaml_tree         YAML as a tree that remembers lines
    rules             rules over the whole file: names, salts, overlaps
    experiment_rules  rules of one experiment: shares, dates, metrics, targeting
    broken_rule       a broken rule as data, and what several rules have in common
    problems          the errors: a file that can't go live, a question that data can't answer
    kill_switch       one experiment stopped, and nothing changed beside it
    table_plan        the plan of a table's analysis, in the same words
    plan_file         reading it
    schema            the JSON Schema of the file, for editors
"""

__all__ = ["check", "declared_file", "fields", "kill_switch", "live", "plan_file", "problems", "table_plan"]
