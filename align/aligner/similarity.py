"""Centred vectors and their nearest neighbours in the other documents.

Views are the versions of the items to compare by, as written and translated: the highest cosine in any of them counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from align.data import FloatArray, IntArray

_BLOCK = 1024  # rows compared at a time with all others,
_CELLS = 1 << 25  # or as many as make so many similarities: half a gigabyte, with their order
_CHUNK = 256  # and with some of their own each, whose vectors are copied
_EXACT_PAIRS = 500_000_000  # 22,000 sentences a side: from about there on graphs are faster than comparing all
_BACKGROUND_WEIGHT = 8.0  # sentences that the background counts as in a mean


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The k nearest of each of n items, in other documents, the nearest first; shape (n, k).

    Attributes:
        ids: of items; -1 where the other documents have fewer.
        similarities: with them; 0 where there is none.
    """

    ids: IntArray
    similarities: FloatArray


def centred(vectors: FloatArray, kinds: Sequence[str], of: IntArray, background: FloatArray) -> FloatArray:
    """Unit vectors with the mean of their kind (language, or translation) taken off.

    E5's vectors lie in a narrow cone, and in a somewhat different one for each
    language; without its mean what is left of a vector is what its text says.
    A kind of few vectors has no mean of its own to speak of: the background
    counts as some vectors more of it.

    Args:
        vectors: shape (any, dimensions).
        kinds: of each vector.
        of: the rows that the means are taken over: sentences, each distinct text once.
        background: the mean vector of sentences that have nothing in common, shape (dimensions,).
    """
    names = np.array(kinds)
    result = vectors.astype(np.float32, copy=True)
    for name in sorted(set(kinds)):
        of_kind = names == name
        own = vectors[of[of_kind[of]]]
        if len(own):
            result[of_kind] -= mean_with(background, own)
    return unit_rows(result)


def unit_rows(vectors: FloatArray) -> FloatArray:
    """Vectors at unit length, row by row; 0 where there is no length but what rounding leaves of equal vectors."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 1e-6), np.float32)


def mean_with(background: FloatArray, vectors: FloatArray) -> FloatArray:
    """The mean of vectors, shape (any, dimensions), smoothed: the background counts as `_BACKGROUND_WEIGHT` of them."""
    mean: FloatArray = (vectors.sum(axis=0) + _BACKGROUND_WEIGHT * background) / (len(vectors) + _BACKGROUND_WEIGHT)
    return mean


def nearest(views: Sequence[FloatArray], documents: IntArray, k: int, after: int = 0) -> Neighbours:
    """The k nearest items in other documents: of each item or, with `after`, of the items after the first so many.

    Exact, unless a document and the others make more than `_EXACT_PAIRS` pairs.
    Then a graph gives the candidates (hierarchical navigable small worlds,
    Malkov and Yashunin 2020), the same ones at each run; it misses one or two
    in a hundred, and its time grows little faster than the documents.

    Args:
        views: unit vectors of every item, shape (n, dimensions) each; the highest similarity in any view counts.
        documents: the number of each item's document, shape (n,).
        k: how many, at most.
        after: if not 0, only the first so many items are searched, for neighbours of the others.
    """
    n = len(documents)
    among = after or n
    k = min(k, max(among - 1, 0))
    ids, similarities = np.full((n, k), -1, np.int64), np.zeros((n, k), np.float32)
    for document in np.unique(documents):
        own = after + np.flatnonzero(documents[after:] == document)
        others = np.flatnonzero(documents[:among] != document)
        there = [view[others] for view in views]
        wanted = min(k, len(others))
        candidates = _all if len(own) * len(others) <= _EXACT_PAIRS else _Graphs(there)
        step = min(_BLOCK, max(_CELLS // max(len(others), 1), 1))
        for at in range(0, len(own) if wanted else 0, step):
            rows = own[at : at + step]
            top, found = candidates([view[rows] for view in views], there, wanted)
            order = np.argsort(-found, axis=1, kind="stable")[:, :wanted]
            ids[rows, :wanted] = others[np.take_along_axis(top, order, 1)]
            similarities[rows, :wanted] = np.take_along_axis(found, order, 1)
    return Neighbours(ids[after:], similarities[after:])


def _all(here: Sequence[FloatArray], there: Sequence[FloatArray], wanted: int) -> tuple[IntArray, FloatArray]:
    """The `wanted` nearest `there` of each `here` and their similarities, in the order in which they lie there."""
    block = similarity_block(here, there)
    top = np.argpartition(-block, wanted - 1, axis=1)[:, :wanted]
    top.sort(axis=1)
    return top, np.take_along_axis(block, top, 1)


class _Graphs:
    """As `_all`, with more than is wanted and almost all of what is nearest, by a graph for each view."""

    def __init__(self, there: Sequence[FloatArray]) -> None:
        from usearch.index import Index

        self._graphs = []
        for view in there:
            # One byte a dimension, because the similarities are computed anew. More than one thread would make a
            # graph that differs from run to run.
            graph = Index(ndim=view.shape[1], metric="ip", dtype="i8", expansion_add=64, expansion_search=96)
            graph.add(np.arange(len(view)), view, threads=1)
            self._graphs.append(graph)

    def __call__(
        self, here: Sequence[FloatArray], there: Sequence[FloatArray], wanted: int
    ) -> tuple[IntArray, FloatArray]:
        searched = zip(self._graphs, here, strict=True)
        near = [graph.search(view, 2 * wanted).keys.reshape(len(view), -1) for graph, view in searched]
        top = np.sort(np.concatenate(near, axis=1).astype(np.int64), axis=1)
        found = similarity_of(here, np.arange(len(top)), there, top)
        found[:, 1:][top[:, 1:] == top[:, :-1]] = -np.inf  # near in two views
        return top, found


def similarity_block(left: Sequence[FloatArray], right: Sequence[FloatArray]) -> FloatArray:
    """The highest similarity in any view of each on the left to each on the right, shape (left, right)."""
    block: FloatArray = left[0] @ right[0].T
    for one, other in zip(left[1:], right[1:], strict=True):
        np.maximum(block, one @ other.T, out=block)
    return block


def similarity_of(
    views: Sequence[FloatArray], rows: IntArray, others: Sequence[FloatArray], columns: IntArray
) -> FloatArray:
    """The highest similarity in any view of each row to each of its columns.

    Args:
        views: vectors of what `rows` count, shape (any, dimensions) each.
        rows: shape (r,).
        others: vectors of what `columns` count, in as many views.
        columns: shape (r, c), that of the result.
    """
    found = np.empty(columns.shape, np.float32)
    for at in range(0, len(rows), _CHUNK):
        here = slice(at, at + _CHUNK)
        each = [np.einsum("rd,rcd->rc", v[rows[here]], o[columns[here]]) for v, o in zip(views, others, strict=True)]
        found[here] = np.max(each, axis=0)
    return found


def pairs_of(ids: IntArray, n: int) -> IntArray:
    """Every pair of n items of which one is among the other's `ids`, shape (pairs, 2), the smaller first, sorted."""
    left = np.repeat(np.arange(len(ids)), ids.shape[1])
    right = ids.ravel()
    left, right = left[right >= 0], right[right >= 0]
    keys = np.unique(np.minimum(left, right) * n + np.maximum(left, right))
    return np.stack(np.divmod(keys, max(n, 1)), axis=1)
