"""Whether probabilities come true (one of .2 does so two times in ten), and corrections of those that don't.

Pure: arrays come in, figures and corrections go out. `bentos.offline` finds the rows that they are made of.

    calibration   measured: error, slope, intercept and excess, with intervals
    correction    rising functions from a model's probabilities to the served ones: fitted, applied, undone
    rows          matured outcomes, divided into an earlier and a later part
    refit         which kind of correction, fitted on the earlier part and judged on the later one
    judgement     whether a correction may serve
    logistic      log odds, and the two regressions on them
"""

__all__ = ["calibration", "correction", "judgement", "refit", "rows"]
