"""Texts as they are compared: on one line, in words, by their length and end."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from html import unescape
from html.entities import html5

import regex

_CLOSES = "\"'”»)]’」』"
_FINAL = (".", "!", "?", "…", "。", "！", "？", "؟", "।")
_HYPHENATED = re.compile(r"(?<=[^\W\d_])[-\u2010\u00ad](?:\r\n|[\n\r])[^\S\n\r]*([^\W\d_])")
_UNSEEN = re.compile("[\u00ad\u2060\ufeff\u202a-\u202e\u2066-\u2069]+|^\u200b+|\u200b+$")
"""Characters that show nothing: hyphens where a word might be parted, marks of byte order and of forced direction."""
ENTITY = re.compile(r"&(?:#\d{1,8}|#[xX][\da-fA-F]{1,8}|[a-zA-Z][a-zA-Z\d]*);")
"""An HTML entity, which text copied from the web may hold."""

_NUMBER = r"\d\d?(?:h| h | Uhr )[0-5]\d(?!\d| min)|\d+(?:[.,:٫]\d+|[ '’٬]\d{3}(?!\d))*"
"""A number in digits, with the marks that part them, and those between thousands, or a time; in text on one line."""

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


def one_line(text: str) -> str:
    """`text` with every run of white space, line breaks included, as one space."""
    return " ".join(text.split())


def plain_text(text: str) -> str:
    """A stretch of a document as a sentence has it: on one line, HTML entities resolved, hyphenated words whole.

    Letters and their marks are composed (NFC), and what shows nothing is left out.
    """
    seen = _UNSEEN.sub("", _HYPHENATED.sub(_rejoined, ENTITY.sub(resolved, text)))
    return unicodedata.normalize("NFC", one_line(seen))


def _rejoined(hyphen: re.Match[str]) -> str:
    """For a hyphen at the end of a line and the letter that goes on: that letter, or both if it is a capital."""
    return hyphen[1] if hyphen[1].islower() else "-" + hyphen[1]


def resolved(entity: re.Match[str]) -> str:
    """What an `ENTITY` stands for; itself where HTML knows none of that name."""
    return unescape(entity[0]) if entity[0][1] == "#" or entity[0][1:] in html5 else entity[0]


def is_blank(text: str) -> bool:
    """Whether there is nothing to see in a text: white space, and characters such as the zero-width space."""
    return not any(character.isprintable() and not character.isspace() for character in text)


def is_finished(text: str) -> bool:
    """Whether a text ends as a sentence does; headlines, captions and bylines do not."""
    return text.rstrip(_CLOSES).endswith(_FINAL)


def extent(text: str) -> int:
    """The length of a text in letters, a Chinese, Japanese or Korean character counted as three; at least 1."""
    return max(len(text) + 2 * sum(c >= "\u2e80" for c in text), 1)


def tokens_of(text: str) -> list[tuple[str, bool]]:
    """Words and numbers, each with whether it stands where any word is capitalised."""
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
