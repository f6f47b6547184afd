"""Word alignment with a lexical table: IBM model 1 with a diagonal prior (Dyer et al. 2013, "fast_align")."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

logger = logging.getLogger(__name__)

IntArray = NDArray[np.int32]

Words = tuple[list[str], list[int]]
"""The words of a sentence, and the word of each of its pieces."""

DIAGONAL = 4.0
"""How strongly words in the same relative place attract each other."""


def words_of(pieces: Sequence[str]) -> Words:
    """Stems (five lower-case letters) of the words that SentencePiece pieces make up, and the word of each piece."""
    words: list[str] = []
    owner: list[int] = []
    for piece in pieces:
        bare = piece.lstrip("▁")
        is_mark = bool(bare) and not any(c.isalnum() for c in bare)
        starts = piece.startswith("▁") or not words or is_mark or not words[-1][-1:].isalnum()
        if starts and not (words and words[-1] == ""):
            words.append("")
        words[-1] += bare.lower()
        owner.append(len(words) - 1)
    return [word[:5] for word in words], owner


def align(
    left: Sequence[Sequence[str]], right: Sequence[Sequence[str]], rounds: int = 5
) -> tuple[list[IntArray], NDArray[np.float32]]:
    """For every right word the index of the left word it most likely renders (-1: none), and a score a pair.

    The score is the mean log probability of a right word given the left side; low ones are poor translations.
    """
    left_ids, right_ids = _numbered(left), _numbered(right)
    pair, at_left, at_right = _links(left, right)
    n_left, n_right = (np.array([len(s) for s in side], np.int32) for side in (left, right))
    left_start, right_start = (np.concatenate([[0], np.cumsum(n)[:-1]]).astype(np.int64) for n in (n_left, n_right))
    slot = right_start[pair] + at_right
    key = left_ids[left_start[pair] + at_left].astype(np.int64) * (int(right_ids.max()) + 1) + right_ids[slot]
    _, entry = np.unique(key, return_inverse=True)
    entry = entry.astype(np.int32)
    owner = left_ids[left_start[pair] + at_left]
    distance = np.abs((at_left + 0.5) / n_left[pair] - (at_right + 0.5) / n_right[pair])
    prior = np.exp(-DIAGONAL * distance).astype(np.float32)
    del key, pair
    slots = int(n_right.sum())
    table = np.ones(int(entry.max()) + 1, np.float32)
    owner_of_entry = np.zeros(len(table), np.int32)
    owner_of_entry[entry] = owner
    del owner
    for number in range(rounds):
        weight = table[entry] * prior
        total = np.bincount(slot, weight, slots)
        weight /= total[slot]
        count = np.bincount(entry, weight, len(table))
        mass = np.bincount(owner_of_entry, count)
        table = (count / (mass[owner_of_entry] + 0.5)).astype(np.float32)
        logger.info("alignment round %d of %d: %.3f", number + 1, rounds, float(np.log(total + 1e-9).mean()))
    weight = table[entry] * prior
    total = np.bincount(slot, weight, slots)
    best = np.full(slots, -1, np.int32)
    order = np.flatnonzero(weight > 0.35 * total[slot])
    order = order[np.argsort(weight[order], kind="stable")]
    best[slot[order]] = at_left[order]
    best[total < 1e-4] = -1
    logs = np.log(total / np.repeat(n_left, n_right) + 1e-7)
    score = (np.add.reduceat(logs, right_start) / n_right).astype(np.float32)
    return np.split(best, right_start[1:]), score


def _numbered(side: Sequence[Sequence[str]]) -> IntArray:
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(word, len(numbers)) for words in side for word in words], np.int32)


def _links(left: Sequence[Sequence[str]], right: Sequence[Sequence[str]]) -> tuple[IntArray, IntArray, IntArray]:
    """Every combination of a left and a right word of a pair: pair, left position, right position."""
    n = np.array([len(s) for s in left], np.int32)
    m = np.array([len(s) for s in right], np.int32)
    area = n * m
    pair = np.repeat(np.arange(len(n), dtype=np.int32), area)
    start = np.repeat(np.cumsum(area.astype(np.int64)) - area, area)
    inside = np.arange(len(pair), dtype=np.int64) - start
    return pair, (inside % n[pair]).astype(np.int32), (inside // n[pair]).astype(np.int32)
