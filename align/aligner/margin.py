"""The default aligner: learned log-odds for pairs of spans, then correlation clustering."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import combinations
from math import exp
from typing import NamedTuple

import numpy as np

from align.data import (
    EQUIVALENT,
    EVIDENCE,
    NO_DOCUMENT,
    PARTIAL,
    Alignment,
    Encode,
    FloatArray,
    Group,
    IntArray,
    Sentence,
    Unaligned,
)

from .evidence import MAGNITUDES, NAMES, NUMBERS
from .features import nearness, pair_features
from .grouping import Grouping, Part
from .items import Items, all_pairs, make_items
from .model import ROW_FEATURES, Model, default_model, weigh
from .similarity import Neighbours

DEFAULT_THRESHOLD = 0.6
DEFAULT_SPAN = 3

_BLOCK = 1024
_LARGEST = 4.0  # members beyond two; more count as this many, the most in rows that the coefficients were fitted on
_DUPLICATE = 0.9  # cosine of centred vectors from which a sentence repeats another of its document
_NOTHING = "no other sentence is likely enough to say the same"
_FURNITURE = "it is a byline, a credit, a link or notice of the page, or too short to say anything"
_REPEATED = "it repeats a sentence of its own document, which is in a row"
_TAKEN = "the sentence nearest it is in a row that fits better without this one, which may say more or less"
_WEAK = "no row with it is probable enough"


@dataclass(frozen=True, slots=True)
class MarginAligner:
    """Aligns sentences of any number of documents, in any order.

    Vectors are centred by language; what two sentences have in common, their
    margin over their rivals (after Artetxe and Schwenk 2019, section 3), their
    numbers, names and lengths give the log-odds that they say the same; the
    groups are those that maximise the sum of the log-odds (`Grouping`).

    Attributes:
        threshold: least probability that all members of a row say the same.
        max_span: most consecutive sentences that one member may hold.
        partial: whether to put sentences that are in no row beside those that say the same at least in part.
        model: the coefficients.
    """

    threshold: float = DEFAULT_THRESHOLD
    max_span: int = DEFAULT_SPAN
    partial: bool = False
    model: Model = field(default_factory=default_model)

    @property
    def signature(self) -> str:
        """For example `margin@1a2b3c4d,threshold=0.6,span=3`."""
        return (
            f"margin@{self.model.digest},threshold={self.threshold:g},span={self.max_span}{',partial' * self.partial}"
        )

    def align(
        self, sentences: Sequence[Sentence], vectors: FloatArray, pivots: FloatArray, encode: Encode, /
    ) -> Alignment:
        """Every sentence, in a group or unaligned with the reason; vectors of shape (sentences, any)."""
        if len({sentence.doc for sentence in sentences}) < 2:
            return Alignment((), tuple(Unaligned(i, NO_DOCUMENT) for i in range(len(sentences))), EVIDENCE)
        model = self.model
        items, neighbours = make_items(sentences, vectors, pivots, encode, self.max_span)
        pairs = all_pairs(items, neighbours)
        features = pair_features(items, neighbours, pairs)
        odds = model.odds(items, neighbours, pairs, features)
        grouping = grouping_of(items, pairs, odds, model.absent)
        grouping.solve()
        rows = probable(grouping, items, model.row, self.threshold)
        groups = _groups(rows, grouping, items, neighbours, model.prior)
        if self.partial:
            placed = {i for group in groups for member in group.members for i in member}
            more = overlapping(placed, items, pairs, model.overlap_odds(features), self.threshold)
            groups = [replace(group, grade=EQUIVALENT) for group in groups]
            groups += [replace(group, grade=PARTIAL) for group in _groups(more, grouping, items, neighbours, 0.0)]
        groups.sort(key=lambda group: group.members)
        return Alignment(tuple(groups), tuple(_unaligned(groups, items, grouping, model.prior)), EVIDENCE)


class Row(NamedTuple):
    """Items that say the same with probability `score`; `weakest`: the mean log-odds where they would come apart."""

    members: list[int]
    score: float
    weakest: float


class _Link(NamedTuple):
    """An item that another is compared with, None for none, and the log-odds that both say the same."""

    item: int | None
    odds: float


def grouping_of(items: Items, pairs: IntArray, odds: FloatArray, absent: float) -> Grouping:
    """The grouping problem that the log-odds pose, not solved."""
    numbers = list(range(len(items.first)))  # one object for each item: among many pairs, more would take much memory
    links: list[dict[int, float]] = [{} for _ in numbers]
    for at in range(0, len(pairs), _BLOCK):
        here = slice(at, at + _BLOCK)
        for (i, j), value in zip(pairs[here].tolist(), odds[here].tolist(), strict=True):
            links[i][numbers[j]] = links[j][numbers[i]] = value
    runs = [range(first, first + size) for first, size in zip(items.first.tolist(), items.size.tolist(), strict=True)]
    return Grouping(links, items.documents.tolist(), runs, absent)


def probable(grouping: Grouping, items: Items, row: Mapping[str, float], threshold: float) -> list[Row]:
    """The groups of a solved problem whose members all say the same with at least this probability.

    A group that is less probable is split where it is weakest, and its halves again, until they are or nothing is left.
    """
    found = []
    waiting = [grouping.part(members) for members in grouping.rows()]
    while waiting:
        part = waiting.pop()
        score = _logistic(float(weigh(np.array([row_features(part, items)], np.float32), ROW_FEATURES, row)[0]))
        if score >= threshold:
            found.append(Row(part.members, score, part.weakest))
        else:
            waiting += [half for half in part.halves if half.halves]
    return found


def row_features(part: Part, items: Items) -> list[float]:
    """What the probability of a row rests on, in the order of ROW_FEATURES."""
    members = part.members
    pairs = np.triu_indices(len(members), 1)
    mean = part.total / len(pairs[0])
    cosines = np.max([(view[members] @ view[members].T)[pairs] for view in items.views], axis=0)
    spans = float((items.size[members] > 1).any())
    larger = min(len(members) - 2.0, _LARGEST)
    return [part.weakest, mean, larger, spans, float(cosines.mean()), float(cosines.min())]


def _groups(rows: Sequence[Row], grouping: Grouping, items: Items, neighbours: Neighbours, prior: float) -> list[Group]:
    """Rows of the corpus, with the evidence for their scores; `prior` is what was added to their log-odds.

    Evidence: means over pairs of members of `cosine` and, in full where the features clip it, of `margin`, if their
    documents hold anything else; the probability of the `weakest_link`; the shares of `numbers` and `names` that
    members have in common, if any; and, of the pairs with numbers on both sides, the share in `conflict`, in which each
    has one that the other has not.
    """
    pairs = [list(combinations(row.members, 2)) for row in rows]
    flat = np.array([pair for of_row in pairs for pair in of_row], np.int64).reshape(-1, 2)
    cosines, margins = nearness(items, neighbours, flat[:, 0], flat[:, 1])
    alone = items.size == np.bincount(items.documents[: items.sentences])[items.documents]
    has_rival = ~alone[flat].all(1)
    agreed = {kind: items.shared(kind, flat[:, 0], flat[:, 1]) for kind in (NUMBERS, NAMES, MAGNITUDES)}
    clash = (agreed[MAGNITUDES][1] > 0) & (agreed[MAGNITUDES][2] > 0)
    ends = np.cumsum([len(of_row) for of_row in pairs]).tolist()
    groups = []
    for (members, score, weakest), of_row, end in zip(rows, pairs, ends, strict=True):
        here = slice(end - len(of_row), end)
        evidence = {
            "cosine": float(cosines[here].mean()),
            "weakest_link": _logistic(weakest - prior),
        }
        if has_rival[here].any():
            evidence["margin"] = float(margins[here][has_rival[here]].mean())
        for kind in (NUMBERS, NAMES):
            both, left, right = (float(weight[here].sum()) for weight in agreed[kind])
            if both + left + right > 0:
                evidence[kind] = 2 * both / (2 * both + left + right)
        in_both, in_left, in_right = (weight[here] > 0 for weight in agreed[NUMBERS])
        comparable = (in_both | in_left) & (in_both | in_right)
        if comparable.any():
            evidence["conflict"] = float(((in_left & in_right) | clash[here])[comparable].mean())
        runs = sorted(tuple(grouping.runs[item]) for item in members)
        groups.append(Group(tuple(runs), round(score, 6), {name: round(value, 4) for name, value in evidence.items()}))
    return groups


def overlapping(placed: Set[int], items: Items, pairs: IntArray, odds: FloatArray, threshold: float) -> list[Row]:
    """Pairs of sentences that say the same at least in part, one or both of them not placed, the likeliest first.

    No sentence that is not placed comes twice, and none at all that repeats one of its own document that is placed.
    """
    n = items.sentences
    done = {*placed, *_repeated(items, placed)}
    rows = []
    for place in np.argsort(-odds, kind="stable").tolist():
        i, j = pairs[place].tolist()
        score = _logistic(float(odds[place]))
        if score < threshold:
            break
        free = [one for one in (i, j) if one not in placed]
        if max(i, j) < n and free and done.isdisjoint(free):
            done.update(free)
            rows.append(Row([i, j], score, float(odds[place])))
    return rows


def _unaligned(groups: Sequence[Group], items: Items, grouping: Grouping, prior: float) -> list[Unaligned]:
    """Why each sentence that is in no group is in none; `prior` as for `_groups`."""
    n = items.sentences
    placed = {i for group in groups for member in group.members for i in member}
    repeated = _repeated(items, placed)
    likeliest = [_likeliest(links) for links in grouping.links]
    spans: dict[int, _Link] = {}  # of the spans with the sentence, what the likeliest is likeliest to say the same as
    for item in range(n, len(likeliest)):
        for i in grouping.runs[item]:
            if i not in spans or likeliest[item].odds > spans[i].odds:
                spans[i] = likeliest[item]
    found = []
    for i in range(n):
        if i in placed:
            continue
        link = likeliest[i]
        if i in spans and link.odds <= 0 < spans[i].odds:
            link = spans[i]
        run = range(0) if link.item is None else grouping.runs[link.item]
        candidate = next((place for place in run if place in placed), next(iter(run), None))
        if i in repeated:
            reason = _REPEATED
        elif items.furniture[i]:
            reason = _FURNITURE
        elif link.odds <= 0:
            reason = _NOTHING
        else:
            reason = _TAKEN if candidate in placed else _WEAK
        found.append(Unaligned(i, reason, candidate, round(_logistic(link.odds - prior), 6)))
    return found


def _likeliest(links: Mapping[int, float]) -> _Link:
    """The likeliest of an item's links, the first of several."""
    item = min(links, key=lambda other: (-links[other], other), default=None)
    return _Link(item, -np.inf if item is None else links[item])


def _repeated(items: Items, placed: Set[int]) -> set[int]:
    """The sentences that repeat one of their own document which is in a row."""
    n = items.sentences
    documents = items.documents[:n]
    in_row = np.isin(np.arange(n), sorted(placed))
    found: set[int] = set()
    for document in range(int(documents.max()) + 1):
        left, right = (np.flatnonzero((documents == document) & (in_row == state)) for state in (False, True))
        if len(left) and len(right):
            for at in range(0, len(left), _BLOCK):
                rows = left[at : at + _BLOCK]
                nearest_one = (items.direct[rows] @ items.direct[right].T).max(1)
                found.update(rows[nearest_one > _DUPLICATE].tolist())
    return found


def _logistic(value: float) -> float:
    return 1 / (1 + exp(-min(max(value, -30.0), 30.0)))
