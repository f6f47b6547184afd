"""Find the sentences of several documents that say the same: in any order, or in one (`monotone.py`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from align.data import Alignment, Encode, FloatArray, Sentence
from align.errors import SettingsError
from align.settings import Settings

from .margin import DEFAULT_SPAN, DEFAULT_THRESHOLD, MarginAligner
from .monotone import MonotoneAligner

__all__ = ["ALIGNERS", "DEFAULT_THRESHOLD", "Aligner", "MarginAligner", "MonotoneAligner"]


class Aligner(Protocol):
    """Anything that groups the sentences of several documents by what they say."""

    @property
    def signature(self) -> str:
        """The implementation, its settings and the hash of its coefficients."""
        ...

    def align(
        self, sentences: Sequence[Sentence], vectors: FloatArray, pivots: FloatArray, encode: Encode, /
    ) -> Alignment:
        """Every sentence, in a group or unaligned with the reason.

        Args:
            sentences: grouped by document, in order of the documents' text; of any number of documents, none too.
            vectors: unit vectors of the texts, shape (sentences, dimensions).
            pivots: unit vectors of the translations, and of the text where there is none; same shape.
            encode: gives unit vectors of other texts, such as spans of several sentences.
        """
        ...


def _monotone(settings: Settings) -> MonotoneAligner:
    if settings.partial or settings.max_span is not None:
        option = "--partial" if settings.partial else "--max-span"
        raise SettingsError(f"{option} is for sentences in any order: leave it or --monotone out")
    return MonotoneAligner(threshold=settings.threshold or 0.0)


def _margin(settings: Settings) -> MarginAligner:
    threshold = DEFAULT_THRESHOLD if settings.threshold is None else settings.threshold
    max_span = DEFAULT_SPAN if settings.max_span is None else settings.max_span
    return MarginAligner(threshold, max_span, settings.partial)


ALIGNERS: dict[str, Callable[[Settings], Aligner]] = {"margin": _margin, "monotone": _monotone}
"""Makers of aligners, by name."""
