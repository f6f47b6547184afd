"""What two texts share beside their vectors: numbers, names and words, tolerant of script, spelling and declension."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from align.data import FloatArray

IntArray = NDArray[np.int64]

NUMBERS, NAMES, WORDS = KINDS = ("numbers", "names", "words")

_TOKEN = re.compile(r"\d+(?:[.,:   ]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)?")
_OPENS = frozenset(".!?:;…\"“”„«»‘'([–—-•。！？：「」")
_DIGRAPHS = (
    ("shch", "sk"), ("szcz", "sk"), ("sch", "s"), ("tsch", "k"), ("dz", "i"), ("rz", "z"), ("sz", "s"), ("cz", "k"),
    ("sh", "s"), ("ch", "k"), ("kh", "k"), ("zh", "z"), ("th", "t"), ("ph", "f"), ("ts", "k"), ("ck", "k"),
)  # fmt: skip
_LETTERS = str.maketrans("wyjcqxł", "viikksl")
_CYRILLIC = str.maketrans(
    dict(
        zip(
            "абвгґдеєжзиіїйклмнопрстуфхцчшщьыъэюяё",
            "a b v g g d e e z z i i i i k l m n o p r s t u f k k k s sk  i  e u a e".split(" "),
            strict=True,
        )
    )
)
_VOWELS = frozenset("aeiou")


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one kind in n texts: `ids` and `weights` of shape (n, most terms), padded with -1 and 0."""

    ids: IntArray
    weights: FloatArray

    def of(self, rows: IntArray) -> Terms:
        """The terms of some of the texts."""
        return Terms(self.ids[rows], self.weights[rows])


def significant(number: str) -> str:
    """The significant digits of a number, so that 2,300, 2 300 and "2.3 thousand" are one, and 6.12 m is 612 cm."""
    digits = "".join(str(unicodedata.digit(c)) for c in number if c.isdigit())
    return digits.strip("0") or "0"


def plain(word: str) -> str:
    """`word` in lower-case Latin letters without marks; Cyrillic is transliterated, other scripts stay."""
    decomposed = unicodedata.normalize("NFKD", word.lower().translate(_CYRILLIC))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def skeleton(name: str) -> str:
    """A name's first letter and consonants, four in all: Putin, Putina and Путин are one, and so are Jong and Dzong."""
    letters = plain(name)
    for digraph, letter in _DIGRAPHS:
        letters = letters.replace(digraph, letter)
    letters = letters.translate(_LETTERS)
    kept = [c for i, c in enumerate(letters) if (i == 0 or c not in _VOWELS) and letters[i - 1 : i] != c]
    return "".join(kept[:4])


def terms_of(texts: Sequence[str]) -> dict[str, Terms]:
    """The numbers, names and words of every text, each weighted by how rare it is among the texts."""
    tokens = [_tokens(text) for text in texts]
    names = {skeleton(word) for found in tokens for word, opens in found if _capitalised(word) and not opens}
    lower = {word for found in tokens for word, _ in found if word[0].islower()}
    kinds: dict[str, list[set[str]]] = {kind: [] for kind in KINDS}
    for found in tokens:
        numbers, called, words = set(), set(), set()
        for word, opens in found:
            if word[0].isdigit():
                numbers.add(significant(word))
            elif _capitalised(word) and (not opens or (word.lower() not in lower and skeleton(word) in names)):
                called.add(skeleton(word))
                words.add(plain(word)[:5])
            else:
                words.add(plain(word)[:5])
        for kind, found_terms in zip(KINDS, (numbers, called, words), strict=True):
            kinds[kind].append(found_terms)
    return {kind: _weighted(found_terms) for kind, found_terms in kinds.items()}


def shared(left: Terms, right: Terms) -> tuple[FloatArray, FloatArray, FloatArray]:
    """For n pairs of texts: the weight of the terms in both, in the left only, in the right only; shape (n,) each."""
    both = (left.ids[:, :, None] == right.ids[:, None, :]) & (left.ids >= 0)[:, :, None]
    left_shared = np.where(both.any(2), left.weights, 0).sum(1)
    return left_shared, left.weights.sum(1) - left_shared, right.weights.sum(1) - left_shared


def _capitalised(word: str) -> bool:
    return word[0].isupper() and len(word) > 1


def _tokens(text: str) -> list[tuple[str, bool]]:
    """Words and numbers, each with whether it stands where any word is capitalised."""
    found, end = [], 0
    for match in _TOKEN.finditer(text):
        between = text[end : match.start()]
        found.append((match.group(), end == 0 or any(c in _OPENS for c in between)))
        end = match.end()
    return found


def _weighted(found: list[set[str]]) -> Terms:
    """The terms as numbers, weighted by log((n + 1) / occurrences); the numbering is that of the sorted terms."""
    count = Counter(term for terms in found for term in terms)
    number = {term: i for i, term in enumerate(sorted(count))}
    width = max((len(terms) for terms in found), default=0)
    ids = np.full((len(found), max(width, 1)), -1, np.int64)
    for row, terms in enumerate(found):
        ids[row, : len(terms)] = sorted(number[term] for term in terms)
    weight = np.array([*(log((len(found) + 1) / count[term]) for term in sorted(count)), 0.0], np.float32)
    return Terms(ids, weight[ids])
