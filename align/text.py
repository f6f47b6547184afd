"""Plain text and its basic properties: on one line, as words, its length, whether it is a finished sentence."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache, partial
from html import unescape
from html.entities import html5

import regex

_CLOSES = "\"'”»)]’」』"
_FINAL = (".", "!", "?", "…", "。", "！", "？", "؟", "।")
_LINE_END = r"(?:\r\n|[\n\r])[^\S\n\r]*"  # with what the next line is indented by
_HYPHENATED = re.compile(rf"(?<=[^\W\d_])([-\u2010\u00ad]){_LINE_END}([^\W\d_]+)")
_WIDE = "\u2e80"  # where Chinese, Japanese and Korean characters begin
_IDEOGRAPH = r"[\u2e80-\u2fff\u3001-\ua4cf\uf900-\ufaff\uff01-\uff60]"
_UNSPACED_BREAK = re.compile(
    rf"(?<={_IDEOGRAPH})[^\S\n\r]*{_LINE_END}(?=[a-zA-Z\d]|{_IDEOGRAPH})|(?<=[a-zA-Z\d]){_LINE_END}(?={_IDEOGRAPH})"
)
"""The end of a line in Chinese or Japanese, which have no spaces between words."""
_COMPOUND = re.compile(r"\b([^\W\d_]++)[-\u2010](?=([^\W\d_]++))")
_LETTERS = re.compile(r"[^\W\d_]+$")
_LONGEST_WORD = 80  # characters
_SUSPENDING = frozenset("and bis eller lub och oder oraz sowie und".split())
"""Words before which a hyphen is no line break: "Ein- und Ausreise". Short ones ("en") may be syllables elsewhere."""
_UNSEEN = re.compile("[\u00ad\u2060\ufeff\u202a-\u202e\u2066-\u2069]+")
"""Invisible characters: soft hyphens, byte-order marks and direction marks."""
ENTITY = re.compile(r"&(?:#\d{1,8}|#[xX][\da-fA-F]{1,8}|[a-zA-Z][a-zA-Z\d]*);")
"""An HTML entity, which text copied from the web may hold."""
TAG = re.compile(r"""</?[a-zA-Z][\w-]*(?:\s+[\w:-]+(?:=(?:"[^"]*"|'[^']*'|[^\s<>"']+))?)*+\s*/?>""")
"""A tag of HTML, which such text holds where it was not stripped."""

_SIGNS = "h| h | Uhr |[时時点點]|시 ?"
_HOURS = r" (?:óra|час(?:ов|а)?|год(?:ин[аиу]?)?\.?|hodin[ay]?) "
HOURS = re.compile(f"{_SIGNS}|{_HOURS}")
"""What stands between hours and minutes in words."""

_NUMBER = (
    rf"\d\d?(?:{_SIGNS})[0-5]\d(?!\d| min)|(?:1[3-9]|2[0-3]){_HOURS}[0-5]\d(?!\d)"
    r"|(?:\d{1,3}(?:[ '’٬]\d{3}(?!\d))+|\d+)(?:[.,:٫]\d+)*"
)
"""A number in digits, with the marks that part them, and those between thousands, or a time; in text on one line.

Where the hours are named as those of a duration are, it is a time if they are too many for most: "21 час 47 минут".
"""

TOKEN = regex.compile(rf"{_NUMBER}|\p{{L}}[\p{{L}}\p{{M}}]*(?:['’]\p{{L}}[\p{{L}}\p{{M}}]*)?")
"""A number or a word."""

BY = ("by", "von", "par", "por", "di", "de", "af", "av", "door")
"""What stands before the name of who wrote a text."""

SIGNED = r"[^\W\d_]+(?:(?:, ?| ?[/+–-] ?)[^\W\d_]+)*"
"""What stands in brackets behind a sentence: the agency, or letters of the author's name: "(PAP)", "(dpa/AFP)"."""

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


def lines_of(text: str) -> list[str]:
    """The lines of a text, which old Macs end with another mark; those of Windows keep the first half of theirs."""
    mark = "\n" if "\n" in text else "\r"
    return text.removesuffix(mark).split(mark)


def one_line(text: str) -> str:
    """`text` with every run of white space, line breaks included, as one space."""
    return " ".join(text.split())


def plain_text(text: str, start: int = 0, end: int | None = None) -> str:
    """The text of a document's span [start, end) as a sentence: on one line, HTML entities resolved.

    Words hyphenated at the end of a line are rejoined. They keep the hyphen before a capital, or where the document
    writes the word with a hyphen elsewhere. The text is composed (NFC), without invisible characters.
    """
    stretch = _HYPHENATED.sub(partial(_rejoined, text), ENTITY.sub(resolved, text[start:end]))
    if "\n" in stretch or "\r" in stretch:
        stretch = _UNSPACED_BREAK.sub("", stretch)
    return unicodedata.normalize("NFC", one_line(_UNSEEN.sub("", stretch)).strip("\u200b "))


def _rejoined(text: str, hyphen: re.Match[str]) -> str:
    """A hyphen at the end of a line of a text and the letters on the next, as they are written on one line."""
    mark, letters = hyphen.groups()
    if mark == "\u00ad":
        return letters
    if letters in _SUSPENDING:
        return f"{mark} {letters}"
    word = _LETTERS.search(hyphen.string, max(0, hyphen.start() - _LONGEST_WORD), hyphen.start())
    is_compound = not letters[0].islower() or (word and (word[0], letters) in _compounds(text))
    return mark + letters if is_compound else letters


@lru_cache(4096)  # documents; fewer than a run has, and every row would read them all again
def _compounds(text: str) -> frozenset[tuple[str, str]]:
    """What stands on both sides of a hyphen within a line of a text."""
    return frozenset((found[1], found[2]) for found in _COMPOUND.finditer(text))


def resolved(entity: re.Match[str]) -> str:
    """What an `ENTITY` stands for; itself where HTML knows none of that name."""
    return unescape(entity[0]) if entity[0][1] == "#" or entity[0][1:] in html5 else entity[0]


def is_blank(text: str) -> bool:
    """Whether there is nothing to see in a text: white space, and characters such as the zero-width space.

    A character that this Python does not know, such as a new emoji, is seen.
    """
    return all(character.isspace() or unicodedata.category(character) in ("Cc", "Cf") for character in text)


def is_finished(text: str) -> bool:
    """Whether a text ends as a sentence does; headlines, captions and bylines do not."""
    return text.rstrip(_CLOSES).endswith(_FINAL)


def is_remark(bracketed: str) -> bool:
    """Whether what stands in brackets behind a sentence goes with it: "see below", "dpa"."""
    return bracketed[:1].islower() or re.fullmatch(SIGNED, bracketed) is not None


def is_wide(character: str) -> bool:
    """Whether a character is of Chinese, Japanese or Korean."""
    return character >= _WIDE


def is_unspaced(character: str) -> bool:
    """Whether a character is of Chinese or Japanese, which have no spaces between words."""
    return is_wide(character) and not "\uac00" <= character <= "\ud7a3"


def extent(text: str) -> int:
    """The length of a text in letters, a wide character (Chinese, Japanese, Korean) counted as three; at least 1."""
    return max(len(text) + 2 * sum(map(is_wide, text)), 1)


def tokens_of(text: str) -> list[tuple[str, bool]]:
    """Words and numbers, each with whether it stands where any word is capitalised."""
    found, end = [], 0
    for match in TOKEN.finditer(text):
        between = text[end : match.start()]
        found.append((match.group(), end == 0 or any(c in _OPENS for c in between)))
        end = match.end()
    return found


def is_speck(text: str) -> bool:
    """Whether a text has no word of two letters and no number of three digits, as what a scanner sees in specks.

    A letter of Chinese, Japanese or Korean is a word.
    """
    tokens = (match[0] for match in TOKEN.finditer(text))
    return all(len(token) < 2 + token[0].isdigit() and token < _WIDE for token in tokens)


def lowered(word: str) -> str:
    """`word` in lower case, its apostrophes alike."""
    return word.casefold().replace("’", "'")


@lru_cache(200_000)
def plain(word: str) -> str:
    """`word` in lower-case Latin letters without marks; Cyrillic is transliterated, other scripts stay."""
    decomposed = unicodedata.normalize("NFKD", lowered(word).translate(_CYRILLIC))
    return "".join(c for c in decomposed if not unicodedata.combining(c))
