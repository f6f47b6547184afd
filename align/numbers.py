"""The numbers that a text has in digits of any script, and what they are compared by."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from functools import cache

from align.multipliers import doubtful, is_bare, power_behind, powers_of
from align.numerals import BETWEEN, TO, half_behind, parted
from align.settings import base_of
from align.text import HOURS, TOKEN, plain
from align.unspaced import MYRIADS, UNSPACED

_DIGIT = re.compile(r"\d")
_LAKHS = re.compile(r"\d\d?(?:,\d\d)+,\d{3}(?!\d)")
_MONTH = re.compile(" ?[月월]")
_EVENINGS = ("午後", "下午", "晚上", *map(plain, ("오후", "저녁")))
"""What stands before hours after noon."""
_OCLOCK = ("时", "時", "点", "點", plain("시"))
_BEHIND_EVENINGS = {
    "en": ("in the afternoon", "in the evening", "at night", "tonight"),
    "es": ("de la tarde", "de la noche"),
    "pl": ("po południu", "wieczorem"),
    "de": ("uhr nachmittags", "uhr abends", "uhr am nachmittag", "uhr am abend"),
    "fr": ("heures du soir", "h du soir", "heures de apres midi", "h de apres midi"),
    "it": ("di sera", "della sera", "del pomeriggio"),
    "pt": ("da tarde", "da noite", "horas da tarde", "horas da noite"),
    "ru": ("вечера", "часа дня", "часов дня", "часов вечера"),
    "uk": ("вечора", "години дня", "години вечора"),
    "cs": ("odpoledne", "vecer", "hodin odpoledne", "hodin vecer", "hodiny odpoledne"),
}
"""What stands behind them, made alike."""
_BEFORE_OCLOCK = {
    "en": ("at", "by", "until", "till", "around", "from", "about", "before", "after"),
    "es": ("la", "las"),
    "pl": ("o", "do", "po", "od", "około", "przed"),
    "fr": ("a", "vers", "des"),
    "it": ("alle", "dalle", "le", "ore"),
    "pt": ("as", "das", "pelas"),
    "ru": ("в", "к", "до", "с", "около", "после"),
    "uk": ("о", "об", "до", "з", "після", "близько"),
    "cs": ("v", "ve", "do", "od", "po", "kolem"),
}
"""What then has to stand before, so that "3-0 tonight" is none; German says "Uhr" behind."""
_HALF_HOUR = re.compile("[时時点點]半|시 ?반(?:(?![가-힣])|(?=에|쯤|부터|까지|경))")
_DECADE = re.compile("1[5-9][1-9]0")
_BEFORE_DECADE = re.compile("(?:années|años|década de|décadas de|anni|anos|jaren|lata|latach) $", re.IGNORECASE)
_BEHIND_DECADE = re.compile(
    r"['’]?(?:s|er(?:n|nes?)?|l[ae]r\w*)\b|-(?:tal|luvu)|-(?:[хе]|т[іи]х?)\b|-[ae]s évek|年代|년대"
)
"""What tells a decade from a year, in whatever language."""
_TO = {lang: f" {word} " for lang, word in TO.items()} | {"zh": "[至到]", "ja": "から"}
"""What stands between the ends of a range, as a regular expression."""
_CURRENCY = "[$€£¥₹]?"
_REST = 3  # digits behind a thousand in words
_OF_AGE = ("yaş", "yıl")  # how Turkish words for ages begin
WITH_POINTS = frozenset("bn en gu he hi ja kn ko ml mr ms ne pa ta te th ur zh".split())
"""Languages in which a point parts decimals, and neither hours from minutes nor days from months."""
_GROUP = re.compile(r"\d{1,3}([.,])\d{3}")  # which may be thousands, or decimals
_METRIC = re.compile(
    r"[\s-]?(?:(?:[kcdmµμ]?m|[km]?g|t|[mcdh]?l|[kMGT]?Wh?|[kMG]?Hz|[kMGT]B|ha|p|bps?|[кмс]?м|м?к?г|т|га)[²³23]?(?!\w)"
    r"|(?i:(?:square |sq\.? |cubic )?(?:kil[oó]|cent[iyí]|mil+i(?:m|gr|lit)|h[ea][kc]t|lit|m[eè]t[er]|ton|[mg][ie]g[aá]"
    r"|кило|кіло|санти|милли|мілі|метр|гект|лит|літ|тонн|гига|мега|basis|puntos b|punti b|points de b))"
    r"|公里|千米|米|公斤|千克|公顷|公頃|吨|噸|基点|キロ|メートル|センチ|ミリ|トン|ヘクタール|킬로|미터|톤)"
)
"""Behind a number, units that are multiples of each other, so that the digits are the same: 6.12 m is 612 cm."""
_ZONE = re.compile(r"\s(?:[A-Z]{2,4}T|UTC|hours|hrs|local)\b")  # behind "1345"


def amount(value: str) -> str:
    """What a value is compared by: itself or, from three significant digits on, these, so that 6.12 m is 612 cm."""
    return _significant(value) if is_telling(value) else value


def is_telling(value: str) -> bool:
    """Whether a value has three significant digits, which tell it from most others whatever their magnitude."""
    return len(_significant(value)) > 2


def _significant(value: str) -> str:
    """The significant digits of a value: 155 of 1550000."""
    return value.replace(".", "").strip("0")


def is_sure(number: re.Match[str], values: set[str], lang: str) -> bool:
    """Whether the magnitude of a number that `numbers_in` found, in a text on one line, is sure.

    It is not that of a time, of a quantity in a unit that may be another elsewhere, of what may be multiplied by a word
    that is not known, nor of what may have three decimals.
    """
    lang, text, end = base_of(lang), number.string, number.end()
    if len(values) > 1 or not powers_of(lang).exact or _METRIC.match(text, end):
        return False
    if HOURS.search(number[0]) or ":" in number[0] or _ZONE.match(text, end):
        return False
    group = _GROUP.fullmatch(number[0])
    if not group:
        return True
    is_multiplied = values.isdisjoint(values_of(in_ascii(number[0])))
    return not is_multiplied and (group[1] == ".") != (lang in WITH_POINTS)


def in_ascii(number: str) -> str:
    """A number with the digits 0 to 9 for those of whatever script."""
    return "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in number)


def numbers_in(text: str, lang: str) -> list[tuple[re.Match[str], set[str]]]:
    """The numbers that a text has in digits, each where it begins and with its values.

    2,300 and 2 300 and "2.3 thousand" are 2300, 6 p.m. is 18, "2 mln 300 tys." and 3億5000万 are one number, the first
    of "2-3 million" is 2000000, the 1980s are 80. Results and dates are several numbers (3:1, 12.03.2021), times are
    one (18:42, 18h42 and 18時42分 are 18.42, as it is written elsewhere). A month's number (3月) is none, see
    `align.dates`.
    """
    if not _DIGIT.search(text):  # as most sentences have none
        return []
    lang = base_of(lang)
    words = parted(text, lang)
    places = [at for at, word in enumerate(words) if word]
    found, past = [], 0
    for token, at in zip(TOKEN.finditer(text), places, strict=True):
        if at < past or not words[at][0].isdigit() or _MONTH.match(text, token.end()):
            continue
        values, past = _figure(token, words, at, lang)
        found.append((token, values))
    return found


def _figure(token: re.Match[str], words: Sequence[str], at: int, lang: str) -> tuple[set[str], int]:
    """The values of a token's digits, at a place among the words of its text, parted by marks; and where they end."""
    values = values_of(in_ascii(words[at]))
    if len(values) > 1:
        return set(values), at + 1
    total, end = _total(token, values[0], words, at, lang)
    if end > at + 1:
        whole = _normal(format(total, "f"))
        return ({whole, values[0]} if doubtful(lang).intersection(words[at + 1 : at + 2]) else {whole}), end
    is_half = lang in UNSPACED and values[0].isdigit() and _HALF_HOUR.match(token.string, token.end())
    value = _in_day(f"{values[0]}.3" if is_half else values[0], words, at, lang)
    return ({value} if value != values[0] else _in_context(token, value, words, at, lang)), end


def _total(token: re.Match[str], value: str, words: Sequence[str], at: int, lang: str) -> tuple[Decimal, int]:
    """What a value comes to with what is behind, and where it ends: "2 mln 300 tys.", "2½ million", "3 and a half"."""
    total, end = Decimal(value), at + 1
    if (sign := token.string[token.end() : token.end() + 1]) and sign in "¼½¾":
        total, end = total + Decimal(unicodedata.numeric(sign)), end + 1  # the mark parts words
    last, end = power_behind(words, end, lang)
    total *= last
    while last > 1 and is_bare(words[end - 1], lang) and end < len(words) and words[end].isdigit():
        more = Decimal(in_ascii(words[end]))
        power, past = power_behind(words, end + 1, lang)
        common = max(myriad for myriad in MYRIADS if power % myriad == 0) if lang in UNSPACED else power
        goes_on = power > 1 or lang in UNSPACED or (last == 1000 and _is_rest(words, end, lang))
        if more * power < last and goes_on:
            total += more * power
        elif last == 1000 < power and more * power < last * common:  # "3 mil 500 millones", 5千4百万
            total = (total + more * power / common) * common
        else:
            break
        last, end = power, past
    halved, past = half_behind(words, end, lang)
    return (total * halved + Decimal(max(halved, last)) / 2, past) if halved else (total, end)


def _is_rest(words: Sequence[str], at: int, lang: str) -> bool:
    """Whether digits are what is left behind thousands: "48 тыс. 216", in Turkish also "68 bin 41"; no age there."""
    is_age = any(word.startswith(_OF_AGE) for word in words[at + 1 : at + 2])
    return len(words[at]) == _REST or (lang == "tr" and len(words[at]) < _REST and not is_age)


def _in_day(value: str, words: Sequence[str], at: int, lang: str) -> str:
    """A value as the hour of a day of 24, where it is said to be before or after noon."""
    behind = " ".join(word for word in words[at + 1 : at + 4] if word) + " "
    is_late = behind.startswith(("pm ", "p m "))
    if lang not in _BEFORE_OCLOCK or (at and words[at - 1] in _BEFORE_OCLOCK[lang]):
        phrase = " ".join(words[at + 1 : at + 4]) + " "  # which no mark parts
        is_late |= any(phrase.startswith(f"{evening} ") for evening in _BEHIND_EVENINGS.get(lang, ()))
    is_late |= lang in UNSPACED and at > 0 and words[at - 1].endswith(_EVENINGS) and _is_hour(words, at)
    if is_late and Decimal(value) < 12:
        return _normal(str(Decimal(value) + 12))
    is_early = lang == "en" and behind.startswith(("am ", "a m "))
    return _normal(str(Decimal(value) - 12)) if is_early and 12 <= Decimal(value) < 13 else value


def _is_hour(words: Sequence[str], at: int) -> bool:
    """Whether digits are hours where words are not parted: 3時, 3:30, but not 3時間."""
    behind = "".join(words[at + 1 : at + 2])
    return ":" in HOURS.sub(":", words[at]) or (behind.startswith(_OCLOCK) and behind[1:2] not in ("間", "间"))


def _in_context(token: re.Match[str], value: str, words: Sequence[str], at: int, lang: str) -> set[str]:
    """What stands around a number may make of its value: a decade, the lower end of a range of millions."""
    text, end = token.string, token.end()
    if _DECADE.fullmatch(value) and (_BEFORE_DECADE.search(text, 0, token.start()) or _BEHIND_DECADE.match(text, end)):
        return {value[2:]}
    link = _range(lang).match(text, end)
    if link and (not link["between"] or _between(lang).search(text, 0, token.start())):
        above = next(place for place in range(at + 1, len(words)) if words[place][:1].isdigit())
        (most, *others), (power, past) = values_of(in_ascii(words[above])), power_behind(words, above + 1, lang)
        if not others and Decimal(value) < Decimal(most) and power >= 1000:
            whole = _normal(format(Decimal(value) * power, "f"))
            return {whole, value} if words[past - 1] in doubtful(lang) else {whole}
    return {value}


@cache
def _range(lang: str) -> re.Pattern[str]:
    """What stands between the ends of a range in digits."""
    to, link = _TO.get(lang, "(?!)"), BETWEEN[lang][1] if lang in BETWEEN else "(?!)"
    return re.compile(rf"(?:[-–—~〜～]|{to}|(?P<between> (?:{link}) )){_CURRENCY}(?=\d)")


@cache
def _between(lang: str) -> re.Pattern[str]:
    """What stands before the first end of a range whose ends an "and" links."""
    return re.compile(rf"\b(?:{BETWEEN[lang][0]}) {_CURRENCY}$", re.IGNORECASE)


def values_of(number: str) -> list[str]:
    """The values that digits with marks and spaces between them stand for, without idle noughts."""
    number = _LAKHS.sub(lambda groups: groups[0].replace(",", ""), HOURS.sub(":", number).replace("٬", ""))
    if number.count("٫") == 1 and not re.search("[.,:]", number):
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
