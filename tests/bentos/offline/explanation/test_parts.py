"""An explanation is JSON, for programs."""

from __future__ import annotations

import msgspec

from bentos.offline.explanation.parts import Contribution, ExplainedItem


def test_an_item_comes_back_from_json() -> None:
    """Ids keep their kind, what is not known is null."""
    adds = Contribution(feature="price", means="", value=None, adds=-0.5)
    for item in ("7", 7):
        made = ExplainedItem(
            item=item, position=1, by_score=None, score=None, again=None, propensity=1.0,
            outcomes=[(1.0, 60.0)], base=0.25, contributions=[adds],
        )  # fmt: skip
        assert msgspec.json.decode(msgspec.json.encode(made), type=ExplainedItem) == made
