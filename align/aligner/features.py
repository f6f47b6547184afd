"""The features by which logistic regressions decide whether two spans say the same."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np

from align.data import FloatArray, IntArray

from .evidence import KINDS
from .items import Items
from .similarity import Neighbours, similarity_of

FEATURES = (
    "similarity", "pivot_gain", "lead", "level", "same_lang", "same_lang_similarity", "numbers_shared",
    "numbers_conflict", "numbers_missing", "names_shared", "names_missing", "words_shared", "length",
    "furniture", "unfinished", "crowd", "crowd_lead", "crowd_level", "crowd_words", "crowd_extent",
    "crowd_extent_similarity", "crowd_extent_lead", "crowd_extent_level", "closeness", "closeness_similarity",
    "closeness_lead", "crowd_closeness", "crowd_closeness_similarity", "crowd_closeness_lead", "remoteness",
)  # fmt: skip
SPAN_FEATURES = (*FEATURES, "gain", "strongest_part", "weakest_part", "sentences", "length_gain", "spare")

_CHUNK = 8192  # pairs at a time, for the sake of memory

_USUAL_CROWD = 7.0  # two articles of 33 sentences
_LEAST_CROWD = 4.2  # two of 8: chance hardly plays less among fewer
_USUAL_CLOSENESS = 0.6  # of retellings of one event
_USUAL_EXTENT = 80.0  # letters
_FEW = 8  # sentences of two documents tell half of how close these keep to each other; the usual tells the rest

UNSEEN = -8.0
"""The log-odds of two sentences that are not among each other's neighbours."""


def pair_features(items: Items, neighbours: Neighbours, pairs: IntArray) -> FloatArray:
    """The features of each pair, from both texts and their nearest neighbours; shape (pairs, FEATURES)."""
    if not len(pairs):
        return np.zeros((0, len(FEATURES)), np.float32)
    distinct = _distinct(items)
    counts = np.bincount(items.documents[distinct])
    both = counts[:, None] + counts
    closeness = (_closeness(items, neighbours, distinct) - _USUAL_CLOSENESS) * (both / (both + _FEW))
    sentences = np.log(counts)
    chunks = (pairs[at : at + _CHUNK] for at in range(0, len(pairs), _CHUNK))
    return np.concatenate([_pair_features(items, neighbours, chunk, closeness, sentences) for chunk in chunks])


def _pair_features(
    items: Items, neighbours: Neighbours, pairs: IntArray, closeness: FloatArray, sentences: FloatArray
) -> FloatArray:
    """As `pair_features`, given by document its closeness to each other and the logarithm of its distinct sentences."""
    i, j = pairs[:, 0], pairs[:, 1]
    close = closeness[items.documents[i], items.documents[j]]
    direct, (best, lead) = _similarity(items.views[:1], i, j), nearness(items, neighbours, i, j)
    far = neighbours.similarities[:, neighbours.similarities.shape[1] // 2 :]  # the further half of the neighbours
    level = (far[i].mean(1) + far[j].mean(1)) / 2
    crowd = sentences[items.documents[i]] + sentences[items.documents[j]]
    same = (items.languages[i] == items.languages[j]).astype(np.float32)
    numbers, names, words = (items.shared(kind, i, j) for kind in KINDS)
    clash = (numbers[1] > 0) & (numbers[2] > 0)
    unshared = np.minimum(numbers[1] + numbers[2], 8)
    clipped, beyond = np.clip(lead, -0.3, 0.3), best - level
    common = words[0] / np.sqrt((words[0] + words[1]) * (words[0] + words[2]) + 1e-6)
    short, long = np.minimum(items.lengths[i], items.lengths[j]), np.maximum(items.lengths[i], items.lengths[j])
    larger = np.maximum(crowd, _LEAST_CROWD) - _USUAL_CROWD
    extent, near = np.log(short / _USUAL_EXTENT), np.maximum(close, 0)
    columns = [  # in the order of FEATURES
        best,
        best - direct,
        clipped,
        beyond,
        same,
        same * best,
        np.minimum(numbers[0], 8),
        np.where(clash, unshared, 0),
        np.where(clash, 0, unshared),
        np.minimum(names[0], 8),
        np.minimum(names[1] + names[2], 12),
        common,
        np.log(long / short),
        items.like_furniture[i] | items.like_furniture[j],
        items.unfinished[i].astype(np.float32) + items.unfinished[j],
        crowd,
        *(larger * column for column in (clipped, beyond, common, extent)),  # among many, chance plays more
        *(larger * extent * column for column in (best, clipped, beyond)),  # and more, the less is said
        *(near * column for column in (1, best, clipped)),  # what is near differs between translations,
        *(larger * near * column for column in (1, best, clipped)),  # and less so between those of much text
        np.maximum(-close, 0),
    ]
    return np.stack([np.asarray(column, np.float32) for column in columns], axis=1)


def nearness(items: Items, neighbours: Neighbours, i: IntArray, j: IntArray) -> tuple[FloatArray, FloatArray]:
    """The highest similarity of each pair in any view, and what that has beyond the larger rival: both (pairs,)."""
    best = _similarity(items.views, i, j)
    return best, best - np.maximum(_rival(items, neighbours, i, j), _rival(items, neighbours, j, i))


def _distinct(items: Items) -> IntArray:
    """The single sentences, one of those that their document repeats."""
    single = np.flatnonzero(items.size == 1)
    return np.array(list({(items.documents[i], items.texts[i]): i for i in single.tolist()}.values()))


def _closeness(items: Items, neighbours: Neighbours, own: IntArray) -> FloatArray:
    """How comparable each pair of documents is: the similarity that the best third of their sentences reach.

    About .3 where they have nothing in common, .8 for translations; so a cosine that is
    high between retellings is low between translations. Shape (documents, documents).
    """
    ids, values = neighbours.ids[own], neighbours.similarities[own]
    documents = np.where(ids >= 0, items.documents[ids], -1)
    number = int(items.documents.max()) + 1
    near = np.repeat(values.min(1, initial=1)[:, None], number, axis=1)  # bounds what is not among the neighbours
    for column in range(ids.shape[1]):
        rows = np.flatnonzero(documents[:, column] >= 0)
        at = documents[rows, column]
        near[rows, at] = np.maximum(near[rows, at], values[rows, column])
    found = np.zeros((number, number), np.float32)
    by_document = [near[items.documents[own] == document] for document in range(number)]
    for one, other in combinations(range(number), 2):
        both = np.concatenate([by_document[one][:, other], by_document[other][:, one]])
        found[one, other] = found[other, one] = _quantile(both, 2 / 3)
    return found


def _quantile(values: FloatArray, share: float) -> float:
    """As `np.quantile`, which takes twenty times as long for a few values."""
    rank = share * (len(values) - 1)
    low, high = int(rank), min(int(rank) + 1, len(values) - 1)
    ordered = np.partition(values, (low, high))
    return float(ordered[low] + (rank - low) * (ordered[high] - ordered[low]))


def span_features(
    items: Items, neighbours: Neighbours, pairs: IntArray, features: FloatArray, known: Odds
) -> FloatArray:
    """The features of pairs with a span of several sentences, its parts' included; shape (pairs, SPAN_FEATURES).

    Args:
        items: n.
        neighbours: of the items.
        pairs: of items, one of which at least is of several sentences.
        features: of the same pairs, shape (pairs, FEATURES).
        known: the log-odds of single sentences.
    """
    i, j = pairs[:, 0], pairs[:, 1]
    longest = int(items.size.max(initial=1))
    odds = np.full((len(pairs), longest, longest), -np.inf, np.float32)
    near = np.full((len(pairs), longest, longest), -np.inf, np.float32)
    for k, m in product(range(longest), repeat=2):
        rows = np.flatnonzero((items.size[i] > k) & (items.size[j] > m))
        one, other = items.first[i[rows]] + k, items.first[j[rows]] + m
        odds[rows, k, m] = known.of(one, other)
        near[rows, k, m] = _similarity(items.views, one, other)
    best = np.concatenate([odds.max(1), odds.max(2)], axis=1)
    lengths = np.log(items.lengths)
    rows = np.arange(len(neighbours.ids))[:, None]
    chances = Neighbours(neighbours.ids, np.where(neighbours.ids >= 0, known.of(rows, neighbours.ids), UNSEEN))
    unlike, spare = [], []
    for k, (one, other) in product(range(longest), ((i, j), (j, i))):
        part = items.first[one] + np.minimum(k, items.size[one] - 1)
        unlike.append(np.abs(lengths[part] - lengths[other]))
        spare.append(np.where(items.size[one] > 1, _rival(items, chances, part, other), UNSEEN))
    columns = [  # in the order of SPAN_FEATURES, behind FEATURES
        features[:, 0] - near.max((1, 2), initial=-1),
        best.max(1, initial=UNSEEN),
        np.where(np.isfinite(best), best, np.inf).min(1, initial=-UNSEEN),
        items.size[i] + items.size[j] - 2,
        np.min(unlike, axis=0) - np.abs(lengths[i] - lengths[j]),
        np.max(spare, axis=0),
    ]
    return np.column_stack([features, *(np.asarray(column, np.float32) for column in columns)])


class Odds:
    """Log-odds by pair of n items, shape (pairs,); the pairs are sorted, shape (pairs, 2), the lower number first."""

    def __init__(self, pairs: IntArray, values: FloatArray, n: int) -> None:
        self._n, self._keys, self._values = n, pairs[:, 0] * n + pairs[:, 1], np.clip(values, UNSEEN, -UNSEEN)

    def of(self, one: IntArray, other: IntArray) -> FloatArray:
        """The log-odds of each pair; UNSEEN where it was never compared."""
        if not len(self._keys):
            return np.full(one.shape, UNSEEN, np.float32)
        place = self.places(one, other)
        found: FloatArray = np.where(place >= 0, self._values[place], UNSEEN).astype(np.float32)
        return found

    def places(self, one: IntArray, other: IntArray) -> IntArray:
        """The number of each pair; -1 where it was never compared."""
        keys = np.minimum(one, other) * self._n + np.maximum(one, other)
        place = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        return np.where(self._keys[place] == keys, place, -1)


def _similarity(views: list[FloatArray], i: IntArray, j: IntArray) -> FloatArray:
    """The highest similarity of each pair in any view, shape (pairs,)."""
    return similarity_of(views, i, views, j[:, None])[:, 0]


def _rival(items: Items, neighbours: Neighbours, one: IntArray, other: IntArray) -> FloatArray:
    """The highest value of `one` with a sentence of the document of `other` that is no part of `other`.

    At least the value of its last neighbour, which bounds those of all that are not neighbours.
    """
    rival = np.empty(len(one), np.float32)
    for at in range(0, len(one), _CHUNK):
        here = slice(at, at + _CHUNK)
        ids, values, than = neighbours.ids[one[here]], neighbours.similarities[one[here]], other[here, None]
        outside = (ids < items.first[than]) | (ids >= items.first[than] + items.size[than])
        competes = outside & (ids >= 0) & (items.documents[ids] == items.documents[than])
        rival[here] = np.maximum(np.where(competes, values, UNSEEN).max(1), values.min(1))
    return rival
