"""What two texts share beside their vectors: numbers, names and words, tolerant of script, spelling and declension."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from math import log
from pathlib import Path

import numpy as np
import regex

from align.data import NUMBER, FloatArray, IntArray, extent

NUMBERS, NAMES, WORDS = KINDS = ("numbers", "names", "words")

_TOKEN = regex.compile(rf"{NUMBER.pattern}|\p{{L}}[\p{{L}}\p{{M}}]*(?:['’]\p{{L}}[\p{{L}}\p{{M}}]*)?")
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
_VALUES = (*range(1, 20), *range(20, 100, 10))
_AND = frozenset({"et", "y"})  # between tens and units
_VOWELS = frozenset("aeiou")
_CLOSES = "\"'”»)]’」』"
_FINAL = (".", "!", "?", "…", "。", "！", "？", "؟", "।")
_LINK = re.compile(
    r"\W*(?:(?:read|see|watch|listen) (?:also|more|next|on)|also read|more (?:on|about|from|in)\b|related\b|recommended"
    r"|(?:przeczytaj|czytaj|zobacz|sprawdź|obejrzyj|posłuchaj)(?: (?:też|także|również|więcej))?\s*:|lesen sie|mehr zum"
    r"|lire aussi|à lire|lisez|voir aussi|lea también|lee también|te puede interesar|leggi anche|čtěte|přečtěte"
    r"|читайте|читайте также|смотрите|читайте також|дивіться|lees ook|leia (?:também|mais)"
    r"|olvassa|ayrıca|اقرأ|阅读|相关|関連"
    r"|sign up|subscribe|support (?:our|independent)|abonn|zapisz się|suscr|iscriviti|подпи|підпи)",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"\W*(?:by|von|par|por|di|de|af|av|door|foto?|photos?|images?|źródło|oprac|tekst|source"
    r"|\(?reporting by|\(?editing|责任编辑|记者|фото|автор)\b\.?",
    re.IGNORECASE,
)


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


def significant(number: str) -> str:
    """The significant digits of a number, so that 2,300, 2 300 and "2.3 thousand" are one, and 6.12 m is 612 cm."""
    digits = "".join(c for c in in_ascii(number) if c.isdigit())
    return digits.strip("0") or "0"


def in_ascii(number: str) -> str:
    """A number with the digits 0 to 9 for those of whatever script."""
    return "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in number)


@lru_cache(200_000)
def plain(word: str) -> str:
    """`word` in lower-case Latin letters without marks; Cyrillic is transliterated, other scripts stay."""
    decomposed = unicodedata.normalize("NFKD", word.casefold().replace("’", "'").translate(_CYRILLIC))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


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
    """The numbers, names and words of every text, each weighted by how rare it is among the first n."""
    tokens = [_tokens(text) for text in texts]
    names = {skeleton(word) for found in tokens[:n] for word, opens in found if _capitalised(word) and not opens}
    lower = {word for found in tokens[:n] for word, _ in found if word[0].islower()}
    kinds: dict[str, list[set[str]]] = {kind: [] for kind in KINDS}
    for found, lang in zip(tokens, langs, strict=True):
        words = [word for word, _ in found if not word[0].isdigit()]
        numbers = {significant(word) for word, _ in found if word[0].isdigit()}
        numbers.update(significant(str(value)) for value in numerals(words, lang))
        called = {
            skeleton(word)
            for word, opens in found
            if _capitalised(word) and (not opens or (word.lower() not in lower and skeleton(word) in names))
        }
        kinds[NUMBERS].append(numbers)
        kinds[NAMES].append(called)
        kinds[WORDS].append({plain(word)[:5] for word in words})
    return {kind: _weighted(found_terms, n) for kind, found_terms in kinds.items()}


def spelled(text: str, lang: str) -> list[int]:
    """The numbers from 2 that a text spells in words, as `numerals` gives them."""
    return numerals([word for word, _ in _tokens(text)], lang)


def numerals(words: Sequence[str], lang: str) -> list[int]:
    """The numbers from 2 that words spell; "forty one" is one of them, "four hundred" is 4."""
    words, lang = [plain(word) for word in words], lang.partition("-")[0]
    exact, _, heads = _numerals(lang)
    values: list[int] = []
    tens = at = 0
    while exact and at < len(words):
        double = _value("-".join(words[at : at + 2]), lang) if words[at] in heads else 0  # "dix-sept", "quatre-vingt"
        value = double or _value(words[at], lang)
        if tens and 0 < value < 20 and value < tens:
            values[-1] = tens + value
        elif value > 1:
            values.append(value)
        if words[at] not in _AND:
            tens = value if value % 10 == 0 else 0
        at += 2 if double else 1
    return values


@lru_cache(200_000)
def _value(word: str, lang: str) -> int:
    """The number that a plain word spells; 0 if it spells none."""
    exact, stems, _ = _numerals(lang)
    return exact.get(word) or next((v for stem, v in stems if word.startswith(stem)), 0) or _compound(word, exact)


def _compound(word: str, exact: dict[str, int]) -> int:
    """German puts units before its tens ("dreiundzwanzig"), Spanish and Italian behind ("veintitrés", "ventotto")."""
    unit, _, tens = word.partition("und")
    if unit in exact and tens in exact:
        return exact[unit] + exact[tens]
    for form, value in exact.items():
        for first in (form, form[:-1]) if value > 19 else ():
            if word.startswith(first) and exact.get(word.removeprefix(first), 10) < 10:
                return value + exact[word.removeprefix(first)]
    return 0


@cache
def _numerals(lang: str) -> tuple[dict[str, int], list[tuple[str, int]], frozenset[str]]:
    """By language, whole words and stems (marked * in the file) with their values; what the hyphenated begin with."""
    table = json.loads(Path(__file__).with_name("numerals.json").read_text(encoding="utf-8")).get(lang, "")
    forms = [(form, value) for cell, value in zip(table.split(), _VALUES, strict=False) for form in cell.split("|")]
    exact = {plain(form): value for form, value in forms if not form.endswith("*")}
    stems = [(plain(form[:-1]), value) for form, value in forms if form.endswith("*")]
    return exact, stems, frozenset(plain(form).partition("-")[0] for form, _ in forms if "-" in form)


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


def _capitalised(word: str) -> bool:
    return word[0].isupper() and len(word) > 1


def _tokens(text: str) -> list[tuple[str, bool]]:
    """Words and numbers, each with whether it stands where any word is capitalised."""
    text = unicodedata.normalize("NFC", text)
    found, end = [], 0
    for match in _TOKEN.finditer(text):
        between = text[end : match.start()]
        found.append((match.group(), end == 0 or any(c in _OPENS for c in between)))
        end = match.end()
    return found


def _weighted(found: list[set[str]], n: int) -> Terms:
    """The terms as numbers, weighted by log((n + 1) / occurrences); the numbering is that of the sorted terms."""
    count = Counter(term for terms in found[:n] for term in terms)
    number = {term: i for i, term in enumerate(sorted(set().union(*found)))}
    ends = np.cumsum([len(terms) for terms in found], dtype=np.int64)
    ids = np.array([i for terms in found for i in sorted(number[term] for term in terms)], np.int64)
    weight = np.array([log((n + 1) / max(count[term], 1)) for term in number], np.float32)
    return Terms(ends, ids, weight[ids])


def is_finished(text: str) -> bool:
    """Whether a text ends as a sentence does; headlines, captions and bylines do not."""
    return text.rstrip(_CLOSES).endswith(_FINAL)


def is_furniture(text: str) -> bool:
    """Whether a text is what an outlet prints around an article: a byline, a credit, a link to something else."""
    words = [word for word, _ in _tokens(text)]
    if not words or _LINK.match(text):
        return True
    if len(words) <= 3 and extent(text) < 25 and not is_finished(text):
        return True  # too little to say anything
    if len(words) > 8 or is_finished(text) or any(word[0].isdigit() for word in words):
        return False
    names = sum(word[0].isupper() and not word.isupper() for word in words)
    return bool(_CREDIT.match(text)) or (len(words) <= 6 and names >= 2 and names >= len(words) - 2)
