"""The spans that may become members of a group: every sentence, and the runs of sentences worth a look."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import partial

import numpy as np
from numpy.typing import NDArray

from align.data import Encode, FloatArray, IntArray, Sentence
from align.text import extent, is_finished

from .background import background_mean
from .evidence import Terms, shared, shown_by, terms_of
from .furniture import furniture_among, resembles_furniture
from .similarity import Neighbours, centred, nearest, pairs_of, similarity_of, unit_rows

_NEIGHBOURS = 16  # of each item, at least; the coefficients were fitted with so many
_MANY_NEIGHBOURS = 128  # of each item: the limit among many sentences;
_ALL_NEIGHBOURS = 1_000_000  # among few it is higher, up to this many for all sentences together, to bound memory
_SPAN_NEIGHBOURS = 4  # of each span of several sentences, among such spans
_SPAN_NEAR = 4  # neighbours of each part that a run is compared with
_SPAN_SIMILARITY = 0.4  # a run is looked at when its approximate similarity exceeds that of its best part and this
_SPAN_STRETCH = 2.2  # and neither text is longer than the other by more than this factor

Centre = Callable[[FloatArray, Sequence[str]], FloatArray]


@dataclass(frozen=True, slots=True)
class Spans:
    """n spans, the single sentences first and in their order: parallel arrays of length n.

    Attributes:
        texts: of the spans as written, their sentences with a space between.
        first, size: the span's first sentence and how many sentences it has.
        documents, languages: numbers.
        direct, pivot: centred unit vectors of the texts and of their translations, shape (n, dimensions); 0 for a text
            of which centring leaves nothing.
        translated: whether any sentence of the span has a translation.
        lengths: of the texts, as `extent` measures them.
    """

    texts: Sequence[str]
    first: IntArray
    size: IntArray
    documents: IntArray
    languages: IntArray
    direct: FloatArray
    pivot: FloatArray
    translated: NDArray[np.bool_]
    lengths: FloatArray

    @property
    def sentences(self) -> int:
        """How many of the spans are single sentences."""
        return int(np.count_nonzero(self.size == 1))

    @property
    def views(self) -> list[FloatArray]:
        """The vectors to compare by: the translations' too where there are any."""
        return [self.direct, self.pivot] if self.translated.any() else [self.direct]


@dataclass(frozen=True, slots=True)
class Items(Spans):
    """Spans with the evidence that their words are: parallel arrays of length n.

    Attributes:
        terms: by kind.
        shows: what its language shows of numbers and names, see `shown_by`.
        unfinished, like_furniture: whether the text breaks off, or looks like what an outlet prints around an article.
        furniture: whether a sentence of it surely is that; it is compared with nothing.
    """

    terms: dict[str, Terms]
    shows: IntArray
    unfinished: NDArray[np.bool_]
    like_furniture: NDArray[np.bool_]
    furniture: NDArray[np.bool_]

    def shared(self, kind: str, i: IntArray, j: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """For pairs of items, the weight of the terms in both, in the first only, in the second only; (pairs,) each.

        What one of the two has does not count where the other's language could not show it.
        """
        return shared(self.terms[kind].of(i), self.terms[kind].of(j), (self.shows[i], self.shows[j]))


def make_items(
    sentences: Sequence[Sentence],
    vectors: FloatArray,
    pivots: FloatArray,
    encode: Encode,
    max_span: int,
) -> tuple[Items, Neighbours]:
    """The items of a run, and for each the sentences of other documents that are nearest it."""
    single = np.arange(len(sentences))
    # What is repeated word for word counts once in the means that are taken off.
    distinct = np.array(list({(s.lang, s.text): i for i, s in enumerate(sentences)}.values()))
    centre = partial(centred, of=distinct, background=background_mean(encode))
    spans = _spans(sentences, single, np.ones_like(single), vectors, pivots, centre)
    number = int(spans.documents.max()) + 1
    # Twice as many as a sentence may have partners, so that what is beyond these is seen among many documents too.
    most = max(_MANY_NEIGHBOURS, _ALL_NEIGHBOURS // len(sentences))
    count = min(max(_NEIGHBOURS, 2 * (number - 1)), most)
    neighbours = nearest(spans.views, spans.documents, count)
    first, size = _propose(sentences, spans, neighbours, vectors, pivots, max_span, centre)
    if not len(first):
        return _with_evidence(spans, sentences), neighbours
    runs = [range(f, f + s) for f, s in zip(first.tolist(), size.tolist(), strict=True)]
    direct = encode([_joined(sentences, run) for run in runs])
    pivot = direct
    if spans.translated.any():
        pivot = encode([_joined(sentences, run, pivot=True) for run in runs])
    first, size = np.concatenate([single, first]), np.concatenate([np.ones_like(single), size])
    vectors, pivots = np.concatenate([vectors, direct]), np.concatenate([pivots, pivot])
    spans = _spans(sentences, first, size, vectors, pivots, centre)
    more = nearest(spans.views, spans.documents, count, after=len(sentences))
    ids = np.concatenate([neighbours.ids, more.ids])
    similarities = np.concatenate([neighbours.similarities, more.similarities])
    return _with_evidence(spans, sentences), Neighbours(ids, similarities)


def _spans(
    sentences: Sequence[Sentence],
    first: IntArray,
    size: IntArray,
    vectors: FloatArray,
    pivots: FloatArray,
    centre: Centre,
) -> Spans:
    runs = [range(f, f + s) for f, s in zip(first.tolist(), size.tolist(), strict=True)]
    texts = [_joined(sentences, run) for run in runs]
    documents = _numbered([s.doc for s in sentences])
    langs = [sentences[f].lang for f in first.tolist()]
    translated = np.array([any(sentences[i].pivot is not None for i in run) for run in runs])
    return Spans(
        texts=texts,
        first=first,
        size=size,
        documents=documents[first],
        languages=_numbered([s.lang for s in sentences])[first],
        direct=centre(vectors, langs),
        pivot=centre(pivots, _kinds(langs, translated)),
        translated=translated,
        lengths=np.array([extent(text) for text in texts], np.float32),
    )


def _with_evidence(spans: Spans, sentences: Sequence[Sentence]) -> Items:
    """The spans with what their words tell."""
    langs = [sentences[first].lang for first in spans.first.tolist()]
    runs = zip(spans.first.tolist(), (spans.first + spans.size).tolist(), strict=True)
    furniture = furniture_among(sentences)
    return Items(
        **{field.name: getattr(spans, field.name) for field in fields(spans)},
        terms=terms_of(spans.texts, langs, len(sentences)),  # as written: a translation may distort a name
        shows=np.array([shown_by(lang) for lang in langs]),
        unfinished=np.array([not is_finished(text) for text in spans.texts]),
        like_furniture=np.array([resembles_furniture(*item) for item in zip(spans.texts, langs, strict=True)]),
        furniture=np.array([furniture[first:end].any() for first, end in runs]),
    )


def _propose(
    sentences: Sequence[Sentence],
    spans: Spans,
    neighbours: Neighbours,
    vectors: FloatArray,
    pivots: FloatArray,
    max_span: int,
    centre: Centre,
) -> tuple[IntArray, IntArray]:
    """Runs whose vector, approximated by the mean of their sentences', is nearer some sentence than every part is."""
    n = len(sentences)
    found: list[tuple[int, int]] = []
    langs = [s.lang for s in sentences]
    for size in range(2, max_span + 1):
        first = np.arange(n - size + 1)
        first = first[spans.documents[first] == spans.documents[first + size - 1]]
        if not len(first):
            continue
        parts = first[:, None] + np.arange(size)
        share = spans.lengths[parts] / spans.lengths[parts].sum(1, keepdims=True)
        own = langs + [langs[f] for f in first.tolist()]
        translated = np.concatenate([spans.translated, spans.translated[parts].any(1)])
        views = []
        for raw, kinds in ((vectors, own), (pivots, _kinds(own, translated)))[: len(spans.views)]:
            mean = unit_rows(np.einsum("rs,rsd->rd", share, raw[parts]))
            views.append(centre(np.concatenate([raw, mean]), kinds)[n:])
        near = neighbours.ids[parts][:, :, :_SPAN_NEAR].reshape(len(first), -1)
        whole = similarity_of(views, np.arange(len(first)), spans.views, near)
        part = np.max([similarity_of(spans.views, parts[:, k], spans.views, near) for k in range(size)], axis=0)
        stretch = np.abs(np.log(spans.lengths[parts].sum(1)[:, None] / spans.lengths[near]))
        good = (near >= 0) & (whole > _SPAN_SIMILARITY) & (whole > part)
        good &= stretch < np.log(_SPAN_STRETCH)
        found += [(f, size) for f in first[good.any(1)].tolist()]
    found.sort()
    pairs = np.array(found, np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _joined(sentences: Sequence[Sentence], run: range, pivot: bool = False) -> str:
    return " ".join(sentences[i].in_pivot if pivot else sentences[i].text for i in run)


def _kinds(langs: Sequence[str], translated: NDArray[np.bool_]) -> list[str]:
    """What has a mean of its own among the vectors of pivots: every language, and the translations."""
    return ["\t" if new else lang for new, lang in zip(translated.tolist(), langs, strict=True)]


def _numbered(names: Sequence[str]) -> IntArray:
    number = {name: i for i, name in enumerate(dict.fromkeys(names))}
    return np.array([number[name] for name in names], np.int64)


def all_pairs(items: Items, neighbours: Neighbours) -> IntArray:
    """The pairs of items to compare, shape (pairs, 2)."""
    n = items.sentences
    ids = [pairs_of(neighbours.ids, len(items.first))]
    if n < len(items.first):
        spans = nearest([view[n:] for view in items.views], items.documents[n:], _SPAN_NEIGHBOURS)
        ids.append(pairs_of(spans.ids, len(items.first) - n) + n)
    pairs: IntArray = np.unique(np.concatenate(ids), axis=0)
    return pairs[~items.furniture[pairs].any(1)]
