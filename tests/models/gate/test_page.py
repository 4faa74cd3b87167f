"""The page of a verdict."""

from __future__ import annotations

from pathlib import Path

from models.gate.judge import judge
from models.gate.page import page
from models.gate.verdict import Check, Result, Verdict
from tests.faults.shop import Shop
from tests.models.gate.subjects import subject


def test_the_page_stands_alone(shop: Shop, version: Path, lending: Shop) -> None:
    """Checks and pictures in one file that loads nothing; also for what could not be loaded."""
    judged = subject(shop, version)
    text = page(judge(judged), judged)
    assert text.count("data:image/png;base64,") == 3
    assert "Direction of rating" in text
    assert "http" not in text.replace("http-equiv", "")
    broken = subject(shop, version, package=version / "nowhere")
    verdict = judge(broken)
    assert verdict.result is Result.REJECT
    assert "model.cb" in page(verdict, broken)
    hostile = Verdict("small", "1", (Check("x", Result.HOLD, "<script>alert(1)</script>"),), 0.0, 0.0)
    assert "<script>" not in page(hostile, broken)
    sound = Verdict(
        "small", "1", (Check("x", Result.PASS, "fine"),), 0.0, 0.0, basis="beats chance by <i>little</i>"
    )
    told = Verdict("small", "1", (), 0.0, 0.0, left_out=("9 outcomes are left out",))
    assert "<p>9 outcomes are left out</p>" in page(told, broken)
    assert "<p>pass: beats chance by &lt;i&gt;little&lt;/i&gt;</p>" in page(sound, broken)
