"""Words that tell whether a full stop ends a sentence, by language."""

from __future__ import annotations

import re
from functools import cache

import regex

from align.forms import table

ON_X = re.compile(
    r"\b(?:auf|bei|en|na|no|on|op|på|su|sur|via|в|на|у|network|platform\w*|plataforma|plateforme|piattaforma|Plattform"
    r"|serwisie|portalu|réseau|(?:red|rede|réseau) social|соцсети|сети|мережі|соцмережі) X(?=\.)"
)
"""The network, and no initial, at the end of a sentence: "he wrote on X."."""
SPEECH = regex.compile(r"[\"'“”„‚‘«»] ?\p{Lu}[^\W_]*+(?=(?:,? [^\W_]++)?,? \p{Ll})(?:,? [^\W_]++){2}")
"""How speech begins, which is longer than a nickname and not all in capitals as titles are: "Er war es nicht"."""


@cache
def words(kind: str, lang: str) -> frozenset[str]:
    """Those of one kind in a language; none where there is no table.

    `ordinary`: may end a sentence, though sentencex takes them for abbreviations; some are regular expressions.
    `bound`: abbreviations that stand before what they belong to and so end no sentence; sentencex lacks them.
    `openers`: begin a sentence where they have a capital; without "El", "De", "I" and the like, which names may hold.
    """
    return frozenset(table("abbreviations")[kind].get(lang, "").split())
