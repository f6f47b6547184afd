"""Write a corpus: tables and JSON lines, each file whole or not at all.

Beside a file `NAME.tsv` or `NAME.jsonl` lies `NAME.meta.json` with the
signature of the run, the documents, and what was dropped; the data stay clean.
"""

from __future__ import annotations

import json
import secrets
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any

from align.data import PARTIAL, TEXT_SUFFIXES, Corpus, Group, Sentence, place_of
from align.errors import AlignError, OutputError, SettingsError
from align.settings import is_language_code, language_code, same_language
from align.text import one_line, plain_text

STDOUT = "-"
LAYOUTS = ("wide", "long", "pairs")


@dataclass(frozen=True, slots=True)
class Export:
    """How a corpus is written.

    Attributes:
        layout: of tables; `wide` a group a row, `long` a member a row, `pairs` a pair of members a row.
        pair: two languages (`pl-en`) for a plain bitext: two columns, no header, nothing else.
        evidence: whether the wide table has a column for each kind of evidence.
        keep_empty: whether a sentence in no group gets a row of its own, with the other cells empty.
    """

    layout: str = "wide"
    pair: str | None = None
    evidence: bool = False
    keep_empty: bool = False

    def __post_init__(self) -> None:
        if self.layout not in LAYOUTS:
            raise SettingsError(f"no layout is called {self.layout!r}; there are: {', '.join(LAYOUTS)}")
        if self.pair is not None:
            _readings(self.pair)
        shape = "the layout pairs" if self.layout == "pairs" else "a bitext" if self.pair else None
        if self.pair and self.layout != "wide":
            raise SettingsError(f"--pair gives a bitext, which has no layout {self.layout}: leave one of them out")
        if self.keep_empty and shape:
            raise SettingsError(f"{shape} has no place for sentences without a partner: leave out --keep-empty")
        if self.evidence and (shape or self.layout != "wide"):
            raise SettingsError("--evidence adds columns to the wide layout; JSON lines always have it: leave it out")


def _readings(pair: str) -> list[tuple[str, str]]:
    """The two languages that a pair may name; several readings where codes, as usually written, have hyphens.

    Raises:
        SettingsError: there is none.
    """
    parts = pair.split("-")
    if len(parts) == 2:
        for code in parts:
            language_code(code)
        return [(parts[0], parts[1])]
    splits = [("-".join(parts[:cut]), "-".join(parts[cut:])) for cut in range(1, len(parts))]
    found = [split for split in splits if all(is_language_code(code) and language_code(code) == code for code in split)]
    if not found:
        raise SettingsError(f"a pair is two languages with a hyphen between, such as pl-en or zh-CN-en, not {pair!r}")
    return found


Row = Sequence[str]


def write(corpus: Corpus, path: str | Path, export: Export | None = None) -> None:
    """Write `corpus` to `path` in the format that its suffix names; "-" is standard output, as a table.

    Raises:
        SettingsError: the suffix names no format, no document is in a language of the bitext, or something would be
            written over an article of the corpus.
        OutputError: the file cannot be written; what it held before is still there.
    """
    export, path = export or Export(), str(path)
    check_output(path)
    own = written_by([path], None)
    _spare_articles(corpus, own)
    write_lines(path, WRITERS[_suffix(path)](corpus, export))
    if path != STDOUT:
        write_lines(_meta_path(path), [json.dumps(_meta(without_own(corpus, own)), ensure_ascii=False, indent=1)])


def write_all(corpus: Corpus, outputs: Sequence[str], unaligned: str | None, export: Export) -> None:
    """Write a corpus to every output, and its unaligned sentences; what can be written is, whatever else cannot.

    Standard output comes last: where its reader stops early, the files are there.

    Raises:
        AlignError: what `write` or `write_unaligned` raised; an OutputError that says all of it, if it is several.
    """
    jobs = [(path, partial(write, corpus, path, export)) for path in outputs]
    jobs += [] if unaligned is None else [(unaligned, partial(write_unaligned, corpus, unaligned))]
    failed: list[AlignError] = []
    for _, job in sorted(jobs, key=lambda job: job[0] == STDOUT):
        try:
            job()
        except AlignError as exc:
            failed.append(exc)
    if failed:
        raise failed[0] if len(failed) == 1 else OutputError("; ".join(map(str, failed)))


def _spare_articles(corpus: Corpus, paths: Sequence[str]) -> None:
    """Raise a SettingsError if one of the paths, "-" aside, is that of an article."""
    articles = {place_of(document.path) for document in corpus.documents}
    for path in paths:
        if path != STDOUT and place_of(path) in articles:
            raise SettingsError(f"{path}: is one of the articles; write somewhere else")


def _suffix(path: str) -> str:
    return ".tsv" if path == STDOUT else Path(path).suffix.lower()


def _meta_path(path: str) -> str:
    return str(Path(path).with_suffix(".meta.json"))


def check_output(path: str) -> None:
    """Find out before any work is done whether a corpus can be written to `path`.

    Raises:
        SettingsError: its suffix names no format.
        OutputError: its folder is missing, or it is a folder itself.
    """
    if _suffix(path) not in WRITERS:
        raise SettingsError(f"{path}: no format has that suffix; there are: {', '.join(WRITERS)}")
    for file in written_by([path], None):
        _check_place(file)


def written_by(outputs: Sequence[str], unaligned: str | None) -> list[str]:
    """All files that a run writes: these and the `.meta.json` beside them; "-" is standard output."""
    metas = {place_of(_meta_path(path)) for path in outputs if path != STDOUT}
    return [*outputs, *([] if unaligned is None else [unaligned]), *map(str, sorted(metas))]


def without_own(corpus: Corpus, paths: Sequence[str]) -> Corpus:
    """The corpus, with nothing said of files among the articles that an earlier run has written to these paths."""
    own = {place_of(path) for path in paths}
    return replace(corpus, dropped={path: why for path, why in corpus.dropped.items() if place_of(path) not in own})


def check_outputs(outputs: Sequence[str], unaligned: str | None, inputs: Sequence[str], export: Export) -> None:
    """Find out before any work is done whether all that a run writes can be written, as asked and without loss.

    Raises:
        SettingsError: as `check_output`; or something would be written over an article, twice, or be an article itself;
            or a shape of tables is asked for and none is written.
        OutputError: as `check_output`.
    """
    for path in outputs:
        check_output(path)
    if unaligned is not None:
        _check_place(unaligned)
    shape = "--pair" if export.pair else "--evidence" if export.evidence else f"--layout {export.layout}"
    if shape != "--layout wide" and not any(_suffix(path) == ".tsv" for path in outputs):
        raise SettingsError(f"{shape} is for tables, and no output is one: name a .tsv file, or leave it out")
    seen: set[Path] = set()
    for path in written_by(outputs, unaligned):
        place = place_of(path)
        if place in seen:
            raise SettingsError(f"{path}: two outputs would be written there; give each a file of its own")
        seen.add(place)
        for given in map(Path, inputs):
            inside = place_of(given) in place.parents and place.suffix.lower() in TEXT_SUFFIXES
            if path != STDOUT and (inside or place_of(given) == place):
                raise SettingsError(f"{path}: lies among the articles; write it somewhere else")


def _check_place(path: str) -> None:
    """Raise an OutputError if `path` is a folder or has none to lie in."""
    if path == STDOUT:
        return
    try:
        if Path(path).is_dir():
            raise OutputError(f"{path}: is a folder; name a file")
        if not Path(path).parent.is_dir():
            raise OutputError(f"{path}: cannot be written: there is no folder {Path(path).parent}; make it first")
    except OSError as exc:
        raise OutputError(f"{path}: cannot be written ({exc.strerror})") from exc


def write_unaligned(corpus: Corpus, path: str | Path) -> None:
    """Write a table of every sentence in no group, why, and its best candidate to `path`; "-" is standard output.

    Raises:
        SettingsError: it would be written over an article of the corpus.
        OutputError: the file cannot be written.
    """
    path = str(path)
    _spare_articles(corpus, [path])
    header = "doc lang start end text reason score candidate_doc candidate_start candidate_end candidate_text"
    rows: list[Row] = [header.split()]
    for left in corpus.alignment.unaligned:
        sentence = corpus.sentences[left.sentence]
        found = None if left.candidate is None else corpus.sentences[left.candidate]
        row = [sentence.doc, sentence.lang, str(sentence.start), str(sentence.end), sentence.text, left.reason]
        row += [f"{left.score:.4f}", found.doc, str(found.start), str(found.end), found.text] if found else [""] * 5
        rows.append(row)
    write_lines(path, _table(rows))


def write_lines(path: str, lines: Iterable[str]) -> None:
    """Write `lines` to `path`, or "-"; a file keeps what it held until all of them are written.

    Raises:
        OutputError: it cannot be written.
    """
    if path == STDOUT:
        _print_lines(lines)
        return
    place = Path(path)
    replaces = place.is_file() or not place.exists()
    place = place_of(path) if replaces else place  # a pipe such as /dev/fd/63 leads to no place
    temporary = place.with_name(f".{secrets.token_hex(8)}")
    try:
        with (temporary if replaces else place).open(
            "x" if replaces else "w", encoding="utf-8", newline="\n", errors="backslashreplace"
        ) as file:
            file.writelines(line + "\n" for line in lines)
        if replaces:
            if place.exists():
                shutil.copymode(place, temporary)
            temporary.replace(place)
    except OSError as exc:
        kept = "; what was there is unchanged" if replaces else ""
        raise OutputError(f"{path}: cannot be written ({exc.strerror}){kept}") from exc
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _print_lines(lines: Iterable[str]) -> None:
    if sys.stdout is None:
        raise OutputError("standard output: cannot be written (it is closed)")
    try:
        sys.stdout.writelines(line + "\n" for line in lines)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except UnicodeEncodeError as exc:
        raise OutputError(f"standard output takes no {exc.object[exc.start]!r}: set PYTHONUTF8=1") from exc
    except OSError as exc:
        with suppress(OSError):
            sys.stdout.close()  # Python would try again at its end
        raise OutputError(f"standard output: cannot be written ({exc.strerror})") from exc


@dataclass(frozen=True, slots=True)
class _Member:
    """One member of a group: a run of sentences as one span."""

    doc: str
    lang: str
    start: int
    end: int
    text: str
    pivot: str


def _with_members(corpus: Corpus, groups: Iterable[Group]) -> Iterator[tuple[Group, list[_Member]]]:
    """Each group with its members."""
    texts = {document.id: document.text for document in corpus.documents}
    for group in groups:
        runs = [[corpus.sentences[number] for number in run] for run in group.members]
        yield group, [_member(run, texts[run[0].doc]) for run in runs]


def _member(run: list[Sentence], text: str) -> _Member:
    first, end = run[0], run[-1].end
    translated = any(sentence.pivot is not None for sentence in run)
    pivot = " ".join(sentence.in_pivot for sentence in run) if translated else ""
    return _Member(first.doc, first.lang, first.start, end, plain_text(text, first.start, end), pivot)


def _groups(corpus: Corpus, export: Export) -> list[Group]:
    """The groups in order; with `keep_empty`, sentences in none before the first group that comes after them."""
    if not export.keep_empty:
        return list(corpus.alignment.groups)
    waiting: dict[str, list[int]] = {document.id: [] for document in corpus.documents}
    for number in sorted((left.sentence for left in corpus.alignment.unaligned), reverse=True):
        waiting[corpus.sentences[number].doc].append(number)
    rows: list[Group] = []
    for group in corpus.alignment.groups:
        for run in group.members:
            before = waiting[corpus.sentences[run[0]].doc]
            while before and before[-1] < run[0]:
                rows.append(Group(((before.pop(),),), 0.0))
        rows.append(group)
    return rows + [Group(((number,),), 0.0) for numbers in waiting.values() for number in reversed(numbers)]


def _tsv(corpus: Corpus, export: Export) -> Iterator[str]:
    if export.pair:
        return _table(_bitext(corpus, *_languages_of_pair(export.pair, corpus)))
    return _table({"wide": _wide, "long": _long, "pairs": _pairs}[export.layout](corpus, export))


def _languages_of_pair(pair: str, corpus: Corpus) -> tuple[str, str]:
    """The two languages of a bitext, both of which documents are in: two documents, if they are one language."""
    langs = [document.lang for document in corpus.documents]
    readings = _readings(pair)
    for first, second in readings:
        counts = [sum(same_language(lang, code) for lang in langs) for code in (first, second)]
        if min(counts) > same_language(first, second):
            return first, second
    first, second = readings[0]
    missing = [code for code in (first, second) if not any(same_language(lang, code) for lang in langs)]
    if not missing:
        raise SettingsError(f"--pair {pair}: only one document is in {first}; a bitext takes two")
    there = ", ".join(sorted(set(langs)))
    raise SettingsError(f"--pair {pair}: no document is in {' or '.join(missing)}, only in {there}")


def _table(rows: Iterable[Row]) -> Iterator[str]:
    return ("\t".join(map(one_line, row)) for row in rows)


def _rating(corpus: Corpus) -> tuple[Row, Callable[[Group], Row]]:
    """The columns that rate a group, and what a group has in them."""
    if corpus.graded:
        return ["score", "grade"], lambda group: [f"{group.score:.4f}", group.grade or ""]
    return ["score"], lambda group: [f"{group.score:.4f}"]


def _wide(corpus: Corpus, export: Export) -> Iterator[Row]:
    documents = [document.id for document in corpus.documents]
    translated = [d for d in documents if any(s.pivot is not None for s in corpus.sentences if s.doc == d)]
    kinds = sorted(corpus.alignment.evidence) if export.evidence else []
    columns, rating = _rating(corpus)
    header = ["group", *columns, "size", *kinds, *documents, *(f"{doc}@{corpus.pivot}" for doc in translated)]
    twice = sorted(name for name, count in Counter(map(one_line, header)).items() if count > 1)
    if twice:
        raise SettingsError(
            f"two columns would be called {', '.join(twice)}: rename the article, or write --layout long or .jsonl"
        )
    yield header
    for number, (group, found) in enumerate(_with_members(corpus, _groups(corpus, export)), 1):
        members = {member.doc: member for member in found}
        texts = [members[doc].text if doc in members else "" for doc in documents]
        pivots = [members[doc].pivot if doc in members else "" for doc in translated]
        evidence = [f"{group.evidence[kind]:.4f}" if kind in group.evidence else "" for kind in kinds]
        yield [str(number), *rating(group), str(len(members)), *evidence, *texts, *pivots]


def _long(corpus: Corpus, export: Export) -> Iterator[Row]:
    columns, rating = _rating(corpus)
    yield ["group", *columns, "doc", "lang", "start", "end", "text", "pivot"]
    for number, (group, members) in enumerate(_with_members(corpus, _groups(corpus, export)), 1):
        for m in members:
            yield [str(number), *rating(group), m.doc, m.lang, str(m.start), str(m.end), m.text, m.pivot]


def _pairs(corpus: Corpus, _: Export) -> Iterator[Row]:
    columns, rating = _rating(corpus)
    yield ["left_doc", "right_doc", "left_lang", "right_lang", *columns, "left", "right"]
    for group, members in _with_members(corpus, corpus.alignment.groups):
        for left, right in combinations(members, 2):
            yield [left.doc, right.doc, left.lang, right.lang, *rating(group), left.text, right.text]


def _bitext(corpus: Corpus, first: str, second: str) -> Iterator[Row]:
    """The pairs in two given languages, each written in that order; without those that are the same only in part."""
    for group, members in _with_members(corpus, corpus.alignment.groups):
        if group.grade == PARTIAL:
            continue
        lefts = [(i, m) for i, m in enumerate(members) if same_language(m.lang, first)]
        rights = [(i, m) for i, m in enumerate(members) if same_language(m.lang, second)]
        for i, left in lefts:
            for j, right in rights:
                if i < j or (i != j and not same_language(first, second)):
                    yield [left.text, right.text]


def _jsonl(corpus: Corpus, export: Export) -> Iterator[str]:
    for number, (group, found) in enumerate(_with_members(corpus, _groups(corpus, export)), 1):
        evidence = {
            kind: round(group.evidence[kind], 4) if kind in group.evidence else None
            for kind in sorted(corpus.alignment.evidence)
        }
        members = [
            {"doc": m.doc, "lang": m.lang, "start": m.start, "end": m.end, "text": m.text, "pivot": m.pivot or None}
            for m in found
        ]
        grade = {"grade": group.grade} if corpus.graded else {}
        row = {"id": number, "score": round(group.score, 4), **grade, "evidence": evidence, "members": members}
        yield json.dumps(row, ensure_ascii=False)


WRITERS: dict[str, Callable[[Corpus, Export], Iterator[str]]] = {".tsv": _tsv, ".jsonl": _jsonl}


def _meta(corpus: Corpus) -> dict[str, Any]:
    return {
        "signature": corpus.signature,
        "pivot": corpus.pivot,
        "documents": [
            {
                "id": d.id,
                "lang": d.lang,
                "encoding": d.encoding,
                "sentences": sum(s.doc == d.id for s in corpus.sentences),
            }
            for d in corpus.documents
        ],
        "groups": len(corpus.alignment.groups),
        "unaligned": len(corpus.alignment.unaligned),
        "dropped": dict(sorted(corpus.dropped.items())),
        "notes": list(corpus.notes),
    }
