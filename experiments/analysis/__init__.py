"""What came of a split: a mismatch test, effects with intervals that hold at every look, a recommendation.

The way of the data is `log_question` (or any table, by `tables`) → `units` → `analyze` → `recommendation` →
`report`. Slow libraries (Ibis, SciPy) are imported where a function needs them: the Steward imports these
modules, and starts without them.

    question         what an analysis is asked: arms, shares, metrics
    planned          what was declared, as a question
    tables           where analyses run: DuckDB or Spark, and reading a table
    sql_names        names and texts of people, quoted for SQL
    logged_experiments  an experiment as the log has it: its file, SQL of its units and arms
    log_rows         decisions out of the log, as a table
    log_question     one experiment of the log: its table, and what to ask of it
    holdout_rows     the held-out units and all others, as a table
    outcome_notes    outcomes that are older than their decision, or not there yet
    log_accounting   which decisions become no rows of it, and why
    metric_sql       what each decision earned, in SQL
    first_seen       units as they were when first seen
    units            from rows to one row a unit
    mismatch         whether the arms have as many units as they should
    watched_mismatch a mismatch test that holds at every look
    pasts            whether a past is one: one value a unit, from before its first exposure
    balance          whether arms were alike before it began
    mismatch_slices  mismatch within slices, the worst first
    spending         the error that looks and the planned end may make, and how it is shared
    sequential       intervals and p-values that hold however often one looks
    relative         relative effects, whose control is an estimate as well
    outlook          how much more data a decision needs, in words
    moments          number, means, variances and covariances of each arm's units
    welch            two arms' means compared, with CUPED
    effects          what an analysis finds, as data
    triggered        effects measured where arms differ, carried over to all rows
    accounting       what became of every row: used, or left out, and why
    cleaning         rows made fit for sums
    quantiles        quantiles of rows as means, so that units can be summed
    winsorising      outliers capped by unit
    strata           where weights changed: which units are compared with which
    stratified       two arms compared within strata
    moments_in_time  units as they were in each part of a time
    course           how an effect went: over time, and since units were first seen
    spread           how a metric is spread over units in each arm
    differing        whether an effect differs between groups, and what each one's is likely to be
    grouped          the primary metric within slices, and within the arms of other experiments
    comparisons      every arm compared with the control, metric by metric
    analyze          the analysis itself
    judged           what an effect says, whichever direction is good
    recommendation   what to do now, in words: ship, don't, keep going, can't say
    verdicts         for automata: one for the experiment, one an arm, and what each rests on
    report           an analysis as rows of text, and JSON
    page             … and as a page that people can send
    power            how many units an experiment needs, before it starts
    traffic          how what is known of a metric grows with days
    past_rows        that of the log, and what a metric's own past explains
    planning         how long it takes, what is seen week by week, when it would stop
    clustered_means  means by arm whose intervals know which requests share a unit
"""

__all__ = [
    "analyze",
    "clustered_means",
    "effects",
    "holdout_rows",
    "log_question",
    "log_rows",
    "logged_experiments",
    "metric_sql",
    "mismatch",
    "outcome_notes",
    "outlook",
    "page",
    "past_rows",
    "planned",
    "planning",
    "power",
    "question",
    "recommendation",
    "report",
    "sequential",
    "spending",
    "sql_names",
    "tables",
    "verdicts",
]
