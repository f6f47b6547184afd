"""What a user should know about a run, beside what went into the corpus and what did not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

from align.data import PARTIAL, UNDETERMINED, Alignment, Document, Sentence
from align.packages import how_to_get
from align.settings import Settings
from align.text import TAG, extent, one_line

_FEW_LETTERS = 50  # langdetect is right for 99 in 100 texts of twice as many, and for one in four single words
_SURE = 0.9  # of its language langdetect mostly is, to four digits; what it has no profile for is near several
_LONG = 1_500  # letters (`extent`) of a sentence, some 500 tokens; encoders read no more
_MARKUP = re.compile(rf"{TAG.pattern}|\d --> \d|^#{{1,6}} |\*\*\w|\]\(https?:")
_MARKED = 0.1  # share of the sentences
_DOUBTFUL = 0.5  # a mean score; translations in one order have some .9, articles about one event .4 to .7, others .3
_MOST = 20  # names in a note
_ROWS = 5  # with all documents, from which on it is no chance that they come in one order
_PLACED = 0.8  # share of a document's sentences in such rows; retellings have fewer, or turn something round


def counted(number: int, what: str) -> str:
    """How many there are of what: "1 row", "2 rows"."""
    return f"{number} {what}{'s' * (number != 1)}"


def listed(names: Sequence[str], most: int = 5) -> str:
    """The names, but no more than so many, and how many more there are."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def notes_on(
    documents: Sequence[Document], sentences: Sequence[Sentence], alignment: Alignment, settings: Settings
) -> list[str]:
    """What may be wrong with the documents of a run, and with how they were aligned."""
    notes = _on_documents(documents, sentences, settings.langs) + _on_conflicts(alignment)
    if settings.aligner == "monotone":
        return notes + _on_one_order(alignment)
    return notes + _on_any_order(alignment, documents, sentences)


def on_untranslated(langs: Sequence[str], pivot: str) -> list[str]:
    """A note on languages that no package translates into the pivot, if there are any."""
    if not langs:
        return []
    verb = "was" if len(langs) == 1 else "were"
    return [
        f"{listed(langs, _MOST)} {verb} not translated, only aligned: no package leads to {pivot} "
        f"(for {langs[0]}, {how_to_get(langs[0], pivot)})"
    ]


def _on_documents(documents: Sequence[Document], sentences: Sequence[Sentence], langs: Mapping[str, str]) -> list[str]:
    """What may be wrong with the documents; `langs`: the languages stated, by document."""
    count = Counter(sentence.doc for sentence in sentences)
    notes = [f"{d.id} was read as {d.encoding}, not UTF-8" for d in documents if d.encoding != "utf-8"]
    notes += _on_copies(documents)
    notes += [f"{d.id} has no sentence: there is nothing to see in it" for d in documents if not count[d.id]]
    notes += _on_languages([d for d in documents if count[d.id] and d.id not in langs], sentences)
    notes += _on_markup(sentences, count)
    long = Counter(sentence.doc for sentence in sentences if extent(sentence.text) > _LONG)
    notes += [
        f"{doc} has sentences of over {_LONG} letters ({number}), whose ends may count nothing: "
        "if it lacks full stops, break it into lines and take --segmenter lines"
        for doc, number in long.items()
    ]
    if len(documents) == 1:
        what = counted(len(sentences), "sentence")
        notes.append(f"{documents[0].id} is the only document: there is nothing to align its {what} with")
    return notes


def _on_copies(documents: Sequence[Document]) -> list[str]:
    first: dict[str, str] = {}
    originals = [first.setdefault(one_line(d.text), d.id) for d in documents]
    pairs = zip(documents, originals, strict=True)
    return [f"{d.id} says the same as {original}, word for word" for d, original in pairs if original != d.id]


def _on_languages(documents: Sequence[Document], sentences: Sequence[Sentence]) -> list[str]:
    """Which documents may be in another language than was detected."""
    letters: Counter[str] = Counter()
    for sentence in sentences:
        if found := "".join(filter(str.isalpha, sentence.text)):
            letters[sentence.doc] += extent(found)
    notes, short = [], []
    for d in documents:
        state = f"state it with --lang {d.id}=CODE"
        if d.lang == UNDETERMINED:
            why = "is in a language that is not known" if letters[d.id] else "has no letters to tell its language by"
            notes.append(f"{d.id} {why}: {state}")
        elif letters[d.id] < _FEW_LETTERS:
            short.append(f"{d.id} ({d.lang})")
        elif d.confidence < _SURE:
            notes.append(
                f"{d.id} may be in {d.lang} ({d.confidence:.2f}), or in two languages, or in one that langdetect does "
                f"not know: {state}"
            )
    if short:
        notes.append(f"too short to be sure of the language: {listed(short, _MOST)}: state it with --lang NAME=CODE")
    return notes


def _on_markup(sentences: Sequence[Sentence], count: Mapping[str, int]) -> list[str]:
    """Which documents are no plain text; `count`: how many sentences each has."""
    marked = Counter(sentence.doc for sentence in sentences if _MARKUP.search(sentence.text))
    return [
        f"{doc} has tags, Markdown or times in {number} of its {counted(count[doc], 'sentence')}: make it plain text"
        for doc, number in marked.items()
        if number > _MARKED * count[doc]
    ]


def _on_conflicts(alignment: Alignment) -> list[str]:
    """In how many rows members may contradict each other."""
    number = sum(group.evidence.get("conflict", 0) > 0 for group in alignment.groups)
    if not number:
        return []
    return [
        f"in {counted(number, 'row')} members have other numbers or days than others: they may contradict each other, "
        "or say more; look at those with a conflict above 0 (--evidence, or the JSON lines)"
    ]


def _on_one_order(alignment: Alignment) -> list[str]:
    """Whether documents that were aligned in one order look as if they should not have been."""
    scores = [group.score for group in alignment.groups]
    if not scores or sum(scores) / len(scores) >= _DOUBTFUL:
        return []
    return [
        f"the mean score is {sum(scores) / len(scores):.2f}: these do not look like versions of one text in one order; "
        "leave out --monotone, or keep only what is sure with --threshold"
    ]


def _on_any_order(alignment: Alignment, documents: Sequence[Document], sentences: Sequence[Sentence]) -> list[str]:
    """Whether documents that were aligned in any order are, it seems, versions of one text in one order."""
    rows = sorted(g.members for g in alignment.groups if len(g.members) == len(documents) and g.grade != PARTIAL)
    count = Counter(sentence.doc for sentence in sentences)
    placed = Counter(sentences[i].doc for row in rows for run in row for i in run)
    in_order = all(above < below for column in zip(*rows, strict=True) for above, below in pairwise(column))
    if len(rows) < _ROWS or not in_order or any(placed[d.id] < _PLACED * count[d.id] for d in documents):
        return []
    return ["the documents look like versions of one text, in one order: if they are, take --monotone"]
