import io
import json
import os
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from align.data import EQUIVALENT, PARTIAL, Alignment, Corpus, Document, Group, Sentence, Unaligned
from align.errors import OutputError, SettingsError
from align.exporter import Export, check_outputs, write, write_all, write_unaligned
from align.outputs import without_own
from align.text import plain_text


def sentence(doc: str, lang: str, at: int, text: str, pivot: str | None = None) -> Sentence:
    return Sentence(doc, lang, at, at + len(text), " ".join(text.split()), pivot)


@pytest.fixture
def corpus() -> Corpus:
    sentences = (
        sentence("a", "en", 0, "The bridge is closed."),
        sentence("a", "en", 22, "Nobody knows\twhy."),
        sentence("b", "pl", 0, "Most zamknięto.", "The bridge was closed."),
        sentence("b", "pl", 16, "Nikt nie wie,\ndlaczego.", "No one knows why."),
        sentence("b", "pl", 40, "Pada."),
        sentence("c", "en", 5, "The bridge is shut and nobody knows why."),
    )
    groups = (
        Group(((0,), (2,)), 0.98765, {"cosine": 0.91, "margin": 1.25}),
        Group(((0, 1), (2, 3), (5,)), 0.5, {"cosine": 0.8}),
    )
    return Corpus(
        documents=(
            Document("a", "The bridge is closed. Nobody knows\twhy.", "a.txt", lang="en"),
            Document("b", "Most zamknięto. Nikt nie wie,\ndlaczego. Pada.", "b.txt", "cp1250", "pl"),
            Document("c", "     The bridge is shut and nobody knows why.", "c.txt", lang="en"),
        ),
        sentences=sentences,
        alignment=Alignment(
            groups, (Unaligned(4, "no counterpart", 0, 0.25), Unaligned(5, "a\treason")), ("cosine", "margin", "names")
        ),
        pivot="en",
        dropped={"x.jpg": "not text"},
        notes=("a note",),
        seconds={"read": 0.1},
        signature="align:test",
    )


def rows(path: Path) -> list[list[str]]:
    data = path.read_bytes()
    assert data.endswith(b"\n")
    assert b"\r" not in data
    return [line.split("\t") for line in data.decode("utf-8").removesuffix("\n").split("\n")]


def test_wide(corpus: Corpus, tmp_path: Path) -> None:
    write(corpus, str(tmp_path / "o.tsv"))
    assert rows(tmp_path / "o.tsv") == [
        ["group", "score", "size", "a", "b", "c", "b@en"],
        ["1", "0.9877", "2", "The bridge is closed.", "Most zamknięto.", "", "The bridge was closed."],
        [
            "2",
            "0.5000",
            "3",
            "The bridge is closed. Nobody knows why.",
            "Most zamknięto. Nikt nie wie, dlaczego.",
            "The bridge is shut and nobody knows why.",
            "The bridge was closed. No one knows why.",
        ],
    ]


def test_wide_with_evidence(corpus: Corpus, tmp_path: Path) -> None:
    write(corpus, str(tmp_path / "o.tsv"), Export(evidence=True))
    table = rows(tmp_path / "o.tsv")
    assert table[0][:6] == ["group", "score", "size", "cosine", "margin", "names"]
    assert [row[3:6] for row in table[1:]] == [["0.9100", "1.2500", ""], ["0.8000", "", ""]]


def test_long(corpus: Corpus, tmp_path: Path) -> None:
    write(corpus, str(tmp_path / "o.tsv"), Export("long"))
    table = rows(tmp_path / "o.tsv")
    assert table[0] == ["group", "score", "doc", "lang", "start", "end", "text", "pivot"]
    assert table[2] == ["1", "0.9877", "b", "pl", "0", "15", "Most zamknięto.", "The bridge was closed."]
    assert table[4][:6] == ["2", "0.5000", "b", "pl", "0", "39"]
    assert len(table) == 6


def test_pairs(corpus: Corpus, tmp_path: Path) -> None:
    write(corpus, str(tmp_path / "o.tsv"), Export("pairs"))
    table = rows(tmp_path / "o.tsv")
    assert table[0] == ["left_doc", "right_doc", "left_lang", "right_lang", "score", "left", "right"]
    assert [row[:2] for row in table[1:]] == [["a", "b"], ["a", "b"], ["a", "c"], ["b", "c"]]


def test_bitext_keeps_the_order_asked_for(corpus: Corpus, tmp_path: Path) -> None:
    write(corpus, str(tmp_path / "o.tsv"), Export(pair="pl-en"))
    table = rows(tmp_path / "o.tsv")
    assert table[0] == ["Most zamknięto.", "The bridge is closed."]
    assert len(table) == 3
    assert all(left.startswith("Most") for left, _ in table)


def test_grades_are_marked_and_keep_out_of_bitexts(corpus: Corpus, tmp_path: Path) -> None:
    whole, part = corpus.alignment.groups
    graded = replace(corpus.alignment, groups=(replace(whole, grade=EQUIVALENT), replace(part, grade=PARTIAL)))
    corpus = replace(corpus, alignment=graded, graded=True)
    for layout, equivalent, partial in (("wide", 1, 1), ("long", 2, 3), ("pairs", 1, 3)):
        write(corpus, str(tmp_path / "o.tsv"), Export(layout))
        header, *table = rows(tmp_path / "o.tsv")
        grades = [row[header.index("grade")] for row in table]
        assert grades == [EQUIVALENT] * equivalent + [PARTIAL] * partial
        assert {len(row) for row in table} == {len(header)}
    write(corpus, str(tmp_path / "o.jsonl"))
    lines = [json.loads(line) for line in (tmp_path / "o.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["grade"] for line in lines] == ["equivalent", "partial"]
    write(corpus, str(tmp_path / "o.tsv"), Export(pair="pl-en"))
    assert rows(tmp_path / "o.tsv") == [["Most zamknięto.", "The bridge is closed."]]


def test_the_column_of_grades_does_not_hang_on_the_rows(corpus: Corpus, tmp_path: Path) -> None:
    nothing = replace(corpus.alignment, groups=(), unaligned=(Unaligned(0, "no partner"),))
    corpus = replace(corpus, alignment=nothing, graded=True)
    for name in ("o.tsv", "o.jsonl"):
        write(corpus, str(tmp_path / name), Export(keep_empty=True))
    assert rows(tmp_path / "o.tsv")[0][:4] == ["group", "score", "grade", "size"]
    assert json.loads((tmp_path / "o.jsonl").read_text(encoding="utf-8"))["grade"] is None


@pytest.mark.parametrize("name", ["score", "b@en", "a "])
def test_two_columns_of_one_name_are_refused(corpus: Corpus, tmp_path: Path, name: str) -> None:
    corpus = replace(corpus, documents=(*corpus.documents, Document(name, "Hello.", "d.txt", lang="en")))
    with pytest.raises(SettingsError, match=f"two columns would be called {name.strip()}: rename the article"):
        write(corpus, str(tmp_path / "o.tsv"))
    write(corpus, str(tmp_path / "o.tsv"), Export("long"))


def test_what_can_be_written_is_whatever_else_cannot(corpus: Corpus, tmp_path: Path) -> None:
    outputs = [str(tmp_path / name) for name in ("none/a.tsv", "b.jsonl", "none/c.tsv")]
    with pytest.raises(OutputError, match=r"a\.tsv.*c\.tsv"):
        write_all(corpus, outputs, str(tmp_path / "u.tsv"), Export())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.jsonl", "b.meta.json", "u.tsv"]


def test_a_reader_that_stops_early_does_not_lose_the_files(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    closed = os.fdopen(writer, "w", encoding="utf-8")
    monkeypatch.setattr(sys, "stdout", closed)
    with pytest.raises(BrokenPipeError):
        write_all(corpus, ["-", str(tmp_path / "o.tsv")], str(tmp_path / "u.tsv"), Export())
    with suppress(BrokenPipeError):
        closed.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["o.meta.json", "o.tsv", "u.tsv"]


def of_one_text(corpus: Corpus, text: str, *pivots: str | None) -> Corpus:
    """A corpus of one row, in which a document has sentences that end with full stops."""
    ends = [at + 1 for at, character in enumerate(text) if character in ".。"]
    parts = [(0 if k == 0 else ends[k - 1], end) for k, end in enumerate(ends)]
    sentences = [
        Sentence("a", "zh", start, end, plain_text(text[start:end]), pivot)
        for (start, end), pivot in zip(parts, pivots, strict=True)
    ]
    document = Document("a", text, "a.txt", lang="zh")
    group = Group((tuple(range(len(sentences))),), 0.9)
    return replace(corpus, documents=(document,), sentences=tuple(sentences), alignment=Alignment((group,), ()))


def test_entities_are_resolved_once(corpus: Corpus, tmp_path: Path) -> None:
    write(of_one_text(corpus, "It says &amp;lt;b&amp;gt; twice.", None), str(tmp_path / "o.tsv"))
    assert rows(tmp_path / "o.tsv")[1][3] == "It says &lt;b&gt; twice."


def test_a_cell_is_what_the_text_has_there(corpus: Corpus, tmp_path: Path) -> None:
    write(of_one_text(corpus, "他走了。她留下。", None, None), str(tmp_path / "o.tsv"))
    assert rows(tmp_path / "o.tsv")[1][3] == "他走了。她留下。"


def test_what_was_not_translated_stands_among_the_translations(corpus: Corpus, tmp_path: Path) -> None:
    write(of_one_text(corpus, "他走了。她留下。", "He left.", None), str(tmp_path / "o.tsv"))
    assert rows(tmp_path / "o.tsv")[1][4] == "He left. 她留下。"


def test_what_a_link_points_to_is_replaced_and_not_the_link(corpus: Corpus, tmp_path: Path) -> None:
    (tmp_path / "link.tsv").symlink_to(tmp_path / "there.tsv")
    write(corpus, str(tmp_path / "link.tsv"))
    assert (tmp_path / "link.tsv").is_symlink()
    assert len(rows(tmp_path / "there.tsv")) == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.meta.json", "link.tsv", "there.tsv"]


def test_a_pipe_is_written_to(corpus: Corpus) -> None:
    reader, writer = os.pipe()
    with os.fdopen(reader, encoding="utf-8") as found:
        write_unaligned(corpus, f"/dev/fd/{writer}")
        os.close(writer)
        assert len(found.readlines()) == 3


def test_a_file_called_as_standard_output_is(corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    check_outputs(["-"], "./-", ["-"], Export())
    write_unaligned(corpus, "./-")
    assert [path.name for path in tmp_path.iterdir()] == ["-"]
    dropped = replace(corpus, dropped={"./-": "unreadable"})
    assert without_own(dropped, ["-"]).dropped
    assert not without_own(dropped, ["./-"]).dropped


def test_a_device_is_written_to(corpus: Corpus) -> None:
    write_unaligned(corpus, "/dev/null")
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize(
    "options",
    [
        {"pair": "pl-en", "layout": "long"},
        {"pair": "pl-"},
        {"pair": "pl-en", "keep_empty": True},
        {"pair": "pl-en", "evidence": True},
        {"layout": "pairs", "keep_empty": True},
        {"layout": "long", "evidence": True},
    ],
)
def test_options_that_would_do_nothing_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        Export(**options)


def test_bitext_in_one_language_has_each_pair_once(corpus: Corpus, tmp_path: Path) -> None:
    write(corpus, str(tmp_path / "o.tsv"), Export(pair="en-en"))
    assert len(rows(tmp_path / "o.tsv")) == 1


def test_a_bitext_in_a_language_that_no_document_is_in_is_refused(corpus: Corpus, tmp_path: Path) -> None:
    (tmp_path / "o.tsv").write_text("good")
    with pytest.raises(SettingsError, match="no document is in de, only in en, pl"):
        write(corpus, str(tmp_path / "o.tsv"), Export(pair="de-en"))
    assert (tmp_path / "o.tsv").read_text() == "good"


def test_a_bitext_in_one_language_takes_two_documents(corpus: Corpus, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="only one document is in pl"):
        write(corpus, str(tmp_path / "o.tsv"), Export(pair="pl-pl"))


@pytest.mark.parametrize("pair", ["zh-CN-en", "zh-en"])
def test_the_languages_of_a_bitext_may_have_regions(corpus: Corpus, tmp_path: Path, pair: str) -> None:
    documents = tuple(replace(d, lang="zh-CN") if d.lang == "pl" else d for d in corpus.documents)
    sentences = tuple(replace(s, lang="zh-CN") if s.lang == "pl" else s for s in corpus.sentences)
    corpus = replace(corpus, documents=documents, sentences=sentences)
    write(corpus, str(tmp_path / "o.tsv"), Export(pair=pair))
    assert rows(tmp_path / "o.tsv")[0] == ["Most zamknięto.", "The bridge is closed."]


def of_languages(corpus: Corpus, langs: str) -> Corpus:
    """A corpus of one row, with a document in each of these languages."""
    sentences = tuple(sentence(f"d{n}", lang, 0, f"{lang} {n}") for n, lang in enumerate(langs.split()))
    documents = tuple(Document(s.doc, s.text, s.doc, lang=s.lang) for s in sentences)
    row = Group(tuple((n,) for n in range(len(sentences))), 0.9)
    return replace(corpus, documents=documents, sentences=sentences, alignment=Alignment((row,), ()))


@pytest.mark.parametrize(
    ("langs", "pair", "expected"),
    [
        ("zh-TW zh-CN", "zh-CN-zh-TW", [["zh-CN 1", "zh-TW 0"]]),
        ("zh-TW zh-CN zh-CN", "zh-CN-zh-TW", [["zh-CN 1", "zh-TW 0"], ["zh-CN 2", "zh-TW 0"]]),
        ("pt-BR pt-PT", "pt-PT-pt-BR", [["pt-PT 1", "pt-BR 0"]]),
        ("zh-TW zh-CN", "zh-zh", [["zh-TW 0", "zh-CN 1"]]),
        ("zh-TW zh-CN zh-TW", "zh-zh-TW", [["zh-TW 0", "zh-TW 2"], ["zh-CN 1", "zh-TW 0"], ["zh-CN 1", "zh-TW 2"]]),
    ],
)
def test_a_region_is_that_region_and_none_is_any(
    corpus: Corpus, tmp_path: Path, langs: str, pair: str, expected: list[list[str]]
) -> None:
    write(of_languages(corpus, langs), str(tmp_path / "o.tsv"), Export(pair=pair))
    assert rows(tmp_path / "o.tsv") == expected


def test_another_region_is_another_language(corpus: Corpus, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no document is in pt-BR, only in en, pt"):
        write(of_languages(corpus, "pt en"), str(tmp_path / "o.tsv"), Export(pair="pt-BR-en"))


def test_many_documents_are_counted_once(corpus: Corpus, tmp_path: Path) -> None:
    """Each document was once looked for among all sentences, which took minutes."""
    looks = 0

    class Counted(tuple[Sentence, ...]):
        def __iter__(self) -> Iterator[Sentence]:
            nonlocal looks
            looks += 1
            return super().__iter__()

    corpus = of_languages(corpus, "en " * 50)
    write(replace(corpus, sentences=Counted(corpus.sentences)), str(tmp_path / "o.tsv"))
    assert looks < 10


def test_one_file_says_how_two_came_about(corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    monkeypatch.setattr("align.exporter.write_lines", lambda path, _: written.append(Path(path).name))
    write_all(corpus, [str(tmp_path / "o.tsv"), str(tmp_path / "o.jsonl")], None, Export())
    assert sorted(written) == ["o.jsonl", "o.meta.json", "o.tsv"]


def test_keep_empty_puts_what_is_left_over_in_its_place(corpus: Corpus, tmp_path: Path) -> None:
    left = (Unaligned(4, "no counterpart"), Unaligned(1, "no counterpart"))
    groups = (Group(((0,), (2,)), 0.9), Group(((3,), (5,)), 0.8))
    corpus = replace(corpus, alignment=Alignment(groups, left))
    write(corpus, str(tmp_path / "o.tsv"), Export(keep_empty=True))
    assert [row[2:6] for row in rows(tmp_path / "o.tsv")[1:]] == [
        ["2", "The bridge is closed.", "Most zamknięto.", ""],
        ["2", "", "Nikt nie wie, dlaczego.", "The bridge is shut and nobody knows why."],
        ["1", "Nobody knows why.", "", ""],
        ["1", "", "Pada.", ""],
    ]


def test_jsonl(corpus: Corpus, tmp_path: Path) -> None:
    write(corpus, str(tmp_path / "o.jsonl"))
    lines = [json.loads(line) for line in (tmp_path / "o.jsonl").read_text(encoding="utf-8").splitlines()]
    assert lines[0] == {
        "id": 1,
        "score": 0.9877,
        "evidence": {"cosine": 0.91, "margin": 1.25, "names": None},
        "members": [
            {"doc": "a", "lang": "en", "start": 0, "end": 21, "text": "The bridge is closed.", "pivot": None},
            {
                "doc": "b",
                "lang": "pl",
                "start": 0,
                "end": 15,
                "text": "Most zamknięto.",
                "pivot": "The bridge was closed.",
            },
        ],
    }


def test_the_sidecar_says_how_it_came_about(corpus: Corpus, tmp_path: Path) -> None:
    write(corpus, str(tmp_path / "o.jsonl"))
    meta = json.loads((tmp_path / "o.meta.json").read_text(encoding="utf-8"))
    assert meta["signature"] == "align:test"
    assert meta["documents"][1] == {"id": "b", "lang": "pl", "encoding": "cp1250", "sentences": 3}
    assert meta["dropped"] == {"x.jpg": "not text"}
    assert "seconds" not in meta, "times would make equal runs differ"


def test_unaligned(corpus: Corpus, tmp_path: Path) -> None:
    write_unaligned(corpus, str(tmp_path / "u.tsv"))
    table = rows(tmp_path / "u.tsv")
    assert table[1] == [
        "b",
        "pl",
        "40",
        "45",
        "Pada.",
        "no counterpart",
        "0.2500",
        "a",
        "0",
        "21",
        "The bridge is closed.",
    ]
    assert table[2][5:] == ["a reason", "", "", "", "", ""]
    assert {len(row) for row in table} == {11}


def test_standard_output(corpus: Corpus) -> None:
    with redirect_stdout(io.StringIO()) as caught:
        write(corpus, "-")
    assert "Most zamknięto." in caught.getvalue()


def test_a_full_disk_behind_standard_output(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(OutputError, match="standard output"):
            write(corpus, "-")


def test_an_unknown_suffix_is_an_error(corpus: Corpus, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"ending in \.tsv or \.jsonl"):
        write(corpus, str(tmp_path / "o.docx"))


@pytest.mark.parametrize("settings", [{"layout": "tall"}, {"pair": "pl"}, {"pair": "pl-en-de"}])
def test_wrong_exports_are_errors(settings: dict[str, str]) -> None:
    with pytest.raises(SettingsError):
        Export(**settings)  # type: ignore[arg-type]


def test_a_failed_write_leaves_what_was_there(corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "o.tsv"
    path.write_text("good\n")

    def fail(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OutputError, match="No space left on device"):
        write(corpus, str(path))
    assert path.read_text() == "good\n"
    assert [p.name for p in tmp_path.iterdir()] == ["o.tsv"]


def test_an_article_is_not_written_over(corpus: Corpus, tmp_path: Path) -> None:
    article = tmp_path / "a.tsv"
    article.write_text("The bridge is closed.\n")
    mine = replace(corpus, documents=(replace(corpus.documents[0], path=str(article)), *corpus.documents[1:]))
    for save in (write, write_unaligned):
        with pytest.raises(SettingsError, match="lies among the articles"):
            save(mine, article)
    assert article.read_text() == "The bridge is closed.\n"


def test_a_name_may_be_as_long_as_names_may_be(corpus: Corpus, tmp_path: Path) -> None:
    write(corpus, tmp_path / f"{'a' * 245}.jsonl")
    with pytest.raises(OutputError, match="too long"):
        write(corpus, tmp_path / f"{'a' * 255}.jsonl")


def test_who_may_read_a_file_stays_as_it_was(corpus: Corpus, tmp_path: Path) -> None:
    (tmp_path / "o.tsv").touch(0o600)
    write(corpus, tmp_path / "o.tsv")
    assert (tmp_path / "o.tsv").stat().st_mode & 0o777 == 0o600


def test_an_output_of_before_among_the_articles_is_no_news(corpus: Corpus, tmp_path: Path) -> None:
    before = {str(tmp_path / name): "not text" for name in ("o.jsonl", "o.meta.json", "other.tsv")}
    write(replace(corpus, dropped=before), tmp_path / "o.jsonl")
    dropped = json.loads((tmp_path / "o.meta.json").read_bytes())["dropped"]
    assert dropped == {str(tmp_path / "other.tsv"): "not text"}


def test_a_path_that_is_no_unicode_can_be_told(corpus: Corpus, tmp_path: Path) -> None:
    write(replace(corpus, dropped={"x\udcff.pdf": "not text"}), tmp_path / "o.jsonl")
    assert json.loads((tmp_path / "o.meta.json").read_bytes())["dropped"] == {"x\udcff.pdf": "not text"}


def test_standard_output_that_takes_only_ascii(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    with pytest.raises(OutputError, match="PYTHONUTF8"):
        write(corpus, "-")


def test_a_missing_folder_is_an_error(corpus: Corpus, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        write(corpus, str(tmp_path / "missing" / "o.tsv"))
