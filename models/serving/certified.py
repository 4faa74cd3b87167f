"""Whether a package, as it lies on this disk and in this process, still gives what training certified.

What a worker asks at every load. Reads with numpy only; the gate says more, with what differs where.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np

from models.catalogue.catalogue import Catalogue, CatalogueError
from models.engine import Engine, EngineError, Job, load_engine
from models.features import ContextError, parse_context
from models.package import Certified, PackageError, verify_files


def difference(  # noqa: PLR0913 - what is compared, and what it may be loaded with
    package: Path,
    certificate: Certified,
    engine: Engine,
    on: Catalogue,
    catalogues: Path,
    *,
    functions: Collection[str] = (),
) -> str | None:
    """None where all files have their digests and certified scores come out bit for bit, else what differs.

    `engine` is the version loaded `on` a snapshot; where that is not training's, the model is loaded on that
    one beside it. `catalogues` is the folder of all snapshots; where training's is gone, the files must do.
    `functions` may be imported (`load_engine`).
    """
    try:
        manifest = verify_files(package)
        if not (catalogues / manifest.snapshot).is_dir():
            return None
        same = on.snapshot == manifest.snapshot
        catalogue = on if same else Catalogue.open(catalogues / manifest.snapshot)
        own = engine if same else load_engine(package, catalogue, functions)
        jobs = [
            Job(catalogue.rows(list(one.items)), parse_context(own.spec, one.context))  # type: ignore[arg-type]
            for one in certificate.requests
        ]
    except (PackageError, CatalogueError, EngineError, ContextError, OSError) as error:
        return str(error)
    served = own.score_many(jobs)
    failed = [part for part in served if isinstance(part, Exception)]
    if failed:
        return f"{len(failed)} certified requests can't be scored: {failed[0]}"
    scores = np.concatenate([np.empty(0), *(part for part in served if not isinstance(part, Exception))])
    wrong = int((scores.view(np.uint64) != certificate.scores.view(np.uint64)).sum())
    return f"{wrong:,} of {len(scores):,} certified scores differ from training's" if wrong else None
