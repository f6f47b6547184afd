"""Numbers that a text spells in words, and weekdays and months; by tables of some languages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from functools import cache, lru_cache, partial
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from align.text import TOKEN, lowered, plain

_VALUES = (*range(1, 20), *range(20, 100, 10), *range(100, 1000, 100))
_ARTICLES = frozenset({"a", "an"})
_ALONE = frozenset(
    "mil mille cent tysiac tisic тысяча тисяча milion миллион мільйон yüz bin χιλια χιλιοι χιλιες".split()
)
"""Multipliers that are numbers by themselves."""
_AND = {"en": "and", "es": "y", "fr": "et", "nl": "en", "pt": "e", "ro": "si", "da": "og", "no": "og"}  # in a numeral
_JOINS = ("de", "nl", "it", "sv", "da", "no", "hu", "fi")
"""Languages that write hundreds and thousands in one word with what they multiply and what follows."""
_LINKS = {"de": "und", "nl": "en", "cs": "a", "da": "og", "no": "og"}  # between units and tens in one word
_TENS_FIRST = ("es", "it", "sv", "no", "hu", "fi")
"""Languages that write units in one word with the tens before them."""
_SCORES = (60, 80)  # French counts to nineteen behind these
_BEFORE_HALF = frozenset("and a i y e et с з en een og och si és ja και".split())
_HALVES = frozenset(
    "half halbe halben halber poł pul половиной половиною пів demi demie medio media mezzo mezza meio meia halv "
    "jumatate fél puoli μισο".split()
)
_ONE_AND_A_HALF = frozenset(
    "anderthalb anderthalbe poltora połtora połtorej полтора півтора anderhalf halvannen halvanden másfél "
    "puolitoista".split()
)
_SEVERAL = frozenset(
    "mehrere mehreren einige einigen paar nekolik par desitky enkele varios alguns több néhány birkaç".split()
)
"""Words behind which a multiplier is no number."""
_PERCENT = {"per": ("cento", "mille"), "por": ("ciento", "cento", "cien"), "pour": ("cent",)}
_ENDS_IN_HALF = ("einhalb", "enhalf")
_BEGINNINGS = _ARTICLES | _ALONE | _HALVES | _ONE_AND_A_HALF | _PERCENT.keys()
"""What a number may begin with that is no numeral."""
_MARK = re.compile(r"[^\s\-'’ʼ]|\s[-–—]\s")
_WEEK = 7
_HUGE = 10**15  # beyond all multipliers
_LONGEST = 60  # letters of a numeral; a word is taken apart as often as it has multipliers
_MEASURES = {
    "pl": "letn|dniow|godzinn|miesięczn|tygodniow|osobow",
    "cs": "let[^i]|denn|hodinov|měsíčn|týdenn|člen",
    "ru": "летн|дневн|часов|месячн|недельн",
    "uk": "річн|денн|годинн|місячн|тижнев",
    "de": "jährig|tägig|stündig|wöchig|monatig|köpfig",
    "nl": "jarig|daags",
    "sv": "årig|dagars",
    "hu": "éves|napos|órás|hetes|hónapos",
}
"""What is joined to a numeral in adjectives: "trzyletni", "zweitägig"."""
_MARKED = ("ru", "uk", "hu", "tr")  # languages whose marks tell numerals from other words: "öt" is five, "őt" is him
_CAPITALS = ("en", "de", "el")
"""Languages that capitalise weekdays and months; others do not, but for the first word of a sentence."""
_UNSPACED_DAYS = {
    "zh": (  # but not "twice a week", nor "last week Japan's prime minister"
        "一二三四五六日天",
        "(?<![一二三四五六七八九十两兩几幾])(?:星期|礼拜|禮拜|[周週])([一二三四五六]|[日天](?!本))(?![次个個趟场場])",
    ),
    "ja": ("月火水木金土日", "([月火水木金土日])曜"),
}
"""Weekdays where words are not parted: what numbers them, and where it stands."""
_UNSPACED_MONTH = re.compile(r"(?<![一二三四五六七八九十百数數])(\d\d?|十[一二]?|[一二三四五六七八九]) ?[月월]")


def spelled(text: str, lang: str) -> list[int]:
    """The numbers from 2 that a text spells in words: "one hundred and forty-one", "two and a half million".

    What multiplies digits ("2 million") is part of theirs, see `align.numbers`.
    """
    lang = base_of(lang)
    if not knows_numerals(lang):
        return []
    words = parted(text, lang)
    values: list[int] = []
    at = 0
    while at < len(words):
        if words[at][:1].isdigit() or words[at] in _SEVERAL:
            at = power_behind(words, at + 1, lang)[1]
            continue
        value, end = _numeral(words, at, lang) if _may_begin(words[at], lang) else (0, at)
        if value > 1:
            values.append(value)
        at = max(end, at + 1)
    return values


def base_of(lang: str) -> str:
    """The language that the tables have for a code (BCP 47): "pt" for pt-BR, "no" for nb."""
    base = lang.partition("-")[0]
    return "no" if base == "nb" else base


def knows_numerals(lang: str) -> bool:
    """Whether there is a table of a language's numerals."""
    return bool(_numerals(base_of(lang))[0].exact)


def knows_dates(lang: str) -> bool:
    """Whether weekdays and months are known in a language."""
    lang = base_of(lang)
    return lang in _UNSPACED_DAYS or bool(_dates(lang).exact or _dates(lang).stems)


def days_and_months(tokens: Sequence[tuple[str, bool]], lang: str) -> set[str]:
    """The weekdays and months among what `tokens_of` found in a text, as "d1" (Monday) to "d7" and "m1" to "m12".

    Where a language capitalises them they are told by it, and where it does not, by its lack.
    """
    lang = base_of(lang)
    numbers = _in_one_run(" ".join(word for word, _ in tokens), lang) if lang in ("zh", "ja", "ko") else set()
    for at, (word, opens) in enumerate(tokens):
        if word[0].isupper() if lang in _CAPITALS else opens or not word[0].isupper() or lang == "tr":
            is_numbered = [behind for behind, _ in tokens[at + 1 : at + 2]] == ["feira"]  # Portuguese "segunda-feira"
            numbers.add(_date(_folded(word, lang) + ("-feira" if is_numbered else ""), lang))
    return {f"d{number}" if number <= _WEEK else f"m{number - _WEEK}" for number in numbers if number}


def _in_one_run(text: str, lang: str) -> set[int]:
    """The weekdays and months of a text that parts no words, numbered as in the tables."""
    order, days = _UNSPACED_DAYS.get(lang, ("", "(?!)"))
    numbers = {min(order.index(day) + 1, _WEEK) for day in re.findall(days, text)}
    for month in _UNSPACED_MONTH.findall(text):
        number = int(month) if month.isdigit() else sum("一二三四五六七八九十".index(c) + 1 for c in month)
        numbers |= {_WEEK + number} if 0 < number <= 12 else set()
    return numbers


def is_date(word: str, lang: str) -> bool:
    """Whether a word is a weekday or a month, or is spelt like one."""
    lang = base_of(lang)
    return _date(_folded(word, lang), lang) > 0


@lru_cache(200_000)
def alike(word: str, lang: str) -> str:
    """A word as the tables of numerals have it: mostly without marks."""
    return _folded(word, lang) if lang in _MARKED else plain(_folded(word, lang))


def _folded(word: str, lang: str) -> str:
    """A word in lower case without what an apostrophe parts off: before it in French and Italian, else behind it."""
    word = lowered(word).replace("ʼ", "'").replace("\u0307", "")  # the dot that İ leaves behind
    if "'" not in word or lang in ("ru", "uk"):  # where an apostrophe is within words
        return word
    return word.rpartition("'")[2] if lang in ("fr", "it") else word.partition("'")[0]


def power_behind(words: Sequence[str], at: int, lang: str) -> tuple[int, int]:
    """What the words from a place on multiply a number by ("hundred thousand"), and where they end."""
    power, last, known = 1, 1, _powers(lang)
    place = at + (lang == "ro" and words[at : at + 1] == ["de"])  # "20 de mii"
    while place < len(words) and (factor := known.value(words[place])) > last:
        power, last, place = power * factor, factor, place + 1
        at = place
    return power, at


def parted(text: str, lang: str) -> list[str]:
    """The words of a text made alike, and its numbers in digits, with an empty one where a mark parts two."""
    words: list[str] = []
    end = 0
    for match in TOKEN.finditer(text):
        word = match[0] if match[0][0].isdigit() else alike(match[0], lang) or match[0]
        words += ["", word] if _MARK.search(text, end, match.start()) else [word]
        end = match.end()
    return words


@lru_cache(200_000)
def _may_begin(word: str, lang: str) -> bool:
    """Whether a number may begin with a word; most words are looked at no further."""
    is_numeral = word in _numerals(lang)[1] or _value(word, lang) > 0
    return is_numeral or word in _BEGINNINGS or word.endswith(_ENDS_IN_HALF)


def _numeral(words: Sequence[str], start: int, lang: str) -> tuple[int, int]:
    """The number that the words from a place on spell, 0 if none, and where it ends.

    What is below a thousand is added up in `part`; thousands, millions and so on go to the `whole`, each less than the
    one before.
    """
    whole, part, last, at, end = 0, 0, _HUGE, start, start
    if beginning := _begun(words, start, lang):
        return beginning
    if lang == "en" and words[at] in _ARTICLES and power_behind(words, at + 1, lang)[0] > 1:
        part, at = 1, at + 1
    while at < len(words):
        value, behind = _simple(words, at, lang)
        power, past = power_behind(words, at, lang)
        next_power = power_behind(words, behind, lang)[0]
        if value and _fits(value, part, last) and (next_power < last if whole or not part else next_power != 100):
            part += value
            at = end = behind
        elif 1 < power < last and (part or (not whole and words[at] in _ALONE)):
            if power < 1000:
                part = max(part, 1) * power
            else:
                whole, part, last = whole + max(part, 1) * power, 0, power
            at = end = past
        elif end > start and (half := _half(words, at, lang)):
            power, past = power_behind(words, half, lang)
            if part and power > 1:  # "two and a half million"
                return whole + part * power + power // 2, past
            return (whole + last // 2, half) if whole and not part else (whole + part, end)  # "dos millones y medio"
        elif at == end > start and words[at] == _AND.get(lang):
            at += 1
        else:
            break
    return (whole + part, end) if end > start else (0, start)


def _begun(words: Sequence[str], at: int, lang: str) -> tuple[int, int] | None:
    """What begins otherwise: "half a million", "zweieinhalb Millionen", and "per cento", which is no number."""
    word, following = words[at], words[at + 1 : at + 2]
    if word in _HALVES:  # "half a million"
        power, past = power_behind(words, at + (2 if following == ["a"] else 1), lang)
        return (power // 2, past) if power > 1 else (0, at)
    if following and following[0] in _PERCENT.get(word, ()):
        return 0, at + 2
    ending = next((ending for ending in _ENDS_IN_HALF if word.endswith(ending)), "")
    whole = 1 if word in _ONE_AND_A_HALF else _value(word.removesuffix(ending), lang) if ending else 0
    if not whole:
        return None
    power, past = power_behind(words, at + 1, lang)
    return (whole * power + power // 2, past) if power > 1 else (whole, at + 1)


def _simple(words: Sequence[str], at: int, lang: str) -> tuple[int, int]:
    """The number that one word spells, or two ("dix-sept", "quatre-vingt"); 0 if none; and where it ends."""
    if words[at] in _numerals(lang)[1] and (double := _value("-".join(words[at : at + 2]), lang)):
        return double, at + 2
    return _value(words[at], lang), at + 1


def _fits(value: int, part: int, last: int) -> bool:
    """Whether a numeral goes on with what was added up: units behind tens, tens behind hundreds."""
    if not part:
        return value < last
    if part % 1000 == 0:  # "tweeduizend vijfhonderd"
        return value < 1000
    if part % 100 == 0:
        return value < 100
    return part % 10 == 0 and part % 100 >= 20 and (value < 10 or (value < 20 and part % 100 in _SCORES))


def _half(words: Sequence[str], at: int, lang: str) -> int:
    """Where "and a half" ends that begins at a place; 0 if none does."""
    behind = at
    while behind < len(words) and behind < at + 2 and words[behind] in _BEFORE_HALF:
        behind += 1
    has_article = lang != "en" or words[behind - 1] == "a"
    return behind + 1 if at < behind < len(words) and has_article and words[behind] in _HALVES else 0


@lru_cache(200_000)
def _value(word: str, lang: str) -> int:
    """The number that a word made alike spells; 0 if it spells none."""
    return (_numerals(lang)[0].value(word) or _compound(word, lang)) if 0 < len(word) <= _LONGEST else 0


def _compound(word: str, lang: str) -> int:
    """Numerals in one word: "zweihundertfünfzig", "dreiundzwanzig", "veintitrés", "trzyletni"; 0 if it is none."""
    known = _numerals(lang)[0]
    for form, power in _joined(lang):
        left, found, right = word.partition(form)
        if found and (left or form != "mila"):
            right = right.removeprefix("und")
            parts = _value(left, lang) if left else 1, _value(right, lang) if right else 0
            if parts[0] and parts[1] < power and bool(parts[1]) == bool(right):
                return parts[0] * power + parts[1]
    for link in re.finditer(_LINKS.get(lang, "(?!)"), word):
        unit, tens = word[: link.start()], word[link.end() :]
        if known.exact.get(unit, 10) < 10 and known.value(tens) > 19:
            return known.exact[unit] + known.value(tens)
    for form, value in known.exact.items() if lang in _TENS_FIRST else ():
        for first in (form, form[:-1]) if value > 19 else ():
            rest = word.removeprefix(first)
            if rest != word and 0 < _value(rest, lang) < (100 if value > 99 else 10):
                return value + _value(rest, lang)
    measure = _measures(lang).search(word)
    return _value(word[: measure.start()], lang) if measure else 0


class _Forms(NamedTuple):
    """Words, whole and by their stems, with the numbers that they stand for."""

    exact: dict[str, int]
    stems: list[tuple[str, int]]

    @classmethod
    def of(cls, forms: Sequence[tuple[str, int]], key: Callable[[str], str]) -> _Forms:
        """Of forms as the files have them, stems with * behind; `key` makes them alike."""
        exact = {key(form): value for form, value in forms if not form.endswith("*")}
        return cls(exact, [(key(form[:-1]), value) for form, value in forms if form.endswith("*")])

    def value(self, word: str) -> int:
        """The number of a word made alike as these are; 0 if it is none of them."""
        return self.exact.get(word) or next((value for stem, value in self.stems if word.startswith(stem)), 0)


@cache
def _numerals(lang: str) -> tuple[_Forms, frozenset[str]]:
    """The numerals of a language, and what the hyphenated begin with."""
    table = json.loads(Path(__file__).with_name("numerals.json").read_text(encoding="utf-8")).get(lang, "")
    forms = [(form, value) for cell, value in zip(table.split(), _VALUES, strict=False) for form in cell.split("|")]
    return _Forms.of(forms, partial(alike, lang=lang)), frozenset(
        plain(form).partition("-")[0] for form, _ in forms if "-" in form
    )


@cache
def _joined(lang: str) -> list[tuple[str, int]]:
    """The multipliers that a language writes in one word with what they multiply, the largest first."""
    found = _powers(lang).exact.items() if lang in _JOINS else ()
    return sorted(((form, power) for form, power in found if 100 <= power <= 1000), key=itemgetter(1), reverse=True)


@cache
def _measures(lang: str) -> re.Pattern[str]:
    """What a language joins to numerals, made alike."""
    table = _MEASURES.get(lang, "(?!)")
    return re.compile(table if lang in _MARKED else plain(table))


@cache
def _powers(lang: str) -> _Forms:
    """What the words of a language multiply by."""
    table = json.loads(Path(__file__).with_name("powers.json").read_text(encoding="utf-8")).get(lang, {})
    forms = [(form, int(power)) for power, cell in table.items() for form in cell.split()]
    return _Forms.of(forms, partial(alike, lang=lang))


@lru_cache(200_000)
def _date(word: str, lang: str) -> int:
    """The number of a weekday or month; 0 if it is none."""
    return _dates(lang).value(word)


@cache
def _dates(lang: str) -> _Forms:
    """A language's weekdays (1 to 7) and months (from 8 on), with their marks: Polish "maja" is May, "mają" is not."""
    table = json.loads(Path(__file__).with_name("dates.json").read_text(encoding="utf-8")).get(lang, "")
    return _Forms.of([(form, n) for n, cell in enumerate(table.split(), 1) for form in cell.split("|")], str.casefold)
