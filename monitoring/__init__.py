"""What is recorded of each answer, and the statistics over it.

Nothing here knows of processes, HTTP or the registry: records, arrays and files come in, figures and
judgements go out. `bentos` calls it, and so do the models' gate and the experiments' analyses.

    log/           what happened, one record per answer and per outcome: written, found again, analysed
    drift/         whether what is served has moved away from what was trained on
    guard/         whether a served version is still what the gate let in
    calibration/   whether scores mean what they say, and what mends them
    metrics        counters and gauges for Prometheus
    errors         the base of all errors that are meant for people

`rules/` holds alert rules for Prometheus, and their tests.
"""

__all__ = ["calibration", "drift", "errors", "guard", "log", "metrics"]
