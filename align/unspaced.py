"""Numbers in Chinese characters, and weekdays and months, where words are not parted: Chinese, Japanese, Korean.

Not every number is found, since a single character is usually part of a word. So these languages count as having no
table of numerals (`knows_numerals`): a number that the other text spells out is never counted as missing in them.
"""

from __future__ import annotations

import re

MYRIADS = (1, 10**4, 10**8, 10**12)
"""What numbers are grouped by: 万, 亿 and 兆."""
UNSPACED = ("zh", "ja", "ko")
"""Languages in which multipliers and counters stand in one run with what is around them."""
_DIGITS = "〇一二三四五六七八九"
_VARIANTS = str.maketrans("兩两萬億零", "二二万亿〇")
_CHARACTERS = f"{_DIGITS}十百千万亿兆兩两萬億零"
_RUN = re.compile(
    rf"(?<![\d第几幾数數何周週{_CHARACTERS}])(?<!星期)(?<!礼拜)(?<!禮拜)(?<!上(?=[百千]))"
    rf"[{_CHARACTERS}]++(?![几幾月]|分[之の])"
)
"""Characters that may spell a number; not of an ordinal, a weekday, a month, a fraction, or one left open (几百)."""
_NO_NUMBER = re.compile("五十[嵐岚]|八百[長长屋]")
"""Names and words that are written like numerals."""
_SECTION = rf"((?:[{_DIGITS}]?千)?〇?(?:[{_DIGITS}]?百)?〇?(?:[{_DIGITS}]?十)?〇?[{_DIGITS}]?)"
_NUMERAL = re.compile("".join(f"(?:(?!{power}){_SECTION}{power})?" for power in "兆亿万") + _SECTION)
_PLACE = re.compile(rf"([{_DIGITS}]?)([十百千]?)")
_PLACES = {"": 1, "十": 10, "百": 100, "千": 1000}
_CUT_SHORT = re.compile(f"[百千万亿][{_DIGITS}]$")
"""A number whose last unit is left unsaid, 一万五 for 15,000, or part of a word, as in 万一; 10,005 is 一万零五."""
_TENTHS = "成(?![员員立为為功本人长長])"
_COUNTERS = {
    "zh": re.compile(rf"人(?![帮幫])|[名岁歲天个個]|位(?![一数數])|年(?![级級])|{_TENTHS}"),
    "ja": re.compile("[人名歳]"),
}
"""What is counted where one character is a number; before others it is part of a word: 三菱, 四川, 十分."""
_DAYS = {
    "zh": (  # but not "twice a week", nor "last week Japan's prime minister"
        "一二三四五六日天",
        "(?<![一二三四五六七八九十两兩几幾])(?:星期|礼拜|禮拜|[周週])([一二三四五六]|[日天](?!本))(?![次个個趟场場])",
    ),
    "ja": ("月火水木金土日", "([月火水木金土日])曜"),
}
"""Weekdays: what numbers them, and where it stands."""
_MONTH = re.compile(r"(?<![一二三四五六七八九十百数數])(\d\d?|十[一二]?|[一二三四五六七八九]) ?[月월]")


def values_in(text: str, lang: str) -> list[int]:
    """The numbers that a Chinese or Japanese text spells in characters: 三百五十, 二〇二四年, 五人."""
    if lang not in _COUNTERS:
        return []
    runs = _RUN.finditer(_NO_NUMBER.sub(" ", text))
    return [value for run in runs if (value := _value(run, lang)) > 1]


def days_in(text: str, lang: str) -> set[int]:
    """The weekdays of a text, from 1 to 7."""
    order, days = _DAYS.get(lang, ("", "(?!)"))
    return {min(order.index(day) + 1, 7) for day in re.findall(days, text)}


def months_in(text: str) -> set[int]:
    """The months of a text, from 1 to 12."""
    months = {int(month) if month.isdigit() else _sum(month) for month in _MONTH.findall(text)}
    return {month for month in months if 0 < month <= 12}


def _value(run: re.Match[str], lang: str) -> int:
    """The number that a run of numerals spells; 0 if it is none, or part of a word."""
    text, number = run.string, run[0].translate(_VARIANTS)
    if len(number) == 4 and text.startswith("年", run.end()) and not re.search("[十百千万亿兆]", number):
        return int("".join(str(_DIGITS.index(digit)) for digit in number))
    is_share = text.endswith("百分之", 0, run.start())
    counter = _COUNTERS[lang].match(text, run.end())
    is_word = lang == "zh" and (run[0] == "二" or number[0] in "百千" or _CUT_SHORT.search(number))
    if not is_share and (is_word or (len(number) == 1 and not counter)):
        return 0
    sections = found.groups(default="") if (found := _NUMERAL.fullmatch(number)) else ()
    value = sum(_sum(section) * MYRIADS[place] for place, section in enumerate(reversed(sections)))
    return value * 10 if counter and counter[0] == "成" and value < 10 else value


def _sum(section: str) -> int:
    """The number that numerals below ten thousand spell."""
    places = (place.groups() for place in _PLACE.finditer(section))
    return sum((_DIGITS.index(digit) if digit else 1) * _PLACES[unit] for digit, unit in places if digit or unit)
