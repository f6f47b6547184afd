"""Weekdays, months and dates, in words and in digits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache

from align.forms import WEEK, Forms, folded, listed
from align.settings import base_of
from align.unspaced import UNSPACED, days_in, months_in

_SHORTEST = 3  # letters of an abbreviated month
_DAY = r"0?[1-9]|[12]\d|3[01]"
_CUT_SHORT = re.compile(
    rf"(?<![^\W_])(?:(?P<day>{_DAY})\.? )?(?P<month>[^\W\d_]{{3,5}})(?P<stop>\.?)"
    rf"(?=(?: (?P<behind>{_DAY}))?(?:,? (?P<year>[12]\d{{3}}))?(?![^\W_]))"
)
"""What may be a month that is cut short, with what stands beside it: "24. Okt.", "9 ноя 2025", "Jan 17"."""
_TWO_WORDS = {
    "ar": {"كانون الثاني": 1, "تشرين الأول": 10, "تشرين الثاني": 11, "كانون الأول": 12},
}
"""Months of two words, which the table does not have."""
_PREFIXES = {"ar": "وبلف"}
"""Letters that a language writes before a word without a space: and, in, for."""
_ALSO_WORDS = {"ar": frozenset({"مارس", "نيسان"})}
"""Months that are other words, too, unless a number or `_BEFORE_MONTHS` stands before."""
_BEFORE_MONTHS = frozenset("في شهر من إلى خلال منذ نهاية بداية منتصف أواخر مطلع حتى".split())
_CAPITALS = ("en", "de", "el")
"""Languages that capitalise weekdays and months; others do not, but for the first word of a sentence."""
_YEAR = r"((?:1[5-9]|20)\d\d)"
_DATE = re.compile(
    rf"(?<![\d.,:/-])(?:(\d\d?)([./-]) ?(\d\d?)\2 ?{_YEAR}|{_YEAR}([./-]) ?(\d\d?)\6 ?(\d\d?))(?!\d|[.,/-]\d)", re.ASCII
)
"""Day, mark, month and year; or year, mark, month and day."""
_OF_MONTHS = {
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia".split(),
}
"""The months as they stand behind a day, in languages whose package breaks dates in digits."""


def knows_dates(lang: str) -> bool:
    """Whether weekdays and months are known in a language."""
    lang = base_of(lang)
    return lang in ("zh", "ja") or bool(_dates(lang).exact or _dates(lang).stems)


def days_and_months(text: str, tokens: Sequence[tuple[str, bool]], lang: str) -> set[str]:
    """The weekdays and months of a text, with what `tokens_of` finds in it, as "d1" (Monday) to "d7", "m1" to "m12".

    Where a language capitalises them they are told by it, and where it does not, by its lack. Months that are cut short
    are told beside a day and a year or, with a capital that months have there, beside a day, before a full stop or in
    English.
    """
    lang = base_of(lang)
    unspaced = " ".join(word for word, _ in tokens) if lang in UNSPACED else ""
    months = months_in(unspaced) | {month for words, month in _TWO_WORDS.get(lang, {}).items() if words in text}
    numbers = days_in(unspaced, lang) | {WEEK + month for month in months}
    for at, (word, opens) in enumerate(tokens):
        if word[0].isupper() if lang in _CAPITALS else opens or not word[0].isupper() or lang == "tr":
            is_numbered = [behind for behind, _ in tokens[at + 1 : at + 2]] == ["feira"]  # Portuguese "segunda-feira"
            number = _date(folded(word, lang) + ("-feira" if is_numbered else ""), lang)
            before = tokens[at - 1][0] if at else ""
            is_date = word not in _ALSO_WORDS.get(lang, ()) or before in _BEFORE_MONTHS or before.isdigit()
            numbers.add(number if is_date else 0)
    if any(word.isdigit() for word, _ in tokens):  # most texts have none
        numbers |= {WEEK + month for found in _CUT_SHORT.finditer(text) for month in _cut_short(found, lang)}
    return {f"d{number}" if number <= WEEK else f"m{number - WEEK}" for number in numbers if number}


def _cut_short(found: re.Match[str], lang: str) -> set[int]:
    """The month that is cut short there; none where it is none, or may be several."""
    word, has_day = found["month"], found["day"] or (found["behind"] and lang in _CAPITALS)
    has_capital = lang in _CAPITALS and word[0].isupper() and not word.isupper()
    is_told = found["stop"] or (lang == "en" and len(word) == _SHORTEST)
    if not has_day or not (found["year"] or (has_capital and is_told)):
        return set()
    months = months_beginning(folded(word, lang), lang)
    return months if len(months) == 1 else set()


def months_beginning(letters: str, lang: str) -> set[int]:
    """The months, from 1 to 12, whose names in a language begin with these letters, three or more."""
    if len(letters) < _SHORTEST:
        return set()
    return {month for name, month in _months(lang).items() if name.startswith(letters)}


def is_month(word: str, lang: str) -> bool:
    """Whether a word in small letters is a month or, if months have many forms, the beginning of all of them."""
    return word in _months(lang)


def is_date(word: str, lang: str) -> bool:
    """Whether a word is a weekday or a month, or is spelt like one."""
    lang = base_of(lang)
    return _date(folded(word, lang), lang) > 0


def without_dates(text: str, lang: str) -> tuple[str, set[str]]:
    """A text with spaces for its full dates in digits, and what these say: day and year, and the month as "m3".

    In English 3/12/2021 may be in March or December and says the year alone.
    """
    rest, said = text, set[str]()
    for found in _DATE.finditer(text):
        if values := _said_by(found, lang):
            said |= values
            rest = rest[: found.start()] + " " * len(found[0]) + rest[found.end() :]
    return rest, said


def _said_by(date: re.Match[str], lang: str) -> set[str]:
    """The values of what may be a date; none if it is no date."""
    first, mark, second, last, year, _, month, day = date.groups()
    if first:
        day, month, year = first, second, last
    if mark == "/" and base_of(lang) == "en":
        month, day = sorted((month, day), key=int)  # one above 12 is the day
        if int(day) <= 12 and day != month:
            return {year}
    return {str(int(day)), f"m{int(month)}", year} if _is_in_year(day, month) else set()


def with_months_in_words(text: str, lang: str) -> str:
    """A text to be translated with its months in words ("17 marca 2031" for 17.03.2031), where these are known."""
    months = _OF_MONTHS.get(base_of(lang))
    return _DATE.sub(lambda date: _in_words(date, months), text) if months else text


def _in_words(date: re.Match[str], months: Sequence[str]) -> str:
    day, mark, month, year = date.groups()[:4]
    if mark != "." or not _is_in_year(day, month):
        return date[0]
    return f"{int(day)} {months[int(month) - 1]} {year}"


def _is_in_year(day: str, month: str) -> bool:
    return 1 <= int(day) <= 31 and 1 <= int(month) <= 12


@lru_cache(200_000)
def _date(word: str, lang: str) -> int:
    """The number of a weekday or month; 0 if it is none."""
    known = _dates(lang)
    return known.value(word) or (known.value(word[1:]) if word[:1] in _PREFIXES.get(lang, ()) else 0)


@cache
def _dates(lang: str) -> Forms:
    """A language's weekdays (1 to 7) and months (from 8 on), with their marks: Polish "maja" is May, "mają" is not."""
    return Forms.of(_listed(lang), str.casefold)


@cache
def _months(lang: str) -> dict[str, int]:
    """A language's months, from 1 to 12, of which only the beginning is given if they have many forms."""
    return {form.rstrip("*"): number - WEEK for form, number in _listed(lang) if number > WEEK}


def _listed(lang: str) -> list[tuple[str, int]]:
    return listed("dates", lang, range(1, WEEK + 13))
