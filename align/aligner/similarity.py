"""Centred vectors and their nearest neighbours in the other documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from align.data import FloatArray

IntArray = NDArray[np.int64]

_BLOCK = 1024


@dataclass(frozen=True, slots=True)
class Neighbours:
    """For each of n items its k nearest in other documents: `ids` (-1: none) and `similarities`, shape (n, k), falling."""

    ids: IntArray
    similarities: FloatArray


def centred(vectors: FloatArray, kinds: Sequence[object], rows: IntArray | None = None) -> FloatArray:
    """Unit vectors with the mean of their kind (language, or translation) taken off.

    E5's vectors lie in a narrow cone, and in a somewhat different one for each
    language; without its mean what is left of a vector is what its text says.

    Args:
        rows: those from which the means are taken; all of them when None.
    """
    names = np.array([str(kind) for kind in kinds])
    base = np.arange(len(names)) if rows is None else rows
    result = vectors.astype(np.float32, copy=True)
    for name in sorted(set(names.tolist())):
        of_kind = names == name
        source = base[of_kind[base]]
        if len(source):
            result[of_kind] -= vectors[source].mean(axis=0)
    length = np.linalg.norm(result, axis=1, keepdims=True)
    return np.divide(result, length, out=np.zeros_like(result), where=length > 1e-6)


def nearest(views: Sequence[FloatArray], documents: IntArray, k: int) -> Neighbours:
    """The k nearest items of other documents, by the highest similarity in any of the views; exact.

    Args:
        views: unit vectors of every item, shape (n, dimensions) each.
        documents: the number of each item's document, shape (n,).
    """
    n = len(documents)
    k = min(k, max(n - 1, 0))
    ids, similarities = np.full((n, k), -1, np.int64), np.zeros((n, k), np.float32)
    for start in range(0, n if k else 0, _BLOCK):
        rows = slice(start, min(start + _BLOCK, n))
        block = similarity_block(views, rows)
        block[documents[rows, None] == documents[None, :]] = -2
        top = np.argpartition(-block, k - 1, axis=1)[:, :k] if k < n else np.arange(n)[None].repeat(len(block), 0)
        top.sort(axis=1)
        found = np.take_along_axis(block, top, 1)
        order = np.argsort(-found, axis=1, kind="stable")
        ids[rows], similarities[rows] = np.take_along_axis(top, order, 1), np.take_along_axis(found, order, 1)
    ids[similarities <= -2] = -1
    similarities[ids < 0] = 0
    return Neighbours(ids, similarities)


def similarity_block(views: Sequence[FloatArray], rows: slice) -> FloatArray:
    block: FloatArray = views[0][rows] @ views[0].T
    for view in views[1:]:
        np.maximum(block, view[rows] @ view.T, out=block)
    return block


def pairs_of(neighbours: Neighbours) -> IntArray:
    """Every pair of which one is a neighbour of the other, shape (pairs, 2), the smaller first, sorted."""
    n, k = neighbours.ids.shape
    left = np.repeat(np.arange(n), k)
    right = neighbours.ids.ravel()
    left, right = left[right >= 0], right[right >= 0]
    keys = np.unique(np.minimum(left, right) * n + np.maximum(left, right))
    return np.stack(np.divmod(keys, max(n, 1)), axis=1) if n else np.zeros((0, 2), np.int64)
