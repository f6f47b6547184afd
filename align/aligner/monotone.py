"""Align versions of one text, all in one order: N-way rows out of the beads of pairs (`beads.py`).

The rows come from a star. The medoid, the document most like the others part by part, is aligned with each of
them; beads that share a sentence of the medoid become one row. What lies between two rows without partner in the
medoid is then aligned among the remaining documents in the same way, so that a sentence which the medoid lacks
still meets its translations. Beads between two documents other than the medoid are not looked at where the medoid
has a partner for either; with two documents the rows are simply the beads.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np

from align.data import NO_DOCUMENT, Alignment, Encode, FloatArray, Group, Sentence, Unaligned

from .background import background_mean
from .beads import Bead, Side, Weights, align_sides, numbers_and_names, side_of
from .similarity import unit_rows

Span = tuple[int, int]
"""First sentence of a document and the one after the last."""

_PARTS = 16  # into which documents are cut to compare them
_EVIDENCE = ("cosine", "margin")
_DISSOLVED = "its row scored below the threshold"
_NOTHING = "no partner at its place in the other documents"


@dataclass(frozen=True, slots=True)
class MonotoneAligner:
    """Rows of a text and its translations, in order, n:m spans included.

    Every document is in a row at most once, with a run of consecutive sentences, and rows never cross. A row's score
    is the probability of exactly these beads among all alignments; of a row of several beads, the lowest. Evidence:
    `cosine` and `margin` of the weakest bead. Same input, same rows: ties go to the earlier document and sentence.

    Attributes:
        threshold: rows that score less are dissolved and their sentences reported as unaligned.
        weights: of the model, see `beads.py`.
    """

    threshold: float = 0.0
    weights: Weights = field(default_factory=Weights)

    @property
    def signature(self) -> str:
        """For example `monotone@1a2b3c4d,threshold=0`."""
        digest = hashlib.sha256(repr(self.weights).encode()).hexdigest()[:8]
        return f"monotone@{digest},threshold={self.threshold:g}"

    def align(
        self, sentences: Sequence[Sentence], vectors: FloatArray, pivots: FloatArray, encode: Encode, /
    ) -> Alignment:
        """Every sentence exactly once, in a row or unaligned with the reason.

        Args:
            sentences: grouped by document, in order of the documents' text.
            vectors: unit vectors of the texts, shape (sentences, dimensions).
            pivots: unit vectors of the translations, and of the text where there is none; same shape. Where they
                differ, a span is stood for by the sum of both its vectors.
            encode: gives unit vectors of spans of several sentences; asked for the likely ones only.
        """
        documents = [list(run) for _, run in groupby(range(len(sentences)), key=lambda i: sentences[i].doc)]
        if len(documents) < 2:
            alone = (Unaligned(i, NO_DOCUMENT) for i in range(len(sentences)))
            return Alignment((), tuple(alone), _EVIDENCE)
        firsts = [run[0] for run in documents]
        terms = numbers_and_names([s.text for s in sentences], [s.lang for s in sentences])
        background = background_mean(encode)
        sides = [
            side_of(
                _versions([sentences[i] for i in run], vectors[run], pivots[run]),
                terms.of(np.array(run)),
                background,
                encode,
            )
            for run in documents
        ]
        whole = {d: (0, len(run)) for d, run in enumerate(documents)}
        groups: list[Group] = []
        dissolved: set[int] = set()
        for row in _rows(sides, whole, self.weights):
            members = tuple(
                tuple(range(firsts[d] + begin, firsts[d] + end)) for d, (begin, end) in sorted(row.spans.items())
            )
            if row.score < self.threshold:
                dissolved.update(i for member in members for i in member)
            else:
                groups.append(Group(members, row.score, {"cosine": row.cosine, "margin": row.margin}))
        centred = np.concatenate([side.vectors for side in sides])
        return Alignment(tuple(groups), tuple(_unaligned(documents, centred, groups, dissolved)), _EVIDENCE)


@dataclass(frozen=True, slots=True)
class _Row:
    spans: dict[int, Span]
    score: float
    cosine: float
    margin: float


def _versions(
    sentences: Sequence[Sentence], vectors: FloatArray, pivots: FloatArray
) -> list[tuple[list[str], FloatArray]]:
    """The sentences and, where any was translated, their translations, each with the unit vectors."""
    original = [sentence.text for sentence in sentences], vectors
    if all(sentence.pivot is None for sentence in sentences):
        return [original]
    return [original, ([sentence.in_pivot for sentence in sentences], pivots)]


def _rows(sides: Sequence[Side], parts: dict[int, Span], weights: Weights) -> list[_Row]:
    """Rows in order of the given part of each document."""
    parts = {d: (begin, end) for d, (begin, end) in parts.items() if begin < end}
    if len(parts) < 2:
        return []
    hub = _medoid(sides, parts)
    rows = _star(hub, sides, parts, weights)
    if len(parts) == 2:
        return rows
    # What a document has before its part in row k, and after its last row, is left over
    left: dict[int, dict[int, Span]] = defaultdict(dict)
    for d, (begin, end) in parts.items():
        done = begin
        for k, row in enumerate(rows if d != hub else []):
            if d in row.spans:
                left[k][d] = (done, row.spans[d][0])
                done = row.spans[d][1]
        if d != hub:
            left[len(rows)][d] = (done, end)
    result = []
    for k in range(len(rows) + 1):
        result += _rows(sides, left[k], weights)
        result += rows[k : k + 1]
    return result


def _star(hub: int, sides: Sequence[Side], parts: dict[int, Span], weights: Weights) -> list[_Row]:
    """Rows of all beads with the hub, those that share a sentence of it joined."""
    center = _part(sides[hub], parts[hub])
    beads = [
        (bead, d)
        for d in sorted(parts.keys() - {hub})
        for bead in align_sides(center, _part(sides[d], parts[d]), weights)
        if bead.n and bead.m
    ]
    beads.sort(key=lambda item: (item[0].left, item[0].left + item[0].n, item[1]))
    rows: list[_Row] = []
    joined: list[tuple[Bead, int]] = []
    reach = 0
    for bead, d in beads:
        if joined and bead.left >= reach:
            rows.append(_join(joined, hub, parts))
            joined = []
        joined.append((bead, d))
        reach = max(reach, bead.left + bead.n)
    return [*rows, _join(joined, hub, parts)] if joined else rows


def _join(beads: Sequence[tuple[Bead, int]], hub: int, parts: dict[int, Span]) -> _Row:
    ranges: dict[int, list[int]] = defaultdict(list)
    for bead, d in beads:
        ranges[hub] += [parts[hub][0] + bead.left, parts[hub][0] + bead.left + bead.n]
        ranges[d] += [parts[d][0] + bead.right, parts[d][0] + bead.right + bead.m]
    weakest = min((bead for bead, _ in beads), key=lambda bead: (bead.posterior, bead.left))
    spans = {d: (min(ends), max(ends)) for d, ends in ranges.items()}
    return _Row(spans, weakest.posterior, weakest.cosine, weakest.margin)


def _part(side: Side, part: Span) -> Side:
    begin, end = part
    spans = side.spans
    return Side(
        side.vectors[begin:end],
        side.lengths[begin:end],
        side.depths[begin:end],
        side.specks[begin:end],
        side.terms and side.terms.of(np.arange(begin, end)),
        spans and (lambda wanted: spans([(begin + first, size) for first, size in wanted])),
    )


def _medoid(sides: Sequence[Side], parts: dict[int, Span]) -> int:
    """The document whose parts, by relative place, are most like those of the others; ties go to the first."""
    count = min(_PARTS, *(end - begin for begin, end in parts.values()))
    profiles = {}
    for d, (begin, end) in parts.items():
        weighted = sides[d].vectors[begin:end] * sides[d].lengths[begin:end, None]
        sums = np.add.reduceat(weighted, np.arange(count) * (end - begin) // count)
        profiles[d] = unit_rows(sums)
    total = sum(profiles.values())
    likeness = {d: round(float(np.sum(profile * (total - profile))), 9) for d, profile in profiles.items()}
    return max(parts, key=lambda d: (likeness[d], -d))


def _unaligned(
    documents: Sequence[Sequence[int]], vectors: FloatArray, groups: Sequence[Group], dissolved: set[int]
) -> list[Unaligned]:
    """Sentences in no row, each with the nearest sentence of the rows before and after it; `vectors` are centred."""
    row_of = {i: k for k, group in enumerate(groups) for member in group.members for i in member}
    found = []
    for run in documents:
        own, before = set(run), -1
        after = dict.fromkeys(run, -1)
        upcoming = -1
        for i in reversed(run):
            upcoming = row_of.get(i, upcoming)
            after[i] = upcoming
        for i in run:
            before = row_of.get(i, before)
            if i in row_of:
                continue
            near = [
                j for k in (before, after[i]) if k >= 0 for member in groups[k].members for j in member if j not in own
            ]
            best = max(near, key=lambda j: (float(vectors[i] @ vectors[j]), -j), default=None)
            score = 0.0 if best is None else min(max(float(vectors[i] @ vectors[best]), 0.0), 1.0)
            found.append(Unaligned(i, _DISSOLVED if i in dissolved else _NOTHING, best, score))
    return found
