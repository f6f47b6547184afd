"""Align two versions of one text in order: n:m beads by coarse-to-fine dynamic programming.

The model is log-linear over whole alignments: every bead (up to seven sentences in all, or 4:4) and every sentence
without partner has a score, an alignment has the sum, and a softmax over all alignments in the band gives each
bead its posterior probability (forward-backward, as in a semi-Markov CRF; Sarawagi and Cohen 2004). A bead's
score rests on the cosine of its two spans, on how similar each span is to the sentences just outside the other
(the margin of Liu and Zhu 2022, section 3.2), on the ratio of the lengths (Gale and Church 1993), on the numbers and
names that its sentences share, on whether it breaks off within brackets, on sentences without a word in it and on its
shape.

The band comes from coarse to fine (Thompson and Koehn 2019, section 3.2): neighbouring sentences are averaged
until the texts are short, aligned in full, and the path is refined at each doubling within a fixed distance, so
that time and memory grow with the number of sentences. At the finest level spans are first stood for by averages
of their sentences, weighted by length; only spans of beads that keep some posterior are then encoded as text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from align.data import Encode, FloatArray, IntArray
from align.text import extent, is_speck

from .evidence import NAMES, NUMBERS, Terms, terms_of
from .lattice import NOWHERE, Array, Lattice
from .similarity import mean_with, unit_rows

Spans = Callable[[Sequence[tuple[int, int]]], FloatArray]
"""Spans (first sentence, number of sentences) to centred unit vectors, shape (spans, dimensions)."""

_FULL = 60_000  # cells that are aligned without a coarser level
_SLACK = 10  # sentences that a path may move when it is refined
_MOST = 7  # sentences of a bead, both sides together, but for 4:4
_LONGEST = _MOST - 1
_SHAPES = [*((n, m) for n in range(1, _MOST) for m in range(1, _MOST + 1 - n)), (4, 4)]
_CHUNK = 2048
_LEAST = 0.02  # posterior below which a span is not worth encoding
_STRETCH = 1.1  # of a text's length to its translation's, at most; what is beyond that was left out


@dataclass(frozen=True, slots=True)
class Weights:
    """Log-odds of the model.

    Fitted by tests/quality/calibrate_monotone.py, then rounded: maximum likelihood on the alignments of Text+Berg dev
    (its run of 36 insertions cut short; weight 2) and of six pairs of FLORES dev texts with random splits, merges and
    omissions (de-fr, pl-en, fr-pl, ru-en, zh-en, hu-es; weight 1/3 each); vectors of e5-small with the adapter in
    models/.

    Attributes:
        match: of any bead.
        cosine: times the cosine of the centred spans.
        outside: times the mean cosine of each span with the two sentences beside the other span.
        length: times the squared log ratio of the lengths, at most 3.
        shared: times the summed weight, at most 1 each, of the numbers and names that its sentences share pair by pair.
        unclosed: times the number of sides that open more round brackets than they close.
        specks: times the number of sentences without a word in a bead of three or more: what a scanner saw in specks.
        gap: of a sentence without partner.
        shapes: of beads by (fewer, more) sentences; 1:1 has none.
        four: of beads with four or more sentences on a side.
    """

    match: float = -3.0
    cosine: float = 15.7
    outside: float = -3.6
    length: float = -7.6
    shared: float = 1.0
    unclosed: float = -6.8
    specks: float = -2.9
    gap: float = -0.85
    shapes: tuple[tuple[int, int, float], ...] = ((1, 2, 0.1), (2, 2, 0.6), (1, 3, 0.1), (2, 3, 1.2), (3, 3, 1.0))
    four: float = 0.3

    def shape(self, left: int, right: int) -> float:
        """The log-odds of a bead of `left` and `right` sentences, whatever it says."""
        sizes = min(left, right), max(left, right)
        return self.match + next((v for *key, v in self.shapes if tuple(key) == sizes), self.four * (sizes[1] > 3))


class Side(NamedTuple):
    """One of two texts.

    Attributes:
        vectors: centred unit vectors, shape (sentences, dimensions).
        lengths: of the sentences.
        depths: round brackets that each sentence opens, less those that it closes.
        specks: 1 for a sentence without a word, else 0.
        terms: numbers and names of the sentences, numbered as on the other side; None: not to be looked at.
        spans: how spans are encoded; None: averages of their sentences stand for them.
    """

    vectors: FloatArray
    lengths: FloatArray
    depths: FloatArray
    specks: FloatArray
    terms: Terms | None = None
    spans: Spans | None = None


class Bead(NamedTuple):
    """Sentences [left, left + n) and [right, right + m) that translate each other; n or m may be 0.

    Attributes:
        posterior: probability of exactly this bead among all alignments in the band.
        cosine: of the two centred spans; 0 where a side is empty.
        margin: the cosine less that with the sentences just outside; 0 where a side is empty.
    """

    left: int
    n: int
    right: int
    m: int
    posterior: float = 1.0
    cosine: float = 0.0
    margin: float = 0.0


def align_sides(left: Side, right: Side, weights: Weights) -> list[Bead]:
    """Beads in order that hold every sentence of both sides exactly once; neither side is empty."""
    lattice = Lattice.of(_band(left, right, weights), _SHAPES)
    features = _averaged(left, right, lattice)
    if left.spans and right.spans:
        posterior = lattice.posteriors(_score(features, lattice, weights), weights.gap)
        _encode_spans(left, right, lattice, features, posterior)
    scores = _score(features, lattice, weights)
    posterior = lattice.posteriors(scores, weights.gap)
    return [
        Bead(*step[:4])
        if step.shape is None
        else Bead(*step[:4], float(posterior[step.shape, step.cell]), *features.at(step.shape, step.cell))
        for step in lattice.best(scores, weights.gap)
    ]


# The band


def _band(left: Side, right: Side, weights: Weights) -> tuple[IntArray, IntArray]:
    """Lowest and highest column of every row: all where the texts are short, else around the path of their halves."""
    n, m = len(left.vectors), len(right.vectors)
    if (n + 1) * (m + 1) <= _FULL or min(n, m) < 2:
        return np.zeros(n + 1, np.int64), np.full(n + 1, m)
    halves = _halved(left), _halved(right)
    lattice = Lattice.of(_band(*halves, weights), [(1, 1), (1, 2), (2, 1), (2, 2)])
    steps = lattice.best(_score(_averaged(*halves, lattice), lattice, weights), weights.gap)
    beads = (step for step in steps if step.shape is not None)
    corners = [(min(2 * (bead.left + bead.n), n), min(2 * (bead.right + bead.m), m)) for bead in beads]
    return _around([(0, 0), *corners, (n, m)], n, m)


def _halved(side: Side) -> Side:
    weighted = side.vectors * side.lengths[:, None]
    firsts = np.arange(0, len(weighted), 2)
    parts = weighted, side.lengths, side.depths, side.specks
    vectors, lengths, depths, specks = (np.add.reduceat(values, firsts) for values in parts)
    return Side(unit_rows(vectors), lengths, depths, specks)


def _around(path: Iterable[tuple[int, int]], n: int, m: int) -> tuple[IntArray, IntArray]:
    """Lowest and highest column of every row that lies within `_SLACK` of the path.

    Between two corners far apart, where sentences of both sides lack partners, the band follows the straight line.
    """
    low, high = np.full(n + 1, m), np.zeros(n + 1, np.int64)
    for (i, j), (k, end) in pairwise(path):
        rows = np.arange(i, k + 1)
        if (k - i) * (end - j) <= 4 * _SLACK * (k - i + end - j):
            first, last = np.full(len(rows), j), np.full(len(rows), end)
        else:
            first = j + (rows - i) * (end - j) // (k - i)
            last = np.minimum(j + (rows - i + 1) * (end - j) // (k - i), end)
        low[rows], high[rows] = np.minimum(low[rows], first), np.maximum(high[rows], last)
    for shift in (-_SLACK, _SLACK):
        moved = np.clip(np.arange(n + 1) + shift, 0, n)
        low, high = np.minimum(low, low[moved]), np.maximum(high, high[moved])
    low, high = np.maximum(low - _SLACK, 0), np.minimum(high + _SLACK, m)
    return np.minimum.accumulate(low[::-1])[::-1], np.maximum.accumulate(high)


# What a bead's score rests on


@dataclass(frozen=True, slots=True)
class _Features:
    """The features that the weights of the same names multiply, by bead shape and end cell; and which are ruled out."""

    cosine: FloatArray
    outside: FloatArray
    length: FloatArray
    shared: FloatArray
    unclosed: NDArray[np.int8]
    specks: NDArray[np.int8]
    ruled_out: NDArray[np.bool_]

    def at(self, shape: int, cell: int) -> tuple[float, float]:
        """Cosine and margin of one bead."""
        cosine = float(self.cosine[shape, cell])
        return cosine, cosine - float(self.outside[shape, cell])


def _score(features: _Features, lattice: Lattice, weights: Weights) -> FloatArray:
    shape = np.array([weights.shape(n, m) for n, m in lattice.shapes], np.float32)[:, None]
    scores = shape + weights.cosine * features.cosine + weights.outside * features.outside
    scores += weights.length * features.length
    scores += weights.shared * features.shared
    scores += weights.unclosed * features.unclosed
    scores += weights.specks * features.specks
    return np.where(features.ruled_out, np.float32(NOWHERE), scores)


def _averaged(left: Side, right: Side, lattice: Lattice) -> _Features:
    """Features with spans as averages of their sentences, from the cosines of single sentences alone."""
    row, column = lattice.row, lattice.column
    single = np.append(_cosines(left.vectors, right.vectors, lattice), np.float32(0))  # the last for cells outside
    norms = [_norms(side) for side in (left, right)]
    weights = [np.append(side.lengths[np.maximum(place - 1, 0)], 0) for side, place in ((left, row), (right, column))]
    ends = [np.append(0.0, np.cumsum(side.lengths, dtype=np.float64)) for side in (left, right)]
    depths = [np.append(0, np.cumsum(side.depths)) for side in (left, right)]
    summed = [np.append(0, np.cumsum(side.specks)) for side in (left, right)]
    scale = np.clip(ends[0][-1] / ends[1][-1], 1 / _STRETCH, _STRETCH)
    common = _running(np.append(_shared(left, right, lattice), np.float32(0)), lattice, 1, 0)
    by_row = _running(single * weights[0], lattice, 1, 0)
    by_column = _running(single * weights[1], lattice, 0, 1)
    after, below = lattice.find(row, column + 1), lattice.find(row + 1, column)
    before = [lattice.find(row, column - m) for m in range(_MOST)]
    above = [lattice.find(row - n, column) for n in range(_MOST)]
    sizes = {n for n, _ in lattice.shapes}
    blocks = {n: _running(by_row[n - 1] * weights[1], lattice, 0, 1) for n in sizes}
    shares = {n: _running(common[n - 1], lattice, 0, 1) for n in sizes}
    cosine, outside, length, shared = (np.zeros(lattice.source.shape, np.float32) for _ in range(4))
    unclosed, specks = (np.zeros(lattice.source.shape, np.int8) for _ in range(2))
    for k, (n, m) in enumerate(lattice.shapes):
        left_norm, right_norm = norms[0][n - 1][row], norms[1][m - 1][column]
        cosine[k] = blocks[n][m - 1][:-1] / (left_norm * right_norm)
        beside = (by_row[n - 1][after] + by_row[n - 1][before[m]]) / left_norm
        outside[k] = (beside + (by_column[m - 1][below] + by_column[m - 1][above[n]]) / right_norm) / 4
        first, second = np.maximum(row - n, 0), np.maximum(column - m, 0)
        length[k] = _length_evidence(ends[0][row] - ends[0][first], scale * (ends[1][column] - ends[1][second]))
        shared[k] = shares[n][m - 1][:-1]
        unclosed[k] += depths[0][row] > depths[0][first]
        unclosed[k] += depths[1][column] > depths[1][second]
        if n + m > 2:
            specks[k] = summed[0][row] - summed[0][first] + summed[1][column] - summed[1][second]
    return _Features(cosine, outside, length, shared, unclosed, specks, lattice.source == lattice.cells)


def _length_evidence(left: Array, right: Array) -> Array:
    ratio = (left + 5.0) / (right + 5.0)
    return np.asarray(np.minimum(np.log(ratio) ** 2, 3.0))


def _cosines(left: FloatArray, right: FloatArray, lattice: Lattice) -> FloatArray:
    """Cosine of the sentences that end in each cell, 0 in the first row and column."""
    found = np.zeros(lattice.cells, np.float32)
    inner = np.flatnonzero((lattice.row > 0) & (lattice.column > 0))
    for begin in range(0, len(inner), _CHUNK):
        part = inner[begin : begin + _CHUNK]
        found[part] = _dot(left[lattice.row[part] - 1], right[lattice.column[part] - 1])
    return found


def _shared(left: Side, right: Side, lattice: Lattice) -> FloatArray:
    """Summed weight of the terms that are in both sentences that end in each cell.

    Every term of the left is looked up among those of the right, sorted by term and place, within its row's columns.
    """
    if left.terms is None or right.terms is None:
        return np.zeros(lattice.cells, np.float32)
    count = len(right.vectors) + 1
    keys = np.sort(right.terms.ids * count + right.terms.owners)
    term, row = left.terms.ids * count, left.terms.owners + 1
    begin = np.searchsorted(keys, term + np.maximum(lattice.low[row] - 1, 0))
    times = np.searchsorted(keys, term + lattice.high[row]) - begin
    owner = np.repeat(np.arange(len(term)), times)
    hit = np.arange(len(owner)) - np.repeat(np.cumsum(times) - times, times) + begin[owner]
    column = keys[hit] - term[owner] + 1
    cell = lattice.start[row[owner]] + column - lattice.low[row[owner]]
    return np.bincount(cell, left.terms.weights[owner], lattice.cells).astype(np.float32)


def _dot(left: FloatArray, right: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("ij,ij->i", left, right), np.float32)


def _running(values: FloatArray, lattice: Lattice, down: int, across: int) -> list[FloatArray]:
    """Sums of the last 1, 2 and so on values in one direction, by the cell where they end."""
    before = np.append(lattice.find(lattice.row - down, lattice.column - across), lattice.cells)
    sums = [values]
    for _ in range(_LONGEST - 1):
        sums.append(values + sums[-1][before])
    return sums


def _norms(side: Side) -> list[FloatArray]:
    """Norms of the weighted sums of the last 1, 2 and so on sentences before each place; 1 where there are fewer."""
    weighted = side.vectors * side.lengths[:, None]
    summed, norms = np.zeros_like(weighted), []
    for size in range(1, _MOST):
        summed = summed[1:] + weighted[: max(len(weighted) - size + 1, 0)] if size > 1 else weighted
        found = np.maximum(np.linalg.norm(summed, axis=1), np.float32(1e-9))
        norms.append(np.concatenate([np.ones(size, np.float32), found])[: len(weighted) + 1])
    return norms


def _encode_spans(left: Side, right: Side, lattice: Lattice, features: _Features, posterior: FloatArray) -> None:
    """Replace averages by encoded spans for beads of some posterior; rule the other beads of several sentences out."""
    several = np.array([n + m > 2 for n, m in lattice.shapes])
    likely = (posterior >= _LEAST) & several[:, None]
    features.ruled_out[several] |= ~likely[several]
    shape, cell = np.nonzero(likely)
    sizes = np.array(lattice.shapes)[shape]
    ends = np.stack([lattice.row[cell], lattice.column[cell]], 1)
    vectors, owner = [], []
    for axis, side in enumerate((left, right)):
        spans, found = np.unique(
            np.stack([ends[:, axis] - sizes[:, axis], sizes[:, axis]], 1), axis=0, return_inverse=True
        )
        owner.append(found.reshape(-1))
        table = side.vectors[spans[:, 0]].copy()
        longer = np.flatnonzero(spans[:, 1] > 1)
        if len(longer) and side.spans:
            table[longer] = side.spans([(int(a), int(b)) for a, b in spans[longer]])
        vectors.append(table)
    for begin in range(0, len(cell), _CHUNK):
        part = slice(begin, begin + _CHUNK)
        x, y = (vectors[axis][owner[axis][part]] for axis in (0, 1))
        features.cosine[shape[part], cell[part]] = _dot(x, y)
        outside = _beside(x, right.vectors, ends[part, 1], sizes[part, 1])
        outside += _beside(y, left.vectors, ends[part, 0], sizes[part, 0])
        features.outside[shape[part], cell[part]] = outside / 4


def _beside(spans: FloatArray, other: FloatArray, ends: IntArray, sizes: IntArray) -> Array:
    """Summed cosines of spans with the sentences before and after the other span; 0 beyond the ends of the text."""
    total = np.zeros(len(spans))
    for place in (ends - sizes - 1, ends):
        inside = (place >= 0) & (place < len(other))
        total[inside] += _dot(spans[inside], other[place[inside]])
    return total


def numbers_and_names(texts: Sequence[str], langs: Sequence[str]) -> Terms:
    """The numbers and names of every text, weighted from 0 to 1 by how rare they are among all."""
    kinds = terms_of(texts, langs, len(texts))
    numbers, names = kinds[NUMBERS], kinds[NAMES]
    order = np.argsort(np.concatenate([numbers.owners, names.owners]), kind="stable")
    ids = np.concatenate([numbers.ids, names.ids + numbers.ids.max(initial=-1) + 1])
    weights = np.concatenate([numbers.weights, names.weights])[order] / np.log(len(texts) + 1)
    needs = np.concatenate([numbers.needs, names.needs])[order]
    return Terms(numbers.ends + names.ends, ids[order], weights.astype(np.float32), needs)


def side_of(
    versions: Sequence[tuple[Sequence[str], FloatArray]], terms: Terms, background: FloatArray, encode: Encode
) -> Side:
    """One text out of its versions, such as the original and its translation, each with its sentences' unit vectors.

    Vectors are centred on their text, in a short one mostly on the background, whose mean vector is given; those of
    several versions are added up.
    """
    means = [mean_with(background, vectors) for _, vectors in versions]

    def fused(rows: Iterable[FloatArray]) -> FloatArray:
        return unit_rows(np.sum([unit_rows(part - mean) for part, mean in zip(rows, means, strict=True)], axis=0))

    def spans(wanted: Sequence[tuple[int, int]]) -> FloatArray:
        texts = ([" ".join(lines[first : first + size]) for first, size in wanted] for lines, _ in versions)
        return fused(encode(lines) for lines in texts)

    texts = versions[0][0]
    lengths = np.array([extent(text) + 1 for text in texts], np.float32)
    depths = np.array([_depth(text) for text in texts], np.float32)
    specks = np.array([is_speck(text) for text in texts], np.float32)
    return Side(fused(vectors for _, vectors in versions), lengths, depths, specks, terms, spans)


def _depth(text: str) -> int:
    return sum(text.count(c) for c in "(（") - sum(text.count(c) for c in ")）")
