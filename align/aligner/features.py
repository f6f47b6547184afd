"""What speaks for or against a pair of spans saying the same, as numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from align.data import FloatArray

from .evidence import KINDS, NAMES, NUMBERS, WORDS, Terms, shared
from .similarity import IntArray, Neighbours

FEATURES = (
    "similarity", "pivot_gain", "lead", "level", "same_lang", "same_lang_similarity",
    "numbers_shared", "numbers_conflict", "numbers_missing", "names_shared", "names_missing", "words_shared", "words_cosine", 
    "length", "short", "position", "unfinished", "lead_pos", "sim2",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Items:
    """n spans that may become members: parallel arrays of length n.

    Attributes:
        direct, pivot: centred unit vectors, shape (n, dimensions), of the texts and of their translations.
    """

    documents: IntArray
    languages: IntArray
    direct: FloatArray
    pivot: FloatArray
    translated: NDArray[np.bool_]
    terms: dict[str, Terms]
    lengths: FloatArray
    positions: FloatArray
    unfinished: NDArray[np.bool_]


def pair_features(items: Items, neighbours: Neighbours, pairs: IntArray) -> FloatArray:
    """Shape (pairs, features)."""
    i, j = pairs[:, 0], pairs[:, 1]
    direct = np.einsum("pd,pd->p", items.direct[i], items.direct[j])
    pivot = np.einsum("pd,pd->p", items.pivot[i], items.pivot[j])
    gain = np.where(items.translated[i] | items.translated[j], pivot - direct, 0)
    similarity = np.maximum(direct, pivot)
    lead = similarity - np.maximum(_rival(neighbours, items.documents, i, j), _rival(neighbours, items.documents, j, i))
    k = neighbours.similarities.shape[1]
    level = neighbours.similarities[:, k // 2 :].mean(1)
    same = (items.languages[i] == items.languages[j]).astype(np.float32)
    numbers, names, words = (shared(items.terms[kind].of(i), items.terms[kind].of(j)) for kind in KINDS)
    short, long = np.minimum(items.lengths[i], items.lengths[j]), np.maximum(items.lengths[i], items.lengths[j])
    columns = [
        similarity, np.maximum(gain,0), np.clip(lead, -0.3, 0.3), similarity - (level[i] + level[j]) / 2, same, same * similarity,
        np.minimum(numbers[0], 8) , np.where((numbers[1] > 0) & (numbers[2] > 0), np.minimum(numbers[1] + numbers[2],8), 0),
        np.where((numbers[1] > 0) & (numbers[2] > 0), 0, np.minimum(numbers[1] + numbers[2],8)),
        np.minimum(names[0], 8), np.minimum(names[1] + names[2], 12), np.minimum(words[0], 20)*same, words[0] / np.sqrt((words[0] + words[1]) * (words[0] + words[2]) + 1e-6),
        np.log(long / short), np.log(short), np.abs(items.positions[i] - items.positions[j]),
        (items.unfinished[i].astype(np.float32) + items.unfinished[j]), np.maximum(lead,0).clip(0,.3), similarity**2
    ]  # fmt: skip
    return np.stack([np.asarray(c, np.float32) for c in columns], axis=1)


def _rival(neighbours: Neighbours, documents: IntArray, one: IntArray, other: IntArray) -> FloatArray:
    """How near `one` comes to whatever is nearest it in the document of `other`, `other` itself aside."""
    ids, similarities = neighbours.ids[one], neighbours.similarities[one]
    floor = similarities.min(1)
    competes = (documents[ids] == documents[other][:, None]) & (ids != other[:, None]) & (ids >= 0)
    return np.maximum(np.where(competes, similarities, -1).max(1), floor)
