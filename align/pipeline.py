"""The path that the data takes: read -> detect -> segment -> translate -> encode -> align.

What comes out, a `Corpus`, is written by `exporter.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from align.aligner import ALIGNERS, Aligner
from align.data import UNDETERMINED, Corpus, Document, Encode, FloatArray, Sentence
from align.detector import DETECTORS, Detected, Detector
from align.encoder import Encoder, make_encoder, unit_vectors
from align.errors import SettingsError
from align.notes import counted, listed, notes_on, on_untranslated
from align.reader import read_documents
from align.segmenter import SEGMENTERS, Segmenter
from align.settings import Settings, same_language
from align.store import Done, Store, key, remember, sha256_of_all
from align.text import plain_text
from align.translator import TRANSLATORS, Translator

Progress = Callable[[str, int, int], None]
"""Called with the stage, how much of it is done, and how much there is."""

Check = Callable[[Sequence[Document]], None]
"""Called with the documents once their languages are known; what it raises ends the run."""


def build(
    paths: Sequence[str | Path],
    settings: Settings | None = None,
    on_progress: Progress | None = None,
    check: Check | None = None,
) -> Corpus:
    """Turn the articles at `paths` into a parallel corpus.

    Args:
        paths: files, folders, or "-" for standard input.
        settings: how; the defaults if None.
        on_progress: called with a stage, how much of it is done and how much there is (0: not known).
        check: called with the documents once their languages are known, before anything is translated.

    Raises:
        AlignError: one of its kinds, with what is wrong, where, and what to do.
    """
    settings = settings or Settings()
    progress: Progress = on_progress or (lambda *_: None)
    steps = _Steps.of(settings, partial(progress, "building the encoder, once", 0, 0))
    seconds: dict[str, float] = {}
    with closing(Store(settings.results_file)) as store:
        with _timed(seconds, "read"):
            documents, dropped = read_documents(paths)
        with _timed(seconds, "detect"):
            documents = _detect(documents, settings.langs, steps.detector)
            if check:
                check(documents)
        with _timed(seconds, "segment"):
            sentences = [sentence for document in documents for sentence in steps.segmenter.segment(document)]
        with _timed(seconds, "translate"):
            sentences, packages, notes = with_pivots(sentences, steps.translator, settings.pivot, store, progress)
        with _timed(seconds, "encode"):
            encode = partial(unit_vectors, steps.encoder, store)
            vectors, pivots = _encoded(sentences, partial(encode, report=partial(progress, "encode")))
        with _timed(seconds, "align"):
            progress("align", 0, 0)
            alignment = steps.aligner.align(sentences, vectors, pivots, encode)
    return Corpus(
        documents=tuple(documents),
        sentences=tuple(sentences),
        alignment=alignment,
        pivot=settings.pivot,
        dropped=dropped,
        notes=(*notes, *notes_on(documents, sentences, alignment, settings)),
        seconds=seconds,
        signature=steps.signature(packages, settings.pivot),
        graded=settings.partial,
    )


@dataclass(frozen=True, slots=True)
class _Steps:
    """What takes each step, as the settings say."""

    detector: Detector
    segmenter: Segmenter
    translator: Translator | None
    encoder: Encoder
    aligner: Aligner

    @classmethod
    def of(cls, settings: Settings, on_build: Callable[[], None]) -> _Steps:
        return cls(
            detector=_make("detector", DETECTORS, settings),
            segmenter=_make("segmenter", SEGMENTERS, settings),
            translator=_make("translator", TRANSLATORS, settings),
            encoder=make_encoder(settings, on_build),
            aligner=_make("aligner", ALIGNERS, settings),
        )

    def signature(self, packages: Sequence[str], pivot: str) -> str:
        """All that a result rests on; `packages`: what was translated with."""
        parts = {
            "align": f"{version('align')}@{_program()}",
            "det": self.detector.signature,
            "seg": self.segmenter.signature,
            "mt": "+".join(packages) or "none",
            "enc": self.encoder.signature,
            "aln": self.aligner.signature,
            "pivot": pivot,
        }
        return "|".join(f"{name}:{value}" for name, value in parts.items())


@cache
def _program() -> str:
    """The first digits of the SHA-256 of all modules and tables of this package: a result rests on each of them."""
    package = Path(__file__).parent
    return sha256_of_all(package, (path for path in package.rglob("*") if path.suffix in (".py", ".json")))[:8]


def _make(what: str, makers: Mapping[str, Callable[[Settings], Any]], settings: Settings) -> Any:
    name = getattr(settings, what)
    if name not in makers:
        raise SettingsError(f"no {what} is called {name!r}; there are: {', '.join(makers)}")
    return makers[name](settings)


def _detect(documents: list[Document], langs: Mapping[str, str], detector: Detector) -> list[Document]:
    """The documents with their languages: those stated in `langs`, the others detected."""
    unknown = sorted(set(langs) - {document.id for document in documents})
    if unknown:
        known = listed([document.id for document in documents])
        raise SettingsError(f"--lang names no document {listed(unknown)}; the documents are: {known}")
    found = [Detected(langs[d.id], 1.0) if d.id in langs else detector.detect(plain_text(d.text)) for d in documents]
    return [replace(d, **detected._asdict()) for d, detected in zip(documents, found, strict=True)]


def with_pivots(
    sentences: list[Sentence], translator: Translator | None, pivot: str, store: Store, progress: Progress
) -> tuple[list[Sentence], list[str], list[str]]:
    """The sentences with their translations, the signatures of what translated them, and notes on what was not."""
    signatures: list[str] = []
    notes: list[str] = []
    if translator is None:
        return sentences, signatures, notes
    untranslated: list[str] = []
    translations: dict[int, str] = {}
    for lang in sorted({s.lang for s in sentences if s.lang != UNDETERMINED and not same_language(s.lang, pivot)}):
        signature = translator.signature(lang, pivot)
        if signature is None:
            untranslated.append(lang)
            continue
        signatures.append(signature)
        notes += filter(None, [translator.caveat(lang, pivot)])
        places = [i for i, sentence in enumerate(sentences) if sentence.lang == lang]
        keys = [key("translation", signature, lang, pivot, sentences[i].text) for i in places]
        translate = partial(_translate, translator, lang, pivot, [sentences[i].text for i in places])
        found = remember(store, keys, translate, partial(progress, f"translate {lang}"))
        translations |= {i: text.decode("utf-8") for i, text in zip(places, found, strict=True) if text}
        if failed := found.count(b""):
            notes.append(f"no translation of {counted(failed, 'sentence')} in {lang}: it came out degenerate")
    notes += on_untranslated(untranslated, pivot)
    return [replace(s, pivot=translations.get(i)) for i, s in enumerate(sentences)], signatures, notes


def _translate(
    translator: Translator, lang: str, pivot: str, texts: Sequence[str], places: Sequence[int], done: Done
) -> list[bytes]:
    """A translation for each text at these places; nothing where only a degenerate one was to be had."""
    found = translator.translate([texts[place] for place in places], lang, pivot, on_done=done)
    return [(text or "").encode("utf-8") for text in found]


def _encoded(sentences: Sequence[Sentence], encode: Encode) -> tuple[FloatArray, FloatArray]:
    """Unit vectors of the sentences as written and in the pivot language, shape (sentences, dimensions) each."""
    translated = [i for i, sentence in enumerate(sentences) if sentence.pivot is not None]
    texts = [s.text for s in sentences] + [s.pivot for s in sentences if s.pivot is not None]
    rows = encode(texts)
    vectors, pivots = rows[: len(sentences)], rows[: len(sentences)].copy()
    pivots[translated] = rows[len(sentences) :]
    return vectors, pivots


@contextmanager
def _timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    begin = time.perf_counter()
    yield
    seconds[stage] = time.perf_counter() - begin
