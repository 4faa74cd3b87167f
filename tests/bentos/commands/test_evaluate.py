"""`ballast evaluate --off-policy --table`: numbers where the log bears them, sentences where it doesn't."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from bentos.cli import app


def asked(table: Path, *options: str) -> tuple[int, str, str]:
    """Exit code and both streams, the second on one line."""
    done = CliRunner().invoke(app, ["evaluate", "--off-policy", "--table", str(table), *options])
    return done.exit_code, done.stdout, " ".join(done.stderr.split())


def logged(path: Path, rare: float) -> Path:
    """Two items: the target always shows the second, which the log shows with probability ``rare``."""
    draw = np.random.default_rng(1)
    second = draw.random(5_000) < rare
    frame = pd.DataFrame({"click": draw.random(5_000) < np.where(second, 0.3, 0.1)})
    frame["p"] = np.where(second, rare, 1 - rare)
    frame["wanted"] = second.astype(float)
    frame.to_parquet(path)
    return path


def test_a_table_with_support_is_valued(tmp_path: Path) -> None:
    """The second item's rate of .3 is inside the intervals."""
    code, text, _ = asked(
        logged(tmp_path / "log.parquet", 0.4),
        "--reward",
        "click",
        "--propensity",
        "p",
        "--target",
        "wanted",
        "--json",
    )
    body = json.loads(text)
    assert code == 0
    assert [each["method"] for each in body["estimates"]] == ["ips", "snips"]
    assert body["note"].startswith("without --action COLUMN nothing shows propensities that were swapped")
    for each in body["estimates"]:
        assert each["normal"][0] < 0.3 < each["normal"][1]


def test_a_table_without_support_is_refused(tmp_path: Path) -> None:
    """Status 1, a sentence, and no number."""
    columns = ["--reward", "click", "--propensity", "p", "--target", "wanted"]
    code, text, told = asked(logged(tmp_path / "log.parquet", 0.004), *columns)
    assert code == 1
    assert "no estimate: 5,000 decisions count as only" in told
    assert "SNIPS" not in text


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            ["--reward", "click", "--propensity", "q", "--uniform", "2"],
            "log.parquet has no column 'q'; it has click",
        ),
        (["--reward", "click", "--propensity", "p"], "give either --target COLUMN or --uniform ITEMS"),
        (
            ["--reward", "click", "--propensity", "wanted", "--uniform", "2"],
            "propensity: 0 in row 0 is no probability",
        ),
    ],
)
def test_what_is_wrong_is_one_sentence(tmp_path: Path, options: list[str], sentence: str) -> None:
    """Status 2."""
    code, _, told = asked(logged(tmp_path / "log.parquet", 0.004), *options)
    assert code == 2
    assert sentence in told
