"""Count how good an alignment is against gold: pairs and exact rows, beads strict and lax.

`align.scorefiles` reads both from files.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

Id = int | str
Bead = tuple[tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Rate:
    """Precision and recall as counts, which add up over files.

    Attributes:
        right: predicted items that the gold confirms.
        predicted: all predicted items.
        found: gold items that the prediction has; differs from `right` only for beads and rows.
        expected: all gold items.
    """

    right: int = 0
    predicted: int = 0
    found: int = 0
    expected: int = 0

    def __add__(self, other: Rate) -> Rate:
        return Rate(
            self.right + other.right,
            self.predicted + other.predicted,
            self.found + other.found,
            self.expected + other.expected,
        )

    @property
    def precision(self) -> float:
        """Share of the predicted items that are right; 0 where nothing was predicted."""
        return self.right / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of the gold items that were found; 0 where there is no gold."""
        return self.found / self.expected if self.expected else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 where both are."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True, slots=True)
class Scores:
    """Rates by name, pooled over all files: `pairs` and `rows`, `strict` and `lax`, or `pairs` alone.

    `str()` is a table for people, `figures()` the same for programs.
    """

    rates: Mapping[str, Rate]

    def figures(self) -> dict[str, dict[str, float]]:
        """Precision, recall and F1, each 0 to 1, by the name of the rate."""
        return {
            name: {"precision": rate.precision, "recall": rate.recall, "f1": rate.f1}
            for name, rate in self.rates.items()
        }

    def __str__(self) -> str:
        lines = [f"{'':8}{'precision':>10}{'recall':>10}{'F1':>10}{'right/predicted':>18}{'found/gold':>16}"]
        for name, rate in self.rates.items():
            right, found = f"{rate.right}/{rate.predicted}", f"{rate.found}/{rate.expected}"
            lines.append(f"{name:8}{rate.precision:10.4f}{rate.recall:10.4f}{rate.f1:10.4f}{right:>18}{found:>16}")
        return "\n".join(lines)


def score_beads(gold: Iterable[Bead], predicted: Iterable[Bead]) -> dict[str, Rate]:
    """Rates `strict` (the same bead) and `lax` (beads that share a sentence on both sides) of one document pair.

    As vecalign's score.py counts them (Thompson and Koehn 2019, after the definition in Sennrich and Volk 2011):
    beads with an empty side count for precision and not for recall, repeated beads once, and a bead with an empty
    side is right only where gold has the very same. Some gold files leave sentences out; nothing is added to them.
    """
    guess, want = _distinct(predicted), _distinct(gold)
    full_guess, full_want = ({bead for bead in beads if bead[0] and bead[1]} for beads in (guess, want))
    return {
        "strict": Rate(len(guess & want), len(guess), len(full_guess & full_want), len(full_want)),
        "lax": Rate(_touching(guess, want), len(guess), _touching(full_want, full_guess), len(full_want)),
    }


def _distinct(beads: Iterable[Bead]) -> set[Bead]:
    return {(tuple(left), tuple(right)) for left, right in beads if left or right}


def _touching(beads: set[Bead], others: set[Bead]) -> int:
    partners: dict[int, set[int]] = defaultdict(set)
    for left, right in others:
        for sentence in left:
            partners[sentence].update(right)
    return sum(
        bead in others or any(not partners[sentence].isdisjoint(bead[1]) for sentence in bead[0]) for bead in beads
    )


@dataclass(frozen=True, slots=True)
class Member:
    """A stretch of a document's text that a predicted row has; its text, where the prediction says it."""

    doc: str
    start: int
    end: int
    text: str | None = None

    @staticmethod
    def of(item: Mapping[str, Any]) -> Member:
        """From what JSON or a table holds: `doc`, `start`, `end` and perhaps `text`."""
        text = item.get("text")
        start, end = (_offset(item, name) for name in ("start", "end"))
        if not 0 <= start < end:
            raise ValueError(f"from {start} to {end} there is no text")
        return Member(str(item["doc"]), start, end, None if text is None else str(text))


def _offset(item: Mapping[str, Any], name: str) -> int:
    """A whole number: as JSON holds it, or a table."""
    value = item[name]
    if type(value) is int or (isinstance(value, str) and value.isdecimal()):
        return int(value)
    raise ValueError(f"'{name}' is {value!r} and no whole number")


@dataclass(frozen=True)
class NWayGold:
    """Sentences of documents, which of them say the same, and pairs of them that count neither for nor against.

    Attributes:
        sentences: by id, where each stands.
        groups: ids of sentences that say the same.
        ignore: pairs of ids.
    """

    sentences: Mapping[Id, Member]
    groups: Sequence[Set[Id]]
    ignore: Set[frozenset[Id]]

    @staticmethod
    def of(data: Mapping[str, Any]) -> NWayGold:
        """From what JSON holds: `sentences` with an `id` and what `Member.of` takes, `groups` and perhaps `ignore`."""
        sentences: dict[Id, Member] = {}
        for item in data["sentences"]:
            try:
                sentences[item["id"]] = Member.of(item)
            except ValueError as exc:
                raise ValueError(f"sentence {item['id']!r}: {exc}") from exc
        if len(sentences) < len(data["sentences"]):
            raise ValueError("two sentences have one id")
        ignore = {frozenset(pair) for pair in data.get("ignore", [])}
        return NWayGold(sentences, [set(group) for group in data["groups"]], ignore)

    @cached_property
    def wanted(self) -> set[frozenset[Id]]:
        """The pairs to be found."""
        return self.pairs(self.groups) - self.ignore

    @cached_property
    def rulers(self) -> Mapping[str, Ruler]:
        """By document, what tells which of its sentences a member covers."""
        spans: dict[str, list[tuple[int, int, Id]]] = defaultdict(list)
        for name, sentence in self.sentences.items():
            spans[sentence.doc].append((sentence.start, sentence.end, name))
        return {doc: Ruler.of(found) for doc, found in spans.items()}

    def covered(self, row: Iterable[Member]) -> set[Id]:
        """The sentences of which a member of the row covers at least half."""
        return {name for m in row if m.doc in self.rulers for name in self.rulers[m.doc].covered(m.start, m.end)}

    def pairs(self, groups: Iterable[Iterable[Id]]) -> set[frozenset[Id]]:
        """The pairs of sentences of different documents within these groups, those to be ignored among them."""
        every = (pair for group in groups for pair in combinations(group, 2))
        return {frozenset((a, b)) for a, b in every if self.sentences[a].doc != self.sentences[b].doc}


def score_groups(gold: NWayGold, rows: Iterable[Iterable[Member]]) -> dict[str, Rate]:
    """Rates `pairs` (of sentences of different documents that are in a row together) and `rows` (exactly the group).

    A member stands for the sentences of which it covers at least half. For the precision of `rows`, rows without
    sentences of two documents do not count, and repeated rows count once. Pairs to be ignored make no difference to
    `rows`.
    """
    guess = {frozenset(gold.covered(row)) for row in rows}
    have, groups = gold.pairs(guess) - gold.ignore, [frozenset(group) for group in gold.groups]
    candidates = [ids for ids in guess if gold.pairs([ids])]
    hits, known = len(gold.wanted & have), set(groups)
    return {
        "pairs": Rate(hits, len(have), hits, len(gold.wanted)),
        "rows": Rate(
            sum(ids in known for ids in candidates), len(candidates), sum(ids in guess for ids in groups), len(groups)
        ),
    }


@dataclass(frozen=True, slots=True)
class Ruler:
    """The sentences of one document, sorted by their starts, to look up which of them a span covers."""

    spans: tuple[tuple[int, int, Id], ...]
    longest: int

    @staticmethod
    def of(spans: Iterable[tuple[int, int, Id]]) -> Ruler:
        """From the start, end and id of each sentence."""
        ordered = tuple(sorted(spans, key=lambda span: span[:2]))
        return Ruler(ordered, max((end - start for start, end, _ in ordered), default=0))

    def covered(self, start: int, end: int) -> set[Id]:
        """Sentences of which [start, end) covers at least half."""
        first = bisect_left(self.spans, start - self.longest, key=lambda span: span[0])
        last = bisect_right(self.spans, end, key=lambda span: span[0])
        return {
            name
            for left, right, name in self.spans[first:last]
            if 2 * (min(end, right) - max(start, left)) >= right - left
        }
