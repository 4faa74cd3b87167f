"""An engine of a version that must not score."""

import numpy as np
import pytest

from models.engine import EngineError, Halted, Job
from models.features import Context

NONE = Context(np.empty(0, np.float32), ())
ROWS = np.array([0, 1])


def test_it_says_why_and_never_scores() -> None:
    """Every way to ask raises, or returns, the reason."""
    engine = Halted("version 7: its files have changed")
    assert (engine.kind, engine.digest, engine.spec.names) == ("none", "", ())
    with pytest.raises(EngineError, match="version 7: its files have changed"):
        engine.score(ROWS, NONE)
    with pytest.raises(EngineError, match="its files have changed"):
        engine.features(ROWS, NONE)
    found = engine.score_many([Job(ROWS, NONE), Job(ROWS, NONE)])
    assert [str(each) for each in found] == ["version 7: its files have changed"] * 2
    assert all(isinstance(each, EngineError) for each in found)
    assert engine.score_many([]) == []
