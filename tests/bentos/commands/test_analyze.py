"""`ballast experiment analyze` on a table that isn't Ballast's."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bentos.cli import app

WEIGHTS = ["--weight", "a=0.5", "--weight", "b=0.5"]


def test_a_table_is_analysed(file: Path, tmp_path: Path) -> None:
    """The same verdict in text, JSON and the page."""
    page = tmp_path / "page.html"
    asked = ["experiment", "analyze", "colours", "--table", str(file), "--metric", "m", "--metric", "m/one"]
    shown = CliRunner().invoke(app, [*asked, *WEIGHTS, "--before", "p", "--html", str(page)])
    assert shown.exit_code == 0
    assert "ship b: m +" in shown.stdout
    body = json.loads(CliRunner().invoke(app, [*asked, *WEIGHTS, "--before", "p", "--json"]).stdout)
    assert body["text"].startswith("ship b: m +")
    assert body["effects"][0]["reduction"] > 0.5
    assert [effect["metric"] for effect in body["effects"]] == ["m", "m/one"]
    assert body["text"].split(":")[0] in page.read_text()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--metric", "q", *WEIGHTS], "metric q: the table has no column 'q'"),
        (
            ["--metric", "m", "--weight", "a=0.5"],
            "--weight: a=0.5: shares of two arms or more",
        ),
        (["--metric", "m", "--weight", "a"], "--weight 'a': must be ARM=SHARE"),
        (WEIGHTS, "metrics: none is given"),
        (["--metric", "m", "--weight", "a=nan", "--weight", "b=0.5"], "--weight 'a=nan': must be ARM=SHARE"),
        (["--metric", "m", "--looks", "1.5", *WEIGHTS], "--looks 1.5: must be a share of the error"),
        (["--metric", "m", "--looks", "nan", *WEIGHTS], "--looks nan: must be a share of the error"),
        (["--metric", "m", "--winsorise", "7", *WEIGHTS], "--winsorise 7: must be between 0.5 and 1"),
        (["--metric", "m", "--trigger", "unit", *WEIGHTS], "sessions.csv can't be read: Conversion Error"),
    ],
)
def test_what_is_wrong_is_one_sentence(file: Path, options: list[str], sentence: str) -> None:
    """Status 2, no trace."""
    done = CliRunner().invoke(app, ["experiment", "analyze", "colours", "--table", str(file), *options])
    assert done.exit_code == 2
    assert sentence in " ".join(done.stderr.split())


def test_a_file_that_is_no_table(tmp_path: Path) -> None:
    """Absent, or of another kind."""
    for name, sentence in (
        ("absent.csv", "doesn't exist"),
        ("notes.txt", "is neither .csv, .csv.gz nor .parquet"),
        ("no.parquet", "no.parquet can't be read: "),
        ("folder.csv", "folder.csv can't be read: "),
        ("no.csv", "no.csv is not utf-8 throughout"),
        ("short.csv", "line 3, 'b,2', has 2 fields where the header has 3"),
    ):
        (tmp_path / "notes.txt").write_text("x")
        (tmp_path / "no.parquet").write_text("x")
        (tmp_path / "no.csv").write_bytes(b"\xff\xfe\x00")
        (tmp_path / "short.csv").write_text("arm,m,unit\na,1,1\nb,2\n")
        (tmp_path / "folder.csv").mkdir(exist_ok=True)
        asked = ["experiment", "analyze", "x", "--table", str(tmp_path / name), "--metric", "m", *WEIGHTS]
        assert sentence in " ".join(CliRunner().invoke(app, asked).stderr.split())
