"""Forms of the Polish words of `grammar.tsv`, from those that it gives."""

from __future__ import annotations

import re

_SOFT = {
    "milczał": "milczeli", "upomniał": "upomnieli", "chciał": "chcieli", "miał": "mieli", "powiedział": "powiedzieli",
    "wyzdrowiał": "wyzdrowieli", "wsiadł": "wsiedli", "wysiadł": "wysiedli", "odnalazł": "odnaleźli",
}  # fmt: skip
"""Men's plural of verbs whose vowel changes before it."""
_INFINITIVES = {
    "poparł": "poprzeć", "wsparł": "wesprzeć", "ostrzegł": "ostrzec", "upomniał": "upomnieć", "odnalazł": "odnaleźć",
    "wniósł": "wnieść", "wyniósł": "wynieść", "przywiózł": "przywieźć", "wywiózł": "wywieźć",
}  # fmt: skip
_ZE = re.compile(r"(?:sz|[szśźż](?!z))[^aeiouyąęó]", re.IGNORECASE)  # words before which z, "with", is ze


def past(form: str, gender: str) -> str:
    """The past of the third person, from that of the masculine: *przyjął*, *przyjęła*, *przyjęli*.

    The gender is m, f, n, p (the plural of men or of both) or o (any other plural).
    """
    if gender == "m":
        return form
    if gender == "p" and form in _SOFT:
        return _SOFT[form]
    stem = re.sub("szedł$", "szł", re.sub("ą(?=ł$)", "ę", form))
    if gender == "p":
        stem = re.sub("i[óo]([sz])(?=ł$)", lambda found: "ie" + {"s": "ś", "z": "ź"}[found[1]], stem)
        return stem[:-1] + "li"
    return re.sub("ó(?=[sz]ł$)", "o", stem) + {"f": "a", "n": "o", "o": "y"}[gender]


def participle(form: str, gender: str) -> str:
    """The passive participle, from the masculine: *przyjęty*, *przyjęta*, *przyjęci*."""
    if gender == "p":
        ends = {"ony": "eni", "ny": "ni", "ty": "ci"}
        return next(form.removesuffix(end) + new for end, new in ends.items() if form.endswith(end))
    return form[:-1] + {"m": "y", "f": "a", "n": "e", "o": "e"}[gender]


def infinitive(form: str) -> str:
    """The infinitive, from the masculine past: *przyjąć*."""
    return _INFINITIVES.get(form) or form[:-1] + "ć"


def adjective(form: str, plural: str, gender: str) -> tuple[str, ...]:
    """An adjective in the five cases, from its masculine and its plural of men."""
    stem, soft = form[:-1], "i" if form[-2] in "kg" else ""
    if gender == "p":
        long = f"{stem}{soft or 'y'}"
        return plural, f"{long}ch", f"{long}m", f"{long}ch", f"{long}mi"
    if gender == "f":
        return f"{stem}a", f"{stem}{soft}ej", f"{stem}{soft}ej", f"{stem}ą", f"{stem}ą"
    own = form if gender == "m" else f"{stem}{soft}e"
    return own, f"{stem}{soft}ego", f"{stem}{soft}emu", f"{stem}{soft}ego" if gender == "m" else own, f"{form}m"


def with_(text: str) -> str:
    """*z* and the instrumental."""
    return f"{'ze' if _ZE.match(text) else 'z'} {text}"
