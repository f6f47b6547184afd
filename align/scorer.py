"""How good an alignment is against gold: pairs and exact rows, beads strict and lax, mined line pairs.

Gold comes in three kinds, told apart by what the file holds:

- N-way JSON, `{"sentences": [{"id", "doc", "start", "end"}], "groups": [[id, ...]], "ignore": [[id, id]]}`;
  predicted: our JSONL, or our TSV in the long layout, of which rows marked as partial do not count.
- Beads, one `[0, 1]:[2]` a line as vecalign, bertalign and Bleualign write them, an optional `:cost` after it;
  predicted: beads.
- Line pairs, two 0-based line numbers and a tab between them, as in BUCC; predicted: line pairs.

Against beads and line pairs our own JSONL and long TSV are scored too when the aligned texts are given,
one sentence a line: a member then stands for the lines it covers.
"""

from __future__ import annotations

import json
import logging
import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product
from pathlib import Path
from typing import Any

from align.data import PARTIAL, one_line, plain_text
from align.errors import InputError, SettingsError

log = logging.getLogger(__name__)

Id = int | str
Bead = tuple[tuple[int, ...], tuple[int, ...]]

_BEAD = re.compile(r"\[([\d,\s]*)\]\s*:\s*\[([\d,\s]*)\]\s*(?::\s*\S+)?")
_LINE_PAIR = re.compile(r"(\d+)\t(\d+)(?:\t.*)?")
_LONG = ("group", "doc", "start", "end")


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


def score_files(
    gold: Sequence[str | Path], predicted: Sequence[str | Path], texts: Sequence[str | Path] = ()
) -> Scores:
    """Scores of the predicted files against the gold files, the first against the first and so on, pooled.

    Args:
        gold: files of one kind (see the module's docstring).
        predicted: as many files as `gold`.
        texts: left and right text, one sentence a line, two a gold file; needed only where our JSONL or long TSV
            is scored against beads or line pairs.

    Raises:
        InputError: a file that cannot be read, or is not what is needed here; names the file, the line and a remedy.
        SettingsError: files that do not go together.
    """
    if not gold or len(gold) != len(predicted):
        raise SettingsError(
            f"{len(gold)} gold and {len(predicted)} predicted files: give one predicted file a gold file"
        )
    if texts and len(texts) != 2 * len(gold):
        raise SettingsError(f"{len(texts)} texts for {len(gold)} gold files: give the left and the right text of each")
    pooled: dict[str, Rate] = {}
    kinds = set()
    for number, (gold_path, predicted_path) in enumerate(zip(map(Path, gold), map(Path, predicted), strict=True)):
        text = _read(gold_path)
        kind = _kind(text)
        kinds.add(kind)
        if kind not in _SCORERS:
            raise InputError(
                f"{gold_path}: not gold. Expected JSON with 'sentences' and 'groups', beads such as [0, 1]:[2], "
                "or two tab-separated line numbers a line"
            )
        sides = [Path(path) for path in texts[2 * number : 2 * number + 2]]
        for name, rate in _SCORERS[kind](text, gold_path, predicted_path, sides).items():
            pooled[name] = pooled.get(name, Rate()) + rate
    if len(kinds) > 1:
        raise SettingsError(f"gold of different kinds ({', '.join(sorted(kinds))}): score each kind by itself")
    return Scores(pooled)


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


# N-way gold


@dataclass(frozen=True, slots=True)
class Member:
    """A stretch of a document's text that a predicted row has; its text, where the prediction says it."""

    doc: str
    start: int
    end: int
    text: str | None = None


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
        """The gold that a JSON file holds (see the module's docstring)."""
        sentences: dict[Id, Member] = {item["id"]: _member(item) for item in data["sentences"]}
        ignore = {frozenset(pair) for pair in data.get("ignore", [])}
        return NWayGold(sentences, [set(group) for group in data["groups"]], ignore)

    @cached_property
    def wanted(self) -> set[frozenset[Id]]:
        """The pairs to be found."""
        return self.pairs(self.groups) - self.ignore

    @cached_property
    def rulers(self) -> Mapping[str, _Ruler]:
        """By document, what tells which of its sentences a member covers."""
        spans: dict[str, list[tuple[int, int, Id]]] = defaultdict(list)
        for name, sentence in self.sentences.items():
            spans[sentence.doc].append((sentence.start, sentence.end, name))
        return {doc: _Ruler.of(found) for doc, found in spans.items()}

    def covered(self, row: Iterable[Member]) -> set[Id]:
        """The sentences of which a member of the row covers at least half."""
        return {name for m in row if m.doc in self.rulers for name in self.rulers[m.doc].covered(m.start, m.end)}

    def pairs(self, groups: Iterable[Iterable[Id]]) -> set[frozenset[Id]]:
        """The pairs of sentences of different documents within these groups, those to be ignored among them."""
        every = (pair for group in groups for pair in combinations(group, 2))
        return {frozenset((a, b)) for a, b in every if self.sentences[a].doc != self.sentences[b].doc}


def score_groups(gold: NWayGold, rows: Iterable[Iterable[Member]]) -> dict[str, Rate]:
    """Rates `pairs` (of sentences of different documents that are in a row together) and `rows` (exactly the group).

    A member stands for the sentences of which it covers at least half. Rows with fewer than two sentences do not count
    for the precision of `rows`.
    """
    guess = [frozenset(gold.covered(row)) for row in rows]
    have, groups = gold.pairs(guess) - gold.ignore, [frozenset(group) for group in gold.groups]
    candidates = [ids for ids in guess if len(ids) > 1]
    hits, exact, known = len(gold.wanted & have), set(guess), set(groups)
    return {
        "pairs": Rate(hits, len(have), hits, len(gold.wanted)),
        "rows": Rate(
            sum(ids in known for ids in candidates), len(candidates), sum(ids in exact for ids in groups), len(groups)
        ),
    }


@dataclass(frozen=True, slots=True)
class _Ruler:
    """The gold sentences of one document, in order of their starts, to be asked which of them a span covers."""

    spans: tuple[tuple[int, int, Id], ...]
    longest: int

    @staticmethod
    def of(spans: Iterable[tuple[int, int, Id]]) -> _Ruler:
        ordered = tuple(sorted(spans, key=lambda span: span[:2]))
        return _Ruler(ordered, max((end - start for start, end, _ in ordered), default=0))

    def covered(self, start: int, end: int) -> set[Id]:
        """Sentences of which [start, end) covers at least half."""
        first = bisect_left(self.spans, start - self.longest, key=lambda span: span[0])
        last = bisect_right(self.spans, end, key=lambda span: span[0])
        return {
            name
            for left, right, name in self.spans[first:last]
            if 2 * (min(end, right) - max(start, left)) >= right - left
        }


# The three kinds of gold, in files


def _score_groups(text: str, gold_path: Path, predicted_path: Path, _: Sequence[Path]) -> dict[str, Rate]:
    gold, rows = _gold_groups(text, gold_path), _members(predicted_path)
    strangers = sorted({member.doc for row in rows for member in row} - gold.rulers.keys())
    if strangers:
        log.warning("%s: not in the gold %s and not counted: %s", predicted_path, gold_path, ", ".join(strangers))
    return score_groups(gold, rows)


def _score_beads(text: str, gold_path: Path, predicted_path: Path, sides: Sequence[Path]) -> dict[str, Rate]:
    guess = _read(predicted_path)
    kind = _kind(guess)
    if kind in ("beads", "empty"):
        beads = parse_beads(guess, predicted_path)
    else:
        rows, (left, right) = _line_rows(predicted_path, sides, "beads")
        beads = [(tuple(sorted(first)), tuple(sorted(second))) for first, second in rows]
        beads += [((line,), ()) for line in left - set().union(*(row[0] for row in rows))]
        beads += [((), (line,)) for line in right - set().union(*(row[1] for row in rows))]
    return score_beads(parse_beads(text, gold_path), beads)


def _score_lines(text: str, gold_path: Path, predicted_path: Path, sides: Sequence[Path]) -> dict[str, Rate]:
    guess = _read(predicted_path)
    if _kind(guess) in ("line pairs", "empty"):
        have = _line_pairs(guess, predicted_path)
    else:
        rows, _ = _line_rows(predicted_path, sides, "line pairs")
        have = {pair for left, right in rows for pair in product(left, right)}
    want = _line_pairs(text, gold_path)
    hits = len(want & have)
    return {"pairs": Rate(hits, len(have), hits, len(want))}


_SCORERS = {"groups": _score_groups, "beads": _score_beads, "line pairs": _score_lines}


def _line_rows(
    path: Path, sides: Sequence[Path], kind: str
) -> tuple[list[tuple[set[int], set[int]]], tuple[set[int], set[int]]]:
    """Each row as the line numbers it covers on the left and on the right; all lines that hold text."""
    rows = _members(path)
    if not sides:
        raise SettingsError(f"{path}: give the two aligned texts, one sentence a line, to score it against {kind}")
    side_of, rulers = _sides(path, rows, sides), [_Ruler.of(_line_spans(_read(side))) for side in sides]
    covered = []
    for row in rows:
        lines: tuple[set[int], set[int]] = (set(), set())
        for member in row:
            number = side_of[member.doc]
            lines[number].update(int(line) for line in rulers[number].covered(member.start, member.end))
        covered.append(lines)
    left, right = ({int(line) for _, _, line in ruler.spans} for ruler in rulers)
    return covered, (left, right)


def _line_spans(text: str) -> Iterable[tuple[int, int, int]]:
    start = 0
    for number, line in enumerate(text.split("\n")):
        if line.strip():
            yield start, start + len(line.rstrip()), number
        start += len(line) + 1


def _sides(path: Path, rows: Sequence[Sequence[Member]], sides: Sequence[Path]) -> dict[str, int]:
    """The side, 0 or 1, of every document: the text in which its members stand where they say they do."""
    texts = [_read(side) for side in sides]
    by_doc: dict[str, list[Member]] = defaultdict(list)
    for row in rows:
        for member in row:
            by_doc[member.doc].append(member)
    found: dict[str, int] = {}
    for doc, members in sorted(by_doc.items()):
        fits = [
            side
            for side, text in enumerate(texts)
            if all(m.text is None or plain_text(text[m.start : m.end]) == one_line(m.text) for m in members)
        ]
        free = [side for side in fits if side not in found.values()]
        if not free:
            raise InputError(f"{path}: '{doc}' is neither {sides[0]} nor {sides[1]}: give the texts it was built from")
        found[doc] = free[0]
    return found


# Files


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as exc:
        raise InputError(f"{path}: {exc.strerror or exc}: check the path") from exc
    except UnicodeDecodeError as exc:
        raise InputError(f"{path}: not UTF-8 (byte {exc.start}): save it as UTF-8") from exc


def _kind(text: str) -> str:
    """What a file is by what it holds: groups, jsonl, long, wide, beads, line pairs, empty or unknown."""
    head = next((line.strip() for line in text.split("\n") if line.strip()), "")
    columns = head.split("\t")
    if not head:
        return "empty"
    if _BEAD.fullmatch(head):
        return "beads"
    if _LINE_PAIR.fullmatch(head):
        return "line pairs"
    if head.startswith("{"):
        return "groups" if _is_gold(text) else "jsonl"
    if columns[0] == "group":
        return "long" if set(_LONG) <= set(columns) else "wide"
    return "unknown"


def _is_gold(text: str) -> bool:
    try:
        data = json.loads(text)
    except json.JSONDecodeError:
        return False
    return isinstance(data, dict) and "groups" in data


def _lines(text: str) -> Iterable[tuple[int, str]]:
    return ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())


def parse_beads(text: str, path: Path) -> list[Bead]:
    """The beads of a file's text, one `[0, 1]:[2]` a line, as vecalign writes them.

    Raises:
        InputError: a line is none; it names `path` and the line.
    """
    beads: list[Bead] = []
    for number, line in _lines(text):
        match = _BEAD.fullmatch(line.strip())
        if not match:
            raise InputError(f"{path}:{number}: not a bead: write [0, 1]:[2], an optional :cost after it")
        left, right = (tuple(int(part) for part in re.findall(r"\d+", side)) for side in match.groups())
        beads.append((left, right))
    return beads


def _line_pairs(text: str, path: Path) -> set[tuple[int, int]]:
    pairs = set()
    for number, line in _lines(text):
        match = _LINE_PAIR.fullmatch(line.strip())
        if not match:
            raise InputError(f"{path}:{number}: not a pair of lines: write two 0-based numbers, a tab between them")
        pairs.add((int(match[1]), int(match[2])))
    return pairs


def _gold_groups(text: str, path: Path) -> NWayGold:
    try:
        gold = NWayGold.of(json.loads(text))
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as exc:
        raise InputError(
            f"{path}: gold needs 'sentences' with id, doc, start and end, and 'groups' of ids ({exc!r})"
        ) from exc
    unknown = sorted(str(name) for group in gold.groups for name in group if name not in gold.sentences)
    if unknown:
        raise InputError(f"{path}: 'groups' names sentences that are not in 'sentences': {', '.join(unknown[:5])}")
    return gold


def _members(path: Path) -> list[list[Member]]:
    """The rows of our own JSONL or long TSV, each its members."""
    text = _read(path)
    kind = _kind(text)
    if kind == "empty":
        return []
    if kind == "jsonl":
        return _jsonl_rows(text, path)
    if kind == "long":
        return _long_rows(text, path)
    if kind == "wide":
        raise SettingsError(f"{path}: the wide layout has no offsets: score .jsonl, or .tsv with --layout long")
    raise InputError(f"{path}: nothing to score against this gold: expected our .jsonl, or .tsv in the long layout")


def _jsonl_rows(text: str, path: Path) -> list[list[Member]]:
    rows: list[list[Member]] = []
    for number, line in _lines(text):
        try:
            row = json.loads(line)
            if (number > 1 or "members" in row) and row.get("grade") != PARTIAL:  # the first line may be a header
                rows.append([_member(item) for item in row["members"]])
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as exc:
            raise InputError(
                f'{path}:{number}: not a row ({exc!r}): expected {{"members": [{{"doc", "start", "end"}}, ...]}}'
            ) from exc
    return rows


def _long_rows(text: str, path: Path) -> list[list[Member]]:
    lines = iter(_lines(text))
    columns = next(lines)[1].rstrip("\r").split("\t")
    rows: dict[str, list[Member]] = {}
    for number, line in lines:
        item = dict(zip(columns, line.rstrip("\r").split("\t"), strict=False))
        try:
            if item.get("grade") != PARTIAL:
                rows.setdefault(item["group"], []).append(_member(item))
        except (KeyError, ValueError) as exc:
            raise InputError(f"{path}:{number}: not a member ({exc!r}): expected columns {', '.join(columns)}") from exc
    return list(rows.values())


def _member(item: Mapping[str, Any]) -> Member:
    text = item.get("text")
    return Member(str(item["doc"]), int(item["start"]), int(item["end"]), None if text is None else str(text))
