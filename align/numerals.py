"""Numbers that a text spells in words, by the tables of `align.forms`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache, partial
from operator import itemgetter

from align.forms import Forms, alike, listed
from align.multipliers import is_shortened, power_behind, powers_of
from align.settings import base_of
from align.text import TOKEN, plain
from align.unspaced import values_in

_VALUES = (*range(1, 20), *range(20, 100, 10), *range(100, 1000, 100))
_ARTICLES = frozenset({"a", "an"})
_ALONE = frozenset(
    "mil mille cent tysiac tisic тысяча тисяча milion milión миллион мільйон yüz bin χιλια χιλιοι χιλιες".split()
)
"""Multipliers that are numbers by themselves."""
_AND = {"en": "and", "es": "y", "fr": "et", "nl": "en", "pt": "e", "ro": "si", "da": "og", "no": "og"}  # in a numeral
_JOINS = ("de", "nl", "it", "sk", "sv", "da", "no", "hu", "fi")
"""Languages that write hundreds and thousands in one word with what they multiply and what follows."""
_LINKS = {"de": "und", "nl": "en", "cs": "a", "da": "og", "no": "og"}  # between units and tens in one word
_TENS_FIRST = ("es", "it", "cs", "sk", "sv", "no", "hu", "fi")
"""Languages that write units in one word with the tens before them."""
_SCORES = (60, 80)  # French counts to nineteen behind these
_BEFORE_HALF = frozenset("and a i y e et с з en een og och si és ja και".split())
_THINGS_BEFORE_HALF = ("fr", "es", "it", "pt", "ro")
"""Languages in which what is counted stands before "and a half": "dos años y medio"."""
_HALVES = frozenset(
    "half halb halbe halben halber poł wpoł pul pol половиной половиною половине пів demi demie medio media mezzo "
    "mezza meio meia halv jumatate fél puoli μισο yarım".split()
)
_ONE_AND_A_HALF = frozenset(
    "anderthalb anderthalbe poltora połtora połtorej полтора півтора anderhalf halvannen halvanden másfél "
    "puolitoista".split()
)
_HALF_OF = re.compile("полу|пол|пів|fél")
"""What is half of the multiplier that it is joined to: "полмиллиона"."""
_SEVERAL = frozenset(
    "mehrere mehreren einige einigen paar nekolik par desitky enkele varios alguns több néhány birkaç".split()
)
"""Words behind which a multiplier is no number."""
_NINE_OR_NEW = "noua"
"""In Romanian: nine behind tens and before hundreds and the like, or new."""
_PERCENT = {"per": ("cento", "mille"), "por": ("ciento", "cento", "cien"), "pour": ("cent",)}
_HOURS_OF_HALVES = frozenset("cs da de en fi nl no pl ru sk sv uk".split())
"""Languages in which a half hour is told by an hour: "half past ten", "halb elf"."""
_BEFORE_HOURS = {"en": "past", "pl": "do", "uk": "на"}
"""What stands between them: "wpół do jedenastej"."""
TO = {
    "en": "to", "pl": "do", "de": "bis", "fr": "à", "es": "a", "it": "a", "pt": "a", "nl": "tot",
    "cs": "až", "sk": "až", "uk": "до", "ru": "до", "sv": "till", "da": "til", "no": "til",
}  # fmt: skip
"""What stands between the ends of a range."""
BETWEEN = {
    "en": ("between", "and"), "pl": ("między|pomiędzy", "a|i"), "de": ("zwischen", "und"), "fr": ("entre", "et"),
    "es": ("entre", "y"), "it": ("tra|fra", "e"), "pt": ("entre", "e"), "nl": ("tussen", "en"), "cs": ("mezi", "a"),
    "sk": ("medzi", "a"), "uk": ("між", "і|й|та"), "ru": ("между", "и"), "sv": ("mellan", "och"),
    "da": ("mellem", "og"), "no": ("mellom", "og"),
}  # fmt: skip
"""What stands before the first end of a range, and then between both; words parted by bars."""
_ENDS_IN_HALF = ("einhalb", "enhalf")
_BEGINNINGS = _ARTICLES | _ALONE | _HALVES | _ONE_AND_A_HALF | _PERCENT.keys() | {_NINE_OR_NEW}
"""What a number may begin with that is no numeral."""
_MARK = re.compile(r"[^\s\-'’ʼ]|\s[-–—]\s")
_HUGE = 10**15  # beyond all multipliers
_LONGEST = 60  # letters of a numeral; a word is taken apart as often as it has multipliers
_MEASURES = {
    "pl": "letn|dniow|godzinn|miesięczn|tygodniow|osobow",
    "cs": "let[^i]|denn|hodinov|měsíčn|týdenn|člen",
    "sk": "roč|dňov|hodinov|mesačn|týždňov|člen",
    "ru": "летн|дневн|часов|месячн|недельн",
    "uk": "річн|денн|годинн|місячн|тижнев",
    "de": "jährig|tägig|stündig|wöchig|monatig|köpfig|(?<=ig)ste[nrms]?$|(?<=[a-z]zehn)te[nrms]?$",
    "nl": "jarig|daags|(?<=ig)ste$|(?<=[a-z]tien)de$",
    "sv": "årig|dagars",
    "hu": "éves|napos|órás|hetes|hónapos|(?<!hét)[ae]n$",
}
"""What is joined to a numeral in adjectives: "trzyletni", "zweitägig", "zwanzigste"."""
_CENTURIES = {
    "pl": "wiek|wiecz",
    "uk": "столітт",
    "ru": "век",
    "fr": "siecle",
    "es": "siglo",
    "it": "secol",
    "pt": "seculo",
    "hu": "század",
}
"""Beside what Roman numerals are numbers."""
_UNITS = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
_ROMAN = re.compile(rf"(x{{0,3}})({'|'.join(_UNITS)})(?:e|eme)?")
_BETWEEN_CENTURIES = frozenset("y et és и й та".split())
_NEAR = 6  # words
_LATIN = str.maketrans("хі", "xi")


def spelled(text: str, lang: str) -> list[float]:
    """The numbers above 1 that a text spells in words: "one hundred and forty-one", "two and a half", "XIX wiek".

    What multiplies digits ("2 million") is part of theirs, see `align.numbers`.
    """
    lang = base_of(lang)
    if not knows_numerals(lang):
        return [*values_in(text, lang)]
    words = parted(text, lang)
    values: list[float] = []
    at = 0
    while at < len(words):
        if words[at][:1].isdigit() or words[at] in _SEVERAL:
            at = power_behind(words, at + 1, lang)[1]
            at = half_behind(words, at, lang)[1]
            continue
        value, end = _numeral(words, at, lang) if _may_begin(words[at], lang) else (_century(words, at, lang), at)
        value *= _power_of_range(value, words, at, end, lang)
        if value > 1:
            values.append(value)
        at = max(end, at + 1)
    return values


def knows_numerals(lang: str) -> bool:
    """Whether there is a table of a language's numerals."""
    return bool(_numerals(base_of(lang))[0].exact)


def half_behind(words: Sequence[str], at: int, lang: str) -> tuple[int, int]:
    """What "and a half" from a place on is the half of (1, or the million of "and a half million"), and where it ends.

    0 if there is none.
    """
    half = _half(words, at, lang)
    if not half or (half < len(words) and (words[half][:1].isdigit() or _value(words[half], lang))):
        return 0, at  # "mellan 5 och halv 6"
    return power_behind(words, half, lang)


def parted(text: str, lang: str) -> list[str]:
    """The words of a text made alike, and its numbers in digits, with an empty one where a mark parts two."""
    words: list[str] = []
    end = 0
    for match in TOKEN.finditer(text):
        word = match[0] if match[0][0].isdigit() else alike(match[0], lang) or match[0]
        is_marked = _MARK.search(text, end, match.start()) and not (
            text[end : match.start()] == ". " and word[0].isdigit() and words and is_shortened(words[-1], lang)
        )
        words += ["", word] if is_marked else [word]
        end = match.end()
    return words


@lru_cache(200_000)
def _may_begin(word: str, lang: str) -> bool:
    """Whether a number may begin with a word; most words are looked at no further."""
    is_numeral = word in _numerals(lang)[1] or _value(word, lang) > 0
    return is_numeral or word in _BEGINNINGS or word.endswith(_ENDS_IN_HALF) or _HALF_OF.match(word) is not None


def _numeral(words: Sequence[str], start: int, lang: str) -> tuple[float, int]:
    """The number that the words from a place on spell, 0 if none, and where it ends.

    What is below a thousand is added up in `part`; thousands, millions and so on go to the `whole`, each less than the
    one before.
    """
    whole, part, last, at, end = 0, 0, _HUGE, start, start
    if beginning := _begun(words, start, lang) or (_year(words, start) if lang == "en" else None):
        return beginning
    if lang == "en" and words[at] in _ARTICLES and power_behind(words, at + 1, lang)[0] > 1:
        part, at = 1, at + 1
    while at < len(words):
        value, behind = _simple(words, at, lang, part)
        power, past = power_behind(words, at, lang)
        next_power = power_behind(words, behind, lang)[0]
        is_hundreds = lang == "en" and 20 < part + value < 100  # "twenty-five hundred"
        goes_on = next_power < last if whole or not part else next_power != 100 or is_hundreds
        if value and _fits(value, part, last) and goes_on:
            part += value
            at = end = behind
        elif 1 < power < last and (part or words[at] in _ALONE):
            if power < 1000:
                part = max(part, 1) * power
            else:
                whole, part, last = whole + max(part, 1) * power, 0, power
            at = end = past
        elif end > start and (half := _half(words, at, lang) or _half_behind_things(words, at, lang)):
            power, past = power_behind(words, half, lang)
            if part and power > 1:  # "two and a half million"
                return whole + part * power + power // 2, past
            return (whole + last // 2 if whole and not part else whole + part + 0.5), half  # "dos millones y medio"
        elif at == end > start and words[at] == _AND.get(lang):
            at += 1
        else:
            break
    return (whole + part, end) if end > start else (0, start)


def _power_of_range(value: float, words: Sequence[str], start: int, end: int, lang: str) -> int:
    """What the higher end of a range multiplies its lower end by, at [start, end): "two to three million"."""
    link, following = (*words[end : end + 2], "", "")[:2]
    if not 0 < value < 1000 or not _may_begin(following, lang):
        return 1
    is_range = lang in TO and link == alike(TO[lang], lang)
    if lang in BETWEEN and start > 0:
        before, between = (alike(either, lang).split("|") for either in BETWEEN[lang])
        is_range |= words[start - 1] in before and link in between
    if not is_range:
        return 1
    most = _numeral(words, end + 1, lang)[0]
    power = next((power for power in (10**12, 10**9, 10**6, 10**3) if most >= power), 1)
    if power == 1 or most / power <= value:
        return 1
    return 100 * power if value < 10 and most % (100 * power) == 0 else power  # "three to five hundred thousand"


def _begun(words: Sequence[str], at: int, lang: str) -> tuple[float, int] | None:
    """What begins otherwise: "half a million", "zweieinhalb Millionen", and "per cento", which is no number."""
    word, following = words[at], words[at + 1 : at + 2]
    if (half := _HALF_OF.match(word)) and (power := powers_of(lang).value(word[half.end() :])) > 1:
        return power // 2, at + 1
    if word in _HALVES:  # "half a million"
        power, past = power_behind(words, at + (2 if following == ["a"] else 1), lang)
        return (power // 2, past) if power > 1 else _half_hour(words, at + 1, lang) or (0, at)
    if following and following[0] in _PERCENT.get(word, ()):
        return 0, at + 2
    ending = next((ending for ending in _ENDS_IN_HALF if word.endswith(ending)), "")
    whole = 1 if word in _ONE_AND_A_HALF else _value(word.removesuffix(ending), lang) if ending else 0
    if not whole:
        return None
    power, past = power_behind(words, at + 1, lang)
    return (whole * power + power // 2, past) if power > 1 else (whole + 0.5, at + 1)


def _half_hour(words: Sequence[str], at: int, lang: str) -> tuple[float, int] | None:
    """The time that is half past an hour, or half before the next: "halb elf" is 10.3, for 10:30."""
    link = _BEFORE_HOURS.get(lang, "")
    at += words[at : at + 1] == [link]
    if lang not in _HOURS_OF_HALVES or (lang == "en" and words[at - 1] != link):
        return None
    hour = next((_value(word, lang) or _ordinals(lang).value(word) for word in words[at : at + 1]), 0)
    if not 1 <= hour <= 12:
        return None
    past = hour if lang == "en" else (hour - 1) or 12
    return float(f"{past}.3"), at + 1


def _year(words: Sequence[str], at: int) -> tuple[int, int] | None:
    """A year as English says it, by its hundreds and the rest: "nineteen eighty-nine"."""
    hundreds, tens, unit = (_value(word, "en") for word in [*words[at : at + 3], "", ""][:3])
    end = at + 3 if 0 < unit < 10 and tens % 10 == 0 and tens > 10 else at + 2
    if not (15 <= hundreds <= 20 and tens >= 10) or power_behind(words, end, "en")[0] > 1:
        return None
    return 100 * hundreds + tens + (unit if end == at + 3 else 0), end


def _simple(words: Sequence[str], at: int, lang: str, part: int) -> tuple[int, int]:
    """The number that one word spells, or two ("dix-sept", "quatre-vingt"); 0 if none; and where it ends.

    Behind tens (`part` is what was added up), units are told as ordinals too: "twenty-first".
    """
    if words[at] == _NINE_OR_NEW and lang == "ro":
        is_nine = (part % 100 >= 20 and part % 10 == 0) or power_behind(words, at + 1, lang)[0] > 1
        return 9 * is_nine, at + 1
    if words[at] in _numerals(lang)[1] and (double := _value("-".join(words[at : at + 2]), lang)):
        return double, at + 2
    value = _value(words[at], lang)
    return value or (_ordinals(lang).value(words[at]) if part % 100 >= 20 and part % 10 == 0 else 0), at + 1


def _century(words: Sequence[str], at: int, lang: str) -> int:
    """The century that a word numbers with a Roman numeral, 0 if none: "XIX wiek", "siglo XIX"."""
    roman = _ROMAN.fullmatch(words[at].translate(_LATIN)) if lang in _CENTURIES else None
    if not roman or not words[at]:
        return 0
    sides = words[max(at - _NEAR, 0) : at][::-1], words[at + 1 : at + _NEAR]
    beside = (next((w for w in side if not _ROMAN.fullmatch(w) and w not in _BETWEEN_CENTURIES), "") for side in sides)
    return 10 * len(roman[1]) + _UNITS.index(roman[2]) if any(re.match(_CENTURIES[lang], w) for w in beside) else 0


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
    if lang == "tr":
        return at + 1 if words[at : at + 1] == ["buçuk"] else 0
    behind = at
    if lang in _THINGS_BEFORE_HALF and words[at : at + 1] == ["a"]:
        return 0  # "de 100 a medio millón"
    while behind < len(words) and behind < at + 2 and words[behind] in _BEFORE_HALF:
        behind += 1
    if not at < behind < len(words) or words[behind] not in _HALVES:
        return 0
    return behind + 1 if lang != "en" or words[behind - 1] == "a" else 0


def _half_behind_things(words: Sequence[str], at: int, lang: str) -> int:
    """Where "años y medio" ends that begins at a place; 0 if none does, as in "goles y media hora"."""
    half = _half(words, at + 1, lang) if lang in _THINGS_BEFORE_HALF else 0
    agrees = half and (lang == "it" or not words[half - 1].endswith("a") or words[at].endswith(("a", "as")))
    return half if agrees and power_behind(words, half, lang)[0] == 1 else 0


@lru_cache(200_000)
def _value(word: str, lang: str) -> int:
    """The number that a word made alike spells; 0 if it spells none."""
    known = _numerals(lang)[0]
    return (known.exact.get(word) or _compound(word, lang) or known.value(word)) if 0 < len(word) <= _LONGEST else 0


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
    for form, value in (*known.exact.items(), *known.stems) if lang in _TENS_FIRST else ():
        for first in (form, form[:-1]) if value > 19 else ():
            rest = word.removeprefix(first)
            if rest != word and 0 < _value(rest, lang) < (100 if value > 99 else 10):
                return value + _value(rest, lang)
    measure = _measures(lang).search(word)
    return _value(word[: measure.start()], lang) if measure else 0


@cache
def _numerals(lang: str) -> tuple[Forms, frozenset[str]]:
    """The numerals of a language, and what the hyphenated begin with."""
    forms = listed("numerals", lang, _VALUES)
    return Forms.of(forms, partial(alike, lang=lang)), frozenset(
        plain(form).partition("-")[0] for form, _ in forms if "-" in form
    )


@cache
def _ordinals(lang: str) -> Forms:
    """The ordinals of a language from 1 to 9."""
    return Forms.of(listed("ordinals", lang, range(1, 10)), partial(alike, lang=lang))


@cache
def _joined(lang: str) -> list[tuple[str, int]]:
    """The multipliers that a language writes in one word with what they multiply, the largest first."""
    known = powers_of(lang)
    found = [*known.exact.items(), *(known.stems if lang == "hu" else ())] if lang in _JOINS else []
    most = 10**9 if lang == "hu" else 1000
    return sorted(((form, power) for form, power in found if 100 <= power <= most), key=itemgetter(1), reverse=True)


@cache
def _measures(lang: str) -> re.Pattern[str]:
    """What a language joins to numerals, made alike."""
    return re.compile(alike(_MEASURES.get(lang, "(?!)"), lang))
