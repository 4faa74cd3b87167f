"""Which functions a ranker may have imported by their text, `module:function`: those its ranker.toml names.

A version's own declaration comes out of a registry, where others may write. What it names is compared with
this, and imported only if the file that people keep names it too.
"""

from __future__ import annotations

import tomllib
from pathlib import Path


def named_functions(ranker: Path | None) -> frozenset[str]:
    """The cross functions that the ranker.toml at `ranker` names: `features.cross` and those before it.

    Empty where there is no such file, or none that can be read: then nothing may be imported.

    >>> _ = Path("ranker.toml").write_text('''
    ... [features]
    ... cross = "shop.features:cross"
    ... cross_before = ["shop.old_features:cross"]
    ... ''')
    >>> sorted(named_functions(Path("ranker.toml")))
    ['shop.features:cross', 'shop.old_features:cross']
    """
    if ranker is None:
        return frozenset()
    try:
        features = tomllib.loads(ranker.read_text(encoding="utf-8")).get("features", {})
        found = [features.get("cross"), *features.get("cross_before", ())]
    except (OSError, ValueError, AttributeError, TypeError):
        return frozenset()
    return frozenset(each for each in found if isinstance(each, str))
