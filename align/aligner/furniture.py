"""What an outlet prints around an article: bylines, credits, links, buttons, notices.

Two questions are asked of a text. `is_furniture`: is it surely none of the article? Then it is left out and compared
with nothing; a link that stays does less harm than a sentence that is lost. `resembles_furniture`: does it look like a
heading, a byline, a credit or a few words, which say the same less often than sentences do, and are rightly in a row
now and then? That is one feature of the regression among others.

The words are all in `notices.json`, by language and kind: a language is added there alone. Three kinds are phrases:
`alone`, a whole line; `section`, a part of a menu, of which there are several; `weather`, words beside a temperature.
The others are regular expressions for how a text begins: `opening`, of a short line without a comma in which less
follows than they say; `label`, before a colon and names or a list; `credit`, before a colon and few names; `dated`,
before a date; `link`, before a colon, an arrow or nothing; `sentence`, before anything. The phrases, `opening` and
`sentence` are compared with `_bare` text, lower case without numbers and marks, the others with the text as it is, in
any case. Before an entry goes in, think of the headline and the quotation that begin like it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np
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
_PART = 3  # words of a section
_DEGREES = re.compile(r"(?<=\d)\s?(?:°(?:\s?[CF])?|º\s?C|℃)(?!\w)")
_UNIT = re.compile(rf"{_DEGREES.pattern}|(?<=\d)\s?[kK](?!\w)")  # or thousands of those who shared it
_PLAYER = re.compile(rf"{_TIME} ?/ ?-?{_TIME}\b")  # how much has been played, of how much
_COMMA = re.compile("[,，]")  # as before who says a headline
_COLON_NEAR = re.compile("[^.!?:：。]{0,30}[:：]")
_MENU = 4  # sections, with nothing between them
_WORDED = ("alone", "section", "weather")  # the kinds that are phrases, not regular expressions


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


def furniture_among(sentences: Sequence[Sentence]) -> NDArray[np.bool_]:
    """Which sentences belong to the pages and not to the articles on them, shape (sentences,).

    They are told by their words or, whatever they say, as short lines that are the same, but for digits, in
    several documents of one language: outlets do not word a thing alike, but their pages do. A document's headline,
    which agencies' clients share, is the first line of some words that is not told by them.
    """
    told = [is_furniture(sentence.text, sentence.lang) for sentence in sentences]
    documents: dict[tuple[str, str], set[str]] = {}
    lines: list[tuple[str, str]] = []
    begun = None  # the document whose headline, or first sentence, is past
    for sentence, known in zip(sentences, told, strict=True):
        finished = is_finished(sentence.text)
        line = "" if finished else _bare(sentence.text)
        begins = begun != sentence.doc and not known and (finished or len(line.split()) >= _HEADLINE)
        if begins:
            begun = sentence.doc
        if begins or extent(line) > _BRIEF:
            line = ""
        lines.append((sentence.lang, line))
        if line:
            documents.setdefault(lines[-1], set()).add(sentence.doc)
    shared = np.array([len(documents.get(line, ())) > 1 for line in lines], bool)
    found: NDArray[np.bool_] = np.array(told, bool) | shared
    return found


def is_furniture(text: str, lang: str) -> bool:
    """Whether a text is surely what pages have on them whatever the article: links, buttons, dates, copyrights.

    Some are told by their form, others by their words, the text's language's and English ones, which are on pages of
    any language.
    """
    line = _bare(text)
    words = len(line.split())
    known = _known(lang)
    finished = is_finished(text)
    if _RIGHTS.match(text) or any(_is_link(text, of) for of in known):
        return True
    if not (finished and _SPOKEN.match(text)) and any(of.sentence.match(line) for of in known):
        return True
    if finished:  # "Nov. 21, 2022, 3:20 p.m."
        return bool(words < _DATED and _CLOCK.search(text) and _WHOLE_DATE.search(text))
    if words <= _DATED and _is_dateline(text, lang):
        return True
    return _has_its_form(text, words, extent(line)) or any(_has_its_words(text, line, of) for of in known)


def _has_its_form(text: str, words: int, letters: int) -> bool:
    """Whether a line of so many words and letters is furniture in any language."""
    if (words <= 1 and letters <= _FEW) or words <= len(_UNIT.findall(text)):  # "Today 12°C / 4°C, cloudy"
        return True
    if words <= _DATED and _PLAYER.search(text):
        return True
    if words <= _LONG and _ADDRESS.search(text):
        return True
    sections = _PATH.split(text)
    return len(sections) > 1 and "«" not in text and all(map(_is_section, sections))


def _is_section(text: str) -> bool:
    line = _bare(text)
    return len(line.split()) <= _PART and extent(line) <= _BRIEF


def _is_dateline(text: str, lang: str) -> bool:
    """Whether a line is a date, with its day, time and zone, or with whatever a mark parts from it, as a place."""
    date = _WHOLE_DATE.search(text)
    if not date:
        return False
    before, behind = _PARTS.split(text[: date.start()])[-1], _PARTS.split(text[date.end() :])[0]
    others = [
        word for word in _words(before) if len(word) > _SHORT and not (is_date(word, lang) or is_date(word, "en"))
    ]
    return not others and all(len(word) <= _ZONE for word in _words(behind))


def _has_its_words(text: str, line: str, of: _Words) -> bool:
    """Whether a line, `line` without its numbers and marks, is furniture as a language words it."""
    phrases = _most_phrases(line, of.menu)
    if phrases >= _MENU or (phrases and _most_phrases(line, of.alone)):
        return True
    if len(line.split()) <= _LONG:
        opening, dated = of.opening.match(line), of.dated.match(text)
        if opening and not _COMMA.search(text) and len(line[opening.end() :].split()) < len(opening[0].split()):
            return True
        if dated and _DATE_BEHIND.match(text, dated.end()):
            return True
    return _is_labelled(text, of) or _is_weather(text, of)


def _is_link(text: str, of: _Words) -> bool:
    """Whether a text is an invitation to something else, with a colon or an arrow before it, or nothing behind."""
    link = of.link.match(text)
    return bool(link and link["mark"] is not None)


def _is_labelled(text: str, of: _Words) -> bool:
    """Whether a line is a label, a colon and names, a few after a credit; after other labels any, and lists."""
    credit, label = of.credit.match(text), of.label.match(text)
    found = label or credit
    if not found or not found["colon"]:
        return False
    parts = [_words(part) for part in re.split("[/,;、，]", text[found.end() :])]
    named = all(len(part) <= 1 or not any(word[0].islower() for word in part) for part in parts)  # "Ada Lorn/dpa"
    if label:
        return named or (len(parts) >= _LIST and all(len(part) <= _PART for part in parts))
    return named and sum(map(len, parts)) <= _NAMES and extent("".join(chain(*parts))) <= _BRIEF


def _is_weather(text: str, of: _Words) -> bool:
    """Whether a line has a temperature, the sky, and no more than names of a place or a day."""
    if not _DEGREES.search(text):
        return False
    words = _words(_UNIT.sub("", text))
    others = [word for word in words if lowered(word) not in of.weather]
    return len(others) < len(words) and len(others) <= _NAMES and not any(word[0].islower() for word in others)


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
    """By language and kind."""
    content: dict[str, dict[str, list[str]]] = json.loads(
        Path(__file__).with_name("notices.json").read_text(encoding="utf-8")
    )
    return content


def _known(lang: str) -> list[_Words]:
    """What is known of pages in a language, with or without its region, and of English ones."""
    return [_words_of(code) for code in dict.fromkeys([lang.partition("-")[0], "en"])]


@cache
def _words_of(lang: str) -> _Words:
    entries = _entries().get(lang, {})
    alone, section, weather = (frozenset(entries.get(kind, ())) for kind in _WORDED)

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
