"""How a model learns words that its text has seldom or never: dictionary entries put into sentences, inflected.

Where a sentence and its translation hold the two sides of a dictionary entry (*kota*, cat's accusative, and *cat*),
those of a rare one of the same kind, the nearest in meaning of a few, take their place in the same form: *Widziałem
kota* gives *Widziałem borsuka*. So the decoder meets rare words among others and in all their cases (after Fadaee et
al. 2017, "Data augmentation for low-resource neural machine translation", who find the places with a language model).
"""

from __future__ import annotations

import random
import re
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from wordfreq import zipf_frequency

from align.data import FloatArray
from align.encoder import unit
from models.train.corpus import Pair, normalise, rows
from models.train.morphology import (
    WORD,
    Kind,
    Place,
    analyses,
    by_lemma,
    english_tags,
    inflected_as,
    inflections,
    kind_of,
    polish_forms,
)

SOURCES = ("freedict", "wordnet_pl")

COMMON = 2.3
"""Words are taught that are as frequent as this on either side (Zipf scale: 10 to its power in a billion words)."""

SEEN = 60
"""A word is rare while the text has its forms less often."""

CHANCE = 0.6
"""Of exchanging a word that could be exchanged."""

FIRST, NEAREST = 40, 4
"""Of so many entries that have waited longest, so many that are nearest in meaning are tried."""

_COMMON = frozenset(
    "be have do will would can could may might must shall should get go let make take nobody somebody".split()
)
_ARTICLE = re.compile(r"\b([Aa])n? $")


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Single words and what they mean.

    Attributes:
        translations: all that are given for a Polish word.
        taught: the best of them, of words that are frequent enough to be worth it.
        vectors: of each Polish word (384,), centred and of unit length.
    """

    translations: dict[str, frozenset[str]]
    taught: dict[str, str]
    vectors: dict[str, FloatArray]

    @classmethod
    def read(cls, data: Path, encode: Callable[[Sequence[str]], FloatArray]) -> Dictionary:
        """From the dictionaries among the training data.

        The best translation is near in meaning, frequent, and in more than one dictionary.
        """
        found: dict[str, Counter[str]] = {}
        for path in filter(Path.exists, (data / f"{source}.tsv.gz" for source in SOURCES)):
            for polish, english in dict.fromkeys(rows(path)):
                word, meaning = normalise(polish), normalise(english).removeprefix("to ")
                if word.isalpha() and word.islower() and meaning.isalpha() and meaning.islower():
                    found.setdefault(word, Counter())[meaning] += 1
        if not found:
            return cls({}, {}, {})
        there, here = sorted(found), sorted({meaning for meanings in found.values() for meaning in meanings})
        vectors, meant = (dict(zip(words, _centred(encode(words)), strict=True)) for words in (there, here))

        taught = {}
        for word in there:
            fitness = {
                meaning: float(vectors[word] @ meant[meaning]) + 0.06 * _frequency(meaning, "en") + 0.2 * (n > 1)
                for meaning, n in sorted(found[word].items())
            }
            best = max(fitness, key=fitness.__getitem__)
            if min(_frequency(word, "pl"), _frequency(best, "en")) >= COMMON:
                taught[word] = best
        return cls({word: frozenset(meanings) for word, meanings in found.items()}, taught, vectors)


@dataclass(frozen=True, slots=True)
class Entry:
    """A Polish word and its English translation, both as dictionaries give them.

    Attributes:
        kind: of the words that it may stand for.
    """

    polish: str
    english: str
    kind: Kind


class RareWords:
    """Makes variants of pairs.

    Args:
        dictionary: of what is exchanged and what is taught.
        pairs: what is trained on anyway; of words that are frequent there none is taught.
        seed: of the chance.
        kinds: of the words that are exchanged, for words that can be of no other; all kinds where it is empty.
    """

    def __init__(
        self, dictionary: Dictionary, pairs: Iterable[Pair], seed: int = 1, kinds: frozenset[Kind] = frozenset()
    ) -> None:
        self._rng = random.Random(seed)
        self._dictionary = dictionary
        self._kinds = kinds
        count = Counter(word.lower() for pair in pairs for word in WORD.findall(pair.polish))
        seen: Counter[str] = Counter()
        for word, n in count.items():
            for lemma in {lemma for lemma, _, _ in analyses(word)}:
                seen[lemma] += n
        self._entries: dict[Kind, deque[Entry]] = {}
        rare = [entry for pair in dictionary.taught.items() for entry in _entries(*pair) if seen[pair[0]] < SEEN]
        self._rng.shuffle(rare)
        for entry in rare:
            if not kinds or _kinds(entry.polish) <= kinds:
                self._entries.setdefault(entry.kind, deque()).append(entry)

    def of(self, pair: Pair) -> Pair | None:
        """The pair with some words exchanged, word for word; None where none can be."""
        if " się" in pair.polish:  # the verb that takes the place may have none
            return None
        lemmas = by_lemma(pair.english)
        there: dict[int, str] = {}
        here: dict[int, str] = {}
        for word in WORD.finditer(pair.polish):
            found = self._partner(word[0], lemmas)
            if found and found[2].start() not in here and self._rng.random() < CHANCE:
                new = self._exchanged(word[0], *found)
                if new:
                    there[word.start()], here[found[2].start()] = new
        if not there:
            return None
        return Pair(_replaced(pair.polish, there), _replaced(pair.english, here), "rare")

    def _partner(self, word: str, lemmas: Mapping[tuple[str, str], list[Place]]) -> tuple[str, str, Place] | None:
        """The lemma of a Polish word, that of its translation and the place of that; None if there are not just one."""
        found: dict[tuple[str, str], Place] = {}
        for lemma, part, _ in analyses(word.lower()):
            for english in self._dictionary.translations.get(lemma, ()):
                places = lemmas.get((english, part), ())
                if len(places) == 1 and english not in _COMMON:
                    found[lemma, english] = places[0]
        if len(found) != 1:
            return None
        ((lemma, english), place), *_ = found.items()
        return lemma, english, place

    def _exchanged(self, word: str, lemma: str, english: str, place: Place) -> tuple[str, str] | None:
        """The forms of an entry that fits, which goes to the end of its queue; None where none of the nearest does."""
        tags = [(part, tag) for other, part, tag in analyses(word.lower()) if other == lemma]
        kinds = {kind_of(part, tag) for part, tag in tags}
        if len(kinds) != 1 or (self._kinds and not kinds <= self._kinds):
            return None
        kind = kinds.pop()
        queue = self._entries.get(kind, deque())
        marks = english_tags(english, kind[0], place[0].lower())
        vectors = self._dictionary.vectors
        first = sorted(islice(queue, FIRST), key=lambda entry: -float(vectors[entry.polish] @ vectors[lemma]))
        for entry in first[:NEAREST]:
            forms = {polish_forms(entry.polish).get(tag) for _, tag in tags}
            inflected = {inflected_as(entry.english, kind[0], mark) for mark in marks}
            if len(forms) == len(inflected) == 1 and (there := forms.pop()) and (here := inflected.pop()):
                queue.remove(entry)
                queue.append(entry)
                return _cased(there, word), _cased(here, place[0])
        return None


def _entries(polish: str, english: str) -> list[Entry]:
    """The entry with every kind that its Polish word may be, if the English word may be of the same part of speech."""
    return [Entry(polish, english, kind) for kind in sorted(_kinds(polish)) if inflections(english, kind[0])]


def _kinds(polish: str) -> set[Kind]:
    """All that a word as dictionaries give it may be."""
    return {kind_of(part, tag) for lemma, part, tag in analyses(polish) if lemma == polish}


def _cased(new: str, old: str) -> str:
    return new[0].upper() + new[1:] if old[0].isupper() else new


def _replaced(text: str, new: Mapping[int, str]) -> str:
    """The text with the words that begin at these places exchanged, and *a* or *an* before them as they want it."""
    done, at = "", 0
    for place in WORD.finditer(text):
        if word := new.get(place.start()):
            done += text[at : place.start()]
            done = _ARTICLE.sub(r"\1n " if word[0].lower() in "aeiou" else r"\1 ", done) + word
            at = place.end()
    return done + text[at:]


def _frequency(word: str, lang: str) -> float:
    """On the Zipf scale; 0 of a word that is not known."""
    return float(zipf_frequency(word, lang))


def _centred(vectors: FloatArray) -> FloatArray:
    return unit(vectors - vectors.mean(axis=0))
