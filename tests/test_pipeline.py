"""The library's front door, with the real encoder."""

from collections.abc import Callable
from pathlib import Path

import pytest

import align
from align.data import COLUMNS, EQUIVALENT, EVIDENCE, PARTIAL
from align.errors import InputError, PackageError, SettingsError
from align.exporter import Export
from align.settings import same_language

Write = Callable[[dict[str, str | bytes]], Path]

LEFT = "The lighthouse keeper retired after 41 years. His daughter will take over in March.\n"
RIGHT = "After 41 years the keeper of the lighthouse has retired. It rained all week.\n"


def test_build_gives_a_corpus(write_files: Write) -> None:
    corpus = align.build([write_files({"left.txt": LEFT, "right.txt": RIGHT})])
    assert [(d.id, d.lang) for d in corpus.documents] == [("left", "en"), ("right", "en")]
    assert [group.members for group in corpus.alignment.groups] == [((0,), (2,))]
    assert {left.sentence for left in corpus.alignment.unaligned} == {1, 3}
    assert list(corpus.seconds) == ["read", "detect", "segment", "translate", "encode", "align"]
    assert corpus.notes == ()


FEW = {
    "zh": "周三，一列货运列车在青河附近出轨。\n事故没有造成人员伤亡。\n"
    "铁路部门表示，线路将于周五恢复通车。\n原因仍在调查之中。",
    "de": "Am Mittwoch ist bei Qinghe ein Güterzug entgleist.\nBei dem Unfall kam niemand zu Schaden.\n"
    "Die Strecke soll nach Angaben der Bahn am Freitag wieder öffnen.\nDie Ursache wird noch untersucht.",
    "en": "A freight train derailed near Qinghe on Wednesday.\nThe accident caused no casualties.\n"
    "The railway says the line will reopen on Friday.\nThe cause is still under investigation.",
}


@pytest.mark.parametrize("langs", ["zh en", "de en"])
@pytest.mark.parametrize("lines", [1, 2, 3, 4])
def test_a_few_literal_translations_meet(langs: str, lines: int, write_files: Write) -> None:
    folder = write_files({f"{lang}.txt": "\n".join(FEW[lang].splitlines()[:lines]) for lang in langs.split()})
    corpus = align.build([folder], align.Settings(segmenter="lines", langs={lang: lang for lang in langs.split()}))
    assert sorted(g.members for g in corpus.alignment.groups) == [((k,), (lines + k,)) for k in range(lines)]


def test_rows_whose_numbers_differ_are_remarked_on(write_files: Write) -> None:
    told = (
        "The flood at Lowfield has killed {} people since Monday, officials said. The mayor has thanked the helpers.\n"
    )
    notes = []
    for number in (417, 431, "four hundred and seventeen"):
        folder = write_files({"a.txt": told.format(417), "b.txt": "Late news. " + told.format(number)})
        corpus = align.build([folder], align.Settings(langs={"a": "en", "b": "en"}))
        assert len(corpus.alignment.groups) == 2
        notes.append([note for note in corpus.notes if "contradict" in note])
        conflicts = [group.evidence.get("conflict") for group in corpus.alignment.groups]
        assert conflicts == [float(bool(notes[-1])), None]
    assert [len(some) for some in notes] == [0, 1, 0]
    assert notes[1][0].startswith("in 1 row members have other numbers")


def test_every_sentence_is_in_exactly_one_place(write_files: Write) -> None:
    corpus = align.build([Path(__file__).parents[1] / "seeds"], align.Settings(max_span=3))
    grouped = [number for group in corpus.alignment.groups for run in group.members for number in run]
    left = [unaligned.sentence for unaligned in corpus.alignment.unaligned]
    assert sorted(grouped + left) == list(range(len(corpus.sentences)))
    for group in corpus.alignment.groups:
        documents = [corpus.sentences[run[0]].doc for run in group.members]
        assert len(set(documents)) == len(documents) >= 2
        assert documents == sorted(documents)
        assert 0 <= group.score <= 1
        for run in group.members:
            assert list(run) == list(range(run[0], run[0] + len(run)))
            assert len({corpus.sentences[number].doc for number in run}) == 1
    assert all(unaligned.reason for unaligned in corpus.alignment.unaligned)


def test_partial_rows_take_up_sentences_that_were_in_none() -> None:
    seeds = [Path(__file__).parents[1] / "seeds"]
    strict, graded = (align.build(seeds, align.Settings(partial=partial)).alignment for partial in (False, True))
    assert [g.members for g in strict.groups] == [g.members for g in graded.groups if g.grade == EQUIVALENT]
    unplaced = [{left.sentence for left in alignment.unaligned} for alignment in (strict, graded)]
    partial = [group for group in graded.groups if group.grade == PARTIAL]
    assert partial
    assert len(partial) + len(strict.groups) == len(graded.groups)
    for group in partial:
        assert len(group.members) == 2
        assert unplaced[0] & {number for run in group.members for number in run}
    assert unplaced[0] == unplaced[1] | (unplaced[0] & {i for g in partial for run in g.members for i in run})
    assert unplaced[1].isdisjoint(i for group in graded.groups for run in group.members for i in run)


def test_a_headline_is_too_short_to_tell_its_language_by(write_files: Write) -> None:
    folder = write_files({"left.txt": LEFT, "short.txt": "Oil prices rise"})
    stated: tuple[dict[str, str], ...] = ({}, {"short": "en"})
    notes = [align.build([folder], align.Settings(langs=langs)).notes for langs in stated]
    assert [any("sure of the language: short (" in note for note in some) for some in notes] == [True, False]


def test_one_note_names_all_documents_that_are_short(write_files: Write) -> None:
    said: dict[str, str | bytes] = {f"{n:02}.txt": f"Oil prices rise by {n} per cent" for n in range(30)}
    note, *_ = align.build([write_files({**said, "left.txt": LEFT})]).notes
    assert note.startswith("too short to be sure of the language: 00 (en), 01 (en), ")
    assert "19 (en) and 10 more: state it" in note


def test_a_sentence_of_kana_is_long_enough_to_tell_its_language_by(write_files: Write) -> None:
    told: dict[str, str | bytes] = {
        "left.txt": LEFT,
        "tayori.txt": "昨日の夜に港の古い橋が閉じられたと市長が話しました。",
    }
    assert not any("short" in note for note in align.build([write_files(told)]).notes)


def test_one_note_names_all_languages_without_a_package(write_files: Write) -> None:
    folder = write_files({"left.txt": LEFT, "a.txt": LEFT + "One.", "b.txt": LEFT + "Two."})
    settings = align.Settings(langs={"a": "cs", "b": "de"})
    assert [note for note in align.build([folder], settings).notes if "package" in note] == [
        "cs, de were not translated, only aligned: no package leads to en (for cs, see whether Argos has one: "
        "'align models pull cs en'; 'align models install FILE' installs a file)"
    ]


def test_a_lone_document_has_one_sentence(write_files: Write) -> None:
    notes = align.build(
        [
            write_files(
                {"a.txt": "The lighthouse keeper retired after 41 long years, and nobody in the harbour noticed it."}
            )
        ]
    ).notes
    assert notes == ("a is the only document: there is nothing to align its 1 sentence with",)


def test_versions_of_one_text_are_told_by_their_order(write_files: Write) -> None:
    told = [
        "The lighthouse keeper retired on Monday.",
        "His daughter Anna takes over in March.",
        "The old lamp goes to a museum in Oslo.",
        "Six fishing boats came by to say farewell.",
        "The tower was built of granite in 1871.",
        "A new engine will turn the light from April.",
    ]
    again = [
        "On Monday the keeper of the lighthouse retired.",
        "In March his daughter Anna takes over.",
        "A museum in Oslo gets the old lamp.",
        "To say farewell, six fishing boats came by.",
        "The granite tower was built in 1871.",
        "From April a new engine will turn the light.",
    ]
    found = []
    for other in (again, again[3:] + again[:3], again[:4]):
        folder = write_files({"a.txt": " ".join(told), "b.txt": " ".join(other)})
        found.append([note for note in align.build([folder]).notes if "--monotone" in note])
    assert [len(notes) for notes in found] == [1, 0, 0]


def test_a_row_without_rivals_has_no_margin(write_files: Write) -> None:
    folder = write_files(
        {"a.txt": "The lighthouse keeper retired.", "b.txt": "The keeper of the lighthouse has retired."}
    )
    (group,) = align.build([folder]).alignment.groups
    assert "margin" not in group.evidence
    (folder / "b.txt").write_text(RIGHT, encoding="utf-8")
    (group,) = align.build([folder]).alignment.groups
    assert group.evidence["margin"] > 0.1


def test_what_documents_are_in_is_checked_before_the_work(write_files: Write) -> None:
    stages: list[str] = []

    def refuse(documents: object) -> None:
        raise SettingsError("no")

    with pytest.raises(SettingsError):
        align.build([write_files({"a.txt": LEFT})], None, lambda stage, *_: stages.append(stage), refuse)
    assert stages == []


def test_few_of_many_documents_are_listed(write_files: Write) -> None:
    folder = write_files({f"{name}.txt": LEFT for name in "abcdefgh"})
    with pytest.raises(SettingsError, match=r"names no document z; the documents are: a, b, c, d, e and 3 more$"):
        align.build([folder], align.Settings(langs={"z": "en"}))


@pytest.mark.parametrize("models", ["missing", "empty"])
def test_a_folder_without_packages_is_an_error_if_nothing_is_translated(write_files: Write, models: str) -> None:
    folder = write_files({"a.txt": LEFT})
    (folder / "empty").mkdir()
    with pytest.raises(PackageError):
        align.build([folder / "a.txt"], align.Settings(models=folder / models))


def test_a_language_that_langdetect_does_not_know_is_doubted_unless_it_is_stated(write_files: Write) -> None:
    irish = "Tá an droichead dúnta inniu mar gheall ar an stoirm. Níl a fhios ag aon duine cathain a osclófar arís é."
    folder = write_files({"left.txt": LEFT, "irish.txt": irish})
    stated: tuple[dict[str, str], ...] = ({}, {"irish": "ga"})
    notes = [align.build([folder], align.Settings(langs=langs)).notes for langs in stated]
    assert [
        any("that langdetect does not know: state it with --lang irish" in note for note in some) for some in notes
    ] == [
        True,
        False,
    ]


def test_copies_are_remarked_on(write_files: Write) -> None:
    notes = align.build([write_files({"a.txt": LEFT, "b.txt": RIGHT, "c.txt": LEFT})]).notes
    assert notes == ("c says the same as a, word for word",)


def test_markup_and_endless_sentences_are_remarked_on(write_files: Write) -> None:
    tags = "<p>The bridge is closed.</p>\n\n<p>Nobody knows why.</p>\n\n"
    times = "1\n00:00:01,000 --> 00:00:03,000\nThe bridge is closed.\n\n"
    plain = "If a < b, and b > c, the bridge --> it is said --> stays closed. " * 3
    endless = "the bridge over the river is closed and nobody knows why " * 40
    folder = write_files({"tags.txt": tags, "times.txt": times, "plain.txt": plain, "endless.txt": endless})
    notes = align.build([folder], align.Settings(aligner="monotone")).notes
    about = {note.partition(" has ")[0] for note in notes if "plain text" in note}
    assert about == {"tags", "times"}
    assert [note for note in notes if "letters (1), whose" in note] == [
        "endless has sentences of over 1500 letters (1), whose ends may count nothing: "
        "if it lacks full stops, break it into lines and take --segmenter lines"
    ]


def test_the_names_of_columns_are_those_that_no_document_has(write_files: Write, tmp_path: Path) -> None:
    corpus = align.build([Path(__file__).parents[1] / "seeds"], align.Settings(partial=True))
    align.write(corpus, tmp_path / "o.tsv", Export(evidence=True))
    header = (tmp_path / "o.tsv").read_text(encoding="utf-8").split("\n")[0].split("\t")
    ids = {document.id for document in corpus.documents}
    assert {name for name in header if name.partition("@")[0] not in ids} == COLUMNS
    assert set(corpus.alignment.evidence) == set(EVIDENCE)


def test_kinds_of_evidence_in_one_order_have_columns(write_files: Write) -> None:
    folder = write_files({"left.txt": LEFT, "right.txt": RIGHT})
    alignment = align.build([folder], align.Settings(aligner="monotone")).alignment
    assert set(alignment.groups[0].evidence) == set(alignment.evidence) < set(EVIDENCE)


def test_sentences_of_nothing_in_common_score_low_in_one_order(write_files: Write) -> None:
    """Vectors that are not centred have cosines of .7 and more, whatever they say."""
    other = "Three paintings were bought. Prices of wheat fell. Nobody won the lottery. A bear was seen in the forest."
    folder = write_files({"left.txt": LEFT, "right.txt": f"{RIGHT} {other}"})
    left = align.build([folder], align.Settings(aligner="monotone", threshold=0.5)).alignment.unaligned
    assert len(left) > 3
    assert max(one.score for one in left) < 0.5


def test_paths_are_a_list(write_files: Write) -> None:
    for paths in (str(write_files({"left.txt": LEFT})), [""]):
        with pytest.raises(InputError, match="a list of files"):
            align.build(paths)


def test_monotone_doubts_texts_that_are_no_versions_of_one(write_files: Write) -> None:
    left = "The lighthouse keeper retired. His daughter takes over. The lamp goes to a museum. Boats came by."
    right = "The keeper of the lighthouse has retired. His daughter follows. A museum gets the lamp. Boats passed by."
    other = "Three paintings were bought. Prices of wheat fell. Nobody won the lottery. A bear was seen in the forest."
    settings = align.Settings(aligner="monotone")
    notes = [align.build([write_files({"l.txt": left, "r.txt": text})], settings).notes for text in (right, other)]
    assert [any("mean score" in note for note in some) for some in notes] == [False, True]


def test_rows_come_in_order_of_the_first_documents_text(write_files: Write) -> None:
    corpus = align.build([Path(__file__).parents[1] / "seeds"])
    first = corpus.documents[0].id
    starts = [
        corpus.sentences[group.members[0][0]].start
        for group in corpus.alignment.groups
        if corpus.sentences[group.members[0][0]].doc == first
    ]
    assert len(starts) > 3
    assert starts == sorted(starts)


def test_progress_goes_up_to_what_there_is(write_files: Write) -> None:
    seen: list[tuple[str, int, int]] = []
    folder = write_files({"left.txt": LEFT, "right.txt": RIGHT, "again.txt": LEFT})
    align.build([folder], align.Settings(keep_results=False), lambda *step: seen.append(step))
    assert [step for step in seen if step[0] == "encode"][-1] == ("encode", 4, 4)


def test_short_texts_of_nothing_in_common_in_one_order(write_files: Write) -> None:
    """A text of one sentence has no mean of its own that could be taken off."""
    folder = write_files({"a.txt": "The storm killed 12 people.", "b.txt": "Bananas are rich in potassium."})
    corpus = align.build([folder], align.Settings(aligner="monotone"))
    assert all(group.score < 0.5 for group in corpus.alignment.groups)
    doubted = any("do not look like versions of one text" in note for note in corpus.notes)
    assert doubted == bool(corpus.alignment.groups)  # which there are on some processors
    write_files({"b.txt": "Der Sturm hat 12 Menschen getötet."})
    corpus = align.build([folder], align.Settings(aligner="monotone"))
    assert [group.score > 0.9 for group in corpus.alignment.groups] == [True]


def test_twenty_documents_that_say_the_same(write_files: Write) -> None:
    """Every sentence has more partners than a document has neighbours at the least."""
    told = [
        "The old harbour bridge was closed on Tuesday after 14 people were hurt in the storm.",
        "Mayor Ellen Park said that it would not open again before Friday.",
        "The ferry is free until then, the town council announced in the evening.",
        "Engineers are to examine the pillars with divers on Wednesday morning.",
    ]
    files: dict[str, str | bytes] = {f"{n:02}.txt": " ".join(told[n % 4 :] + told[: n % 4]) for n in range(20)}
    corpus = align.build([write_files(files)])
    assert [len(group.members) for group in corpus.alignment.groups] == [20] * 4


def test_the_encoding_is_reported_when_it_is_not_utf8(write_files: Write) -> None:
    polish = "Latarnik odszedł na emeryturę po 41 latach. Jego córka zastąpi go w marcu, mówią sąsiedzi."
    folder = write_files({"left.txt": LEFT, "right.txt": polish.encode("cp1250")})
    corpus = align.build([folder], align.Settings(translator="none"))
    assert corpus.notes == ("right was read as cp1250, not UTF-8",)
    assert len(corpus.alignment.groups) == 2


@pytest.mark.parametrize(
    "options",
    [
        {"pivot": "english"},
        {"pivot": "xx"},
        {"langs": {"a": "qq-DE"}},
        {"threshold": 1.5},
        {"beam_size": 0},
        {"max_span": 0},
        {"langs": {"a": "123"}},
        {"threshold": "0.5"},
        {"beam_size": "4"},
        {"beam_size": 2.5},
        {"max_span": True},
        {"langs": None},
        {"pivot": None},
        {"cache": None},
        {"encoder": ""},
        {"encoder": None},
        {"detector": []},
        {"aligner": None},
    ],
)
def test_settings_are_checked_when_they_are_made(options: dict[str, object]) -> None:
    with pytest.raises(SettingsError):
        align.Settings(**options)  # type: ignore[arg-type]


def test_a_document_is_named_by_letters_composed_or_not() -> None:
    assert align.Settings(langs={"cafe\u0301": "fr"}).langs == {"caf\u00e9": "fr"}


@pytest.mark.parametrize("second", ["NB", "no", "nb-NO"])
def test_norwegian_is_one_language(second: str) -> None:
    assert same_language("no", second)
    assert not same_language(second, "da")
