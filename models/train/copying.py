"""How a model learns to copy names and numbers that it has never seen: the pairs that show it, and their pieces.

A name that both sides spell alike, or whose Polish has a case ending (*Putina*, Putin), gives way to one that training
text has elsewhere or that is made up of the source's pieces; a number to another of as many digits. And English pieces
end where those of the Polish do in such words, so that a piece of the source always gives the same: `Hallo|ran` is to
be written `Hal|lo|ran`, not `Hal|lor|an`.
"""

from __future__ import annotations

import random
import re
import string
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise

from tokenizers import Encoding, Tokenizer

from models.train.corpus import Pair

SEEN = 0.4
"""The share of new names that the text has elsewhere; the others are made up."""

INNER = 3
"""A name is made up of a piece that begins a word and at most so many others."""

ACRONYM = 5
"""Capitals up to so many become others; longer ones are names in capitals."""

_WORD = re.compile(r"[^\W\d_]+|\d+(?:st|nd|rd|th)?")
_ENDINGS = frozenset("a u owi em iem ie y i e ę ą ego emu ym im ów om ami ach".split())


class Copies:
    """Makes variants of pairs, by chance.

    Args:
        pairs: the sentences whose names may take each other's place.
        pieces: of the source's vocabulary, with `▁` where a word begins.
        seed: of the chance.
    """

    def __init__(self, pairs: Iterable[Pair], pieces: Iterable[str], seed: int = 1) -> None:
        self._rng = random.Random(seed)
        letters = [piece for piece in pieces if piece.lstrip("▁").isalpha()]
        self._first = [piece[1:] for piece in letters if piece[0] == "▁" and piece[1].isupper() and piece[2:].islower()]
        self._inner = [piece for piece in letters if piece[0] != "▁" and piece.islower()]
        seen = {english for pair in pairs for _, english in _twins(pair) if english[1:].islower()}
        self._seen = _by_key(sorted(seen))
        self._made = _by_key(self._made_up(200 * len(self._first)))

    def of(self, pair: Pair) -> Pair | None:
        """The pair with its names and numbers exchanged, word for word; None where there is nothing to exchange.

        A name stays as it is where there is none to take its place.
        """
        polish, english = {}, {}
        for there, here in _twins(pair):
            new = self._like(here)
            english[here] = new
            polish[there] = new if there == here else _stem(new) + there.removeprefix(_stem(here))
        variant = Pair(_replaced(pair.polish, polish), _replaced(pair.english, english), pair.source)
        return None if variant == pair else variant

    def _like(self, name: str) -> str:
        """One of the same kind: as many digits or capitals, or a name with the same case endings."""
        if name.isdigit():
            return self._number(name)
        if name.isupper() and len(name) <= ACRONYM:
            return "".join(self._rng.choices(string.ascii_uppercase, k=len(name)))
        key = _key(name)
        names = self._seen if self._rng.random() < SEEN else self._made
        return self._rng.choice(names.get(key) or [name])

    def _number(self, digits: str) -> str:
        if len(digits) == 4 and digits[0] in "12":  # a year, as a rule
            return str(self._rng.randint(1000, 2100))
        if "10" <= digits <= "31" and len(digits) == 2:  # a day, as may be
            return str(self._rng.randint(10, 31))
        return str(self._rng.randint(1, 9)) + "".join(self._rng.choices(string.digits, k=len(digits) - 1))

    def _made_up(self, number: int) -> Iterator[str]:
        for _ in range(number):
            inner = self._rng.choices(self._inner, k=self._rng.randint(0, INNER))
            name = self._rng.choice(self._first) + "".join(inner)
            if 3 <= len(name) <= 14:
                yield name


class Speller:
    """Cuts English sentences into pieces that follow those of the Polish where a name or a number is copied."""

    def __init__(self, source: Tokenizer, target: Tokenizer) -> None:
        self._source, self._target = source, target

    def pieces(self, polish: Sequence[str], english: Sequence[str]) -> tuple[list[list[str]], list[list[str]]]:
        """The source's pieces of every Polish sentence, and the target's of its English."""
        there = self._source.encode_batch(list(polish), add_special_tokens=False)
        here = self._target.encode_batch(list(english), add_special_tokens=False)
        followed = [self._followed(*pair) for pair in zip(polish, english, there, here, strict=True)]
        return [encoding.tokens for encoding in there], followed

    def _followed(self, polish: str, english: str, there: Encoding, here: Encoding) -> list[str]:
        words = {word[0]: word.start() for word in _WORD.finditer(polish) if _is_copied(word[0])}
        pieces = list(here.tokens)
        for word in reversed([word for word in _WORD.finditer(english) if words and _is_copied(word[0])]):
            partner = _partner(word[0], words)
            if partner is None:
                continue
            inside = [k for k, (begin, end) in enumerate(here.offsets) if end > word.start() and begin < word.end()]
            if "".join(pieces[k] for k in inside).lstrip("▁") != word[0]:
                continue  # it shares a piece with a mark, or the normalisation changes it
            same = len(word[0] if partner == word[0] else _stem(word[0]))
            ends = {end - words[partner] for _, end in there.offsets}
            cuts = sorted({0, len(word[0]), *(end for end in ends if 0 < end <= same)})
            chunks = [word[0][begin:end] for begin, end in pairwise(cuts)]
            if pieces[inside[0]].startswith("▁"):
                chunks[0] = "▁" + chunks[0]
            spelled = [token.value for chunk in chunks for token in self._target.model.tokenize(chunk)]
            pieces[inside[0] : inside[-1] + 1] = spelled
        return pieces


def _twins(pair: Pair) -> list[tuple[str, str]]:
    """The names and numbers that each side has once: as Polish and as English write them."""
    polish, english = (Counter(_WORD.findall(text)) for text in (pair.polish, pair.english))
    free = dict.fromkeys(word for word, n in polish.items() if n == 1 and _is_copied(word))
    twins = []
    for word, n in english.items():
        partner = _partner(word, free) if n == 1 and _is_copied(word) else None
        if partner is not None:
            del free[partner]
            twins.append((partner, word))
    return twins


def _partner(english: str, polish: Collection[str]) -> str | None:
    """What a name or a number is among the Polish words; None if it is none of them or may be several."""
    if english in polish:
        return english
    found = [word for word in polish if _inflects(word, english)]
    return found[0] if len(found) == 1 else None


def _is_copied(word: str) -> bool:
    return len(word) > 1 if word.isdigit() else len(word) > 2 and word[0].isupper()


def _inflects(polish: str, english: str) -> bool:
    """Whether the Polish word is the English name in another case."""
    stem = _stem(english)
    return len(stem) > 2 and english[-1:].islower() and polish.startswith(stem) and polish[len(stem) :] in _ENDINGS


def _stem(name: str) -> str:
    return name.removesuffix("a")


def _replaced(text: str, new: dict[str, str]) -> str:
    return _WORD.sub(lambda word: new.get(word[0], word[0]), text)


def _by_key(names: Iterable[str]) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for name in names:
        found.setdefault(_key(name), []).append(name)
    return found


def _key(name: str) -> tuple[str, str]:
    """What a name's case endings hang on: its stem's last letter, and the *a* that English has behind it or nothing."""
    stem = _stem(name)
    return stem[-1:], name[len(stem) :]
