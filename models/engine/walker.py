"""A forest laid out for the kernel: everything about the trees that a call needs, ready."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.engine.kernel import Walk, finish, walk
from models.engine.lanes import NARROW, WIDE
from models.engine.layout import Layout
from models.engine.protocol import Rows, Scores
from models.engine.trees import Forest


@dataclass(frozen=True, eq=False)
class Walker:
    """Walks a forest's trees; small calls in narrow blocks, others in wide ones."""

    forest: Forest
    layout: Layout
    narrow: Walk
    wide: Walk
    narrow_offsets: NDArray[np.uint32]
    wide_offsets: NDArray[np.uint32]

    @classmethod
    def of(cls, forest: Forest, layout: Layout) -> Self:
        """Compile for the forest's depth, or load what is compiled."""
        return cls(
            forest,
            layout,
            walk(forest.levels, forest.deep, NARROW),
            walk(forest.levels, forest.deep, WIDE),
            layout.places * np.uint32(NARROW),
            layout.places * np.uint32(WIDE),
        )

    def scores(  # noqa: PLR0913, PLR0917 - what one walk needs
        self,
        table: NDArray[np.uint8],
        rows: Rows,
        contexts: NDArray[np.uint8],
        owner: NDArray[np.int32],
        crossed: NDArray[np.float32],
        joint: NDArray[np.uint8],
    ) -> tuple[Scores, int]:
        """float64 (n), and the place of a row that is not in the table, or −1: then there are no scores.

        table u8 (N, layout.width); rows int64 (n); contexts u8 (J, layout.context_size) and owner int32 (at
        least n), the context of each row; crossed float32 (X, n); joint u8 (layout.joint.size, n).
        """
        small = rows.size <= NARROW
        forest, group = self.forest, self.layout.crossed
        out = np.empty(rows.size)
        outside = (self.narrow if small else self.wide)(
            table,
            rows,
            contexts,
            owner,
            crossed,
            group.sources,
            group.ruler.borders,
            group.ruler.of_nan,
            joint,
            self.narrow_offsets if small else self.wide_offsets,
            self.layout.thresholds,
            forest.starts,
            forest.leaves,
            out,
        )
        finish(out, forest.scale, forest.bias, forest.probability)
        return out, outside
