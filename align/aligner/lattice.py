"""The lattice that alignments of two texts run through, and what dynamic programming finds in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from align.data import FloatArray, IntArray

Array = NDArray[np.float64]

NOWHERE = -1e30
"""The score of what is out of the question."""


class Step(NamedTuple):
    """A bead of a path, or a sentence without partner: sentences [left, left + n) and [right, right + m).

    Attributes:
        shape: the bead's number among the lattice's shapes; None for a sentence without partner.
        cell: where it ends.
    """

    left: int
    n: int
    right: int
    m: int
    shape: int | None
    cell: int


@dataclass(frozen=True, slots=True)
class Lattice:
    """The cells (i, j) that alignments may pass: after i sentences of the left text and j of the right.

    Cells are numbered row after row; row i holds the columns [low[i], high[i]]. Bead `shape` k that ends in cell c
    begins in cell `source[k, c]`, which is `cells` where that is outside the band.
    """

    low: IntArray
    high: IntArray
    start: IntArray
    row: IntArray
    column: IntArray
    shapes: list[tuple[int, int]]
    source: IntArray

    @staticmethod
    def of(band: tuple[IntArray, IntArray], shapes: list[tuple[int, int]]) -> Lattice:
        """The lattice of a band (lowest and highest column of every row), for beads of these sizes."""
        low, high = band
        start = np.concatenate([[0], np.cumsum(high - low + 1)])
        row = np.repeat(np.arange(len(low), dtype=np.int32), high - low + 1)
        column = (np.arange(start[-1]) - start[row] + low[row]).astype(np.int32)
        lattice = Lattice(low, high, start, row, column, shapes, np.empty((0, 0), np.int32))
        return replace(lattice, source=np.stack([lattice.find(row - n, column - m) for n, m in shapes]))

    @property
    def cells(self) -> int:
        """How many there are."""
        return int(self.start[-1])

    def find(self, row: IntArray, column: IntArray) -> IntArray:
        """The numbers of cells; `cells` for those outside the band."""
        inside = (row >= 0) & (row < len(self.low))
        safe = np.where(inside, row, 0)
        inside &= (column >= self.low[safe]) & (column <= self.high[safe])
        return np.where(inside, self.start[safe] + column - self.low[safe], self.cells).astype(np.int32)

    def posteriors(self, scores: FloatArray, gap: float) -> FloatArray:
        """The probability of every bead by the cell where it ends, shape (shapes, cells): forward-backward."""
        forward = self._sweep(scores, gap)
        backward = self._sweep_back(scores, gap)
        total = forward[self.cells - 1]
        with np.errstate(under="ignore"):
            odds = np.minimum(forward[self.source] + scores + backward[:-1] - total, 0.0)
            return np.asarray(np.exp(odds), np.float32)

    def _sweep(self, scores: FloatArray, gap: float) -> Array:
        """Log of the summed weight of all alignments up to each cell, and a last place for cells outside."""
        forward = np.full(self.cells + 1, NOWHERE)
        up = self.find(self.row - 1, self.column)
        for i, (begin, end) in enumerate(pairwise(self.start.tolist())):
            ramp = gap * np.arange(end - begin)
            paths = np.vstack([forward[self.source[:, begin:end]] + scores[:, begin:end], forward[up[begin:end]] + gap])
            summed = _log_sum(paths)
            if i == 0:
                summed[0] = 0.0
            forward[begin:end] = np.logaddexp.accumulate(summed - ramp) + ramp
        return forward

    def _sweep_back(self, scores: FloatArray, gap: float) -> Array:
        backward = np.full(self.cells + 1, NOWHERE)
        padded = np.hstack([scores, np.full((len(scores), 1), NOWHERE, scores.dtype)])
        targets = np.stack([self.find(self.row + n, self.column + m) for n, m in self.shapes])
        down, kinds = self.find(self.row + 1, self.column), np.arange(len(scores))[:, None]
        for begin, end in reversed(list(pairwise(self.start.tolist()))):
            ramp = gap * np.arange(end - begin)
            target = targets[:, begin:end]
            summed = _log_sum(np.vstack([backward[target] + padded[kinds, target], backward[down[begin:end]] + gap]))
            if end == self.cells:
                summed[-1] = 0.0
            backward[begin:end] = np.logaddexp.accumulate(summed[::-1] - ramp)[::-1] + ramp[::-1]
        return backward

    def best(self, scores: FloatArray, gap: float) -> list[Step]:
        """The best alignment; ties go to the first shape, then to gaps."""
        best, back = np.full(self.cells + 1, NOWHERE), np.zeros(self.cells, np.int16)
        up, gaps = self.find(self.row - 1, self.column), len(self.shapes)
        for i, (begin, end) in enumerate(pairwise(self.start.tolist())):
            ramp = gap * np.arange(end - begin)
            paths = np.vstack([best[self.source[:, begin:end]] + scores[:, begin:end], best[up[begin:end]] + gap])
            choice = paths.argmax(0)
            value = paths[choice, np.arange(end - begin)]
            if i == 0:
                value[0] = 0.0
            level = np.maximum.accumulate(value - ramp)
            back[begin:end] = np.where(level > value - ramp, gaps + 1, choice)
            best[begin:end] = level + ramp
        steps = []
        i, j = len(self.low) - 1, int(self.high[-1])
        while i or j:
            cell = int(self.start[i] + j - self.low[i])
            kind = int(back[cell])
            n, m = self.shapes[kind] if kind < gaps else ((1, 0) if kind == gaps and i else (0, 1))
            i, j = i - n, j - m
            steps.append(Step(i, n, j, m, kind if kind < gaps else None, cell))
        return steps[::-1]


def _log_sum(paths: Array) -> Array:
    top = paths.max(0)
    with np.errstate(under="ignore"):
        return np.asarray(top + np.log(np.exp(paths - top).sum(0)))
