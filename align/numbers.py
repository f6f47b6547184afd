"""The numbers that a text has in digits of any script, and what they are compared by."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal

from align.numerals import base_of, parted, power_behind
from align.text import TOKEN

HOURS = re.compile("h| h | Uhr ")
"""What stands between hours and minutes in words."""
_DIGIT = re.compile(r"\d")
_LAKHS = re.compile(r"\d\d?(?:,\d\d)+,\d{3}(?!\d)")
_MONTH = re.compile(" ?[月월]")


def amount(value: str) -> str:
    """What a value is compared by: itself or, from three significant digits on, these, so that 6.12 m is 612 cm."""
    digits = value.replace(".", "").strip("0")
    return digits if len(digits) > 2 else value


def in_ascii(number: str) -> str:
    """A number with the digits 0 to 9 for those of whatever script."""
    return "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in number)


def numbers_in(text: str, lang: str) -> list[tuple[re.Match[str], set[str]]]:
    """The numbers that a text has in digits, each where it stands and with its values.

    2,300 and 2 300 and "2.3 thousand" are 2300, 6 p.m. is 18. Results and dates are several numbers (3:1, 12.03.2021),
    times are one (18:42 and 18h42 are 18.42, as it is written elsewhere). A month's number (3月) is none, see
    `align.numerals`.
    """
    if not _DIGIT.search(text):  # as most sentences have none
        return []
    lang = base_of(lang)
    words = parted(text, lang)
    places = [at for at, word in enumerate(words) if word]
    tokens = TOKEN.finditer(text)
    return [
        (token, _figure(words, at, lang))
        for token, at in zip(tokens, places, strict=True)
        if words[at][0].isdigit() and not _MONTH.match(text, token.end())
    ]


def _figure(words: Sequence[str], at: int, lang: str) -> set[str]:
    """The values of the digits at a place among the words of a text, parted by its marks."""
    values = _values(in_ascii(words[at]))
    if len(values) > 1:
        return set(values)
    value = Decimal(values[0])
    power, _ = power_behind(words, at + 1, lang)
    if power > 1:
        whole = _normal(format(value * power, "f"))
        return {whole, values[0]} if words[at + 1] == "m" else {whole}  # which may be metres
    behind = [word for word in words[at + 1 : at + 4] if word]
    if (behind[:1] == ["pm"] or behind[:2] == ["p", "m"]) and value < 12:
        return {_normal(str(value + 12))}
    if lang == "en" and (behind[:1] == ["am"] or behind[:2] == ["a", "m"]) and 12 <= value < 13:
        return {_normal(str(value - 12))}
    return set(values)


def _values(number: str) -> list[str]:
    """The values that digits with marks and spaces between them stand for, without idle noughts."""
    number = _LAKHS.sub(lambda groups: groups[0].replace(",", ""), HOURS.sub(":", number).replace("٬", ""))
    if "٫" in number:
        return [_normal(re.sub(r"[^\d٫]", "", number).replace("٫", ".", 1))]
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
