"""The words of a text."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import regex

_NUMBER = r"\d+(?:[.,:]\d+| \d{3}(?!\d))*"
"""A number in digits, with the marks that part them, and spaces between thousands; in text on one line."""

TOKEN = regex.compile(rf"{_NUMBER}|\p{{L}}[\p{{L}}\p{{M}}]*(?:['’]\p{{L}}[\p{{L}}\p{{M}}]*)?")
"""A number or a word."""

BY = ("by", "von", "par", "por", "di", "de", "af", "av", "door")
"""What stands before the name of who wrote a text."""

_OPENS = frozenset(".!?:;…\"“”„«»‘'([–—-•。！？：「」")
_CYRILLIC = str.maketrans(
    dict(
        zip(
            "абвгґдеєжзиіїйклмнопрстуфхцчшщьыъэюяё",
            "a b v g g d e e z z i i i i k l m n o p r s t u f k k k s sk  i  e u a e".split(" "),
            strict=True,
        )
    )
)


def tokens_of(text: str) -> list[tuple[str, bool]]:
    """Words and numbers, each with whether it stands where any word is capitalised."""
    text = unicodedata.normalize("NFC", text)
    found, end = [], 0
    for match in TOKEN.finditer(text):
        between = text[end : match.start()]
        found.append((match.group(), end == 0 or any(c in _OPENS for c in between)))
        end = match.end()
    return found


def lowered(word: str) -> str:
    """`word` in lower case, its apostrophes alike."""
    return word.casefold().replace("’", "'")


@lru_cache(200_000)
def plain(word: str) -> str:
    """`word` in lower-case Latin letters without marks; Cyrillic is transliterated, other scripts stay."""
    decomposed = unicodedata.normalize("NFKD", lowered(word).translate(_CYRILLIC))
    return "".join(c for c in decomposed if not unicodedata.combining(c))
