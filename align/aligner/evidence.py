"""What two texts share beside their vectors: numbers, names and words, tolerant of script, spelling and declension."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log

import numpy as np

from align.data import FloatArray, IntArray
from align.dates import days_and_months, is_date, knows_dates, without_dates
from align.forms import APOSTROPHE_WITHIN
from align.numbers import amount, is_sure, is_telling, numbers_in
from align.numerals import knows_numerals, spelled
from align.settings import base_of
from align.text import plain, tokens_of

NUMBERS, NAMES, WORDS = KINDS = ("numbers", "names", "words")
MAGNITUDES = "magnitudes"
"""The values of those numbers that `NUMBERS` knows by their digits alone: 1.55 million is 155 million there."""

_DIGRAPHS = (
    ("shch", "sk"), ("szcz", "sk"), ("sch", "s"), ("dz", "i"), ("rz", "z"), ("sz", "s"), ("cz", "k"),
    ("sh", "s"), ("ch", "k"), ("kh", "k"), ("zh", "z"), ("th", "t"), ("ph", "f"), ("ts", "k"), ("ck", "k"),
)  # fmt: skip
_LETTERS = str.maketrans("wyjcqxł", "viikksl")
_ITEM = re.compile(r"\W*\d{1,2}([.)])\s+\W*(\w)")
_VOWELS = frozenset("aeiou")
_NOUNS_CAPITALISED = ("de", "lb")
_ORDINALS_STOPPED = frozenset("bs cs da de et fi hr hu is lb lv nn no pl sk sl sr tr".split())
"""Languages that write ordinals with a full stop."""
_CASELESS = frozenset("ar bn fa gu he hi ja ka kn ko ml mr ne pa ta te th ur zh".split())
"""Languages that write names as they write any word."""

_NUMERALS, _DATES, _CAPITALS, _CHANCE = 1, 2, 4, 8
"""Kinds of terms that a language can show, as bits: numbers in words, dates in words, names; none shows the last."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of n texts, one text's after the other's.

    Attributes:
        ends: shape (n,), where each text's terms end in the other two arrays.
        ids: shape (terms,), in ascending order within a text.
        weights: shape (terms,).
        needs: shape (terms,), what a language must show (see `shown_by`) for a text in it to lack the term.
    """

    ends: IntArray
    ids: IntArray
    weights: FloatArray
    needs: IntArray

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
        return Terms(ends, self.ids[places], self.weights[places], self.needs[places])


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

    Names are told by their capitals; a German noun is taken for one where texts of other languages have the name. A
    language without capitals has names by chance, in Latin letters: they may be shared, but are not missed elsewhere.
    """
    tokens = [tokens_of(text) for text in texts]
    languages = [base_of(lang) for lang in langs]
    shows = {lang: shown_by(lang) for lang in set(languages)}
    called = [
        [(name, opens) for word, opens in found if (name := _name_in(word, lang))]
        for found, lang in zip(tokens, languages, strict=True)
    ]
    are_nouns = {lang for lang in _NOUNS_CAPITALISED if set(languages) - {lang}}
    known = {
        skeleton(name)
        for found, lang in zip(called[:n], languages, strict=False)
        for name, opens in found
        if lang not in are_nouns and not opens
    }
    lower = {word for found in tokens[:n] for word, _ in found if word[0].islower()}
    kinds: dict[str, list[dict[str, int]]] = {kind: [] for kind in (*KINDS, MAGNITUDES)}
    for text, found, names, lang in zip(texts, tokens, called, languages, strict=True):
        skeletons = (
            skeleton(name)
            for name, opens in names
            if (not opens and lang not in are_nouns) or (name.lower() not in lower and skeleton(name) in known)
        )
        numbers, magnitudes = _numbers_of(text, found, lang)
        kinds[NUMBERS].append(numbers)
        kinds[MAGNITUDES].append(magnitudes)
        kinds[NAMES].append(dict.fromkeys(skeletons, _CAPITALS if shows[lang] & _CAPITALS else _CHANCE))
        kinds[WORDS].append(dict.fromkeys((plain(word)[:5] for word, _ in found if not word[0].isdigit()), 0))
    return {kind: _weighted(found_terms, n) for kind, found_terms in kinds.items()}


def _numbers_of(text: str, tokens: Sequence[tuple[str, bool]], lang: str) -> tuple[dict[str, int], dict[str, int]]:
    """Numbers of a text, in digits and words, with weekdays and months; and its `MAGNITUDES`. Each with what it needs.

    The number of an item in a list is none of them.
    """
    item = _ITEM.match(text)
    is_item = item and (item[1] == ")" or (lang not in _ORDINALS_STOPPED and item[2].isupper()))  # "3. Mai"
    rest, dated = without_dates(text[item.end(1) :] if item and is_item else text, lang)
    months = days_and_months(text, tokens, lang) | {value for value in dated if value.startswith("m")}
    in_words = [str(value) for value in spelled(rest, lang)]
    in_digits = numbers_in(rest, lang)
    numbers = dict.fromkeys(months, _DATES)
    numbers |= {amount(value): _NUMERALS for value in in_words}
    numbers |= {amount(value): 0 for _, values in in_digits for value in values}
    numbers |= {amount(value): 0 for value in dated - months}
    magnitudes = dict.fromkeys(in_words, _NUMERALS)
    magnitudes |= {value: 0 for found, values in in_digits if is_sure(found, values, lang) for value in values}
    return numbers, {value: need for value, need in magnitudes.items() if is_telling(value)}


def shown_by(lang: str) -> int:
    """Which kinds of terms a text in a language (BCP 47) can show, as bits."""
    shows = _NUMERALS * knows_numerals(lang) + _DATES * knows_dates(lang)
    return shows + _CAPITALS * (base_of(lang) not in _CASELESS)


def shared(left: Terms, right: Terms, shows: tuple[IntArray, IntArray]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """For n pairs of texts: the weight of the terms in both, in the left only, in the right only; shape (n,) each.

    What is in one only does not count where the other could not show it: a spelled number beside a language that there
    is no table of numerals for, a name beside one without capitals.

    Args:
        left: the terms of n texts.
        right: those of n others.
        shows: what the languages of both sides show, shape (n,) each.
    """
    n, most = len(left.ends), 1 + max(left.ids.max(initial=0), right.ids.max(initial=0))
    owners = left.owners, right.owners
    keys = np.append(owners[1] * most + right.ids, np.int64(-1))
    wanted = owners[0] * most + left.ids
    places = np.searchsorted(keys[:-1], wanted)
    found = keys[places] == wanted
    is_alone = left.needs & ~shows[1][owners[0]] == 0, right.needs & ~shows[0][owners[1]] == 0
    is_alone[0][found] = is_alone[1][places[found]] = False
    both, *alone = (
        np.bincount(own, np.where(counts, terms.weights, 0), n).astype(np.float32)
        for own, counts, terms in zip((owners[0], *owners), (found, *is_alone), (left, left, right), strict=True)
    )
    return both, alone[0], alone[1]


def _name_in(word: str, lang: str) -> str:
    """The name that a word may be, without what an apostrophe parts from it; "" if it has no capital or is a date.

    "Karaköy'deki", "Putin's" and "l'Iran" are Karaköy, Putin and Iran; in "Прип'ять" it parts nothing.
    """
    before, mark, behind = word.replace("’", "'").partition("'")
    name = before + behind if lang in APOSTROPHE_WITHIN else before if not mark or _is_capital(before, 3) else behind
    return name if _is_capital(name, 2) and not is_date(name, lang) else ""


def _is_capital(word: str, least: int) -> bool:
    return len(word) >= least and word[0].isupper()


def _weighted(found: list[dict[str, int]], n: int) -> Terms:
    """The terms, given with what they need, as the numbers of their order, weighted by log((n + 1) / occurrences)."""
    count = Counter(term for terms in found[:n] for term in terms)
    number = {term: i for i, term in enumerate(sorted(set().union(*found)))}
    ends = np.cumsum([len(terms) for terms in found], dtype=np.int64)
    numbered = [pair for terms in found for pair in sorted((number[term], need) for term, need in terms.items())]
    ids, needs = np.array(numbered, np.int64).reshape(-1, 2).T
    weight = np.array([log((n + 1) / max(count[term], 1)) for term in number], np.float32)
    return Terms(ends, ids, weight[ids], needs)
