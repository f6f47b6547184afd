"""What an outlet prints around an article: bylines, credits, links, buttons, notices.

Two questions are asked of a text. `is_furniture`: is it surely none of the article? Then it is left out and compared
with nothing; a link that stays does less harm than a sentence that is lost. `resembles_furniture`: does it look like a
heading, a byline, a credit or a few words? Such texts say the same less often than sentences do, but now and then they
belong in a row, so this is only one feature of the regression.

Some of it is told by its form, in any language, most by the words that `notices.py` has, the text's language's and the
English ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain, groupby
from typing import NamedTuple

import numpy as np
import regex
from numpy.typing import NDArray

from align.data import Sentence
from align.dates import is_date
from align.text import BY, extent, is_finished, lowered, tokens_of

from .notices import LONGEST, Notices, most_phrases, notices_for, outlets

_BETWEEN_NAMES = frozenset(
    "and und et y e i og och en in for at of from w z we ze a à da de del der des du la le van von aus für pour".split()
)
_FEW = 20  # letters
_BRIEF = 25  # letters of a line that may stand alike on several pages
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
    rf"|\b\d{{1,2}}[./-] ?\d{{1,2}}[./-] ?{_YEAR}\b|\b{_YEAR}-\d\d-\d\d\b|{_YEAR}年(?: ?\d{{1,2}}月(?: ?\d{{1,2}}日)?)?"
    rf"|\b[^\W\d_]{{3,}}\.? \d{{1,2}},? {_YEAR}\b|\b{_YEAR}\. [^\W\d_]{{3,}} \d{{1,2}}\b(?!-)"
    r"|\b\d{1,2}-[A-Za-z]{3}-(?:\d\d){1,2}\b"
)
_CLOCK = re.compile(rf"{_TIME}(?!\d)")  # "22:10h" too
_STAMP = re.compile(rf"{_WHOLE_DATE.pattern}|{_CLOCK.pattern}(?::\d\d)?|\d{{1,2}}[时時点](?:\d\d分)?")
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
_WITH = re.compile(r"\s(?:avec|com|con|met|mit|with|z|с)\s")  # between agencies
_BEFORE_NAMES = re.compile(rf"\w\.\s*$|\s(?:{'|'.join(BY)}|of)\s*$", re.IGNORECASE)  # "fot.", "photo by"
_CLAUSE = re.compile("[一-龥ァ-ヶ][がをはにへで](?:[一-龥ァ-ヶ]|$)")  # which Japanese names do not hold
_CASELESS_NAMES = 2  # words that a name has at most where no capital tells it
_BYLINE = regex.compile(
    rf"\W*(?i:{'|'.join(BY)}) (?P<name>\p{{Lu}}[\w'’.-]*)(?: (?&name)){{1,5}}"
    rf"(?: (?:{'|'.join(_BETWEEN_NAMES)}) (?&name)(?: (?&name)){{0,5}}){{0,5}}(?: ?[,|•·–—-] ?| (?=\d))"
)
_COMMA = re.compile("[,，]")  # as before who says a headline
_COLON_NEAR = re.compile("[^.!?:：。]{0,30}[:：]")
_UNPARTED = re.compile(r"(?![ァ-ヿ]*$)[a-z\d]*[々ぁ-ヿ一-龥]{4,}|[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]{9,}")
"""Four characters of Chinese or Japanese, not all katakana, or nine of Thai, Lao, Burmese or Khmer, marks included."""
_MENU = 4  # sections, with nothing between them


class _Line(NamedTuple):
    """A text in a language, and what of it all questions are asked of."""

    text: str
    lang: str
    words: list[str]  # as written, without numbers and their units
    bare: str  # the words in lower case
    finished: bool

    @classmethod
    def of(cls, text: str, lang: str) -> _Line:
        """A text read."""
        words = _words(_UNIT.sub("", text))
        return cls(text, lang, words, " ".join(map(lowered, words)), is_finished(text))


def furniture_among(sentences: Sequence[Sentence]) -> NDArray[np.bool_]:
    """Which sentences belong to the pages and not to the articles on them, shape (sentences,).

    They are told by themselves or, whatever they say, as short lines that are the same, but for digits, in several
    documents of one language: outlets do not word a thing alike, but their pages do. A document's headline, which
    agencies' clients share, is the first line of some words that is not told by itself.
    """
    lines = [_Line.of(sentence.text, sentence.lang) for sentence in sentences]
    told = [_is_furniture(line) for line in lines]
    pages: dict[tuple[str, str], list[int]] = {}  # where short lines are that are the same
    for _, document in groupby(range(len(lines)), key=lambda i: sentences[i].doc):
        places = list(document)
        text = (i for i in places if not told[i] and (lines[i].finished or len(lines[i].words) >= _HEADLINE))
        headline = next(text, None)
        for i in places:
            if i != headline and _is_brief(lines[i]):
                pages.setdefault((lines[i].lang, lines[i].bare), []).append(i)
    for alike in pages.values():
        if len({sentences[i].doc for i in alike}) > 1:
            for i in alike:
                told[i] = True
    return np.array(told, bool)


def is_furniture(text: str, lang: str) -> bool:
    """Whether a text is surely what pages have on them whatever the article: links, buttons, dates, copyrights."""
    return _is_furniture(_Line.of(text, lang))


def _is_furniture(line: _Line) -> bool:
    known = notices_for(line.lang)
    if _RIGHTS.match(line.text) or any(_is_link(line, of) or _is_page_sentence(line, of) for of in known):
        return True
    if line.finished:  # "Nov. 21, 2022, 3:20 p.m."
        return bool(len(line.words) < _DATED and _CLOCK.search(line.text) and _WHOLE_DATE.search(line.text))
    if _has_its_form(line) or any(_has_its_words(line, of) for of in known) or _is_word(line):
        return True
    return _is_dateline(line) or _is_stamped(line)


def _is_brief(line: _Line) -> bool:
    """Whether a line is so short that the pages which have it need not be about the same; but no fact."""
    return bool(line.words) and not line.finished and extent(line.bare) <= _BRIEF and not _is_fact(line)


def _is_word(line: _Line) -> bool:
    """Whether a line is a word or none, and no fact.

    Where words are not parted, what is longer than most words may be a statement: 市长被捕.
    """
    if len(line.words) > 1 or extent(line.bare) > _FEW or _UNPARTED.fullmatch(line.bare):
        return False
    return not _is_fact(line) or _is_date(line.bare, line.lang)  # "March 2026"


def _is_fact(line: _Line) -> bool:
    """Whether a line is a number and what it counts, which lists of facts have: "Injured: 120", "14 dead"."""
    counted = line.words and (_COUNT if len(line.words) == 1 else _COUNT_BEHIND).search(line.text)
    return bool(counted) and not (_HOUR.search(line.text) or _WHOLE_DATE.search(line.text))


def _has_its_form(line: _Line) -> bool:
    """Whether a line is furniture in any language: an address, a credit, what a player, weather or a share shows."""
    text, words = line.text, len(line.words)
    if _SITE.match(text) or (words <= len(_UNIT.findall(text)) and not _COUNT_BEHIND.search(text)):
        return True  # "Today 12°C / 4°C, cloudy"
    if words <= _DATED and (_PLAYER.search(text) or _QUOTE.search(text)):
        return True
    return _is_slashed_credit(text) or (words <= LONGEST and bool(_ADDRESS.search(text)))


def _is_path(line: _Line, of: Notices) -> bool:
    """Whether a line is the sections that a page is in, or whom, where and when; but "Lorn | Three dead" is not."""
    parts = [_words(part) for part in _PATH.split(line.text)]
    if len(parts) < 2 or "«" in line.text:
        return False
    nested = bool(_NESTED.search(line.text))
    return all(
        len(part) <= _PART
        and extent(" ".join(part)) <= _BRIEF
        and (nested or not _is_lower(part[1:]) or lowered(" ".join(part)) in of.menu)
        for part in parts
    )


def _is_dateline(line: _Line) -> bool:
    """Whether a line is a date, with its day, time and zone, or with what a mark parts from it: a place, a name.

    Before it may be a byline; behind a byline an outlet or a section will do: "By Ada Lorn, BBC News".
    """
    text = line.text
    if byline := _BYLINE.match(text):
        text = text[byline.end() :]
        bare = _Line.of(text, line.lang).bare
        if any(most_phrases(bare, of.menu) for of in notices_for(line.lang)):
            return True
    date = _WHOLE_DATE.search(text)
    if not date or len(_words(text)) > _DATED:
        return False
    *left, before = map(_words, _PARTS.split(text[: date.start()]))
    behind, *right = map(_words, _PARTS.split(text[date.end() :]))
    others = [word for word in before if not _is_date(word, line.lang)]
    return (
        len(others) <= 1
        and all(len(word) <= _SHORT for word in others)
        and all(len(word) <= _ZONE and not _UNPARTED.fullmatch(word) for word in behind)
        and not any(len(part) > 1 and _is_lower(set(part) - _BETWEEN_NAMES) for part in (*left, *right))
    )


def _is_stamped(line: _Line) -> bool:
    """Whether a line has a date, and no more beside its dates and times than credits, labels, days and zones."""
    if not _WHOLE_DATE.search(line.text):
        return False
    others = (_Line.of(piece, line.lang) for piece in _STAMP.split(line.text) if _words(piece))
    return all(map(_is_beside_dates, others))


def _is_beside_dates(piece: _Line) -> bool:
    """Whether a piece of a line with a date is a day, a zone, "updated" or, of more than a word, furniture."""
    if len(piece.words) > 1:
        return _is_furniture(piece)
    is_zone = piece.words[0].isupper() and len(piece.words[0]) <= _ZONE
    if is_zone or _is_date(piece.bare, piece.lang):
        return True
    return any(_is_date_label(piece, of) or _is_credit(piece, of) for of in notices_for(piece.lang))


def _is_date_label(piece: _Line, of: Notices) -> bool:
    """Whether a piece of a line is nothing but what stands before a date: "updated"."""
    dated = of.dated.match(piece.text)
    return dated is not None and not _words(piece.text[dated.end() :])


def _is_date(word: str, lang: str) -> bool:
    """As `is_date`, in English too."""
    return is_date(word, lang) or is_date(word, "en")


def _has_its_words(line: _Line, of: Notices) -> bool:
    """Whether a line is furniture as a language words it."""
    words, bare = len(line.words), line.bare
    phrases = most_phrases(bare, of.menu)
    if phrases >= (1 if words == 1 else _MENU) or (phrases and most_phrases(bare, of.alone)):
        return True
    if words <= LONGEST:
        opening, dated = of.opening.match(bare), of.dated.match(line.text)
        if opening and not _COMMA.search(line.text) and len(bare[opening.end() :].split()) < len(opening[0].split()):
            return True
        if dated and _DATE_BEHIND.match(line.text, dated.end()):
            return True
    return any(kind(line, of) for kind in (_is_path, _is_labelled, _is_credit, _is_weather))


def _is_link(line: _Line, of: Notices) -> bool:
    """Whether a text is an invitation to something else, with a colon or an arrow before it, or nothing behind."""
    link = of.link.match(line.text)
    return bool(link and link["mark"] is not None)


def _is_page_sentence(line: _Line, of: Notices) -> bool:
    """Whether a text begins like a sentence of pages, and is none that somebody said."""
    quoted = line.finished and _SPOKEN.match(line.text)
    return not quoted and bool(of.sentence.match(line.bare)) and not of.said.search(line.text)


def _is_labelled(line: _Line, of: Notices) -> bool:
    """Whether a line is a label, a colon, and names or a list."""
    label = of.label.match(line.text)
    if not label or not label["colon"]:
        return False
    parts = _listed(line.text[label.end() :])
    return _are_names(parts) or (len(parts) >= _LIST and all(len(part) <= _PART for part in parts))


def _is_credit(line: _Line, of: Notices) -> bool:
    """Whether a line is a credit, a colon and few names; without the colon, names in capitals behind "fot." or "by"."""
    credit = of.credit.match(line.text)
    if not credit:
        return False
    behind = line.text[credit.end() :]
    if lowered(credit[0].strip()) in BY:  # "By AP with Reuters"
        return all(map(_is_outlet, chain(*map(_listed, _WITH.split(behind)))))
    names = [part for part in _listed(behind) if not _is_outlet(part)]
    if not credit["colon"] and any(map(_is_lower, names) if _BEFORE_NAMES.search(credit[0]) else names):
        return False
    joined = "".join(chain(*names))
    most = _CASELESS_NAMES if joined.lower() == joined.upper() else _NAMES
    few = sum(map(len, names)) <= most and extent(joined) <= _FEW
    return few and _are_names(names) and not _CLAUSE.search(behind)  # "Ada Lorn/dpa"


def _listed(text: str) -> list[list[str]]:
    """The words of each of the things that a text lists."""
    return [_words(part) for part in _LISTED.split(text)]


def _are_names(parts: Iterable[Sequence[str]]) -> bool:
    """Whether none of several words has one with a small letter before it."""
    return not any(len(part) > 1 and _is_lower(part) for part in parts)


def _is_lower(words: Iterable[str]) -> bool:
    """Whether any of them begins with a small letter, as names do not."""
    return any(word[0].islower() for word in words)


def _is_outlet(words: Sequence[str]) -> bool:
    return most_phrases(lowered(" ".join(words)), outlets()) > 0


def _is_slashed_credit(text: str) -> bool:
    """Whether a line is nothing but who took a picture and for whom: "Ada Lorn/AFP/Getty Images"."""
    if "/" not in text:
        return False
    parts = [_words(part) for part in text.split("/")]
    others = [part for part in parts if not _is_outlet(part)]
    return len(others) < len(parts) and all(map(_is_credited, others))


def _is_credited(words: Sequence[str]) -> bool:
    """Whether these are few names, or one in letters: "joe" of "joe/dpa"."""
    return 0 < len(words) <= _NAMES and (not _is_lower(words) or len("".join(words)) <= _SHORT)


def _is_weather(line: _Line, of: Notices) -> bool:
    """Whether a line has a temperature, the sky, and no more than names of a place or a day."""
    if not _DEGREES.search(line.text):
        return False
    others = [word for word in line.words if lowered(word) not in of.weather]
    return len(others) < len(line.words) and len(others) <= _NAMES and not _is_lower(others)


def _words(text: str) -> list[str]:
    """The words of a text, as written, without its numbers."""
    return [word for word, _ in tokens_of(text) if not word[0].isdigit()]


def resembles_furniture(text: str, lang: str) -> bool:
    """Whether a text looks like a heading, byline, credit, link or a few words: many more than `is_furniture` do."""
    words = [word for word, _ in tokens_of(text)]
    if not words:
        return True
    finished = is_finished(text)
    if len(words) <= 3 and extent(text) < 25 and not finished:
        return True  # too little to say anything
    for link in filter(None, (of.link.match(text) for of in notices_for(lang))):
        if link["mark"] is not None or _COLON_NEAR.match(text, link.end()) or (not finished and extent(text) < _FEW):
            return True
    if len(words) > 8 or finished or any(word[0].isdigit() for word in words):
        return False
    names = sum(word[0].isupper() and not word.isupper() for word in words)
    return _resembles_credit(text, lang) or (len(words) <= 6 and names >= 2 and names >= len(words) - 2)


def _resembles_credit(text: str, lang: str) -> bool:
    """Whether a few words say who wrote or took it: with a colon, or with nothing but names behind."""
    for credit in filter(None, (of.credit.match(text) for of in notices_for(lang))):
        behind = [word for word, _ in tokens_of(text[credit.end() :])]
        if credit["colon"] or all(word[0].isupper() or word in _BETWEEN_NAMES for word in behind):
            return True
    return False
