"""Training: from a declared table to a version's package, with the proof of what it can do.

`train(declaration, home)` does all of it; the other modules are its parts, or measure what it made.

    train             fit, evaluate, and write the package and the catalogue
    fitting           CatBoost fitted on the table's training part
    large_pool        CatBoost's input for a table that outgrows memory
    ranking_metrics   NDCG, AUC and calibration error, with intervals
    evaluation        evaluation.json: every figure of the time after the training
    evidence          the birth certificate, and samples of the rows that were evaluated and trained on
    makeup            what the training part consists of, in a few figures
    adopt             a CatBoost model that was trained elsewhere, taken in place of a new one
    revision          which code this is
"""

__all__ = ["fitting", "makeup", "ranking_metrics", "train"]
