"""Whether a sentence goes on across what looks like its end, by the words on both sides, language by language."""

from __future__ import annotations

import re

_ORDINAL = re.compile(r"(?<![\d:.,–-])(?:\d{1,3}|[IVX]+)\.$")
_GOES_ON = {
    "de": re.compile(
        r"\b(?:[Dd](?:er|ie|as|en|em|es)|[IiAa][mn]|[Zz]u[mr]|[Vv]om|[Bb]eim)(?: [a-zäöüß]+e[nrs]?)? \d{1,3}\.$"
    ),
    "hu": _ORDINAL,
    "pl": re.compile(
        r"^(?:Aż|Blisko|Do|Na|Niemal|Niespełna|O|Od|Około|Po|Ponad|Prawie|Przed|Przez|W|Z|Za)(?: [^\W\d_]+)?"
        r" (?:\d[\d.,–-]* (?:r|proc|min|mln|mld|tys)|(?<=latach )\d0)\.$"
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
_AFTER_DAY = {
    "de": re.compile(
        r"(?:Januar|Jänner|Februar|Feber|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember)\b"
        r"|(?:Jan|Feb|Apr|Aug|Sept?|Okt|Nov|Dez)\."
    )
}
"""What goes on, by language, after the number of a day: "am Freitag, 3. Mai"."""
_DAY = re.compile(r"\b(?:[12]?\d|3[01])\.$")
_CITED = re.compile("と(?!ころ|き|も)|って|など|[가-힣]")
"""What goes on right after a quotation, in Japanese and Korean, which hang particles on it."""
_CLOSED = ("」", "』", "”", '"', "’")
_NUMBERED = frozenset(
    "abb abs art aufl bd ca cap ch fig kap kl n no nos nr odst p par pkt pp ps pág písm rdnr rozdz sec str tab vol "
    "ziff č čl рис с ст стр".split()
)
"""Abbreviations that stand before a number."""
_JOINED = re.compile(r"\s*[,;]|[-–—ºª]")
"""What no sentence begins with; after white space, a dialogue begins with a dash."""
_MARKER = re.compile(r"\(?(?:\d{1,3}|[^\W\d_])[.)]")  # of an item in a list: "1.", "(a)"
_INITIAL = re.compile(r"[^\W\d_]\.")
_LETTERED = re.compile(
    "annex|appendix|blo[ck]|class|dodat|group|grup|hal[al]|klas|liter|magaz|opcj|option|plan|pun[kt]|se[ck]t|stref|terminal"
    "|typ|vitam|wariant|witam|zon|блок|витам|вітам|груп|клас|план|сект|тип"
)
"""How what is told apart by letters begins: "group A" may end a sentence."""
_INITIALS = re.compile(r"[^\W\d_]\.-[^\W\d_]\.")
_ASIDE = re.compile(r"[–—-] ?(?=(.))")  # "– Czy to prawda? – zapytał poseł."
_NEVER_FINAL = {
    "cs": frozenset("kpt mjr plk pplk".split()),
    "de": frozenset(
        "Abg Dipl Dipl.-Ing Dipl.-Kfm Fa Hptm Kard Pfr Priv.-Doz Univ.-Prof dt ehem engl frz geb hl insb stellv".split()
    ),
    "en": frozenset("Amb Atty Cdr Ft Lieut Ms Mx approx".split()),
    "es": frozenset("Cdte Cnel Mons Pdte Rvdo Tte".split()),
    "fr": frozenset("M MM Mme Mmes Mlle Mlles Dr Mgr Pr Prof art cdt gén".split()),
    "hi": frozenset({"डॉ"}),
    "it": frozenset("art artt dott.ssa prof.ssa".split()),
    "nl": frozenset("dhr kapt mevr mw".split()),
    "no": frozenset("bl.a f.eks".split()),
    "pl": frozenset(
        "abp adw al ang art asp aut bp bryg bł dn dot dr ds dyr dyw fot gen godz hab im insp inż kard kmdr kom kpr "
        "kpt ks lek m.in m.st med mgr mjr mł nadinsp nadkom nar niem np nr nt o ok oprac os pl plut pn podinsp podkom "
        "por ppor ppłk prof prok pt płk red rys rz sierż str szer szt tab tel tj tys tzn tzw ul ur ust wg wicemin woj "
        "ws wyd zob zw łac śp św".split()
    ),
    "pt": frozenset("Cel av dr dra eng prof profa srta séc".split()),
    "ru": frozenset("ген св".split()),
    "sv": frozenset("S:t bl.a d.v.s t.ex".split()),
    "tr": frozenset("Alb Av Doç Hz Sn m.ö m.s".split()),
    "uk": frozenset("ген просп смт".split()),
}
"""Abbreviations, by language, that stand before what they belong to and so end no sentence; sentencex lacks them."""
_FOREIGN = frozenset({"St", "Mr", "Mrs", "Ms", "v"})
"""Those of English, where "St." may be a street at the end, in names in other languages: "Roe v. Wade"."""


def continues(before: str, after: str, lang: str) -> bool:
    """Whether a sentence goes on across what looked like its end; `before`: the sentence, or the end of a long one.

    White space between them belongs to what comes after.
    """
    if _JOINED.match(after) or _INITIAL.match(after) or not any(map(str.isalnum, before)):
        return True  # "av. J.-C.", "non-U.S."
    if before.endswith(_CLOSED) and _CITED.match(after):
        return True
    after = after.lstrip()
    *_, last_but_one, last = ["", *before.rsplit(" ", 2)]
    aside = _ASIDE.match(after)
    if is_small(aside[1] if aside else after[:1]) or _is_never_final(last, lang) or _MARKER.fullmatch(before):
        return True
    if _INITIAL.fullmatch(last) and (_INITIAL.match(after) or _is_never_final(last_but_one, lang)):
        return True  # "356 a. C.", "im. A. Mickiewicza"
    if _INITIALS.fullmatch(last) or (_INITIAL.fullmatch(last) and _stands_for_name(last, last_but_one, lang)):
        return True
    if lang in _AFTER_TIME and _TIME.search(before) and _AFTER_TIME[lang].match(after):
        return True
    if before[-2:-1].isdigit() and _AFTER_NUMBER.match(after):
        return True
    if lang in _AFTER_DAY and _DAY.search(before) and _AFTER_DAY[lang].match(after):
        return True
    if after[:1].isdigit() and last.endswith(".") and (last[:-1].lower() in _NUMBERED or last.endswith("str.")):
        return True  # "S. 5", "Hauptstr. 5"
    return bool(lang in _GOES_ON and _GOES_ON[lang].search(before))


def _stands_for_name(initial: str, before: str, lang: str) -> bool:
    """Whether an initial and what follows are a name, to judge by the word before; English ones sentencex knows."""
    word = re.split("['’]", before)[-1]
    if lang == "en" or not initial.isupper() or not word[:1].isalpha():
        return False
    is_numeral = word[0].isupper() and initial[0] in "IVX"  # "d'Apollo X."
    return not is_numeral and not _LETTERED.match(word.lower())


def _is_never_final(word: str, lang: str) -> bool:
    """Whether a word is an abbreviation that stands before what it belongs to."""
    known, bare = _NEVER_FINAL.get(lang, frozenset()), re.split("['’]", word.strip("(„\"'."))[-1]
    return word.endswith(".") and (bare in known or bare.lower() in known or (lang != "en" and bare in _FOREIGN))


def is_small(character: str) -> bool:
    """Whether a character is a small letter that a sentence would begin with a capital for: Georgian does not."""
    return character.islower() and character.title() != character
