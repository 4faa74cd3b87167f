"""Whether scores mean what they say (a probability of .2 comes true two times in ten), and what mends them.

Pure: arrays come in, figures and corrections go out. Which rows they are of is found in `bentos.offline`.

    calibration   measured: error, slope, intercept and excess, with intervals
    correction    curves that make scores mean what they say again: fitted, applied, undone
    rows          matured outcomes, divided into an earlier and a later part
    refit         a correction fitted on the earlier part and judged on the later one
    judgement     whether a correction may serve
    logistic      log odds, and the two regressions on them
"""

__all__ = ["calibration", "correction", "judgement", "refit", "rows"]
