"""Correct numbers that a translation got wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence, Set
from decimal import Decimal
from itertools import product

from align.dates import days_and_months
from align.multipliers import multiplies, name_of
from align.numbers import WITH_POINTS, in_ascii, numbers_in, values_of
from align.numerals import spelled
from align.settings import base_of, same_language
from align.text import HOURS, tokens_of

_CONVERTED = re.compile(
    r"s\b|(?:st|nd|rd|th)\b|\s*(?:[ap]\.?\s?m\b|in the (?:morning|afternoon|evening)\b|at night\b|o['’]clock\b|"
    r"(?:°|º|degrees?)?\s?\(?F(?:ahrenheit)?\b|"
    r"tonight\b|mph\b|(?:b|mio)\b|[^\W\d_]+ and (?:a half|[^\W\d_]+ months)\b|"
    r"-?(?:(?:square|cubic|sq\.?) )?(?:pound|lb|mile|mi|feet|foot|ft|inch|yard|yd|acre|gallon|ounce|oz)(?:e?s)?\b)",
    re.IGNORECASE,
)
"""What follows a number of another clock or scale than the text's, a decade, or what may be a Roman numeral there."""

_ROMAN = re.compile(r"\b[IVXLC]{2,}\b")
_CONVERSIONS = frozenset(map(Decimal, (7, 12, 24, 60, 365, 1000, 3600)))
"""How many of one unit are in another: days in weeks, minutes in hours, metres in kilometres."""

_TIME = re.compile(r"([01]?\d|2[0-3])[.:]([0-5]\d)")
_DECIMALS = re.compile(r"\D\d\d?$")  # or minutes
_DATE = re.compile(r"[0-3]?\d\.(0?[1-9]|1[0-2])")
_HALF_DAY = re.compile(r"(?<![\d:.])(\d\d?)(?:[:.](\d\d?))?(\s?)([ap])(?=\.?\s?m\b)", re.IGNORECASE)
"""A time of the clock of twelve hours: hour, minutes, space, and the letter of the half of the day."""

_BEHIND = re.compile(r"[\s-]*([^\W\d_]+)")
"""The word behind a number, also where `numbers_in` takes it for no multiplier: "12 - thousand"."""

_Numbers = Sequence[tuple[re.Match[str], set[str]]]
"""The numbers of a text, as `numbers_in` gives them."""


def with_numbers(text: str, translation: str, source: str, target: str) -> str:
    """`translation` with a number that it lost, in place of one that the text has not.

    Only where nothing is guessed: there is one of each of as many digits, or one of each in all, and they have the same
    digits in another order ("67" for 76), all but one of three or more ("210" for 220), or one some of the other's
    ("14" for 14,7). What is as much in other words stays: 10 p.m. for 22, 86 degrees Fahrenheit for 30, 220 pounds for
    100 kg, 2 hours for 120 minutes, fifty for 50, 1,500 for 1,5 tys., the 1980s for lata 80, March 12 for 12.03; so
    does all where the text has a Roman numeral. In English, numbers that the text has are put as it writes them ("3.5"
    for 3,5), with the thousand or million that was lost behind one ("3.2 thousand" for 3,2 tys.), and a time that is
    another than the only one of the text is put right ("2:30 p.m." for 14.30).

    Args:
        text: what was translated.
        translation: what came out.
        source: the language of the text.
        target: that of the translation.
    """
    there, here = numbers_in(text, source), numbers_in(translation, target)
    if not (there and here):
        return translation
    known = [{str(n) for n in spelled(side, lang)} for side, lang in ((text, source), (translation, target))]
    known = [spelt.union(*(values for _, values in side)) for spelt, side in zip(known, (there, here), strict=True)]
    here = [(found, values) for found, values in here if not _CONVERTED.match(translation, found.end())]
    has_points = base_of(source) in WITH_POINTS
    months = set() if has_points else days_and_months(translation, tokens_of(translation), target)
    there = [(found, values) for found, values in there if not _is_named_date(found[0], months)]
    originals, numbers = ([in_ascii(found[0]) for found, _ in side] for side in (there, here))
    is_english = same_language(target, "en")
    write = _in_english if is_english else str
    written = {_digits(number): own for number in originals if (own := write(number)) != number}
    right = {number: written[_digits(number)] for number in numbers if "," in number and _digits(number) in written}
    if is_english:
        right |= _multiplied(there, here, known)
    if not _ROMAN.search(text):
        whole = [(found, values) for found, values in there if _is_all(found[0], values)]
        lost, new = _unmatched(whole, known[1], right), _unmatched(here, known[0], right)
        right |= _replacements(lost, new, write, target)
    for found, _ in reversed(here):
        better = right.get(in_ascii(found[0]), found[0])
        translation = translation[: found.start()] + better + translation[found.end() :]
    timely = [number for number in originals if not (has_points and "." in number)]
    return _with_time(translation, timely, known[0])


def _multiplied(there: _Numbers, here: _Numbers, known: Sequence[set[str]]) -> dict[str, str]:
    """For numbers of a translation that stand for so many thousands or millions of the text's, which they should say.

    Args:
        there: the text's numbers.
        here: the translation's.
        known: the values of both.
    """
    right = {}
    for (original, (whole,)), (found, (bare,)) in product(*(filter(_is_one, side) for side in (there, here))):
        alike = _digits(in_ascii(original[0])) == _digits(bare) and whole not in known[1]
        behind = _BEHIND.match(found.string, found.end())
        is_said = behind and (behind.start(1) == found.end() or multiplies(behind[1], "en"))  # "$2.5b"
        if alike and bare not in known[0] and not is_said:
            power = _power(in_ascii(original[0]), {whole})
            if word := name_of(power, "en"):
                right[in_ascii(found[0])] = f"{_in_english(in_ascii(original[0]))} {word}"
    return right


def _is_one(number: tuple[re.Match[str], set[str]]) -> bool:
    return len(number[1]) == 1


def _is_all(number: str, values: Set[str]) -> bool:
    """Whether a number's digits are all that it consists of; of "2 mln 300 tys." and "1½" they are the beginning."""
    return len(values) > 1 or _digits(in_ascii(number)).strip("0") == _digits(*values).strip("0")


def _is_named_date(number: str, months: Set[str]) -> bool:
    """Whether a number is a day and a month that the translation has in words, being among its months: "12.03"."""
    date = _DATE.fullmatch(number)
    return bool(date and f"m{int(date[1])}" in months)


def _replacements(
    lost: Mapping[str, Set[str]], new: Mapping[str, Set[str]], write: Callable[[str], str], target: str
) -> dict[str, str]:
    """For new numbers of a translation those that it lost, where it is plain which; both with their values.

    With the thousand or million behind them where the translation has none there: "2.6 thousand" for "2.6,000".
    """
    right = {}
    for number in filter(str.isdigit, lost):
        rivals, others = ([n for n in side if n.isdigit() and len(n) == len(number)] for side in (lost, new))
        is_plain = len(rivals) == len(others) == 1 and _is_slip(number, others[0])
        if is_plain and not _is_converted(lost[number], new[others[0]]):
            right[others[0]] = number + _power_missing(number, lost[number], others[0], new[others[0]], target)
    if len(lost) == len(new) == 1:
        (number,), (other,) = lost, new
        if other not in right and _is_like(number, other) and not _is_converted(lost[number], new[other]):
            right[other] = write(number) + _power_missing(number, lost[number], other, new[other], target)
    return right


def _power_missing(number: str, values: Set[str], other: str, others: Set[str], target: str) -> str:
    """The word for what multiplies a number, behind a space, unless another that it replaces is multiplied too."""
    power = _power(number, values)
    word = name_of(power, target) if power > 1 and _power(other, others) == 1 else ""
    return f" {word}" if word else ""


def _power(number: str, values: Set[str]) -> int:
    """What multiplies a number in digits that has these values; 1 if nothing does."""
    bare = values_of(number)
    if len(values) != 1 or len(bare) != 1 or not Decimal(bare[0]):
        return 1
    (value,) = values
    power = Decimal(value) / Decimal(bare[0])
    return int(power) if power == int(power) else 1


def _is_converted(values: Set[str], others: Set[str]) -> bool:
    """Whether one number may be the other in another unit."""
    pairs = [sorted((Decimal(one), Decimal(other))) for one, other in product(values, others)]
    return any(less and more / less in _CONVERSIONS for less, more in pairs)


def _with_time(translation: str, originals: Sequence[str], known: Set[str]) -> str:
    """A translation with the only time that the text has, in place of the only one, before or after noon, that it has.

    Unless the text has a number of the same hour: 2 p.m. is 14, and may be 2.
    """
    times = [time for number in originals if (time := _TIME.fullmatch(HOURS.sub(":", number)))]
    told = list(_HALF_DAY.finditer(translation))
    if not len(times) == len(told) == 1:
        return translation
    (time,), (found,) = times, told
    hours = {Decimal(value) % 12 for value in known if len(value) < 6}
    if int(found[1]) <= 12 and Decimal(f"{found[1]}.{found[2] or 0}") % 12 in hours:
        return translation
    hour, half = int(time[1]), "ap"[int(time[1]) >= 12]
    better = f"{hour % 12 or 12}:{time[2]}{found[3]}{half.upper() if found[4].isupper() else half}"
    return translation[: found.start()] + better + translation[found.end() :]


def _unmatched(numbers: _Numbers, known: set[str], right: Mapping[str, str]) -> dict[str, set[str]]:
    """The numbers of one text, as they stand, of whose values the other has none, and that are not put right.

    Each with its values.
    """
    done = set(map(_digits, right))
    found = {
        in_ascii(number[0]): values
        for number, values in numbers
        if not (values & known if number[0].isdigit() else values <= known)  # "133 m" may be metres or millions
    }
    return {number: values for number, values in found.items() if _digits(number) not in done}


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number)


def _is_like(number: str, other: str) -> bool:
    """Whether one of two numbers has some of the digits of the other, in order, or is a slip for it."""
    if other == f"{number}.5":
        return False  # a half in words or of a sign: "1½", "1時間半"
    few, many = sorted((_digits(number), _digits(other)), key=len)
    if len(few) == len(many):
        return _is_slip(few, many) and bool(_DECIMALS.search(number)) == bool(_DECIMALS.search(other))
    rest = iter(many)
    return all(digit in rest for digit in few)


def _is_slip(digits: str, others: str) -> bool:
    """Whether as many digits are the same in another order or, of three or more, all but one in place."""
    wrong = sum(one != other for one, other in zip(digits, others, strict=True))
    return sorted(digits) == sorted(others) or (wrong == 1 and len(digits) > 2)


def _in_english(number: str) -> str:
    """A number as English writes it."""
    number = HOURS.sub(":", number)
    if "٫" in number:
        return number.replace("٬", ",").replace("٫", ".")
    if decimal := re.fullmatch(r"(\d{1,3}(?:[. ]\d{3})+),(\d+)|(\d+),(\d{1,2}|\d{4,})|(0),(\d+)", number):
        whole, rest = filter(None, decimal.groups())
        return f"{_in_english(whole)}.{rest}"
    return re.sub(r"[. '’٬](?=\d{3}(?!\d))", ",", number)
