"""Split an article into sentences, as spans of its text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib.metadata import version
from typing import Protocol

from align.boundaries import Span, line_spans, sentence_spans
from align.data import Document, Sentence
from align.settings import Settings
from align.text import plain_text


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
    """The package sentencex (Wikimedia): rules and abbreviations for some 240 languages, and ours (`boundaries`)."""

    def segment(self, document: Document, /) -> list[Sentence]:
        """The document's sentences in order; spans do not overlap and none is blank."""
        return _sentences(document, sentence_spans(document.text, document.lang))

    @property
    def signature(self) -> str:
        """The name and version of the implementation."""
        return f"sentencex-{version('sentencex')}"


class LinesSegmenter:
    """One sentence a line, for text that is split already."""

    def segment(self, document: Document, /) -> list[Sentence]:
        """The document's sentences in order; spans do not overlap and none is blank."""
        return _sentences(document, line_spans(document.text))

    @property
    def signature(self) -> str:
        """The name of the implementation."""
        return "lines"


SEGMENTERS: dict[str, Callable[[Settings], Segmenter]] = {
    "sentencex": lambda _: SentencexSegmenter(),
    "lines": lambda _: LinesSegmenter(),
}
"""Makers of segmenters, by name."""


def _sentences(document: Document, spans: Iterable[Span]) -> list[Sentence]:
    return [
        Sentence(document.id, document.lang, start, end, plain_text(document.text[start:end])) for start, end in spans
    ]
