"""Weekdays, months and dates, in words and in digits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache

from align.forms import WEEK, Forms, folded, listed
from align.settings import base_of
from align.unspaced import UNSPACED, days_in, months_in

_DAY = re.compile("0?[1-9]|[12][0-9]|3[01]")
_FOUR_DIGITS = re.compile("[12][0-9]{3}")
_SHORTEST = 3  # letters of an abbreviated month
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


def days_and_months(tokens: Sequence[tuple[str, bool]], lang: str) -> set[str]:
    """The weekdays and months among what `tokens_of` found in a text, as "d1" (Monday) to "d7" and "m1" to "m12".

    Where a language capitalises them they are told by it, and where it does not, by its lack.
    """
    lang = base_of(lang)
    text = " ".join(word for word, _ in tokens) if lang in UNSPACED else ""
    numbers = days_in(text, lang) | {WEEK + month for month in months_in(text)}
    for at, (word, opens) in enumerate(tokens):
        if word[0].isupper() if lang in _CAPITALS else opens or not word[0].isupper() or lang == "tr":
            is_numbered = [behind for behind, _ in tokens[at + 1 : at + 2]] == ["feira"]  # Portuguese "segunda-feira"
            numbers.add(_date(folded(word, lang) + ("-feira" if is_numbered else ""), lang))
        if _is_by_day(tokens, at, lang):
            months = months_beginning(folded(word, lang), lang)
            numbers |= months if len(months) == 1 else set()
    return {f"d{number}" if number <= WEEK else f"m{number - WEEK}" for number in numbers if number}


def _is_by_day(tokens: Sequence[tuple[str, bool]], at: int, lang: str) -> bool:
    """Whether a word stands between a day and a year or, with the capital that months have there, beside a day."""
    before = tokens[at - 1][0] if at else ""
    behind = tokens[at + 1][0] if at + 1 < len(tokens) else ""
    if _DAY.fullmatch(before) and _FOUR_DIGITS.fullmatch(behind):
        return True
    has_capital = lang in _CAPITALS and tokens[at][0][0].isupper()
    return has_capital and any(map(_DAY.fullmatch, (before, behind)))


def months_beginning(letters: str, lang: str) -> set[int]:
    """The months, counted behind the weekdays, whose names in a language begin with these letters, three or more."""
    if len(letters) < _SHORTEST:
        return set()
    forms = listed("dates", lang, range(1, WEEK + 13))
    return {number for form, number in forms if number > WEEK and form.rstrip("*").startswith(letters)}


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
    is_date = 1 <= int(day) <= 31 and 1 <= int(month) <= 12
    return {str(int(day)), f"m{int(month)}", year} if is_date else set()


def with_months_in_words(text: str, lang: str) -> str:
    """A text to be translated with its months in words ("17 marca 2031" for 17.03.2031), where these are known."""
    months = _OF_MONTHS.get(base_of(lang))
    return _DATE.sub(lambda date: _in_words(date, months), text) if months else text


def _in_words(date: re.Match[str], months: Sequence[str]) -> str:
    day, mark, month, year = date.groups()[:4]
    if mark != "." or not (0 < int(day) <= 31 and 0 < int(month) <= len(months)):
        return date[0]
    return f"{int(day)} {months[int(month) - 1]} {year}"


@lru_cache(200_000)
def _date(word: str, lang: str) -> int:
    """The number of a weekday or month; 0 if it is none."""
    return _dates(lang).value(word)


@cache
def _dates(lang: str) -> Forms:
    """A language's weekdays (1 to 7) and months (from 8 on), with their marks: Polish "maja" is May, "mają" is not."""
    return Forms.of(listed("dates", lang, range(1, 20)), str.casefold)
