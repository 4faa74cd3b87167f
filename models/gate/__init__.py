"""The gate: what a version must pass before it serves anything.

`judge(Subject(...))` runs every check and gives a `Verdict`, whose result is the worst of its checks: pass,
hold or reject. A check is a function from the evidence to findings. It does not see what other checks found;
one that can't be made holds the version.

What is judged, and what comes of it:
    judge           runs the checks in stages
    subject         the version, and the evidence about it, read when a check first asks
    verdict         results, findings, and the verdict on a version
    page            a verdict as an HTML page
    pictures        the pictures on it

Checks, a subject per file, a function per check:
    artefact        is this the file that training made, and does it load?
    birth           does serving reproduce training's features and scores, bit for bit?
    outcome_slope   by how much outcomes change where scores do. The statistic for `scores`
    scores          are scores finite, different, and of the size they were?
    golden          are the pairs that the owner knows in the right order?
    spelling        does the model know the categories as the table spells them?
    sign            do scores go with outcomes, the champion and declared directions?
    quality         is the order better than chance, and not worse than the champion's?
    segments        is the order right in every segment of the traffic?
    calibration     do probabilities mean what they say?
    source          did training see the table as it is?
    borders         do the model's split borders lie among the values that it will see?
    skew            is training's data like the champion's and the data served lately?
    leaks           does it know what can't be known at the decision?
    encoded         is a feature an encoding of the labels? The statistic for `leaks`
    canary          what would change in the last decisions, and is it slower?

Checks of the table's own rows, which matter most where there are few:
    contradictions  do rows that are alike have opposite outcomes?
    halves          does the table say the same at all times?
    neighbours      do features belong to their own row?
    identity        do features belong to their own item?
    later           does a column know what came later?
    dominant        does one column know too much?
    screened        is a column made of the outcome? The statistic for `dominant`

What is said beside the checks:
    basis           what a pass rests on, and what the data could not have shown
    left_out        outcomes that the verdict does not rest on: struck, or suspected
    proposals       lines to paste into ranker.toml, for a person to look at

Evidence that the checks share:
    window          requests with their outcomes, and the scores that a version gives them
    reading         the reference window that training wrote
    tables          the declared table, read by the gate itself
    lately          the last decisions of the log
    compare         a version beside the champion on one window
    scarcity        recent decisions that are too few to say anything
    stats           rank correlations and intervals
    blocks          the same for rows that are dependent inside their request
    labelled        the labelled rows of a table, in its order
    fits            quick fits of labels on features; no row helps to predict itself
    boosted         the same by boosted trees
    stretches       stretches of the time, and how sure a mean of one is

Modules are imported one by one, so that a process that only reads verdicts loads no engine.
"""

__all__ = ["birth", "judge", "page", "reading", "skew", "subject", "verdict"]
