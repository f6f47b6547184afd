"""Split an article into sentences, as spans of its text."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import Protocol

from align.boundaries import RULES, lines_in, sentences_in
from align.data import Document, Sentence
from align.settings import Settings


class Segmenter(Protocol):
    """Anything that splits a document into sentences."""

    def segment(self, document: Document, /) -> list[Sentence]:
        """The document's sentences in order; spans do not overlap and none is blank."""
        ...

    @property
    def signature(self) -> str:
        """The name and version of the implementation."""
        ...


class SentencexSegmenter:
    """The package sentencex (Wikimedia): rules for some 240 languages, and ours around them (`boundaries`)."""

    def segment(self, document: Document, /) -> list[Sentence]:
        """The document's sentences in order; spans do not overlap and none is blank."""
        found = sentences_in(document.text, document.lang)
        return [Sentence(document.id, document.lang, start, end, text) for start, end, text in found]

    @property
    def signature(self) -> str:
        """For example `sentencex-1.0.32,rules=7`: the version of the package, and of what we do around it."""
        return f"sentencex-{version('sentencex')},rules={RULES}"


class LinesSegmenter:
    """One sentence a line, for text that is split already."""

    def segment(self, document: Document, /) -> list[Sentence]:
        """The document's sentences in order; spans do not overlap and none is blank."""
        return [Sentence(document.id, document.lang, start, end, text) for start, end, text in lines_in(document.text)]

    @property
    def signature(self) -> str:
        """The name of the implementation."""
        return "lines"


SEGMENTERS: dict[str, Callable[[Settings], Segmenter]] = {
    "sentencex": lambda _: SentencexSegmenter(),
    "lines": lambda _: LinesSegmenter(),
}
"""Makers of segmenters, by name."""
