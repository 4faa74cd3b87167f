"""A plan is read when it is asked for. (What it may say: tests of experiments/config.)"""

from __future__ import annotations

from pathlib import Path

import pytest

from bentos.commands.lazy_command import load
from monitoring.errors import UserError


def test_a_plan_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"absent\.yaml.*can't be read"):
        load("loaded_plan:load_plan")(tmp_path / "absent.yaml")
