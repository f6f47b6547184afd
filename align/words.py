"""The words of a text and the numbers in it, written in digits of any script or spelled."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

import regex

NUMBER = re.compile(r"\d+(?:[.,:]\d+| \d{3}(?!\d))*")
"""A number in digits, with the marks that part them, and spaces between thousands; in text on one line."""

BY = ("by", "von", "par", "por", "di", "de", "af", "av", "door")
"""What stands before the name of who wrote a text."""

_TOKEN = regex.compile(rf"{NUMBER.pattern}|\p{{L}}[\p{{L}}\p{{M}}]*(?:['’]\p{{L}}[\p{{L}}\p{{M}}]*)?")
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
_VALUES = (*range(1, 20), *range(20, 100, 10))
_AND = frozenset({"et", "y"})  # between tens and units
_HUGE = 10**12  # no number is multiplied further


def tokens_of(text: str) -> list[tuple[str, bool]]:
    """Words and numbers, each with whether it stands where any word is capitalised."""
    text = unicodedata.normalize("NFC", text)
    found, end = [], 0
    for match in _TOKEN.finditer(text):
        between = text[end : match.start()]
        found.append((match.group(), end == 0 or any(c in _OPENS for c in between)))
        end = match.end()
    return found


@lru_cache(200_000)
def plain(word: str) -> str:
    """`word` in lower-case Latin letters without marks; Cyrillic is transliterated, other scripts stay."""
    decomposed = unicodedata.normalize("NFKD", word.casefold().replace("’", "'").translate(_CYRILLIC))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def amount(value: str) -> str:
    """What a value is compared by: itself or, from three significant digits on, these, so that 6.12 m is 612 cm."""
    digits = value.replace(".", "").strip("0")
    return digits if len(digits) > 2 else value


def in_ascii(number: str) -> str:
    """A number with the digits 0 to 9 for those of whatever script."""
    return "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in number)


def spelled(text: str, lang: str) -> list[int]:
    """The numbers from 2 that a text spells in words, as `numerals` gives them."""
    return numerals([word for word, _ in tokens_of(text)], lang)


def numbers_in(text: str, lang: str) -> list[tuple[re.Match[str], set[str]]]:
    """The numbers that a text has in digits, each where it stands and with its values.

    2,300 and 2 300 and "2.3 thousand" are 2300, 6 p.m. is 18. Results and dates are several numbers (3:1, 12.03.2021),
    times are one (18:42 is 18.42, as it is written elsewhere).
    """
    tokens = list(_TOKEN.finditer(text))
    return [(tokens[at], values) for at, values in figures([token[0] for token in tokens], lang)]


def figures(words: Sequence[str], lang: str) -> list[tuple[int, set[str]]]:
    """The numbers in digits among the words of a text, each with its place and its values, as in `numbers_in`."""
    plains = [plain(word) for word in words]
    return [(at, _figure(plains, at, lang)) for at, word in enumerate(words) if word[0].isdigit()]


def _figure(words: Sequence[str], at: int, lang: str) -> set[str]:
    """The values of the digits at a place among plain words."""
    values = _values(in_ascii(words[at]))
    if len(values) > 1:
        return set(values)
    value = Decimal(values[0])
    power, _ = _power(words, at + 1, lang)
    if power > 1:
        whole = _normal(format(value * power, "f"))
        return {whole, values[0]} if words[at + 1] == "m" else {whole}  # which may be metres
    if "".join(words[at + 1 : at + 3]).startswith("pm") and value < 12:
        return {_normal(str(value + 12))}
    return set(values)


def _values(number: str) -> list[str]:
    """The values that digits with marks and spaces between them stand for, without idle noughts."""
    parts = re.split(r"\D", number)
    if ":" in number:
        is_time = len(parts) == 2 and len(parts[0]) <= 2 and len(parts[1]) == 2 and parts[1] < "60"
        return [_normal(".".join(parts))] if is_time else list(map(_normal, parts))
    grouped = all(len(part) == 3 for part in parts[1:-1]) and len(parts[0]) <= 3 and parts[0].strip("0")
    if len(parts) == 1 or (grouped and len(parts[-1]) == 3):
        return [_normal("".join(parts))]
    is_decimal = number[-len(parts[-1]) - 1] in ".," and (len(parts) == 2 or grouped)
    return [_normal("".join(parts[:-1]) + "." + parts[-1])] if is_decimal else list(map(_normal, parts))


def _normal(number: str) -> str:
    whole, _, rest = number.partition(".")
    rest = rest.rstrip("0")
    return (whole.lstrip("0") or "0") + ("." + rest if rest else "")


def numerals(words: Sequence[str], lang: str) -> list[int]:
    """The numbers from 2 that words spell; "forty one" is one of them, and so is "four hundred thousand"."""
    words, lang = [plain(word) for word in words], lang.partition("-")[0]
    known, heads = _numerals(lang)
    values: list[int] = []
    tens = at = 0
    while known.exact and at < len(words):
        double = _value("-".join(words[at : at + 2]), lang) if words[at] in heads else 0  # "dix-sept", "quatre-vingt"
        value = double or _value(words[at], lang)
        behind = at + (2 if double else 1)
        power, end = _power(words, behind, lang) if value else (1, behind)
        if tens and 0 < value < 20 and value < tens:
            values[-1] = (tens + value) * power
        elif value * power > 1:
            values.append(value * power)
        if words[at] not in _AND:
            tens = value if value % 10 == 0 and power == 1 else 0
        at = end
    return values


def _power(words: Sequence[str], at: int, lang: str) -> tuple[int, int]:
    """What the plain words from a place on multiply a number by ("hundred thousand"), and where they end."""
    power, known = 1, _powers(lang.partition("-")[0])
    while at < len(words) and power < _HUGE and (factor := known.value(words[at])):
        power, at = power * factor, at + 1
    return power, at


class _Forms(NamedTuple):
    """Plain words, whole and by their stems, with the numbers that they stand for."""

    exact: dict[str, int]
    stems: list[tuple[str, int]]

    @classmethod
    def of(cls, forms: Sequence[tuple[str, int]]) -> _Forms:
        """Of forms as the files have them, stems with * behind."""
        exact = {plain(form): value for form, value in forms if not form.endswith("*")}
        return cls(exact, [(plain(form[:-1]), value) for form, value in forms if form.endswith("*")])

    def value(self, word: str) -> int:
        """The number of a plain word; 0 if it is none of these."""
        return self.exact.get(word) or next((value for stem, value in self.stems if word.startswith(stem)), 0)


@cache
def _powers(lang: str) -> _Forms:
    """What the words of a language multiply by."""
    table = json.loads(Path(__file__).with_name("powers.json").read_text(encoding="utf-8")).get(lang, {})
    return _Forms.of([(form, int(power)) for power, cell in table.items() for form in cell.split()])


@lru_cache(200_000)
def _value(word: str, lang: str) -> int:
    """The number that a plain word spells; 0 if it spells none."""
    known, _ = _numerals(lang)
    return known.value(word) or _compound(word, known.exact)


def _compound(word: str, exact: dict[str, int]) -> int:
    """German puts units before its tens ("dreiundzwanzig"), Spanish and Italian behind ("veintitrés", "ventotto")."""
    unit, _, tens = word.partition("und")
    if unit in exact and tens in exact:
        return exact[unit] + exact[tens]
    for form, value in exact.items():
        for first in (form, form[:-1]) if value > 19 else ():
            if word.startswith(first) and exact.get(word.removeprefix(first), 10) < 10:
                return value + exact[word.removeprefix(first)]
    return 0


@cache
def _numerals(lang: str) -> tuple[_Forms, frozenset[str]]:
    """The numerals of a language, and what the hyphenated begin with."""
    table = json.loads(Path(__file__).with_name("numerals.json").read_text(encoding="utf-8")).get(lang, "")
    forms = [(form, value) for cell, value in zip(table.split(), _VALUES, strict=False) for form in cell.split("|")]
    return _Forms.of(forms), frozenset(plain(form).partition("-")[0] for form, _ in forms if "-" in form)
