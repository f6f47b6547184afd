"""Score files of alignments against files of gold.

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
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, product
from pathlib import Path

from align.data import PARTIAL
from align.errors import InputError, SettingsError
from align.scorer import Bead, Member, NWayGold, Rate, Ruler, Scores, score_beads, score_groups
from align.text import lines_of, one_line, plain_text

log = logging.getLogger(__name__)

_SIDE = r"\[([,\s]*(?:\d{1,18}(?!\d)[,\s]*)*)\]"
_BEAD = re.compile(rf"{_SIDE}\s*:\s*{_SIDE}\s*(?::\s*\S+)?")
_LINE_PAIR = re.compile(r"(\d{1,18})\t(\d{1,18})(?:\t.*)?")
_LONG = ("group", "doc", "start", "end")
_GOLD = '{"sentences": [{"id", "doc", "start", "end"}, ...], "groups": [[id, ...], ...]}, offsets in characters'
_MALFORMED = (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError)


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
        raise SettingsError(
            f"give two texts for each gold file, its left and its right: {2 * len(gold)}, not {len(texts)}"
        )
    pooled: dict[str, Rate] = {}
    kinds = set()
    for number, (gold_path, predicted_path) in enumerate(zip(gold, predicted, strict=True)):
        want = _File.read(gold_path)
        if want.kind not in _SCORERS:
            raise InputError(
                f"{gold_path}: not gold{_fault(want)}. Expected JSON with 'sentences' and 'groups', beads such as "
                "[0, 1]:[2], or two tab-separated line numbers a line"
            )
        kinds.add(want.kind)
        sides = [Path(path) for path in texts[2 * number : 2 * number + 2]]
        for name, rate in _SCORERS[want.kind](want, _File.read(predicted_path), sides).items():
            pooled[name] = pooled.get(name, Rate()) + rate
    if not any(rate.expected for rate in pooled.values()):
        log.warning("the gold has nothing to find: its groups are empty, or all to be ignored")
    if len(kinds) > 1:
        raise SettingsError(f"gold of different kinds ({', '.join(sorted(kinds))}): score each kind by itself")
    return Scores(pooled)


def read_beads(path: str | Path) -> list[Bead]:
    """The beads of a file, one `[0, 1]:[2]` a line, as vecalign writes them; for those who measure (`tests/quality`).

    Raises:
        InputError: it cannot be read, or a line is no bead; names the file and the line.
    """
    return _beads(_File.read(path))


@dataclass(frozen=True, slots=True)
class _File:
    """A file that was read, and what it is by what it holds.

    Attributes:
        kind: groups, jsonl, long, wide, pairs, beads, line pairs, empty or unknown.
    """

    path: Path
    text: str
    kind: str

    @staticmethod
    def read(path: str | Path) -> _File:
        path = Path(path)
        text = _read(path)
        return _File(path, text, _kind(text))

    def lines(self) -> Iterator[tuple[int, str]]:
        """The lines that hold something, with their numbers."""
        return ((number, line) for number, line in enumerate(self.text.split("\n"), 1) if line.strip())


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as exc:
        raise InputError(f"{path}: {exc.strerror or exc}: check the path") from exc
    except UnicodeDecodeError as exc:
        raise InputError(f"{path}: not UTF-8 (byte {exc.start}): save it as UTF-8") from exc


def _kind(text: str) -> str:
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
    if set(_LONG) <= set(columns):
        return "long"
    if columns[0] == "group":
        return "wide"
    return "pairs" if columns[:2] == ["left_doc", "right_doc"] else "unknown"


def _fault(file: _File) -> str:
    """What keeps a file that looks like JSON from being that."""
    if file.kind == "jsonl":
        try:
            json.loads(file.text)
        except json.JSONDecodeError as exc:
            return f" (line {exc.lineno}: {exc.msg})"
        except (RecursionError, ValueError) as exc:
            return f" ({exc})"
    return ""


def _guessed(text: str) -> str:
    """What may be wrong with a file of no known kind, by how it begins."""
    head = text.lstrip().partition("\n")[0]
    if head.startswith("["):
        return " (a JSON array: write an object a line)"
    if '"' in head and "\t" in head:
        return " (its cells are quoted: save it without quotation marks)"
    return "" if "\t" in head else " (there is no tab in its first line)"


def _why(exc: Exception) -> str:
    """What is wrong with a part of a file, of what was raised when it was read, where that says something."""
    if isinstance(exc, json.JSONDecodeError):
        return f" (column {exc.colno}: {exc.msg})"
    if isinstance(exc, KeyError):
        return f" ({exc} is missing)"
    return f" ({exc})" if isinstance(exc, ValueError) else ""


def _is_gold(text: str) -> bool:
    try:
        data = json.loads(text)
    except (RecursionError, ValueError):
        return False
    return isinstance(data, dict) and isinstance(data.get("groups"), list)


# The three kinds of gold


def _score_groups(want: _File, guess: _File, sides: Sequence[Path]) -> dict[str, Rate]:
    if sides:
        raise SettingsError(f"{want.path}: names its documents, and needs no texts: leave out --text")
    gold, rows = _gold_groups(want), _rows(guess)
    found = {member.doc for row in rows for member in row}
    if strangers := sorted(found - gold.rulers.keys()):
        log.warning("%s: not in the gold %s and not counted: %s", guess.path, want.path, ", ".join(strangers))
    if missing := sorted({gold.sentences[name].doc for pair in gold.wanted for name in pair} - found):
        log.warning("%s: has no row with these documents of the gold %s: %s", guess.path, want.path, ", ".join(missing))
    return score_groups(gold, rows)


def _score_beads(want: _File, guess: _File, sides: Sequence[Path]) -> dict[str, Rate]:
    gold = _beads(want)
    _check_lines(want, sides, [[*chain(*lines)] for lines in zip(*gold, strict=True)])
    if guess.kind in ("beads", "empty"):
        beads = _beads(guess)
    else:
        rows, (left, right) = _line_rows(guess, sides, "beads")
        beads = [(tuple(sorted(first)), tuple(sorted(second))) for first, second in rows]
        beads += [((line,), ()) for line in left - set().union(*(row[0] for row in rows))]
        beads += [((), (line,)) for line in right - set().union(*(row[1] for row in rows))]
    return score_beads(gold, beads)


def _score_lines(want: _File, guess: _File, sides: Sequence[Path]) -> dict[str, Rate]:
    expected = _line_pairs(want)
    _check_lines(want, sides, [*zip(*expected, strict=True)])
    if guess.kind in ("line pairs", "empty"):
        have = _line_pairs(guess)
    else:
        rows, _ = _line_rows(guess, sides, "line pairs")
        have = {pair for left, right in rows for pair in product(left, right)}
    hits = len(expected & have)
    return {"pairs": Rate(hits, len(have), hits, len(expected))}


def _check_lines(gold: _File, sides: Sequence[Path], numbers: Sequence[Sequence[int]]) -> None:
    """Raise an InputError if the gold, which names these lines of each text, names one that it has not."""
    for side, wanted in zip(sides, numbers, strict=False):
        lines = len(lines_of(_read(side)))
        if (last := max(wanted, default=0)) >= lines:
            raise InputError(
                f"{gold.path}: names line {last} of {side}, whose {lines} lines are counted from 0: "
                "give the texts that the gold is of"
            )


_SCORERS = {"groups": _score_groups, "beads": _score_beads, "line pairs": _score_lines}


def _gold_groups(file: _File) -> NWayGold:
    try:
        gold = NWayGold.of(json.loads(file.text))
    except _MALFORMED as exc:
        raise InputError(f"{file.path}: not gold{_why(exc)}. Expected {_GOLD}") from exc
    for kind, sets in (("groups", gold.groups), ("ignore", gold.ignore)):
        unknown = sorted(str(name) for names in sets for name in names if name not in gold.sentences)
        if unknown:
            raise InputError(
                f"{file.path}: '{kind}' names sentences that are not in 'sentences': {', '.join(unknown[:5])}"
            )
    if any(len(pair) != 2 for pair in gold.ignore):
        raise InputError(f"{file.path}: each entry of 'ignore' is a pair of two sentences")
    return gold


def _beads(file: _File) -> list[Bead]:
    beads: list[Bead] = []
    for number, line in file.lines():
        match = _BEAD.fullmatch(line.strip())
        if not match:
            raise InputError(f"{file.path}:{number}: not a bead: write [0, 1]:[2], an optional :cost after it")
        left, right = (tuple(sorted(int(part) for part in re.findall(r"\d+", side))) for side in match.groups())
        beads.append((left, right))
    return beads


def _line_pairs(file: _File) -> set[tuple[int, int]]:
    pairs = set()
    for number, line in file.lines():
        match = _LINE_PAIR.fullmatch(line.strip())
        if not match:
            raise InputError(
                f"{file.path}:{number}: not a pair of lines: write two 0-based numbers, a tab between them"
            )
        pairs.add((int(match[1]), int(match[2])))
    return pairs


# Our own corpora


def _rows(file: _File) -> list[list[Member]]:
    """The rows of our own JSONL or long TSV, each its members."""
    if file.kind == "empty":
        return []
    if file.kind == "jsonl":
        return _jsonl_rows(file)
    if file.kind == "long":
        return _long_rows(file)
    if file.kind in ("wide", "pairs"):
        raise SettingsError(
            f"{file.path}: the layout {file.kind} has no offsets: score .jsonl, or .tsv with --layout long"
        )
    known = {"unknown": f"nothing to score{_guessed(file.text)}", "groups": "gold, and no result"}
    what = known.get(file.kind, f"{file.kind}, which the gold is not made of")
    raise InputError(
        f"{file.path}: {what}. Expected our .jsonl, .tsv in the long layout, or beads or line pairs where the gold is"
    )


def _jsonl_rows(file: _File) -> list[list[Member]]:
    rows: list[list[Member]] = []
    for number, line in file.lines():
        try:
            row = json.loads(line)
            if row.get("grade") != PARTIAL:
                rows.append([Member.of(item) for item in row["members"]])
        except _MALFORMED as exc:
            raise InputError(
                f'{file.path}:{number}: not a row{_why(exc)}. Expected {{"members": [{{"doc", "start", "end"}}, ...]}}'
            ) from exc
    return rows


def _long_rows(file: _File) -> list[list[Member]]:
    lines = file.lines()
    columns = next(lines)[1].rstrip("\r").split("\t")
    rows: dict[str, list[Member]] = {}
    for number, line in lines:
        item = dict(zip(columns, line.rstrip("\r").split("\t"), strict=False))
        try:
            if item.get("grade") != PARTIAL:
                rows.setdefault(item["group"], []).append(Member.of(item))
        except (KeyError, ValueError) as exc:
            raise InputError(
                f"{file.path}:{number}: not a member{_why(exc)}. Expected columns {', '.join(columns)}"
            ) from exc
    return list(rows.values())


def _line_rows(
    file: _File, sides: Sequence[Path], kind: str
) -> tuple[list[tuple[set[int], set[int]]], tuple[set[int], set[int]]]:
    """Each row as the line numbers it covers on the left and on the right; all lines that hold text."""
    rows = _rows(file)
    if not sides:
        raise SettingsError(
            f"{file.path}: give the two aligned texts with --text, one sentence a line, to score it against {kind}"
        )
    texts = [_read(side) for side in sides]
    side_of, rulers = _sides(file, rows, sides, texts), [Ruler.of(_line_spans(text)) for text in texts]
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
    for number, line in enumerate(lines_of(text)):
        if line.strip():
            yield start, start + len(line.rstrip()), number
        start += len(line) + 1


def _sides(
    file: _File, rows: Sequence[Sequence[Member]], sides: Sequence[Path], texts: Sequence[str]
) -> dict[str, int]:
    """The side, 0 or 1, of every document: the text in which its members stand where they say they do.

    Where that could be either text, the one of the document's name, or not of another's.
    """
    by_doc: dict[str, list[Member]] = defaultdict(list)
    for row in rows:
        for member in row:
            by_doc[member.doc].append(member)
    fits = {
        doc: [
            side
            for side, text in enumerate(texts)
            if all(m.text is None or plain_text(text, m.start, m.end) == one_line(m.text) for m in members)
        ]
        for doc, members in by_doc.items()
    }
    names = [{side.stem, side.name} for side in sides]
    found: dict[str, int] = {}
    for doc in sorted(fits, key=lambda doc: (len(fits[doc]), doc)):
        free = [side for side in fits[doc] if side not in found.values()]
        named = [side for side in free if doc in names[side]]
        others = [side for side in free if not names[side] & fits.keys()]
        likely = named or others or free
        if not free:
            raise InputError(
                f"{file.path}: '{doc}' is neither {sides[0]} nor {sides[1]}: give the texts it was built from"
            )
        if len(likely) > 1:
            raise InputError(
                f"{file.path}: '{doc}' could be {sides[0]} as well as {sides[1]}: name the texts as the documents are"
            )
        found[doc] = likely[0]
    return found
