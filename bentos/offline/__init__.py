"""What is worked out from the log while no request waits for it.

Each reads decisions with their outcomes, and what they refer to in the home: packages, snapshots, live files.

    version_value     what a version would have earned on logged decisions
    slate_batch       a batch of logged decisions as arrays: what was served, and what came of it
    slate_scores      served slates of a batch beside a version's own order
    batch_scores      candidates of many decisions scored at once
    correction_rows   rows of the exploration slice that a correction may be fitted on
    slice_export      the exploration slice as a training set, in a file
    slice_rows        explored decisions as rows of that set
    frame_writer      frames, one after the other, as one Parquet file
    window_drift      a window of the log compared with the reference of the version that served it
    closed_days       days that have closed: sketched once, compared, their alarms kept
    day_columns       the columns that closed days are sketched by, and their shares of the model
    day_files         sketches of closed days as Parquet, one file per day and host
    outcome_series    what came of decisions as quantities over time: mean, calibration, quality
    explanation/      why one unit got one order
    rescoring         decisions scored again, bit for bit, by the version that served them
    referenced        packages, snapshots and live files that decisions name, where they are still here
"""

__all__ = ["correction_rows", "explanation", "slice_export", "version_value", "window_drift"]
