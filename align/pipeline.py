"""The path that the data takes: read -> detect -> segment -> translate -> encode -> align.

What comes out, a `Corpus`, is written by `exporter.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from align.aligner import ALIGNERS, Aligner
from align.data import UNDETERMINED, Corpus, Document, Encode, FloatArray, Sentence
from align.detector import DETECTORS, Detected, Detector
from align.encoder import Encoder, make_encoder, unit
from align.errors import SettingsError
from align.notes import notes_on_documents, notes_on_monotone
from align.packages import how_to_get
from align.reader import read_documents
from align.segmenter import SEGMENTERS, Segmenter
from align.settings import Settings, same_language
from align.store import Report, Store, key, remember
from align.text import plain_text
from align.translator import TRANSLATORS, Translator

Progress = Callable[[str, int, int], None]
"""Called with the stage, how much of it is done, and how much there is."""


def build(paths: Sequence[str | Path], settings: Settings | None = None, on_progress: Progress | None = None) -> Corpus:
    """Turn the articles at `paths` (files, folders, "-") into a parallel corpus.

    Raises:
        AlignError: one of its kinds, with what is wrong, where, and what to do.
    """
    settings = settings or Settings()
    progress: Progress = on_progress or (lambda *_: None)
    seconds: dict[str, float] = {}
    detector: Detector = _make("detector", DETECTORS, settings.detector, settings)
    segmenter: Segmenter = _make("segmenter", SEGMENTERS, settings.segmenter, settings)
    translator: Translator | None = _make("translator", TRANSLATORS, settings.translator, settings)
    encoder = make_encoder(settings, lambda: progress("building the encoder, once", 0, 0))
    aligner: Aligner = _make("aligner", ALIGNERS, settings.aligner, settings)
    store = Store(settings.cache / f"results-{version('align')}.sqlite" if settings.keep_results else None)
    try:
        with _timed(seconds, "read"):
            documents, dropped = read_documents(paths)
        with _timed(seconds, "detect"):
            documents = _detect(documents, settings.langs, detector)
        with _timed(seconds, "segment"):
            sentences = [sentence for document in documents for sentence in segmenter.segment(document)]
        with _timed(seconds, "translate"):
            sentences, signatures, notes = with_pivots(sentences, translator, settings.pivot, store, progress)
        with _timed(seconds, "encode"):
            encode = partial(unit_vectors, encoder, store)
            vectors, pivots = _encoded(sentences, partial(encode, report=partial(progress, "encode")))
        with _timed(seconds, "align"):
            progress("align", 0, 0)
            alignment = aligner.align(sentences, vectors, pivots, encode)
    finally:
        store.close()
    notes += notes_on_documents(documents, sentences, settings.langs)
    notes += notes_on_monotone(alignment) if settings.aligner == "monotone" else []
    parts = {
        "align": version("align"),
        "det": detector.signature,
        "seg": segmenter.signature,
        "mt": "+".join(signatures) or "none",
        "enc": encoder.signature,
        "aln": aligner.signature,
        "pivot": settings.pivot,
    }
    signature = "|".join(f"{name}:{value}" for name, value in parts.items())
    return Corpus(
        documents=tuple(documents),
        sentences=tuple(sentences),
        alignment=alignment,
        pivot=settings.pivot,
        dropped=dropped,
        notes=tuple(notes),
        seconds=seconds,
        signature=signature,
        graded=settings.partial,
    )


def _detect(documents: list[Document], langs: Mapping[str, str], detector: Detector) -> list[Document]:
    unknown = sorted(set(langs) - {document.id for document in documents})
    if unknown:
        known = ", ".join(document.id for document in documents)
        raise SettingsError(f"--lang names no document {', '.join(unknown)}; the documents are: {known}")
    found = [Detected(langs[d.id], 1.0) if d.id in langs else detector.detect(plain_text(d.text)) for d in documents]
    return [replace(d, **told._asdict()) for d, told in zip(documents, found, strict=True)]


def with_pivots(
    sentences: list[Sentence], translator: Translator | None, pivot: str, store: Store, progress: Progress
) -> tuple[list[Sentence], list[str], list[str]]:
    """The sentences with their translations, the signatures of what translated them, and notes on what was not."""
    signatures: list[str] = []
    notes: list[str] = []
    if translator is None:
        return sentences, signatures, notes
    translations: dict[int, str] = {}
    for lang in sorted({s.lang for s in sentences if s.lang != UNDETERMINED and not same_language(s.lang, pivot)}):
        numbers = [i for i, sentence in enumerate(sentences) if sentence.lang == lang]
        signature = translator.signature(lang, pivot)
        if signature is None:
            notes.append(
                f"{lang} was not translated, only aligned: no package leads to {pivot} ({how_to_get(lang, pivot)})"
            )
            continue
        signatures.append(signature)
        notes += filter(None, [translator.caveat(lang, pivot)])
        texts = [sentences[i].text for i in numbers]

        def compute(places: list[int], done: Any, texts: list[str] = texts, lang: str = lang) -> list[bytes]:
            found = translator.translate([texts[place] for place in places], lang, pivot, on_progress=done)
            return [b"" if text is None else text.encode("utf-8") for text in found]

        keys = [key("translation", signature, lang, pivot, text) for text in texts]
        results = remember(store, keys, compute, partial(progress, f"translate {lang}"))
        found = {i: value.decode("utf-8") for i, value in zip(numbers, results, strict=True) if value}
        translations |= found
        if len(found) < len(numbers):
            notes.append(f"{len(numbers) - len(found)} sentences in {lang} have no translation: it came out degenerate")
    return [replace(s, pivot=translations.get(i)) for i, s in enumerate(sentences)], signatures, notes


def _encoded(sentences: Sequence[Sentence], encode: Encode) -> tuple[FloatArray, FloatArray]:
    """Unit vectors of the sentences as written and in the pivot language, shape (sentences, dimensions) each."""
    translated = [i for i, sentence in enumerate(sentences) if sentence.pivot is not None]
    texts = [s.text for s in sentences] + [s.pivot for s in sentences if s.pivot is not None]
    rows = encode(texts)
    vectors, pivots = rows[: len(sentences)], rows[: len(sentences)].copy()
    pivots[translated] = rows[len(sentences) :]
    return vectors, pivots


def unit_vectors(encoder: Encoder, store: Store, texts: Sequence[str], report: Report | None = None) -> FloatArray:
    """Unit vectors of `texts`, shape (texts, dimensions); (0, 0) when there are none."""
    if not texts:
        return np.zeros((0, 0), np.float32)

    def compute(places: list[int], done: Callable[[int], None]) -> list[bytes]:
        return [row.tobytes() for row in encoder.encode([texts[place] for place in places], on_progress=done)]

    signature = encoder.signature
    rows = remember(store, [key("vector", signature, text) for text in texts], compute, report)
    return unit(np.stack([np.frombuffer(row, np.float32) for row in rows]))


def _make(what: str, makers: Mapping[str, Callable[[Settings], Any]], name: str, settings: Settings) -> Any:
    if name not in makers:
        raise SettingsError(f"no {what} is called {name!r}; there are: {', '.join(makers)}")
    return makers[name](settings)


@contextmanager
def _timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    begin = time.perf_counter()
    yield
    seconds[stage] = time.perf_counter() - begin
