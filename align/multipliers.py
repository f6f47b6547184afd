"""Words that multiply a number before them: thousand, million, dozen, by the table `powers.json`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache, partial

from align.forms import Forms, alike, table
from align.unspaced import UNSPACED

_SHORT = 5  # letters that words cut short do not have


def power_behind(words: Sequence[str], at: int, lang: str) -> tuple[int, int]:
    """What the words from a place on multiply a number by ("hundred thousand"), and where they end."""
    power, last, known = 1, 1, powers_of(lang)
    place = at + (lang == "ro" and words[at : at + 1] == ["de"])  # "20 de mii"
    while place < len(words) and (factor := known.value(words[place])) > last:
        power, last, place = power * factor, factor, place + 1
        at = place
    return power, at


def multiplies(word: str, lang: str) -> bool:
    """Whether a word multiplies the number before it."""
    return powers_of(lang).value(alike(word, lang)) > 1


def name_of(power: int, lang: str) -> str:
    """The word that a language has for a thousand, a million and so on; "" if there is none."""
    cell: str = table("powers").get(lang, {}).get(str(power), "") if power >= 1000 else ""
    return cell.partition(" ")[0]


@cache
def doubtful(lang: str) -> frozenset[str]:
    """What may multiply, or be a unit or a letter: "m" may be metres."""
    forms = " ".join(table("powers").get(lang, {}).values()).split()
    return frozenset(form[:-1] for form in forms if form.endswith("?"))


def is_bare(word: str, lang: str) -> bool:
    """Whether a word that multiplies has nothing behind it in one run: 億 has not, 億円 has."""
    known = powers_of(lang)
    return lang not in UNSPACED or word in known.exact or any(stem == word for stem, _ in known.stems)


@lru_cache(200_000)
def is_shortened(word: str, lang: str) -> bool:
    """Whether a word is short for one that multiplies, as "tys" and "млн" are, and certainly that."""
    return word not in doubtful(lang) and len(word) < _SHORT and powers_of(lang).value(word) >= 1000


@cache
def powers_of(lang: str) -> Forms:
    """What the words of a language multiply by."""
    cells = table("powers").get(lang, {}).items()
    forms = [(form.rstrip("?"), int(power)) for power, cell in cells for form in cell.split()]
    return Forms.of(forms, partial(alike, lang=lang))
