"""The forms of Polish words, from Morfeusz 2 (Kieraś and Woliński 2017), and of English ones, from LemmInflect."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import lemminflect
import morfeusz2

WORD = re.compile(r"[^\W\d_]+")

Kind = tuple[str, str]
"""What words must share to take each other's place: the part of speech, and a noun's gender or a verb's aspect."""

Place = re.Match[str]

_PART_OF = {"subst": "NOUN", "adj": "ADJ", "adv": "ADV"} | dict.fromkeys(
    ("fin", "praet", "inf", "impt", "imps", "pcon", "ppas", "pact"), "VERB"
)
_MARKED = frozenset({"daw.", "arch.", "rzad.", "gwar."})


@cache
def _morfeusz() -> Any:
    return morfeusz2.Morfeusz(expand_tags=True)


@cache
def analyses(word: str) -> tuple[tuple[str, str, str], ...]:
    """Lemma, part of speech and tag of everything that a lower-case Polish word may be.

    Vocatives, adverbs without degrees (*gdzie*) and what dictionaries call old, rare or dialect are left out.
    """
    found: dict[tuple[str, str, str], None] = {}
    for _, _, (_, lemma, tag, _, labels) in _morfeusz().analyse(word):
        part = _PART_OF.get(tag.split(":")[0])
        if part and tag != "adv" and ":voc:" not in tag and not _is_marked(labels):
            found[lemma.split(":")[0], part, tag] = None
    return tuple(found)


def kind_of(part: str, tag: str) -> Kind:
    """The kind of a Polish word, of its part of speech and tag."""
    if part == "NOUN":
        return part, tag.split(":")[3]
    if part == "VERB":
        return part, next((field for field in tag.split(":") if field in {"perf", "imperf"}), "")
    return part, ""


@cache
def polish_forms(lemma: str) -> dict[str, str]:
    """The form of each tag, the first where there are several."""
    found: dict[str, str] = {}
    for form, _, tag, _, labels in _morfeusz().generate(lemma):
        if not _is_marked(labels):
            found.setdefault(tag, form)
    return found


def _is_marked(labels: Sequence[str]) -> bool:
    return not _MARKED.isdisjoint(labels)


def by_lemma(english: str) -> dict[tuple[str, str], list[Place]]:
    """Where a sentence has each lemma, as each part of speech."""
    found: dict[tuple[str, str], list[Place]] = {}
    for place in WORD.finditer(english):
        for part, lemmas in _lemmas(place[0].lower()).items():
            for lemma in set(lemmas):
                found.setdefault((lemma, part), []).append(place)
    return found


@cache
def _lemmas(word: str) -> dict[str, tuple[str, ...]]:
    return dict(lemminflect.getAllLemmas(word))


@cache
def inflections(lemma: str, part: str) -> dict[str, tuple[str, ...]]:
    """The forms of an English word for each tag, such as NNS or VBD; empty where it is none of that part of speech."""
    return dict(lemminflect.getAllInflections(lemma, upos=part))


def english_tags(lemma: str, part: str, form: str) -> list[str]:
    """The tags that a form of a word may have."""
    return [tag for tag, forms in inflections(lemma, part).items() if form in forms]


def inflected_as(lemma: str, part: str, tag: str) -> str | None:
    """The form of a tag, the first where there are several; None where there is none."""
    return next(iter(inflections(lemma, part).get(tag, ())), None)
