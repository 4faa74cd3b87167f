"""What a live.yaml may say: the layers of experiments, the holdout and the exploration slice that run now.

`check.load` reads a file and reports every problem at once, each with its line. What it gives is a
`live.Live`, whose compiled form (`Live.to_json`) is what workers are given.

    live              the models of the file: `Live`, `Experiment`, `Exploration` and their parts
    fields            the kinds of value it takes: dates, durations, shares, references to models
    check             read a file and say everything that is wrong with it
    yaml_tree         YAML as a tree that remembers lines
    rules             rules over the whole file: names, salts, overlaps
    experiment_rules  rules of one experiment: shares, dates, metrics, targeting
    broken_rule       a broken rule as data, and what several rules have in common
    problems          the errors: a file that can't go live, a question that data can't answer
    kill_switch       one experiment stopped, and nothing changed beside it
    schema            the JSON Schema of the file, for editors
"""

__all__ = ["check", "fields", "kill_switch", "live", "problems"]
