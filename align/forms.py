"""Look words up in the language tables (JSON files) beside this module, and get the numbers that they stand for."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from align.text import lowered, plain

_MARKED = ("sk", "uk", "ru", "hu", "tr")
"""Languages whose marks tell numerals from other words: "öt" is five, "őt" is him."""
APOSTROPHE_WITHIN = ("be", "uk")
"""Languages whose words have an apostrophe in them."""
WEEK = 7
"""Days, which the table of dates has before the months."""


class Forms(NamedTuple):
    """Words, whole and by their stems, with the numbers that they stand for."""

    exact: dict[str, int]
    stems: list[tuple[str, int]]

    @classmethod
    def of(cls, forms: Sequence[tuple[str, int]], key: Callable[[str], str]) -> Forms:
        """From a table's forms, in which a stem ends in *; `key` normalises them."""
        exact = {key(form): value for form, value in forms if not form.endswith("*")}
        stems = ((key(form[:-1]), value) for form, value in forms if form.endswith("*"))
        return cls(exact, sorted(stems, key=lambda stem: -len(stem[0])))

    def value(self, word: str) -> int:
        """The number that a word stands for, normalised as these forms are; 0 if it is none of them."""
        return self.exact.get(word) or next((value for stem, value in self.stems if word.startswith(stem)), 0)


@lru_cache(200_000)
def alike(word: str, lang: str) -> str:
    """A word normalised for the tables of numerals: in lower case and, in most languages, without diacritics."""
    return folded(word, lang) if lang in _MARKED else plain(folded(word, lang))


def folded(word: str, lang: str) -> str:
    """A word in lower case without its clitic or ending: before an apostrophe in French and Italian, else after."""
    word = lowered(word).replace("ʼ", "'").replace("\u0307", "")  # the dot that İ leaves behind
    if "'" not in word or lang in APOSTROPHE_WITHIN:
        return word
    return word.rpartition("'")[2] if lang in ("fr", "it") else word.partition("'")[0]


def listed(name: str, lang: str, values: Sequence[int]) -> list[tuple[str, int]]:
    """The forms in a language's list of a file, and the values that they stand for in its order."""
    cells = zip(table(name).get(lang, "").split(), values, strict=False)
    return [(form, value) for cell, value in cells for form in cell.split("|")]


@cache
def table(name: str) -> dict[str, Any]:
    """What a file beside this one has, mostly for each language."""
    tables: dict[str, Any] = json.loads(Path(__file__).with_name(f"{name}.json").read_text(encoding="utf-8"))
    return tables
