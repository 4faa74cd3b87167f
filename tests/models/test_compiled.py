"""Machine code is kept where it was asked for, for this edition of the sources only."""

import os
import subprocess
import sys
from pathlib import Path

from models.compiled import edition

ASK = "import sys; from models.catalogue import idindex; print(idindex._mix(idindex._ONE))"


def test_the_environments_folder_is_used(tmp_path: Path) -> None:
    """NUMBA_CACHE_DIR, as the server sets it before anything is imported."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", ASK], env=environment, check=True, capture_output=True)
    assert [path.name for path in tmp_path.iterdir()] == [edition()]
    assert list(tmp_path.rglob("*.nbi"))


def test_a_late_choice_is_refused(tmp_path: Path) -> None:
    """Once a compiled module is there, its folder is fixed."""
    late = (
        "from pathlib import Path; from models import compiled; from models.catalogue import idindex; compiled.keep_in(Path('elsewhere'))"
    )
    found = subprocess.run([sys.executable, "-c", late], check=False, capture_output=True, text=True)
    assert found.returncode == 1
    sentence = "the folder for compiled code must be chosen before models.catalogue.idindex is imported"
    assert found.stderr.rstrip().endswith(sentence)
