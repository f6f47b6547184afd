"""Beads of two lists of sentences, without documents around them, to test and measure `align.aligner.beads` alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from align.aligner.background import background_mean
from align.aligner.beads import Side, Weights, align_sides, numbers_and_names, side_of
from align.data import Encode


def align_texts(
    left: Sequence[str],
    right: Sequence[str],
    encode: Encode,
    weights: Weights | None = None,
    langs: tuple[str, str] = ("und", "und"),
) -> list[tuple[list[int], list[int]]]:
    """Beads of two lists of sentences in order, as sentence numbers from 0; a side may be empty.

    The languages tell which words are numbers.
    """
    if not left or not right:
        return [([i], []) for i in range(len(left))] + [([], [j]) for j in range(len(right))]
    beads = align_sides(*two_sides(left, right, encode, langs), weights or Weights())
    return [(list(range(b.left, b.left + b.n)), list(range(b.right, b.right + b.m))) for b in beads]


def two_sides(left: Sequence[str], right: Sequence[str], encode: Encode, langs: tuple[str, str]) -> tuple[Side, Side]:
    """Two texts as they are aligned."""
    terms = numbers_and_names([*left, *right], [langs[0]] * len(left) + [langs[1]] * len(right))
    background = background_mean(encode)
    places = np.arange(len(left)), np.arange(len(left), len(left) + len(right))
    return (
        side_of([(left, encode(left))], terms.of(places[0]), background, encode),
        side_of([(right, encode(right))], terms.of(places[1]), background, encode),
    )
