"""What an outlet prints around an article: bylines, credits, links, buttons, notices.

Two questions are asked of a text. `is_furniture`: is it surely none of the article? Then it is left out and compared
with nothing; a link that stays does less harm than a sentence that is lost. `resembles_furniture`: does it look like a
heading, a byline, a credit or a few words, which say the same less often than sentences do, and are rightly in a row
now and then? That is one feature of the regression among others.

The words are all in `notices.json`, by language and kind, several on a row: a language is added there alone. Four
kinds are phrases: `alone`, a whole line; `section`, a part of a menu, of which there are several, or a word beside a
number; `weather`, words beside a temperature; `outlet`, who reports and takes pictures, the world over (`und`). The
others are regular expressions for how a text begins: `opening`, of a short line without a comma in which less follows
than they say; `label`, before a colon and names or a list; `credit`, before a colon and few names, or without it before
names where it ends in "by" or is cut short, as "fot."; `dated`, before a date; `link`, before a colon, an arrow or
nothing; `sentence`, before anything but a comma and who `said` it. The phrases, `opening` and `sentence` are compared
with `_bare` text, lower case without numbers and marks, the others with the text as it is, in any case. Before an entry
goes in, think of the headline and the quotation that begin like it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np
import regex
from numpy.typing import NDArray

from align.data import Sentence
from align.numerals import is_date
from align.text import BY, extent, is_finished, lowered, tokens_of

_BETWEEN_NAMES = frozenset(
    "and und et y e i og och en in for at of from w z we ze a à da de del der des du la le van von aus für pour".split()
)
_FEW = 20  # letters
_BRIEF = 25  # letters of a line that may stand alike on several pages
_LONG = 8  # words that no notice exceeds
_HEADLINE = 4  # words that the name of a page or section hardly has
_DATED = 4  # words that stand with a date: the month, the place, the zone
_SHORT = 3  # letters of a word before a date: "on", "dne"
_ZONE = 4  # letters of a word behind a time: "GMT", "Uhr", "CEST", "godz"
_PARTS = re.compile(r"[,|·•–—()/-]")  # what parts a date from what is beside it
_LIST = 3  # short parts, which headlines hardly have behind a colon
_NAMES = 3  # words that name who a text or a photograph is from
_YEAR = r"(?:19|20)\d\d"
_TIME = r"\b\d{1,2}[:.]\d\d"
_WHOLE_DATE = re.compile(
    rf"\b\d{{1,2}}(?:\.|st|nd|rd|th|er)? (?:de )?[^\W\d_]{{3,}}\.? (?:de )?{_YEAR}\b"
    rf"|\b\d{{1,2}}[./-] ?\d{{1,2}}[./-] ?{_YEAR}\b|\b{_YEAR}-\d\d-\d\d\b|{_YEAR}年"
    rf"|\b[^\W\d_]{{3,}}\.? \d{{1,2}},? {_YEAR}\b"
)
_CLOCK = re.compile(rf"{_TIME}(?!\d)")  # "22:10h" too
_DATE_BEHIND = re.compile(rf"\W*(?:[^\W\d_]+\W+)?(?:{_WHOLE_DATE.pattern}|{_CLOCK.pattern})")
_RIGHTS = re.compile(
    r"\W*(?:©|(?i:copyright) (?:©|\([cC]\))"
    rf"|(?:(?i:copyright)|\([cC]\)) {_YEAR}(?:\W{{1,3}}{_YEAR})?(?:\W+(?:by|[^\W\d_a-z]\w*))*\W*$)"
)
_SPOKEN = re.compile("[\"“”„«»‘'「『–—]")  # which pages do not begin a sentence with, and articles do
_ADDRESS = re.compile(r"\w@\w+\.\w|\bhttps?://|\bwww\.", re.IGNORECASE)
_PATH = re.compile(r"\s[›»>→|•·/]\s")  # between the sections that a page is in, or whom, where and when
_NESTED = re.compile(r"\s[›»>→]\s")  # of these, what stands between sections alone
_PART = 3  # words of a section
_DEGREES = re.compile(r"(?<=\d)\s?(?:°(?:\s?[CF])?|º\s?C|℃)(?!\w)")
_UNIT = re.compile(rf"{_DEGREES.pattern}|(?<=\d)\s?[kK](?!\w)")  # or thousands of those who shared it
_PLAYER = re.compile(rf"{_TIME} ?/ ?-?{_TIME}\b")  # how much has been played, of how much
_QUOTE = re.compile(r"\d[.,]\d{2,4}\s(?:[▲▼] ?|\(?[+−-])\d+[.,]\d")  # of a share: its price and how that changed
_COUNT = re.compile(r"(?<![A-Za-z\d])\d")  # but "TVN24"
_COUNT_BEHIND = re.compile(r"[:：]\W{0,2}\d")  # a colon
_HOUR = re.compile(r"\d:\d\d(?!\d)")  # not "6.40", which may be anything
_SITE = re.compile(r"[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,4}$")  # "n-tv.de"
_LISTED = re.compile("[/|,;、，]")
_BEFORE_NAMES = re.compile(rf"\w\.\s*$|\s(?:{'|'.join(BY)})\s*$", re.IGNORECASE)  # "fot.", "photo by"
_BYLINE = regex.compile(
    rf"\W*(?i:{'|'.join(BY)}) (?P<name>\p{{Lu}}[\w'’.-]*)(?: (?&name))+"
    rf"(?: (?:{'|'.join(_BETWEEN_NAMES)}) (?&name)(?: (?&name))*)*(?: ?[,|•·–—-] ?| (?=\d))"
)
_COMMA = re.compile("[,，]")  # as before who says a headline
_COLON_NEAR = re.compile("[^.!?:：。]{0,30}[:：]")
_MENU = 4  # sections, with nothing between them
_WORDED = ("alone", "section", "weather")  # the kinds that are phrases, not regular expressions


class _Line(NamedTuple):
    """A text, and what of it all questions are asked of."""

    text: str
    bare: str
    words: int  # of `bare`
    finished: bool


class _Words(NamedTuple):
    """What a language's pages have, of each kind as the module's docstring tells."""

    alone: frozenset[str]
    menu: frozenset[str]
    weather: frozenset[str]
    opening: re.Pattern[str]
    label: re.Pattern[str]
    dated: re.Pattern[str]
    credit: re.Pattern[str]
    link: re.Pattern[str]
    sentence: re.Pattern[str]
    said: re.Pattern[str]


def furniture_among(sentences: Sequence[Sentence]) -> NDArray[np.bool_]:
    """Which sentences belong to the pages and not to the articles on them, shape (sentences,).

    They are told by their words or, whatever they say, as short lines that are the same, but for digits, in
    several documents of one language: outlets do not word a thing alike, but their pages do. A document's headline,
    which agencies' clients share, is the first line of some words that is not told by them.
    """
    read = [_read(sentence.text) for sentence in sentences]
    told = [_is_told(line, sentence.lang) for line, sentence in zip(read, sentences, strict=True)]
    documents: dict[tuple[str, str], set[str]] = {}
    begun = None  # the document whose headline, or first sentence, is past
    short: dict[int, tuple[str, str]] = {}
    for i, (sentence, line) in enumerate(zip(sentences, read, strict=True)):
        if begun != sentence.doc and not told[i] and (line.finished or line.words >= _HEADLINE):
            begun = sentence.doc
        elif line.words and not line.finished and extent(line.bare) <= _BRIEF and not _is_fact(line):
            short[i] = sentence.lang, line.bare
            documents.setdefault(short[i], set()).add(sentence.doc)
    shared = (i in short and len(documents[short[i]]) > 1 for i in range(len(told)))
    return np.array([known or alike for known, alike in zip(told, shared, strict=True)], bool)


def is_furniture(text: str, lang: str) -> bool:
    """Whether a text is surely what pages have on them whatever the article: links, buttons, dates, copyrights.

    Some are told by their form, others by their words, the text's language's and English ones, which are on pages of
    any language.
    """
    return _is_told(_read(text), lang)


def _read(text: str) -> _Line:
    bare = _bare(text)
    return _Line(text, bare, len(bare.split()), is_finished(text))


def _is_told(line: _Line, lang: str) -> bool:
    """As `is_furniture`."""
    text, known = line.text, _known(lang)
    if _RIGHTS.match(text) or any(_is_link(text, of) for of in known):
        return True
    quoted = line.finished and _SPOKEN.match(text)
    if not quoted and any(of.sentence.match(line.bare) and not of.said.search(text) for of in known):
        return True
    if line.finished:  # "Nov. 21, 2022, 3:20 p.m."
        return bool(line.words < _DATED and _CLOCK.search(text) and _WHOLE_DATE.search(text))
    if _has_its_form(line) or any(_has_its_words(line, of) for of in known):
        return True
    if line.words <= 1 and extent(line.bare) <= _FEW:
        return not _is_fact(line) or is_date(line.bare, lang) or is_date(line.bare, "en")  # "March 2026"
    byline = _BYLINE.match(text)
    rest = text[byline.end() :] if byline else text
    if byline and any(_most_phrases(_bare(rest), of.menu) for of in known):  # "By Ada Lorn, BBC News"
        return True
    return _is_dateline(rest, lang)


def _is_fact(line: _Line) -> bool:
    """Whether a line is a number and what it counts, which lists of facts have: "Injured: 120", "14 dead"."""
    counted = line.words and (_COUNT if line.words == 1 else _COUNT_BEHIND).search(line.text)
    return bool(counted) and not (_HOUR.search(line.text) or _WHOLE_DATE.search(line.text))


def _has_its_form(line: _Line) -> bool:
    """Whether a line is furniture in any language."""
    text, words = line.text, line.words
    if _SITE.match(text) or (words <= len(_UNIT.findall(text)) and not _COUNT_BEHIND.search(text)):
        return True  # "Today 12°C / 4°C, cloudy"
    if words <= _DATED and (_PLAYER.search(text) or _QUOTE.search(text)):
        return True
    return _is_credited(text) or (words <= _LONG and bool(_ADDRESS.search(text)))


def _is_path(text: str, of: _Words) -> bool:
    """Whether a line is the sections that a page is in, or whom, where and when; but "Lorn | Three dead" is not."""
    sections = _PATH.split(text)
    if len(sections) < 2 or "«" in text:
        return False
    parts, nested = [_words(part) for part in sections], bool(_NESTED.search(text))
    return all(
        len(part) <= _PART
        and extent(" ".join(part)) <= _BRIEF
        and (nested or not _is_lower(part[1:]) or lowered(" ".join(part)) in of.menu)
        for part in parts
    )


def _is_dateline(text: str, lang: str) -> bool:
    """Whether a line is a date, with its day, time and zone, or with what a mark parts from it: a place, a name."""
    date = _WHOLE_DATE.search(text)
    if not date or len(_words(text)) > _DATED:
        return False
    *left, before = map(_words, _PARTS.split(text[: date.start()]))
    behind, *right = map(_words, _PARTS.split(text[date.end() :]))
    others = [word for word in before if not (is_date(word, lang) or is_date(word, "en"))]
    return (
        len(others) <= 1
        and all(len(word) <= _SHORT for word in others)
        and all(len(word) <= _ZONE for word in behind)
        and not any(len(part) > 1 and _is_lower(set(part) - _BETWEEN_NAMES) for part in (*left, *right))
    )


def _has_its_words(line: _Line, of: _Words) -> bool:
    """Whether a line is furniture as a language words it."""
    text, bare = line.text, line.bare
    phrases = _most_phrases(bare, of.menu)
    if phrases >= (1 if line.words == 1 else _MENU) or (phrases and _most_phrases(bare, of.alone)):
        return True
    if line.words <= _LONG:
        opening, dated = of.opening.match(bare), of.dated.match(text)
        if opening and not _COMMA.search(text) and len(bare[opening.end() :].split()) < len(opening[0].split()):
            return True
        if dated and _DATE_BEHIND.match(text, dated.end()):
            return True
    return any(kind(text, of) for kind in (_is_path, _is_labelled, _is_credit_line, _is_weather))


def _is_link(text: str, of: _Words) -> bool:
    """Whether a text is an invitation to something else, with a colon or an arrow before it, or nothing behind."""
    link = of.link.match(text)
    return bool(link and link["mark"] is not None)


def _is_labelled(text: str, of: _Words) -> bool:
    """Whether a line is a label, a colon, and names or a list."""
    label = of.label.match(text)
    if not label or not label["colon"]:
        return False
    parts = _listed(text[label.end() :])
    return not any(len(part) > 1 and _is_lower(part) for part in parts) or (
        len(parts) >= _LIST and all(len(part) <= _PART for part in parts)
    )


def _is_credit_line(text: str, of: _Words) -> bool:
    """Whether a line is a credit, a colon and few names; without the colon, names in capitals behind "fot." or "by"."""
    credit = of.credit.match(text)
    if not credit:
        return False
    parts = _listed(text[credit.end() :])
    names = [part for part in parts if not _is_outlet(part)]
    if not credit["colon"] and any(map(_is_lower, names) if _BEFORE_NAMES.search(credit[0]) else names):
        return False
    few = sum(map(len, names)) <= _NAMES and extent("".join(chain(*names))) <= _FEW
    return few and not any(len(part) > 1 and _is_lower(part) for part in names)  # "Ada Lorn/dpa"


def _listed(text: str) -> list[list[str]]:
    """The words of each of the things that a text lists."""
    return [_words(part) for part in _LISTED.split(text)]


def _is_lower(words: Iterable[str]) -> bool:
    """Whether any of them begins with a small letter, as names do not."""
    return any(word[0].islower() for word in words)


def _is_outlet(words: Sequence[str]) -> bool:
    return _most_phrases(lowered(" ".join(words)), _outlets()) > 0


def _is_credited(text: str) -> bool:
    """Whether a line is nothing but who took a picture and for whom: "Ada Lorn/AFP/Getty Images"."""
    if "/" not in text:
        return False
    parts = [_words(part) for part in text.split("/")]
    others = [part for part in parts if not _is_outlet(part)]
    return len(others) < len(parts) and all(0 < len(part) <= _NAMES and not _is_lower(part) for part in others)


def _is_weather(text: str, of: _Words) -> bool:
    """Whether a line has a temperature, the sky, and no more than names of a place or a day."""
    if not _DEGREES.search(text):
        return False
    words = _words(_UNIT.sub("", text))
    others = [word for word in words if lowered(word) not in of.weather]
    return len(others) < len(words) and len(others) <= _NAMES and not _is_lower(others)


def _bare(text: str) -> str:
    """The words of a text without its numbers, their units and marks; apostrophes are alike."""
    return " ".join(lowered(word) for word in _words(_UNIT.sub("", text)))


def _words(text: str) -> list[str]:
    """The words of a text, as written, without its numbers."""
    return [word for word, _ in tokens_of(text) if not word[0].isdigit()]


def _most_phrases(line: str, known: frozenset[str]) -> int:
    """Into how many known phrases a line can be cut at most; 0 where something is left over."""
    words = line.split()
    most = [0]  # of the first so many words; -1: they cannot be cut
    for end in range(1, len(words) + 1):
        near = range(max(0, end - _LONG), end)
        starts = (start for start in near if most[start] >= 0 and " ".join(words[start:end]) in known)
        most.append(max((most[start] + 1 for start in starts), default=-1))
        if max(most[-_LONG:]) < 0:
            return 0
    return max(most[-1], 0)


@cache
def _entries() -> dict[str, dict[str, list[str]]]:
    """By language and kind; the table has as many on a row as fit."""
    content: dict[str, dict[str, list[str]]] = json.loads(
        Path(__file__).with_name("notices.json").read_text(encoding="utf-8")
    )
    return {
        lang: {kind: [entry for row in rows for entry in row.split(", ")] for kind, rows in kinds.items()}
        for lang, kinds in content.items()
    }


@cache
def _outlets() -> frozenset[str]:
    """Agencies and outlets of the world, which pages of any language credit."""
    return frozenset(_entries()["und"]["outlet"])


def _known(lang: str) -> list[_Words]:
    """What is known of pages in a language, with or without its region, and of English ones."""
    return [_words_of(code) for code in dict.fromkeys([lang.partition("-")[0], "en"])]


@cache
def _words_of(lang: str) -> _Words:
    entries = _entries().get(lang, {})
    alone, section, weather = (frozenset(entries.get(kind, ())) for kind in _WORDED)
    alone |= _outlets()

    def one_of(kind: str, *more: str) -> str:
        """The longest that fits."""
        return rf"(?:{'|'.join(sorted([*entries.get(kind, ['(?!)']), *more], key=len, reverse=True))})"

    def before(mark: str, kind: str, *more: str) -> re.Pattern[str]:
        return re.compile(rf"\W*{one_of(kind, *more)}(?!\w)[.\s]*{mark}", re.IGNORECASE)

    return _Words(
        alone,
        alone | section,
        weather,
        opening=re.compile(rf"{one_of('opening')}(?!\w)"),
        label=before("(?P<colon>[:：])?", "label"),
        dated=before("[:：]?", "dated"),
        credit=before("(?P<colon>[:：])?", "credit", *BY),
        link=before(r"(?P<mark>[:：»>→|]|\W*$)?", "link"),
        sentence=re.compile(one_of("sentence")),
        said=re.compile(rf"[,，]\W*(?:\w+\W+){{0,3}}?{one_of('said')}\b[^,，]*$", re.IGNORECASE),
    )


def resembles_furniture(text: str, lang: str) -> bool:
    """Whether a text looks like a heading, a byline, a credit, a link, a few words; much more does than is."""
    words = [word for word, _ in tokens_of(text)]
    if not words:
        return True
    finished = is_finished(text)
    if len(words) <= 3 and extent(text) < 25 and not finished:
        return True  # too little to say anything
    for link in filter(None, (of.link.match(text) for of in _known(lang))):
        if link["mark"] is not None or _COLON_NEAR.match(text, link.end()) or (not finished and extent(text) < _FEW):
            return True
    if len(words) > 8 or finished or any(word[0].isdigit() for word in words):
        return False
    names = sum(word[0].isupper() and not word.isupper() for word in words)
    return _is_credit(text, lang) or (len(words) <= 6 and names >= 2 and names >= len(words) - 2)


def _is_credit(text: str, lang: str) -> bool:
    """Whether a few words say who wrote or took it: with a colon, or with nothing but names behind."""
    for credit in filter(None, (of.credit.match(text) for of in _known(lang))):
        behind = [word for word, _ in tokens_of(text[credit.end() :])]
        if credit["colon"] or all(word[0].isupper() or word in _BETWEEN_NAMES for word in behind):
            return True
    return False
