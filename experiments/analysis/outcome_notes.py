"""What is odd about the outcomes of decisions: older than they, or not there yet."""

from monitoring.log.window import LogWindow


def notes_on(log: LogWindow) -> list[str]:
    """What is odd about the outcomes of the rows that were made."""
    counted = (
        "SELECT coalesce(sum(log_backwards), 0) AS backwards, count(*) AS total, "
        "count(*) - count(log_backwards) AS waiting FROM experiment_rows"
    )
    found = log.sql(counted).iloc[0]
    return sentences(int(found["backwards"]), int(found["waiting"]), int(found["total"]))


def sentences(backwards: int, waiting: int, total: int) -> list[str]:
    """What is odd about the outcomes of `total` decisions: those from before, and those without any."""
    notes = []
    if backwards:
        notes.append(
            f"{backwards:,} outcomes are older than their decision: a clock runs backwards somewhere, and "
            "windows by time are off by as much"
        )
    if total and waiting / total > 0.01:
        notes.append(f"{waiting:,} of {total:,} decisions have no outcome yet; late ones change the figures")
    return notes
