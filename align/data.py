"""What flows through the pipeline: documents, their sentences, and the groups that align them.

Vectors are not wrapped in a class: they are float32 arrays of shape
(sentences, dimensions) whose row i belongs to `sentences[i]`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.integer[Any]]

Encode = Callable[[Sequence[str]], FloatArray]
"""Texts to unit vectors, shape (texts, dimensions)."""

TEXT_SUFFIXES = frozenset({".txt", ".text", ".md", ""})
"""What is read from a folder; a file named by itself is read whatever its suffix."""

PASSED_OVER = "not read"
"""How the reason begins why something in a folder was left out by choice."""

EVIDENCE = ("cosine", "margin", "weakest_link", "numbers", "names", "conflict")
"""The kinds of evidence that a row's score may rest on."""

COLUMNS = frozenset(("group", "score", "grade", "size", *EVIDENCE))
"""Column names of tables that are reserved: no document has one of them as its id."""

UNDETERMINED = "und"
"""The BCP 47 code of a language that is not known."""


@dataclass(frozen=True, slots=True)
class Document:
    """One article.

    Attributes:
        id: unique in a run; the file's stem or, where two are equal, its name, or the stem after some of its folders.
        text: as decoded, byte-order mark removed, nothing else changed; every offset counts its characters.
        path: where it was read, "-" for standard input.
        encoding: the name of the encoding it was decoded from.
        lang: BCP 47, `und` when unknown.
        confidence: the probability that it is in this language, 0 to 1; 1 where that was stated.
    """

    id: str
    text: str
    path: str
    encoding: str = "utf-8"
    lang: str = UNDETERMINED
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a document, as the span [start, end) of characters of its text.

    Attributes:
        text: the span as `plain_text` gives it.
        pivot: its translation into the pivot language; None where it was not translated.
    """

    doc: str
    lang: str
    start: int
    end: int
    text: str
    pivot: str | None = None

    @property
    def in_pivot(self) -> str:
        """Its translation into the pivot language, or its text where it was not translated."""
        return self.text if self.pivot is None else self.pivot


def place_of(path: str | Path) -> Path:
    """Where a path leads when its links are followed, as far as they lead anywhere."""
    return Path(os.path.realpath(path))


EQUIVALENT, PARTIAL = "equivalent", "partial"
"""Grades of groups: all members say the same, or the same only in part."""


@dataclass(frozen=True, slots=True)
class Group:
    """Sentences that say the same thing, at most one span a document: one row of the corpus.

    Attributes:
        members: one span a document, each a run of consecutive sentence numbers, in order of the documents.
        score: 0 to 1, higher is better.
        evidence: what the score rests on, by name.
        grade: EQUIVALENT or PARTIAL; None where only equivalent sentences were looked for.
    """

    members: tuple[tuple[int, ...], ...]
    score: float
    evidence: Mapping[str, float] = field(default_factory=dict)
    grade: str | None = None


NO_DOCUMENT = "there is no other document to compare it with"
"""Why a sentence is unaligned in a run of one document."""


@dataclass(frozen=True, slots=True)
class Unaligned:
    """A sentence in no group, why, and the sentence of another document that came nearest (None: there is none).

    The score is that of the two, 0 to 1: the probability that they say the same, or, where documents are aligned in one
    order, the cosine of their centred vectors.
    """

    sentence: int
    reason: str
    candidate: int | None = None
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Alignment:
    """Every sentence of a run is a member of a group, or unaligned.

    In one group only, but for partial ones: these show a sentence beside others, which may be in groups of their own.

    Attributes:
        evidence: the kinds of evidence that scores rest on; a group lacks those of which its members have nothing.
    """

    groups: tuple[Group, ...]
    unaligned: tuple[Unaligned, ...]
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Corpus:
    """The result of a run: its input, the alignment, and how that was made.

    Attributes:
        sentences: of all documents, in order of the documents; every number in `alignment` is a place in it.
        dropped: what was not used, by path, and why.
        notes: what the user should know, a line each.
        seconds: wall time by stage.
        graded: whether groups have grades, because sentences that say the same only in part were looked for too.
        signature: versions, hashes and settings of the parts that the result rests on, `name:value` joined by `|`.
    """

    documents: tuple[Document, ...]
    sentences: tuple[Sentence, ...]
    alignment: Alignment
    pivot: str
    dropped: Mapping[str, str]
    notes: tuple[str, ...]
    seconds: Mapping[str, float]
    signature: str
    graded: bool = False
