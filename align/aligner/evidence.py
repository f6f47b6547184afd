"""What two texts share beside their vectors: numbers, names and words, tolerant of script, spelling and declension."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log

import numpy as np

from align.data import FloatArray, IntArray
from align.numbers import amount, numbers_in
from align.numerals import days_and_months, is_date, spelled
from align.text import plain, tokens_of

NUMBERS, NAMES, WORDS = KINDS = ("numbers", "names", "words")

_DIGRAPHS = (
    ("shch", "sk"), ("szcz", "sk"), ("sch", "s"), ("tsch", "k"), ("dz", "i"), ("rz", "z"), ("sz", "s"), ("cz", "k"),
    ("sh", "s"), ("ch", "k"), ("kh", "k"), ("zh", "z"), ("th", "t"), ("ph", "f"), ("ts", "k"), ("ck", "k"),
)  # fmt: skip
_LETTERS = str.maketrans("wyjcqxł", "viikksl")
_VOWELS = frozenset("aeiou")
_NOUNS_CAPITALISED = ("de", "lb")
_CASELESS = frozenset("ar bn fa gu he hi ja ka kn ko ml mr ne pa ta te th ur zh".split())
"""Languages that write names as they write any word."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of n texts, one text's after the other's.

    Attributes:
        ends: shape (n,), where each text's terms end in the other two arrays.
        ids: shape (terms,), in ascending order within a text.
        weights: shape (terms,).
    """

    ends: IntArray
    ids: IntArray
    weights: FloatArray

    @property
    def counts(self) -> IntArray:
        """How many terms each text has, shape (n,)."""
        return np.diff(self.ends, prepend=0)

    @property
    def owners(self) -> IntArray:
        """The text of each term, shape (terms,)."""
        return np.repeat(np.arange(len(self.ends)), self.counts)

    def of(self, texts: IntArray) -> Terms:
        """The terms of these texts, which may come more than once."""
        counts = self.counts[texts]
        ends = np.cumsum(counts)
        places = np.arange(counts.sum()) + np.repeat(self.ends[texts] - ends, counts)
        return Terms(ends, self.ids[places], self.weights[places])


@lru_cache(200_000)
def skeleton(name: str) -> str:
    """A name's first letter and consonants, four in all: Putin, Putina and Путин are one, and so are Jong and Dzong."""
    letters = plain(name)
    for digraph, letter in _DIGRAPHS:
        letters = letters.replace(digraph, letter)
    letters = letters.translate(_LETTERS)
    kept = [c for i, c in enumerate(letters) if (i == 0 or c not in _VOWELS) and letters[i - 1 : i] != c]
    return "".join(kept[:4])


def terms_of(texts: Sequence[str], langs: Sequence[str], n: int) -> dict[str, Terms]:
    """The numbers, names and words of every text, each weighted by how rare it is among the first n.

    Names are told by their capitals; a German noun is taken for one where texts of other languages have the name.
    """
    tokens = [tokens_of(text) for text in texts]
    languages = [lang.partition("-")[0] for lang in langs]
    are_nouns = {lang for lang in _NOUNS_CAPITALISED if set(languages) - {lang}}
    names = {
        skeleton(word)
        for found, lang in zip(tokens[:n], languages, strict=False)
        for word, opens in found
        if lang not in are_nouns and not opens and _may_be_name(word, lang)
    }
    lower = {word for found in tokens[:n] for word, _ in found if word[0].islower()}
    kinds: dict[str, list[set[str]]] = {kind: [] for kind in KINDS}
    for text, found, lang in zip(texts, tokens, languages, strict=True):
        words = [word for word, _ in found if not word[0].isdigit()]
        numbers = {amount(value) for _, values in numbers_in(text, lang) for value in values}
        numbers.update(amount(str(value)) for value in spelled(text, lang))
        numbers |= days_and_months(found, lang)
        called = {
            skeleton(word)
            for word, opens in found
            if _may_be_name(word, lang)
            and ((not opens and lang not in are_nouns) or (word.lower() not in lower and skeleton(word) in names))
        }
        kinds[NUMBERS].append(numbers)
        kinds[NAMES].append(called)
        kinds[WORDS].append({plain(word)[:5] for word in words})
    return {kind: _weighted(found_terms, n) for kind, found_terms in kinds.items()}


def shared(left: Terms, right: Terms) -> tuple[FloatArray, FloatArray, FloatArray]:
    """For n pairs of texts: the weight of the terms in both, in the left only, in the right only; shape (n,) each."""
    n, most = len(left.ends), 1 + max(left.ids.max(initial=0), right.ids.max(initial=0))
    owners = left.owners, right.owners
    keys = np.append(owners[1] * most + right.ids, np.int64(-1))
    wanted = owners[0] * most + left.ids
    found = keys[np.searchsorted(keys[:-1], wanted)] == wanted
    both = np.bincount(owners[0], np.where(found, left.weights, 0), n)
    alone = [np.bincount(own, terms.weights, n) - both for own, terms in zip(owners, (left, right), strict=True)]
    return both.astype(np.float32), alone[0].astype(np.float32), alone[1].astype(np.float32)


def has_names(lang: str) -> bool:
    """Whether a language (BCP 47) writes names with capitals."""
    return lang.partition("-")[0] not in _CASELESS


def _may_be_name(word: str, lang: str) -> bool:
    return word[0].isupper() and len(word) > 1 and not is_date(word, lang)


def _weighted(found: list[set[str]], n: int) -> Terms:
    """The terms as numbers, weighted by log((n + 1) / occurrences); the numbering is that of the sorted terms."""
    count = Counter(term for terms in found[:n] for term in terms)
    number = {term: i for i, term in enumerate(sorted(set().union(*found)))}
    ends = np.cumsum([len(terms) for terms in found], dtype=np.int64)
    ids = np.array([i for terms in found for i in sorted(number[term] for term in terms)], np.int64)
    weight = np.array([log((n + 1) / max(count[term], 1)) for term in number], np.float32)
    return Terms(ends, ids, weight[ids])
