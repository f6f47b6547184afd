"""What an outlet prints around an article: bylines, credits, links, buttons, notices."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from align.data import Sentence
from align.text import BY, extent, is_finished, lowered, tokens_of

_LINK = re.compile(
    r"\W*(?:(?:read|see|watch|listen) (?:also|next|on)\b|also read\b"
    r"|(?:read|see|watch|listen) more(?:\W*$|\W*[:»>→]| (?:about|on|from|in|at|here|stories|news|like)\b)"
    r"|(?:przeczytaj|czytaj|zobacz|sprawdź|obejrzyj|posłuchaj)(?: (?:też|także|również|więcej))?\s*:"
    r"|lesen sie (?:auch|mehr)\b|mehr zum thema|lire aussi|à lire\b|lisez aussi|voir aussi|lea también|lee también"
    r"|te puede interesar|leggi anche|čtěte (?:také|více|dále)|přečtěte si|читайте (?:также|далее)|смотрите также"
    r"|читайте також|дивіться також|lees ook\b|leia (?:também|mais)\b|olvassa (?:el|tovább)\b|阅读更多|延伸阅读"
    r"|(?:sign up (?:for|to)|subscribe to|zapisz się)\b"
    r"(?=.*(?:newsletter|podcast|channel|\balert|briefing|digest|updates|e-?mail|inbox|\bfree\b|\bour\b|edition"
    r"|powiadom|bezpłat|darmow|skrzyn))|subscribe (?:now|here)\b"
    r"|support (?:our|independent) journalism"
    r"|abonnez-vous|abonnieren sie|suscr[ií]b(?:ete|ase)\b|iscriviti\b|подпи(?:шитесь|сывайтесь)"
    r"|підпи(?:шіться|суйтесь))",
    re.IGNORECASE,
)
"""An invitation, to read something else or to pay."""
_RIGHTS = re.compile(
    r"\W*(?:©|(?:copyright|\(c\)) (?:©|\(c\)|\d{4})|all rights reserved|wszelkie prawa zastrzeżone"
    r"|alle rechten? (?:vorbehalten|voorbehouden)|tous droits réservés|(?:todos los )?derechos reservados"
    r"|todos os direitos reservados|tutti i diritti riservati|všechna práva vyhrazena|minden jog fenntartva"
    r"|все права защищены|(?:усі|всі) права захищен[оі]|版权所有|無断転載"
    r"|(?:additional )?(?:reporting|writing) by [^;.]+; (?:additional |further )?(?:reporting|writing|editing) by)",
    re.IGNORECASE,
)
"""Whose the text is, and the line of an agency that says who wrote it."""
_LABEL = re.compile(
    r"\W*(?:more (?:on|about|from|in)\b|related\b|recommended\b|lesen sie\b|mehr zum\b|lisez\b|čtěte\b|přečtěte\b"
    r"|читайте\b|смотрите\b|дивіться\b|olvassa\b|ayrıca\b|اقرأ|阅读|相关|関連)(?P<colon>[^.!?:：。]{0,30}[:：])?",
    re.IGNORECASE,
)
"""What may stand before a link, and begin a sentence too: only with a colon, or where hardly anything follows."""
_CREDIT = re.compile(
    rf"\W*(?:{'|'.join(BY)}|fotos?|photos?|images?|źródło|oprac|tekst|source|reporting by"
    r"|editing by|责任编辑|记者|фото|автор)\b[.\s]*(?P<colon>[:：])?",
    re.IGNORECASE,
)
_BETWEEN_NAMES = frozenset(
    "and und et y e i og och en in for at of from w z we ze a à da de del der des du la le van von aus für pour".split()
)
_FEW = 20  # letters
_BRIEF = 25  # letters of a line that may stand alike on several pages
_LONG = 8  # words that no notice exceeds
_HEADLINE = 4  # words that the name of a page or section hardly has
_DATED = 4  # words that stand with a date: the month, the place, the zone
_YEAR = r"(?:19|20)\d\d"
_TIME = r"\b\d{1,2}[:.]\d\d"
_DATE = re.compile(rf"\b{_YEAR}\b|{_TIME}\b")  # a year, a time, a day and month
_WHOLE_DATE = re.compile(
    rf"\b\d{{1,2}}(?:\.|st|nd|rd|th|er)? (?:de )?[^\W\d_]{{3,}}\.? (?:de )?{_YEAR}\b"
    rf"|\b\d{{1,2}}[./-] ?\d{{1,2}}[./-] ?{_YEAR}\b|\b{_YEAR}-\d\d-\d\d\b|{_YEAR}年"
    rf"|\b[^\W\d_]{{3,}}\.? \d{{1,2}},? {_YEAR}\b"
)
_CLOCK = re.compile(rf"{_TIME}(?!\d)")  # "22:10h" too
_ADDRESS = re.compile(r"\w@\w+\.\w|\bhttps?://|\bwww\.", re.IGNORECASE)
_PATH = re.compile(r"\s[›»>→|•·/]\s")  # between the sections that a page is in, or whom, where and when
_PART = 3  # words of a section
_UNIT = re.compile(r"(?<=\d)\s?(?:°(?:\s?[CF])?|º\s?C|℃|[kK])(?!\w)")  # degrees, thousands of those who shared it
_PLAYER = re.compile(rf"{_TIME} ?/ ?-?{_TIME}\b")  # how much has been played, of how much
_MENU = 4  # sections, with nothing between them


class _Notices(NamedTuple):
    """What a language's pages have: lines, parts of menus, how lines and whole sentences begin, labels of dates."""

    alone: frozenset[str]
    menu: frozenset[str]
    opening: re.Pattern[str]
    sentence: re.Pattern[str]
    label: re.Pattern[str]


def printed_around(sentences: Sequence[Sentence]) -> NDArray[np.bool_]:
    """Which sentences belong to the pages and not to the articles on them, shape (sentences,).

    They are told by their words or, whatever they say, as short lines that are the same, but for digits, in
    several documents of one language: outlets do not word a thing alike, but their pages do. The first line of a
    document may be its headline, which agencies' clients share.
    """
    documents: dict[tuple[str, str], set[str]] = {}
    lines: list[tuple[str, str]] = []
    doc = None
    for sentence in sentences:
        line = "" if is_finished(sentence.text) else _bare(sentence.text)
        if extent(line) > _BRIEF or (sentence.doc != doc and len(line.split()) >= _HEADLINE):
            line = ""
        lines.append((sentence.lang, line))
        doc = sentence.doc
        if line:
            documents.setdefault(lines[-1], set()).add(doc)
    found = [
        len(documents.get(line, ())) > 1 or is_notice(s.text, s.lang) for s, line in zip(sentences, lines, strict=True)
    ]
    return np.array(found, bool)


def is_notice(text: str, lang: str) -> bool:
    """Whether a text is what pages have on them whatever the article: links, buttons, sections, dates, copyrights.

    Some are told by their form, others by their words, known in fourteen languages (`notices.json`); English ones on
    pages of any language.
    """
    if _is_told_by_its_opening(text):
        return True
    line = _bare(text)
    words = len(line.split())
    known = [_notices(code) for code in {lang.partition("-")[0], "en"}]
    if any(notices.sentence.match(line) for notices in known):
        return True
    if is_finished(text):  # "Nov. 21, 2022, 3:20 p.m."
        return bool(words < _DATED and _CLOCK.search(text) and _WHOLE_DATE.search(text))
    if (words <= 1 and extent(line) <= _FEW) or words <= len(_UNIT.findall(text)):  # "Today 12°C / 4°C, cloudy"
        return True
    if words <= _DATED and (_WHOLE_DATE.search(text) or _PLAYER.search(text)):
        return True
    if words <= _LONG and _ADDRESS.search(text):
        return True
    sections = [_bare(part) for part in _PATH.split(text)]
    if (
        len(sections) > 1
        and "«" not in text
        and all(len(section.split()) <= _PART and extent(section) <= _BRIEF for section in sections)
    ):
        return True
    is_short = words <= _LONG
    for notices in known:
        label = notices.label.match(text)
        is_labelled = label and (label["colon"] or (is_short and _DATE.search(text)))
        phrases = _most_phrases(line, notices.menu)
        is_known = phrases >= _MENU or (phrases and _most_phrases(line, notices.alone))
        if is_labelled or is_known or (is_short and notices.opening.match(line)):
            return True
    return False


def _is_told_by_its_opening(text: str) -> bool:
    """Whether a text begins as an invitation does, or a line that says whose the text is; sentences too."""
    return bool(_LINK.match(text) or _RIGHTS.match(text))


def _bare(text: str) -> str:
    """The words of a text without its numbers, their units and marks; apostrophes are alike."""
    words = (lowered(word) for word, _ in tokens_of(_UNIT.sub("", text)))
    return " ".join(word for word in words if not word[0].isdigit())


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
def _phrases() -> dict[str, dict[str, str]]:
    """By kind and language, with | between."""
    content: dict[str, dict[str, str]] = json.loads(
        Path(__file__).with_name("notices.json").read_text(encoding="utf-8")
    )
    return content


@cache
def _notices(lang: str) -> _Notices:
    content = _phrases()
    alone, section = (frozenset(content[kind].get(lang, "").split("|")) for kind in ("alone", "section"))
    opening, sentence, label = (content[kind].get(lang) or "(?!)" for kind in ("opening", "sentence", "label"))
    return _Notices(
        alone,
        alone | section,
        re.compile(rf"(?:{opening})(?!\w)"),
        re.compile(sentence),
        re.compile(rf"\W*(?:{label})(?!\w)\s*(?P<colon>[:：])?", re.IGNORECASE),
    )


def is_furniture(text: str) -> bool:
    """Whether a text looks like what an outlet prints around an article: a byline, a credit, a link, a few words."""
    words = [word for word, _ in tokens_of(text)]
    if not words or _is_told_by_its_opening(text):
        return True
    finished = is_finished(text)
    if len(words) <= 3 and extent(text) < 25 and not finished:
        return True  # too little to say anything
    label = _LABEL.match(text)
    if label and (label["colon"] or (not finished and extent(text) < _FEW)):
        return True
    if len(words) > 8 or finished or any(word[0].isdigit() for word in words):
        return False
    names = sum(word[0].isupper() and not word.isupper() for word in words)
    return _is_credit(text) or (len(words) <= 6 and names >= 2 and names >= len(words) - 2)


def _is_credit(text: str) -> bool:
    """Whether a few words say who wrote or took it: with a colon, or with nothing but names behind."""
    credit = _CREDIT.match(text)
    if not credit:
        return False
    behind = [word for word, _ in tokens_of(text[credit.end() :])]
    return bool(credit["colon"]) or all(word[0].isupper() or word in _BETWEEN_NAMES for word in behind)
