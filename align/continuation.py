"""Whether a sentence goes on across what looks like its end, by the words on both sides, language by language."""

from __future__ import annotations

import re

from align.abbreviations import ON_X, SPEECH, words
from align.dates import is_month, months_beginning
from align.text import SIGNED

_ORDINAL = re.compile(r"(?<![\d:.,–-])(?:\d{1,3}|[IVX]+)\.$")
_GOES_ON = {
    "de": re.compile(
        r"\b(?:[Dd](?:er|ie|as|en|em|es)|[IiAa][mn]|[Zz]u[mr]|[Vv]om|[Bb]eim)(?: [a-zäöüß]+e[nrs]?)? \d{1,3}\.$"
        r"|\b(?:[MmDdSs]ein|[Ii]hr|[Uu]nser)(?:e[nrms]?)? \d{1,3}\.$"
    ),
    "hu": _ORDINAL,
    "pl": re.compile(
        r"^(?:Aż|Blisko|Do|Na|Niemal|Niespełna|O|Od|Około|Po|Ponad|Prawie|Przed|Przez|W|Z|Za)(?: [^\W\d_]+)?"
        r" (?:\d[\d.,–-]* (?:r|proc|min|mln|mld)|(?<=latach )\d0)\.$|\btys\.$"
    ),
    "tr": _ORDINAL,
}
"""What goes on, by language, before a capital letter: German nouns have one; "W 2019 r." is no Polish sentence.

Hungarian and Turkish sentences hardly end in numbers, Turkish ones having a verb there.
"""
_TIME = re.compile(r"\b[ap]\.m\.$")
_AFTER_TIME = {
    "en": re.compile(
        r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|(?:[A-Z]{1,4}T|UTC)\b"
        r"|(?:Eastern|Central|Mountain|Pacific)(?=[.,;)]|$| (?:[Tt]ime|[Ss]tandard|[Dd]aylight))"
        r"|(?:Greenwich|Moscow|Beijing|London|Paris|Berlin|Tokyo) [Tt]ime\b"
    )
}
"""What goes on, by language, after the time of day: "at 5 a.m. Monday", "at 5 p.m. EST"."""
_AFTER_NUMBER = re.compile(r"[IVXLC]{2,}\b|Jahr(?:hundert|tausend|estag)|Lebensjahr|Geburtstag|Jh\b|\d\d?\. ?\d")
"""What goes on after a number: Polish and Czech "lat 30. XIX wieku", German "oder 20. Jahrhundert", "2026. 05. 12."."""
_DAY = re.compile(r"\b(?:[12]?\d|3[01])\.$")
_YEAR = re.compile(r"(?:19|20)\d\d\b")
_WORD = re.compile(r"[^\W\d_]+\.?")
_CITED = re.compile(r"と(?!ころ|き|も)|って|など|を|[がにのはで](?=[、一-龥ァ-ヶ\d])|[가-힣]")
"""What goes on right after a quotation or a Latin word, in Japanese and Korean, which hang particles on it."""
_QUOTED = re.compile('[」』”"’]$')
_ATTRIBUTED = re.compile(
    r"[^\s，。！？：；“”「」]{1,25}(?:(?<![小传傳学學据據多听聽难難想能敢用再可话話])[说說]|[说說问問答写寫喊叹嘆笑叫报報]道"
    r"|(?<![名简簡职職])[称稱]|表示|指出|[强強][调調]|透露)[。！]"
)
"""Who said what stands before, in Chinese: "他说。"."""
_CITABLE = re.compile(f"{_QUOTED.pattern}|[A-Za-z][.!?]$")  # "Yahoo!は"
_NUMBERED = frozenset(
    "abb abs art aufl bd ca cap ch fig kap kl krt lok mind n no nos nr odst p pag par pkt poz pp ps pág písm rdnr "
    "rozdz s sec str tab vol ziff č čl ок рис с ст стр".split()
)
"""Abbreviations that stand before a number."""
_PARTS = frozenset("abb art bd cap ch cz fig kap kl roz rozdz sec t tab tom vol čl гл розд т ч".split())
"""Those before a Roman numeral: "cz. I", "Bd. IV"."""
_NUMBER = re.compile(r"(?:[A-Z]\. ?)?\d")
_NUMERAL = re.compile(r"[IVXLC]+\b(?!\.\S)")
_JOINED = re.compile(r"\s*[,;]|[-–—ºª]")
"""What no sentence begins with; after white space, a dialogue begins with a dash."""
_MARKER = re.compile(r"\(?(?:\d{1,3}|[^\W\d_])[.)]")  # of an item in a list: "1.", "(a)"
_INITIAL = re.compile(r"[^\W\d_]\.")
_LETTERED = re.compile(
    "annex|appendix|blo[ck]|class|dodat|group|grup|hal[al]|klas|liter|magaz|opcj|option|plan|pun[kt]|se[ck]t|stref|terminal"
    "|typ|vitam|wariant|witam|zon|блок|витам|вітам|груп|клас|план|сект|тип"
)
"""How what is told apart by letters begins: "group A" may end a sentence."""
_CREDIT = re.compile(r"\b(?:cr[eé]dits?|foto|image|photos?) ?: ?[^\W\d_]\.$", re.IGNORECASE)  # "Photo : A. Moreau"
_INITIALS = re.compile(r"[^\W\d_]\.-[^\W\d_]\.")
_ASIDE = re.compile(rf"(?:[–—-] ?|\((?!{SIGNED}\)))(?=(.))")  # "– Czy to prawda? – zapytał poseł.", "(see below)"
_AMOUNT = re.compile(r"\d (?:m|min|os|st|szt)\.$")
"""After a number these abbreviations are units, not titles before a name: Polish "min." is minister or minutes."""
_FOREIGN = frozenset({"St", "Mr", "Mrs", "Ms", "v"})
"""English abbreviations within names, in texts of other languages ("Roe v. Wade"); in English "St." may be a street."""


def continues(before: str, after: str, lang: str) -> bool:
    """Whether a sentence goes on across what looked like its end; `before`: the sentence, or the end of a long one.

    White space between them belongs to what comes after.
    """
    if _JOINED.match(after) or _INITIAL.match(after) or not any(map(str.isalnum, before)):
        return True  # "av. J.-C.", "non-U.S."
    if _CITABLE.search(before) and _CITED.match(after):
        return True
    if lang == "zh" and _QUOTED.search(before) and _ATTRIBUTED.match(after):
        return True
    after = after.lstrip()
    aside = _ASIDE.match(after)
    if is_small(aside[1] if aside else after[:1]) or _MARKER.fullmatch(before):
        return True
    if _CREDIT.search(before):
        return True
    *_, last_but_one, last = ["", *before.rsplit(" ", 2)]
    if _is_bound(last, lang) and not _AMOUNT.search(before):
        return True
    if _INITIAL.fullmatch(last) and _is_bound(last_but_one + last, lang):
        return True  # "z. B."
    if re.split("[ ,]", after, maxsplit=1)[0] in words("openers", lang):
        return False
    return _is_within_name(last_but_one, last, after, lang) or _is_within_number(before, after, lang)


def _is_bound(word: str, lang: str) -> bool:
    """Whether a word is an abbreviation that stands before what it belongs to."""
    known, bare = words("bound", lang), re.split("['’-]", word.strip("(„\"'."))[-1]
    small = bare if bare.isalpha() and bare[1:].isupper() else bare.lower()  # "OK" is not "ok."
    return word.endswith(".") and (bare in known or small in known or (lang != "en" and bare in _FOREIGN))


def _is_within_name(last_but_one: str, last: str, after: str, lang: str) -> bool:
    """Whether the last of two words is an initial to which the word before it belongs, or what comes after."""
    if not _INITIAL.fullmatch(last):
        return bool(_INITIALS.fullmatch(last))
    if ON_X.search(f"{last_but_one} {last}") or SPEECH.match(after):
        return False
    if _INITIAL.match(after) or _is_bound(last_but_one, lang):
        return True  # "356 a. C.", "im. A. Mickiewicza"
    word = re.split("['’]", last_but_one)[-1]
    if lang == "en" or not last.isupper() or not word[:1].isalpha():
        return False  # English ones sentencex knows
    is_numeral = word[0].isupper() and last[0] in "IVX"  # "d'Apollo X."
    return not is_numeral and not _LETTERED.match(word.lower())


def _is_within_number(before: str, after: str, lang: str) -> bool:
    """Whether a number, a date or a time goes on, or what is numbered."""
    word = before.rpartition(" ")[2]
    if lang in _AFTER_TIME and _TIME.search(before) and _AFTER_TIME[lang].match(after):
        return True
    if before[-2:-1].isdigit() and _AFTER_NUMBER.match(after):
        return True
    if lang == "de" and _DAY.search(before) and _is_named_month(_WORD.match(after), lang):
        return True  # "am Freitag, 3. Mai"; elsewhere months have no capitals, or days no full stop
    if _YEAR.match(after) and _abbreviates_month(word, lang):
        return True  # "5 jan. 2020"
    return _is_numbered(word, after, lang) or bool(lang in _GOES_ON and _GOES_ON[lang].search(before))


def _is_numbered(word: str, after: str, lang: str) -> bool:
    """Whether a number or a numeral belongs to a word before it: "S. 5", "l'art. L. 12", "Hauptstr. 5", "cz. I"."""
    bare = re.split("['’]", word[:-1])[-1].lower()
    if not word.endswith("."):
        return False
    if _NUMBER.match(after):
        return bare in _NUMBERED or bare.endswith("str")
    numeral = _NUMERAL.match(after)
    return numeral is not None and bare in _PARTS and (lang, numeral[0]) != ("en", "I")


def _is_named_month(word: re.Match[str] | None, lang: str) -> bool:
    """Whether a word is a month, in full or not."""
    return word is not None and (is_month(word[0].rstrip(".").casefold(), lang) or _abbreviates_month(word[0], lang))


def _abbreviates_month(word: str, lang: str) -> bool:
    """Whether a word is the beginning of a month and a full stop."""
    bare = word[:-1].casefold()
    return word.endswith(".") and not is_month(bare, lang) and bool(months_beginning(bare, lang))


def is_small(character: str) -> bool:
    """Whether a character is a small letter that a sentence would begin with a capital for: Georgian does not."""
    return character.islower() and character.title() != character
