"""Write a corpus: tables and JSON lines.

Beside a file `NAME.tsv` or `NAME.jsonl` lies `NAME.meta.json` with the
signature of the run, the documents, and what was dropped; the data stay clean.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path
from typing import Any

from align.data import PARTIAL, Corpus, Document, Group, Sentence
from align.errors import AlignError, OutputError, SettingsError
from align.outputs import STDOUT, check_places, meta_path, without_own, write_lines, written_by
from align.settings import is_language_code, language_code
from align.text import one_line, plain_text

LAYOUTS = ("wide", "long", "pairs")


@dataclass(frozen=True, slots=True)
class Export:
    """How a corpus is written.

    Attributes:
        layout: of tables; `wide` a group a row, `long` a member a row, `pairs` a pair of members a row.
        pair: two languages (`pl-en`) for a plain bitext: two columns, no header, nothing else.
        evidence: whether the wide table has a column for each kind of evidence.
        keep_empty: whether a sentence in no group gets a row of its own, with the other cells empty.

    Layout, pair and evidence are for tables.

    Raises:
        SettingsError: no layout has that name, the pair is none, or two of these do not go together.
    """

    layout: str = "wide"
    pair: str | None = None
    evidence: bool = False
    keep_empty: bool = False

    def __post_init__(self) -> None:
        if self.layout not in LAYOUTS:
            raise SettingsError(f"no layout is called {self.layout!r}; there are: {', '.join(LAYOUTS)}")
        if self.pair is not None and not _readings(self.pair):
            raise SettingsError(
                f"a pair is two languages with a hyphen between, such as pl-en or zh-CN-en, not {self.pair!r}"
            )
        shape = "the layout pairs" if self.layout == "pairs" else "a bitext" if self.pair else None
        if self.pair and self.layout != "wide":
            raise SettingsError(f"--pair gives a bitext, which has no layout {self.layout}: leave one of them out")
        if self.keep_empty and shape:
            raise SettingsError(f"{shape} has no place for sentences without a partner: leave out --keep-empty")
        if self.evidence and (shape or self.layout != "wide"):
            raise SettingsError("--evidence adds columns to the wide layout; JSON lines always have it: leave it out")


def _readings(pair: str) -> list[tuple[str, str]]:
    """The two languages that a pair names; several readings, or none, where codes, as usually written, have hyphens."""
    parts = pair.split("-")
    splits = [("-".join(parts[:cut]), "-".join(parts[cut:])) for cut in range(1, len(parts))]
    found = [split for split in splits if all(map(is_language_code, split))]
    return [split for split in found if len(splits) == 1 or all(language_code(code) == code for code in split)]


Row = Sequence[str]


def check_outputs(outputs: Sequence[str], unaligned: str | None, inputs: Sequence[str], export: Export) -> None:
    """Find out whether a corpus can be written to the outputs as asked, and a table of what is unaligned.

    Raises:
        SettingsError: a suffix names no format, a shape of tables is asked for and none is written, or something would
            be written over an article, or twice.
        OutputError: a folder is missing or takes no file, or an output is one itself.
    """
    for path in outputs:
        if _suffix(path) not in WRITERS:
            raise SettingsError(
                f"{path!r}: no format has that suffix: name a file ending in {' or '.join(WRITERS)}, "
                "or - for standard output"
            )
    if unaligned is not None and _suffix(unaligned) == ".jsonl":
        raise SettingsError(f"{unaligned}: what is in no row is written as a table; name a .tsv file")
    check_places(written_by(outputs, unaligned), inputs)
    shape = "--pair" if export.pair else "--evidence" if export.evidence else f"--layout {export.layout}"
    if outputs and shape != "--layout wide" and not any(_suffix(path) == ".tsv" for path in outputs):
        raise SettingsError(f"{shape} is for tables, and no output is one: name a .tsv file, or leave it out")


def check_documents(documents: Sequence[Document], export: Export) -> None:
    """Find out whether documents in these languages can be written as asked.

    Raises:
        SettingsError: none is in a language of the bitext.
    """
    if export.pair:
        _languages_of_pair(export.pair, [document.lang for document in documents])


def write(corpus: Corpus, path: str | Path, export: Export | None = None) -> None:
    """Write `corpus` to `path` in the format that its suffix names; "-" is standard output, as a table.

    Raises:
        SettingsError: the suffix names no format or none that the export is for, no document is in a language of the
            bitext, or something would be written over an article of the corpus.
        OutputError: the file cannot be written; what it held before is still there.
    """
    outputs, export = [str(path)], export or Export()
    check_outputs(outputs, None, [document.path for document in corpus.documents], export)
    write_all(without_own(corpus, written_by(outputs, None)), outputs, None, export)


def write_unaligned(corpus: Corpus, path: str | Path) -> None:
    """Write a table of every sentence in no group, why, and its best candidate to `path`; "-" is standard output.

    Raises:
        SettingsError: it would be written over an article of the corpus.
        OutputError: the file cannot be written.
    """
    check_outputs([], str(path), [document.path for document in corpus.documents], Export())
    write_all(corpus, [], str(path), Export())


def write_all(corpus: Corpus, outputs: Sequence[str], unaligned: str | None, export: Export) -> None:
    """Write a corpus to every output, and its unaligned sentences; what can be written is, whatever else cannot.

    What `check_outputs` finds is not looked for again. Standard output comes last: where its reader stops early, the
    files are there.

    Raises:
        AlignError: what could not be written; an OutputError that says all of it, if it is several.
    """
    jobs = [(path, WRITERS[_suffix(path)]) for path in outputs]
    jobs += [] if unaligned is None else [(unaligned, _unaligned)]
    described: set[str] = set()
    failed: list[AlignError] = []
    for path, lines in sorted(jobs, key=lambda job: job[0] == STDOUT):
        try:
            write_lines(path, lines(corpus, export))
            meta = meta_path(path)
            if path in outputs and path != STDOUT and meta not in described:
                described.add(meta)
                write_lines(meta, [json.dumps(_meta(corpus), ensure_ascii=False, indent=1)])
        except AlignError as exc:
            failed.append(exc)
    if failed:
        raise failed[0] if len(failed) == 1 else OutputError("; ".join(map(str, failed)))


def _suffix(path: str) -> str:
    return ".tsv" if path == STDOUT else Path(path).suffix.lower()


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
        langs = [document.lang for document in corpus.documents]
        return _table(_bitext(corpus, *_languages_of_pair(export.pair, langs)))
    return _table({"wide": _wide, "long": _long, "pairs": _pairs}[export.layout](corpus, export))


def _languages_of_pair(pair: str, langs: Sequence[str]) -> tuple[str, str]:
    """The two languages of a bitext, both of which documents in these languages are in: two documents in all."""
    readings = _readings(pair)
    for first, second in readings:
        left, right = ([i for i, lang in enumerate(langs) if _is_in(lang, code)] for code in (first, second))
        if left and right and len({*left, *right}) > 1:
            return first, second
    first, second = readings[0]
    missing = [code for code in (first, second) if not any(_is_in(lang, code) for lang in langs)]
    if not missing:
        raise SettingsError(f"--pair {pair}: only one document is in {first}; a bitext takes two")
    there = ", ".join(sorted(set(langs)))
    raise SettingsError(f"--pair {pair}: no document is in {' or '.join(missing)}, only in {there}")


def _is_in(lang: str, wanted: str) -> bool:
    """Whether a language is the one wanted, or a kind of it: zh-CN is zh, and zh is not zh-CN (RFC 4647, 3.3.1)."""
    return f"{lang}-".lower().startswith(f"{wanted}-".lower())


def _table(rows: Iterable[Row]) -> Iterator[str]:
    return ("\t".join(map(one_line, row)) for row in rows)


def _rating(corpus: Corpus) -> tuple[Row, Callable[[Group], Row]]:
    """The columns that rate a group, and what a group has in them."""
    if corpus.graded:
        return ["score", "grade"], lambda group: [f"{group.score:.4f}", group.grade or ""]
    return ["score"], lambda group: [f"{group.score:.4f}"]


def _wide(corpus: Corpus, export: Export) -> Iterator[Row]:
    documents = [document.id for document in corpus.documents]
    with_pivot = {sentence.doc for sentence in corpus.sentences if sentence.pivot is not None}
    translated = [doc for doc in documents if doc in with_pivot]
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
        lefts = [i for i, member in enumerate(members) if _is_in(member.lang, first)]
        rights = [i for i, member in enumerate(members) if _is_in(member.lang, second)]
        for i, j in product(lefts, rights):
            either_way = i in rights and j in lefts
            if i < j or (i > j and not either_way):
                yield [members[i].text, members[j].text]


def _unaligned(corpus: Corpus, _: Export) -> Iterator[str]:
    """A table of the sentences in no group."""
    header = "doc lang start end text reason score candidate_doc candidate_start candidate_end candidate_text"
    rows: list[Row] = [header.split()]
    for left in corpus.alignment.unaligned:
        sentence = corpus.sentences[left.sentence]
        found = None if left.candidate is None else corpus.sentences[left.candidate]
        row = [sentence.doc, sentence.lang, str(sentence.start), str(sentence.end), sentence.text, left.reason]
        row += [f"{left.score:.4f}", found.doc, str(found.start), str(found.end), found.text] if found else [""] * 5
        rows.append(row)
    return _table(rows)


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
    sentences = Counter(sentence.doc for sentence in corpus.sentences)
    return {
        "signature": corpus.signature,
        "pivot": corpus.pivot,
        "documents": [
            {"id": d.id, "lang": d.lang, "encoding": d.encoding, "sentences": sentences[d.id]} for d in corpus.documents
        ],
        "groups": len(corpus.alignment.groups),
        "unaligned": len(corpus.alignment.unaligned),
        "dropped": dict(sorted(corpus.dropped.items())),
        "notes": list(corpus.notes),
    }
