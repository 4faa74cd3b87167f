"""Plans are files. (What they may say: test_table_plan.)"""

from pathlib import Path

import pytest

from experiments.config.plan_file import load_plan
from experiments.config.problems import ConfigError


def test_a_plan_lacks_what_it_lacks(tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    file.write_text("unit: viewer\n")
    with pytest.raises(ConfigError) as caught:
        load_plan(file)
    told = str(caught.value)
    assert [name for name in ("metrics", "primary", "variants") if f"{name}: is required" in told] == [
        "metrics",
        "primary",
        "variants",
    ]
