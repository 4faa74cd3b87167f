"""What is recorded of each answer, and the statistics over it.

Functions here take records, arrays and files, and give figures and judgements. They know nothing of
processes, HTTP or the registry. They are called by `bentos`, by the models' gate and by the experiments'
analyses.

    log/           what happened, one record per answer and per outcome: written, found again, analysed
    drift/         whether what is served has moved away from what was trained on
    guard/         whether a served version is still what the gate let in
    calibration/   whether probabilities come true, and corrections of those that don't
    pages/         the look of every page: a sheet, its tables, its drawings
    tables/        tables that people bring as csv files, read as they are written
    metrics        counters and gauges for Prometheus
    metric_files   the files that processes share metrics in have their room on the disk
    credentials    passwords, split off addresses and out of texts
    dates          moments as text, for people
    errors         the base of all errors that are meant for people

`rules/` holds alert rules for Prometheus, and their tests.
"""

__all__ = [
    "calibration",
    "credentials",
    "dates",
    "drift",
    "errors",
    "guard",
    "log",
    "metric_files",
    "metrics",
    "pages",
    "tables",
]
