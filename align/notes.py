"""What a user should know about a run, beside what went into the corpus and what did not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from align.data import UNDETERMINED, Alignment, Document, Sentence
from align.text import extent, one_line

_FEW_LETTERS = 50  # langdetect is right for 99 in 100 texts of twice as many, and for one in four single words
_SURE = 0.9  # of its language langdetect mostly is, to four digits; what it has no profile for is near several
_LONG = 1_500  # letters (`extent`) of a sentence, some 500 tokens; encoders read no more
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|\d --> \d|^#{1,6} |\*\*\w|\]\(https?:")
_MARKED = 0.1  # share of the sentences
_DOUBTFUL = 0.5  # a mean score; translations in one order have some .9, articles about one event .4 to .7, others .3


def notes_on_documents(
    documents: Sequence[Document], sentences: Sequence[Sentence], langs: Mapping[str, str]
) -> list[str]:
    """What may be wrong with the documents; `langs`: the languages stated, by document."""
    notes = [f"{d.id} was read as {d.encoding}, not UTF-8" for d in documents if d.encoding != "utf-8"]
    first: dict[str, str] = {}
    originals = [first.setdefault(one_line(d.text), d.id) for d in documents]
    notes += [
        f"{d.id} is {original} word for word"
        for d, original in zip(documents, originals, strict=True)
        if original != d.id
    ]
    told = Counter(sentence.doc for sentence in sentences)
    letters = Counter(sentence.doc for sentence in sentences for character in sentence.text if character.isalpha())
    marked = Counter(sentence.doc for sentence in sentences if _MARKUP.search(sentence.text))
    long = Counter(sentence.doc for sentence in sentences if extent(sentence.text) > _LONG)
    for d in documents:
        if d.id not in told:
            notes.append(f"{d.id} has no sentence: there is nothing to see in it")
        elif d.id not in langs and (doubt := _doubt_of_language(d, letters[d.id])):
            notes.append(f"{d.id} {doubt}: state it with --lang {d.id}=CODE")
        if marked[d.id] > _MARKED * told[d.id]:
            notes.append(
                f"{d.id} has tags, Markdown or times in {marked[d.id]} of its {told[d.id]} sentences: "
                "make it plain text"
            )
        if long[d.id]:
            notes.append(
                f"{d.id} has sentences of over {_LONG} letters ({long[d.id]}), whose ends may count nothing: "
                "if it lacks full stops, break it into lines and take --segmenter lines"
            )
        if len(documents) == 1:
            notes.append(f"{d.id} is the only document: its {len(sentences)} sentences have nothing to align with")
    return notes


def _doubt_of_language(document: Document, letters: int) -> str | None:
    """Why the language that was detected may not be the document's; `letters`: how many it has."""
    if document.lang == UNDETERMINED:
        return "is in a language that is not known" if letters else "has no letters to tell its language by"
    if letters < _FEW_LETTERS:
        return f"is too short to be sure that it is in {document.lang}"
    if document.confidence < _SURE:
        return (
            f"may be in {document.lang} ({document.confidence:.2f}), or in two languages, or in one that langdetect "
            "does not know"
        )
    return None


def notes_on_monotone(alignment: Alignment) -> list[str]:
    """Whether documents that were aligned in one order look as if they should not have been."""
    scores = [group.score for group in alignment.groups]
    if not scores or sum(scores) / len(scores) >= _DOUBTFUL:
        return []
    return [
        f"the mean score is {sum(scores) / len(scores):.2f}: these do not look like versions of one text in one order; "
        "leave out --monotone, or keep only what is sure with --threshold"
    ]
