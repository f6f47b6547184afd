"""Where sentences begin and end in a text."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise

from align.masking import masked
from align.text import BY, ENTITY, is_blank, is_finished, plain_text, resolved

_BLANK_LINE = re.compile(r"(?>\r\n|[\n\r\u2028\u2029])[^\S\n\r\u2028\u2029]*(?:\r\n|[\n\r\u2028\u2029])\s*|\f\s*")
_LINE_BREAK = re.compile(r"\r\n|[\n\r\v\u0085\u2028\u2029]")
_WRAP_COLUMNS = (40, 120)  # prose is hard-wrapped, if at all, at a column between these
_RAGGED = 0.9  # of the widest line: what a line and the next word exceed where the text is wrapped
_MARKS = "\"'“”„‚‘«»(["
_OPENING = re.compile("(?<= )[\"'“”„‚‘«»(\\[]|(?<=[。！？])“|[「『]")
_GUILLEMET = re.compile("[«»]")
_NEAR = 80  # characters on either side that show whether a sentence goes on
_ORDINAL = re.compile(r"(?<![\d:.,–-])(?:\d{1,3}|[IVX]+)\.$")
_BEARABLE = 2_000  # characters
_WIDE_END = re.compile(r"[。！？](?=\w)")
_PAIRS = ("「」", "『』", "（）", "《》", "«»", "“”")
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
_JOINED = re.compile(
    r"\s*[,;]|[-–—ºª]"
)  # what no sentence begins with; after white space, a dialogue begins with a dash
_PARTED = re.compile(r"[^\W\d_][-\u2010]\s*$")  # a word at the end of a line
_HEAD = 4  # lines that a headline, a byline and a date may have
_BULLETS = frozenset("*•▪◦‣·")
_BY = frozenset({*BY, "da"})
_NAME_WORDS = range(2, 5)
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


Span = tuple[int, int]
"""Where something begins and ends in a text."""

Located = tuple[int, int, str]
"""Where something begins and ends in a text, and what `plain_text` makes of it."""


def sentences_in(text: str, lang: str) -> Iterator[Located]:
    """The sentences of a text in a language (BCP 47), in order, none blank, by the package sentencex.

    A blank line always ends a sentence. A single line break ends one too,
    except where the text is hard-wrapped there: the line is so full that the
    next line's first word would hardly have fitted on it. What begins with a
    small letter, or follows an abbreviation such as "godz.", begins no sentence.
    """
    lang = lang.partition("-")[0]
    for block_start, block_end in _blocks(text):
        # Same length, so offsets hold; sentencex would end a sentence at some of the white space.
        block = re.sub(r"\s", " ", ENTITY.sub(_padded, text[block_start:block_end]))
        start = 0
        guillemets = [mark.start() for mark in _GUILLEMET.finditer(block)]
        for boundary in _ends(masked(block, lang), lang):
            end = _before_opening_quote(block, guillemets, start, boundary)
            last = _last(block, start, end)
            before = block[max(start, last + 1 - _NEAR) : last + 1]
            if end == len(block) or not _continues(before, block[last + 1 : end + _NEAR], lang):
                yield from _located(text, block_start + start, block_start + end)
                start = end


def _ends(seen: str, lang: str) -> Iterator[int]:
    """Where sentences may end in a text, by sentencex, whose time grows as the square of a text without white space."""
    from sentencex import get_sentence_boundaries

    start = 0
    for end in [*_piece_ends(seen), len(seen)]:
        yield from (start + boundary["end_index"] for boundary in get_sentence_boundaries(lang, seen[start:end]))
        start = end


def _piece_ends(seen: str) -> Iterator[int]:
    """Ends of Chinese and Japanese sentences, outside quotations, that part a text into pieces of bearable length."""
    start = 0
    for mark in _WIDE_END.finditer(seen):
        piece = seen[start : mark.end()]
        if len(piece) > _BEARABLE and all(piece.count(pair[0]) == piece.count(pair[1]) for pair in _PAIRS):
            yield mark.end()
            start = mark.end()


def lines_in(text: str) -> Iterator[Located]:
    """The lines of a text, in order, none blank."""
    for start, end in _lines(text, 0, len(text)):
        yield from _located(text, start, end)


def sentences_of(text: str, lang: str) -> list[str]:
    """The sentences of a text in a language (BCP 47)."""
    return [sentence for _, _, sentence in sentences_in(text, lang)]


def _located(text: str, start: int, end: int) -> Iterator[Located]:
    """What stands in [start, end) without the white space around it; nothing if there is nothing to see in it."""
    span, plain = text[start:end], plain_text(text, start, end)
    if not is_blank(plain):
        start += len(span) - len(span.lstrip())
        yield start, start + len(span.strip()), plain


def _padded(entity: re.Match[str]) -> str:
    """What an HTML entity stands for, with spaces to its length."""
    return resolved(entity).ljust(len(entity[0]))[: len(entity[0])]


def _before_opening_quote(block: str, guillemets: Sequence[int], start: int, end: int) -> int:
    """`end`, moved before a quotation mark that opens what comes next; `guillemets`: where they stand in the block."""
    mark = _last(block, start, end)
    while mark > start and block[mark] in _MARKS and block[mark - 1] in _MARKS:
        mark -= 1
    opens = mark > start and end < len(block) and _OPENING.match(block, mark)
    closes = _GUILLEMET.match(block, mark) and bisect_left(guillemets, mark) % 2  # either way round
    return mark if opens and not closes else end


def _last(block: str, start: int, end: int) -> int:
    """The place of the last character in [start, end) that is no white space; `start` if there is none."""
    last = end - 1
    while last > start and block[last].isspace():
        last -= 1
    return last


def _continues(before: str, after: str, lang: str) -> bool:
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
    if _is_small(aside[1] if aside else after[:1]) or _is_never_final(last, lang) or _MARKER.fullmatch(before):
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


def _is_small(character: str) -> bool:
    """Whether a character is a small letter that a sentence would begin with a capital for: Georgian does not."""
    return character.islower() and character.title() != character


def _blocks(text: str) -> Iterator[Span]:
    """Spans of text without a line break that ends a sentence: paragraphs, headlines, list items.

    The column of hard wrapping is the length of the document's longest line, if half of the lines that others follow in
    their paragraph are full, or else of the paragraph's longest, if two thirds of its lines but the last are.
    Of three lines that follow full ones, one has to begin within a sentence: items of a list do not.
    """
    paragraphs, start = [], 0
    for gap in [*_BLANK_LINE.finditer(text), None]:
        end = gap.start() if gap else len(text)
        paragraphs.append(list(_lines(text, start, end)))
        start = gap.end() if gap else end
    of_document = _column(text, paragraphs, 1 / 2)
    for lines in paragraphs:
        yield from _unwrapped(text, lines, of_document or _column(text, [lines], 2 / 3))


def _column(text: str, paragraphs: Sequence[Sequence[Span]], share: float) -> int:
    """The column at which paragraphs, each the spans of its lines, are wrapped, if this share of lines is full; or 0.

    Lines of a few that do not end as a sentence does are not counted as full: a headline and what is under it.
    """
    narrowest, widest = _WRAP_COLUMNS
    longest = max(len(text[a:b].strip()) for lines in paragraphs for a, b in lines)
    full, within = [], 0
    for lines in paragraphs:
        counts = len(lines) > _HEAD or is_finished(text[slice(*lines[-1])].rstrip())
        for line, following in pairwise(lines):
            full.append(counts and _is_full(text, line, following, longest))
            within += full[-1] and _begins_within(text[slice(*following)].lstrip()[:1])
    is_wrapped = sum(full) >= max(1, share * len(full)) and within >= sum(full) // 3
    return longest if narrowest <= longest <= widest and is_wrapped else 0


def _begins_within(character: str) -> bool:
    """Whether a line that begins with this may begin within a sentence: with a letter that is no capital."""
    return character.isalpha() and not character.isupper()


def _is_full(text: str, line: Span, following: Span, width: int) -> bool:
    """Whether the first word of the following line would hardly have fitted on this one."""
    word, *_ = [*text[slice(*following)].split(maxsplit=1), ""]
    return len(text[slice(*line)].strip()) + 1 + len(word) > _RAGGED * width


def _unwrapped(text: str, lines: Sequence[Span], width: int) -> Iterator[Span]:
    """Join the lines of one paragraph where they are hard-wrapped at this column (0: nowhere), and only there."""
    block_start = lines[0][0]
    for line, following in pairwise(lines):
        first = text[slice(*following)].lstrip()[:1]
        goes_on = _is_small(first) or _PARTED.search(text, *line) or (width and _is_full(text, line, following, width))
        apart = first in _BULLETS or unicodedata.category(first or " ") == "So" or _is_byline(text[slice(*following)])
        if apart or not goes_on:
            yield block_start, line[1]
            block_start = following[0]
    yield block_start, lines[-1][1]


def _is_byline(line: str) -> bool:
    """Whether a line is a small word that says by whom, and a name: "by Anna Zawora", and no end of a sentence."""
    by, *name = line.split() or [""]
    return by in _BY and len(name) in _NAME_WORDS and all(word[0].isupper() for word in name) and not is_finished(line)


def _lines(text: str, start: int, end: int) -> Iterator[Span]:
    for found in _LINE_BREAK.finditer(text, start, end):
        yield start, found.start()
        start = found.end()
    yield start, end
