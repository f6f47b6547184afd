"""Find the sentences of a text: join its lines, let sentencex split what `masking` makes of them.

`continuation` then rejects those ends at which a sentence in fact goes on.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from html.entities import html5
from itertools import pairwise

from align.continuation import continues, is_small
from align.masking import masked
from align.settings import base_of
from align.text import BY, ENTITY, is_blank, is_finished, is_remark, is_unspaced, is_wide, plain_text, resolved

RULES = 7
"""The version of the rules in this module and those it uses, part of signatures: raised when they change."""

_BLANK_LINE = re.compile(r"(?>\r\n|[\n\r\u2028\u2029])[^\S\n\r\u2028\u2029]*(?:\r\n|[\n\r\u2028\u2029])\s*|\f\s*")
_LINE_BREAK = re.compile(r"\r\n|[\n\r\v\u0085\u2028\u2029]")
_WRAP_COLUMNS = (40, 120)  # prose is hard-wrapped, if at all, at a column between these, or as many characters
_RAGGED = 0.9  # of the widest line: what a line and the next word exceed where the text is wrapped
_RAGGED_UNSPACED = 6  # columns that a full line of Chinese or Japanese, cut at any character, may lack to the widest
_MARKS = "\"'“”„‚‘«»(["
_OPENING = re.compile("(?<= )[\"'“”„‚‘«»(\\[]|(?<=[。！？])“|[「『《]")
_GUILLEMET = re.compile("[«»]")
_BRACKETED = re.compile(r"\s*[(（]([^()（）]*[^()（）.!?])[)）](?![^\w\s])")
_NEAR = 80  # characters on either side that show whether a sentence goes on
_BEARABLE = 2_000  # characters
_WIDE_END = re.compile(r"[。！？](?=\w)")
_PAIRS = ("「」", "『』", "（）", "《》", "«»", "“”")
_LONGEST_ENTITY = max(map(len, html5)) + 1
_PARTED = re.compile(r"[^\W\d_][-\u2010]\s*$")  # a word at the end of a line
_HEAD = 4  # lines that a headline, a byline and a date may have
_BULLETS = frozenset("*•▪◦‣·")
_BY = frozenset({*BY, "da"})
_NAME_WORDS = range(2, 5)


Span = tuple[int, int]
"""Where something begins and ends in a text."""

Located = tuple[int, int, str]
"""Where something begins and ends in a text, and what `plain_text` makes of it."""


def sentences_in(text: str, lang: str) -> Iterator[Located]:
    """The sentences of a text in a language (BCP 47), in order, none blank, by the package sentencex.

    A blank line always ends a sentence. A single line break ends one too,
    except where the text is hard-wrapped there: the line is so full that the
    next line's first word would hardly have fitted on it. What begins with a
    small letter, or follows an abbreviation such as "godz.", begins no sentence.
    """
    lang = base_of(lang)
    for block_start, block_end in _blocks(text):
        # Same length, so offsets hold; sentencex would end a sentence at some of the white space.
        block = re.sub(r"\s", " ", ENTITY.sub(_padded, text[block_start:block_end]))
        start = 0
        guillemets = [mark.start() for mark in _GUILLEMET.finditer(block)]
        for boundary in _with_remarks(block, _ends(masked(block, lang), lang)):
            end = _before_opening_quote(block, guillemets, start, boundary)
            end = _before_entity(text, block_start + end) - block_start
            last = _last(block, start, end)
            before = block[max(start, last + 1 - _NEAR) : last + 1]
            if end == len(block) or not continues(before, block[last + 1 : end + _NEAR], lang):
                yield from _located(text, block_start + start, block_start + end)
                start = end


def _ends(seen: str, lang: str) -> Iterator[int]:
    """Where sentences may end in a text, by sentencex, whose time grows as the square of a text without white space."""
    from sentencex import get_sentence_boundaries

    start = 0
    for end in [*_piece_ends(seen), len(seen)]:
        yield from (start + boundary["end_index"] for boundary in get_sentence_boundaries(lang, seen[start:end]))
        start = end


def _piece_ends(seen: str) -> Iterator[int]:
    """Ends of Chinese and Japanese sentences, outside quotations, that part a text into pieces of bearable length."""
    start = 0
    for mark in _WIDE_END.finditer(seen):
        piece = seen[start : mark.end()]
        if len(piece) > _BEARABLE and all(piece.count(pair[0]) == piece.count(pair[1]) for pair in _PAIRS):
            yield mark.end()
            start = mark.end()


def _with_remarks(block: str, ends: Iterator[int]) -> Iterator[int]:
    """Ends of sentences, and of what stands behind them in brackets."""
    for end in ends:
        yield end
        bracketed = _BRACKETED.match(block, end)
        if bracketed and is_remark(bracketed[1]):
            yield bracketed.end()


def lines_in(text: str) -> Iterator[Located]:
    """The lines of a text, in order, none blank."""
    for start, end in _lines(text, 0, len(text)):
        yield from _located(text, start, end)


def sentences_of(text: str, lang: str) -> list[str]:
    """The sentences of a text in a language (BCP 47)."""
    return [sentence for _, _, sentence in sentences_in(text, lang)]


def _located(text: str, start: int, end: int) -> Iterator[Located]:
    """What stands in [start, end) without the white space around it; nothing if there is nothing to see in it."""
    span, plain = text[start:end], plain_text(text, start, end)
    if not is_blank(plain):
        start += len(span) - len(span.lstrip())
        yield start, start + len(span.strip()), plain


def _padded(entity: re.Match[str]) -> str:
    """What an HTML entity stands for, with spaces to its length."""
    return resolved(entity).ljust(len(entity[0]))[: len(entity[0])]


def _before_entity(text: str, end: int) -> int:
    """`end`, moved before an HTML entity that it would cut in two."""
    start = text.rfind("&", max(0, end - _LONGEST_ENTITY), end)
    entity = ENTITY.match(text, start) if start >= 0 else None
    return start if entity and entity.end() > end else end


def _before_opening_quote(block: str, guillemets: Sequence[int], start: int, end: int) -> int:
    """`end`, moved before a quotation mark that opens what comes next; `guillemets`: where they stand in the block."""
    mark = _last(block, start, end)
    while mark > start and block[mark] in _MARKS and block[mark - 1] in _MARKS:
        mark -= 1
    opens = mark > start and end < len(block) and _OPENING.match(block, mark)
    closes = _GUILLEMET.match(block, mark) and bisect_left(guillemets, mark) % 2  # either way round
    return mark if opens and not closes else end


def _last(block: str, start: int, end: int) -> int:
    """The place of the last character in [start, end) that is no white space; `start` if there is none."""
    last = end - 1
    while last > start and block[last].isspace():
        last -= 1
    return last


def _blocks(text: str) -> Iterator[Span]:
    """Spans of text without a line break that ends a sentence: paragraphs, headlines, list items.

    The column of hard wrapping is the length of the document's longest line, if half of the lines that others follow in
    their paragraph are full, or else of the paragraph's longest, if two thirds of its lines but the last are. A line
    that is longer than any such column is not counted as the longest, and neither it nor the one before it is full.
    Of three lines that follow full ones, one has to begin within a sentence: items of a list do not.
    """
    paragraphs, start = [], 0
    for gap in [*_BLANK_LINE.finditer(text), None]:
        end = gap.start() if gap else max(start, len(text.rstrip()))
        paragraphs.append(list(_lines(text, start, end)))
        start = gap.end() if gap else end
    of_document = _column(text, paragraphs, 1 / 2)
    for lines in paragraphs:
        yield from _unwrapped(text, lines, of_document or _column(text, [lines], 2 / 3))


def _column(text: str, paragraphs: Sequence[Sequence[Span]], share: float) -> int:
    """The column at which paragraphs, each the spans of its lines, are wrapped, if this share of lines is full; or 0.

    Lines of a few that do not end as a sentence does are not counted as full: a headline and what is under it. Nor are
    those of any number in Chinese or Japanese, where nothing shows that a line begins within a sentence.
    """
    narrowest, widest = _WRAP_COLUMNS
    shown = [text[slice(*line)].strip() for lines in paragraphs for line in lines]
    longest = max((_columns(line) for line in shown if len(line) <= widest), default=0)
    full, within = [], 0
    for lines in paragraphs:
        last = text[slice(*lines[-1])].strip()
        counts = is_finished(last) or (len(lines) > _HEAD and not is_unspaced(last[:1]))
        for line, following in pairwise(lines):
            is_wrapped = _is_full(text, line, following, longest) and _width(text, following) <= longest
            full.append(counts and is_wrapped)
            within += full[-1] and _begins_within(text[slice(*following)].lstrip()[:1])
    are_most = sum(full) >= max(1, share * len(full)) and within >= sum(full) // 3
    return longest if longest >= narrowest and are_most else 0


def _begins_within(character: str) -> bool:
    """Whether a line that begins with this may begin within a sentence: with a letter that is no capital."""
    return character.isalpha() and not character.isupper()


def _is_full(text: str, line: Span, following: Span, width: int) -> bool:
    """Whether a line is no wider than this and the first word of the following one would hardly have fitted on it."""
    word, *_ = [*text[slice(*following)].split(maxsplit=1), ""]
    least = width - _RAGGED_UNSPACED if is_unspaced(word[:1]) else _RAGGED * width - 1 - _columns(word)
    return least < _width(text, line) <= width


def _width(text: str, line: Span) -> int:
    return _columns(text[slice(*line)].strip())


def _columns(line: str) -> int:
    """The columns that a line takes; a character of Chinese, Japanese or Korean takes two."""
    return len(line) + (sum(map(is_wide, line)) if is_wide(max(line, default="")) else 0)  # most lines have none


def _unwrapped(text: str, lines: Sequence[Span], width: int) -> Iterator[Span]:
    """Join the lines of one paragraph where they are hard-wrapped at this column (0: nowhere), and only there."""
    block_start = lines[0][0]
    for line, following in pairwise(lines):
        first = text[slice(*following)].lstrip()[:1]
        goes_on = is_small(first) or _PARTED.search(text, *line) or (width and _is_full(text, line, following, width))
        apart = first in _BULLETS or unicodedata.category(first or " ") == "So" or _is_byline(text[slice(*following)])
        if apart or not goes_on:
            yield block_start, line[1]
            block_start = following[0]
    yield block_start, lines[-1][1]


def _is_byline(line: str) -> bool:
    """Whether a line is a small word that says by whom, and a name: "by Anna Zawora", and no end of a sentence."""
    by, *name = line.split() or [""]
    return by in _BY and len(name) in _NAME_WORDS and all(word[0].isupper() for word in name) and not is_finished(line)


def _lines(text: str, start: int, end: int) -> Iterator[Span]:
    for found in _LINE_BREAK.finditer(text, start, end):
        yield start, found.start()
        start = found.end()
    yield start, end
