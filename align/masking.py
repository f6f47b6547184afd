"""Prepare a text for the package sentencex: mask, character for character, what would hide a sentence end from it."""

from __future__ import annotations

import re
from functools import cache

import regex

from align.abbreviations import ON_X, SPEECH, words
from align.text import TAG, is_remark

_NEAR = 20  # characters before a bracket that show whether a sentence has ended there
_COVER = "一"  # a letter without case, of which no abbreviation is made
_QUOTE = re.compile('["“”„]')
_ENCLOSED = re.compile(
    r"«[^«»]*»|»[^«»]*«|「[^「」]*」|『[^『』]*』|《[^《》]*》|‚[^‚‘’]*[‘’]|‘[^‘]*?’(?!\w)|\B'\b[^']*?(?:\b'\b[^']*?)*'\B"
    r"|[«»「」『』《》]|\B'\b"  # odd ones, as in Dutch "'s nachts"
)
_INNER_END = re.compile(
    r"\w\S[.!?…؟।] +[^\W\d_a-zа-яёіїєґ]"  # of a sentence within a quotation
    r"|[。！？](?=\w)"
    r"|\b(?:\w\.\w|[A-Z]\w{1,3})\.$"  # of an abbreviation, which may end the sentence as well
)
_NUMBERED = r"(?:\d{1,3}|[^\W\d_]|[ivxlc]{2,5})\.?\)(?= )"  # what is before an item: "2)", "a)"
_BRACKETS = re.compile(
    rf"(?<!\S)(?P<item>\(?{_NUMBERED})|(?P<pair>[(（\[][^()（）\[\]<>{{}}]*[)）\]])|[(（\[<>{{}}]|(?<=[.!?])[)）\]]"
)
_FINISHED = re.compile(r"\w[.!?]+[\"'”“»’]?$")
_ENDED = re.compile(r"[.!?][\"'”“»’)\]]*$")
_ONLY_BULLET = re.compile(r"^\s*[•◦▪▫■□●○➤▶▸►](?=[^•◦▪▫■□●○➤▶▸►]*$)")
_ELLIPSIS = re.compile("…(?=[\"'”“»’)]* )")
_UNIT = re.compile(r"/(?=[^\W\d_]\.)|(?<=\d )[ghlmst](?=\. [^\W\d_])")  # "90 km/h.", "120 m."
_BEFORE_SPEECH = regex.compile(
    r"(?<![^\W_])(?:[^\W\d_]|(?:[A-Z]\.){1,5}[A-Z]|[ap]\.m|Chr|Co|Corp|Inc|Jr|Ltd|Sr)"
    rf"(?=\. {SPEECH.pattern}[^\"“”„«»]*(?:[.!?…]|,[\"“”«»]|[\"“”«»](?: ?[,.!?–—]| - )))"
)
"""What sentencex takes for an abbreviation or an initial, before a quotation that ends as speech does."""
_DIGIT = re.compile(r"(?:(?<=[。！？])|(?<=\w{4}[.!?] )|(?<=[\w.!?][)\]\"”“»][.!?] ))\d")
"""A digit that begins a sentence; in some languages sentencex ends no sentence before one."""


def masked(block: str, lang: str) -> str:
    """A paragraph, its white space all spaces, as sentencex should see it to find its ends; of the same length."""
    seen = _BEFORE_SPEECH.sub(_covered, TAG.sub(lambda tag: " " * len(tag[0]), block))
    seen = _ONLY_BULLET.sub(_covered, _ELLIPSIS.sub(".", seen))
    seen = _BRACKETS.sub(_unbracketed, _ENCLOSED.sub(_opened, _without_stray_quotes(seen)))
    for pattern in (_UNIT, _DIGIT, ON_X):
        seen = pattern.sub(_covered, seen)
    return _final(lang).sub(_covered, seen)


@cache
def _final(lang: str) -> re.Pattern[str]:
    """What may end a sentence, though sentencex takes it for an abbreviation, or for an initial before a name."""
    ordinary, openers = ("|".join(sorted(words(kind, lang))) for kind in ("ordinary", "openers"))
    before_any = rf"(?<![\w.])(?:etc|mm|{ordinary or '(?!)'})(?=\.\W)(?!\. ?[\d(])"
    before_openers = rf"(?<![^\W_])(?<!\d[.,])(?:[^\W_]{{1,3}}|[IVXLC]+)(?=\. (?:{openers or '(?!)'})[ ,])"
    return re.compile(f"{before_any}|{before_openers}")


def _covered(found: re.Match[str]) -> str:
    return _COVER * len(found[0])


def _without_stray_quotes(block: str) -> str:
    """`block` with all quotation marks alike, or as spaces if they do not pair up or hold more than a sentence.

    The reason: sentencex never splits between two identical quotation marks.
    """
    opened = None
    for mark in _QUOTE.finditer(block):
        opens = not block[max(mark.start() - 1, 0) : mark.start()].strip(" ([–—-")
        if opens == (opened is not None):
            return _QUOTE.sub(" ", block)
        if opened is not None and _INNER_END.search(block, opened, mark.start()):
            return _QUOTE.sub(" ", block)
        opened = mark.end() if opens else None
    return _QUOTE.sub(" " if opened is not None else '"', block)


def _opened(quotation: re.Match[str]) -> str:
    """A quotation without its marks if it holds more than a sentence, since sentencex splits nothing within them.

    Nor does it know that „‚“ may be closed by „‘“. Titles are one, whatever marks they have. For an odd mark a space.
    """
    text = quotation[0]
    if len(text) == 1:
        return " "
    is_title = text[0] == "《"
    return f" {text[1:-1]} " if text[0] == "‚" or (_INNER_END.search(text[1:-1]) and not is_title) else text


def _unbracketed(found: re.Match[str]) -> str:
    """Brackets without their marks if they hold whole sentences, a single one covered; a space for one that is odd.

    For sentencex splits nothing between one that opens and the next that closes, of whichever kind, nor within the
    items of a list, of which the last has no end, nor, in some languages, before small letters in brackets.
    """
    if found["item"]:
        return _covered(found)
    if not found["pair"]:
        return " "
    text = found[0][1:-1]
    before = found.string[max(0, found.start() - _NEAR) : found.start()].rstrip()
    if before and not _ENDED.search(before):
        return found[0]
    if not _FINISHED.search(text):
        return found[0][0] + _COVER * len(text) + found[0][-1] if before and is_remark(text) else found[0]
    return f" {text} " if _INNER_END.search(text) else f" {_COVER * (len(text) - 1)}. "
