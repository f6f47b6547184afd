"""The default aligner: learned log-odds for pairs of spans, then correlation clustering."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from align.data import Alignment, Encode, FloatArray, Group, Sentence, Unaligned

from .evidence import terms_of
from .features import Items, pair_features
from .grouping import ABSENT, group, support
from .similarity import IntArray, centred, nearest, pairs_of

DEFAULT_THRESHOLD = 0.4
NEIGHBOURS = 16
_FINAL = (".", "!", "?", "。", "؟", "…", "！", "？")


@dataclass(frozen=True, slots=True)
class MarginAligner:
    """Groups sentences of any number of documents, in any order, by learned pair probabilities.

    Attributes:
        threshold: least probability that a row's members are equivalent.
        max_span: most consecutive sentences that one member may hold.
        partial: whether rows that overlap only in part are kept, marked by their evidence `grade`.
    """

    threshold: float = DEFAULT_THRESHOLD
    max_span: int = 3
    partial: bool = False

    @property
    def signature(self) -> str:
        """For example `margin@1a2b3c4d threshold=0.5 span=3`."""
        digest = hashlib.sha256(json.dumps(_model(), sort_keys=True).encode()).hexdigest()[:8]
        return f"margin@{digest} threshold={self.threshold:g} span={self.max_span}{' partial' * self.partial}"

    def align(
        self, sentences: Sequence[Sentence], vectors: FloatArray, pivots: FloatArray, encode: Encode, /
    ) -> Alignment:
        """Every sentence exactly once, in a group or unaligned with the reason."""
        if not sentences:
            return Alignment((), ())
        items = items_of(sentences, vectors, pivots)
        views = [items.direct, items.pivot] if items.translated.any() else [items.direct]
        neighbours = nearest(views, items.documents, NEIGHBOURS)
        pairs = pairs_of(neighbours)
        weights = np.array(_model()["weights"])
        odds = pair_features(items, neighbours, pairs) @ weights[:-1] + weights[-1] + _model()["shift"]
        links: list[dict[int, float]] = [{} for _ in sentences]
        for (i, j), value in zip(pairs.tolist(), np.clip(odds, -8, 8).tolist(), strict=True):
            links[i][j] = links[j][i] = value
        groups = []
        for members in group(links, items.documents.tolist()):
            kept, score = self._supported(members, links)
            if kept:
                groups.append(Group(tuple((i,) for i in kept), score))
        placed = {i for g in groups for m in g.members for i in m}
        unaligned = []
        for i in range(len(sentences)):
            if i not in placed:
                best = max(links[i].items(), key=lambda link: (link[1], -link[0]), default=None)
                if best is None:
                    unaligned.append(Unaligned(i, "no other document to compare with"))
                else:
                    reason = "nothing near enough" if best[1] < 0 else "its counterpart went to another sentence"
                    unaligned.append(Unaligned(i, reason, best[0], 1 / (1 + math.exp(-best[1]))))
        return Alignment(tuple(groups), tuple(unaligned))

    def _supported(self, members: list[int], links: list[dict[int, float]]) -> tuple[list[int], float]:
        while len(members) > 1:
            means = [support(i, members, links) / (len(members) - 1) for i in members]
            score = 1 / (1 + math.exp(-min(means)))
            if score >= self.threshold:
                return members, score
            members = [i for i in members if i != members[means.index(min(means))]]
        return [], 0.0


def items_of(sentences: Sequence[Sentence], vectors: FloatArray, pivots: FloatArray) -> Items:
    documents = _numbered([s.doc for s in sentences])
    counts = np.bincount(documents)
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])
    return Items(
        documents=documents,
        languages=_numbered([s.lang for s in sentences]),
        direct=centred(vectors, [s.lang for s in sentences]),
        pivot=centred(pivots, [s.lang if s.pivot is None else "" for s in sentences]),
        translated=np.array([s.pivot is not None for s in sentences]),
        terms=terms_of([s.pivot or s.text for s in sentences]),
        lengths=np.array([max(len(s.text), 1) for s in sentences], np.float32),
        positions=((np.arange(len(sentences)) - first[documents] + 0.5) / counts[documents]).astype(np.float32),
        unfinished=np.array([not s.text.rstrip("\"'”»)").endswith(_FINAL) for s in sentences]),
    )


def _numbered(names: Sequence[str]) -> IntArray:
    number = {name: i for i, name in enumerate(dict.fromkeys(names))}
    return np.array([number[name] for name in names], np.int64)


@cache
def _model() -> dict[str, Any]:
    model: dict[str, Any] = json.loads(Path(__file__).with_name("calibration.json").read_text(encoding="utf-8"))
    return model
