"""The words that pages have around articles: `notices.json`, by language and kind, several on a row.

A language is added in the table alone. Four kinds are phrases: `alone`, a whole line; `section`, a part of a menu, of
which there are several, or a word beside a number; `weather`, words beside a temperature; `outlet`, who reports and
takes pictures, the world over (`und`). The others are regular expressions for how a text begins: `opening`, of a short
line without a comma in which less follows than they say; `label`, before a colon and names or a list; `credit`, before
a colon and few names, or without it before names where it ends in "by" or is cut short, as "fot."; `dated`, before a
date; `link`, before a colon, an arrow or nothing; `sentence`, before anything but a comma and who `said` it.

The phrases, `opening` and `sentence` are compared with words in lower case, without numbers and marks, the others with
the text as it is, in any case. Before an entry goes in, think of the headline and the quotation that begin like it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Set
from functools import cache
from pathlib import Path
from typing import NamedTuple

from align.settings import base_of
from align.text import BY

LONGEST = 8
"""Words that no phrase and no short notice exceeds."""


class Notices(NamedTuple):
    """What a language's pages have, of each kind as the module's docstring tells.

    Attributes:
        alone: with the outlets of the world.
        menu: `alone` and the sections.
    """

    alone: frozenset[str]
    menu: frozenset[str]
    weather: frozenset[str]
    opening: re.Pattern[str]
    label: re.Pattern[str]
    dated: re.Pattern[str]
    credit: re.Pattern[str]
    link: re.Pattern[str]
    sentence: re.Pattern[str]
    said: re.Pattern[str]


def notices_for(lang: str) -> list[Notices]:
    """Those of a language (BCP 47), whatever its region, and the English ones, which are on pages of any language."""
    return [_notices_of(code) for code in dict.fromkeys([base_of(lang), "en"])]


@cache
def entries() -> dict[str, dict[str, list[str]]]:
    """The table's, by language and kind."""
    content: dict[str, dict[str, list[str]]] = json.loads(
        Path(__file__).with_name("notices.json").read_text(encoding="utf-8")
    )
    return {
        lang: {kind: [entry for row in rows for entry in row.split(", ")] for kind, rows in kinds.items()}
        for lang, kinds in content.items()
    }


@cache
def outlets() -> frozenset[str]:
    """Agencies and outlets of the world, which pages of any language credit."""
    return frozenset(entries()["und"]["outlet"])


def most_phrases(line: str, known: Set[str]) -> int:
    """Into how many known phrases a line in lower case can be cut at most; 0 where something is left over."""
    words = line.split()
    most = [0]  # of the first so many words; -1: they cannot be cut
    for end in range(1, len(words) + 1):
        near = range(max(0, end - LONGEST), end)
        starts = (start for start in near if most[start] >= 0 and " ".join(words[start:end]) in known)
        most.append(max((most[start] + 1 for start in starts), default=-1))
        if max(most[-LONGEST:]) < 0:
            return 0
    return max(most[-1], 0)


@cache
def _notices_of(lang: str) -> Notices:
    kinds = entries().get(lang, {})
    alone = outlets().union(kinds.get("alone", ()))

    def one_of(kind: str, *more: str) -> str:
        """The longest that fits."""
        return rf"(?:{'|'.join(sorted([*kinds.get(kind, ['(?!)']), *more], key=len, reverse=True))})"

    def before(mark: str, kind: str, *more: str) -> re.Pattern[str]:
        return re.compile(rf"\W*{one_of(kind, *more)}(?!\w)[.\s]*{mark}", re.IGNORECASE)

    return Notices(
        alone=alone,
        menu=alone.union(kinds.get("section", ())),
        weather=frozenset(kinds.get("weather", ())),
        opening=re.compile(rf"{one_of('opening')}(?!\w)"),
        label=before("(?P<colon>[:：])?", "label"),
        dated=before("[:：]?", "dated"),
        credit=before("(?P<colon>[:：])?", "credit", *BY),
        link=before(r"(?P<mark>[:：»>→|]|\W*$)?", "link"),
        sentence=re.compile(one_of("sentence")),
        said=re.compile(rf"[,，][^\w,，]*(?:\w+\W+){{0,3}}?{one_of('said')}\b[^,，]*$", re.IGNORECASE),
    )
