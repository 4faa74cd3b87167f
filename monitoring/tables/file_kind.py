"""What a file is by its first bytes, where only its name calls it a csv."""

from pathlib import Path

from monitoring.tables.odd_row import OPENERS

_KINDS = {
    b"PK\x03\x04": "begins as an Excel workbook or another zip file does: save the sheet as csv",
    b"\xd0\xcf\x11\xe0": "begins as an old Excel workbook does: save the sheet as csv",
    b"PAR1": "begins as a Parquet file does: name it .parquet",
    b"ARROW1": "begins as an Arrow file does: save it as Parquet or csv",
    b"SQLite format 3": "begins as a SQLite database does: save the table as csv",
    b"\x1f\x8b": "begins as a gzip file does: name it .csv.gz",
    b"BZh": "begins as a bzip2 file does: name it .csv.bz2",
    b"\x28\xb5\x2f\xfd": "begins as a zstd file does: name it .csv.zst",
}


def other_kind(path: Path) -> str | None:
    """What the file is instead of a csv, as the end of a sentence; None for what may be one. OSError too."""
    if path.suffix in {*OPENERS, ".zst"}:
        return None
    with path.open("rb") as file:
        begins = file.read(16)
    return next((kind for mark, kind in _KINDS.items() if begins.startswith(mark)), None)
