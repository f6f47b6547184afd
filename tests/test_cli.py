"""The command as a user runs it: a process of its own, the real models, no network."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType

import pytest
from tiny_argos import write_tiny_package

from align import cli
from align.__main__ import main

ROOT = Path(__file__).parents[1]
SEEDS = ROOT / "seeds"
Write = Callable[[dict[str, str | bytes]], Path]

STORY: dict[str, str | bytes] = {
    "gazette.txt": (
        "The council passes the budget\n\n"
        "The old harbour bridge was closed on Tuesday after 14 people were hurt in the storm. "
        "Mayor Ellen Park said that it would not open again before Friday.\n\nThe ferry is free until then."
    ),
    "herald.txt": (
        "Mayor Ellen Park told reporters that the bridge will stay closed until Friday at the earliest. "
        "Fourteen people were injured in Tuesday's storm, which led to the closing of the old harbour bridge. "
        "A new museum opens next month."
    ),
    "kurier.txt": (
        "We wtorek po burzy, w której rannych zostało 14 osób, zamknięto stary most portowy. "
        "Burmistrz Ellen Park powiedziała, że most nie zostanie otwarty przed piątkiem."
    ),
}


def align(
    *arguments: object, cwd: Path | None = None, variables: Mapping[str, str] = MappingProxyType({})
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "align", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        env={**os.environ, **variables},
        check=False,
        stdin=subprocess.DEVNULL,
    )


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_build_without_arguments_takes_the_seeds(tmp_path: Path) -> None:
    shutil.copytree(SEEDS, tmp_path / "seeds")
    result = align("build", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    lines = (tmp_path / "corpus.tsv").read_text(encoding="utf-8").splitlines()
    documents = sorted(path.stem for path in SEEDS.glob("*.txt"))
    assert lines[0].split("\t")[:8] == ["group", "score", "size", *documents]
    assert len(lines) > 10
    assert "offline" not in result.stderr
    assert "enc:e5-small@" in result.stderr


def test_a_story_is_aligned_across_languages_and_orders(write_files: Write, tmp_path: Path) -> None:
    result = align("build", write_files(STORY), "-o", tmp_path / "o.jsonl", "--translator", "none")
    assert result.returncode == 0, result.stderr
    groups = [json.loads(line) for line in (tmp_path / "o.jsonl").read_text(encoding="utf-8").splitlines()]
    found = {
        frozenset(m["text"].split()[0] for m in group["members"]) for group in groups if len(group["members"]) == 3
    }
    assert found == {frozenset({"The", "Fourteen", "We"}), frozenset({"Mayor", "Burmistrz"})}
    for group in groups:
        for member in group["members"]:
            text = str(STORY[f"{member['doc']}.txt"])
            assert text[member["start"] : member["end"]].split() == member["text"].split()


def test_every_sentence_is_in_a_row_or_in_the_unaligned_list(write_files: Write, tmp_path: Path) -> None:
    folder = write_files(STORY)
    result = align("build", folder, "-o", tmp_path / "o.tsv", "--layout", "long", "--unaligned", tmp_path / "u.tsv")
    assert result.returncode == 0, result.stderr
    rows = [line.split("\t") for line in (tmp_path / "o.tsv").read_text(encoding="utf-8").splitlines()[1:]]
    left = [line.split("\t") for line in (tmp_path / "u.tsv").read_text(encoding="utf-8").splitlines()[1:]]
    for path in folder.iterdir():
        text = path.read_text(encoding="utf-8")
        spans = sorted(
            [(int(row[4]), int(row[5])) for row in rows if row[2] == path.stem]
            + [(int(row[2]), int(row[3])) for row in left if row[0] == path.stem]
        )
        covered = "".join(text[start:end] for start, end in spans)
        assert covered.split() == text.split() or "".join(covered.split()) == "".join(text.split())
    assert all(row[5] for row in left), "every sentence left over has a reason"


def test_reruns_are_byte_identical(write_files: Write, tmp_path: Path, e5_cache: Path) -> None:
    folder = write_files(STORY)
    files = sorted(folder.iterdir())
    first = ["build", *files, "-o", tmp_path / "1.tsv", "-o", tmp_path / "1.jsonl", "--cache", tmp_path / "cache"]
    shutil.copytree(e5_cache, tmp_path / "cache" / "models")
    assert align(*first, variables={"PYTHONHASHSEED": "1"}).returncode == 0
    again = ["build", *files[::-1], "-o", tmp_path / "2.tsv", "-o", tmp_path / "2.jsonl", "--cache", tmp_path / "cache"]
    assert align(*again, variables={"PYTHONHASHSEED": "2"}).returncode == 0
    alone = ["build", folder, "-o", tmp_path / "3.tsv", "-o", tmp_path / "3.jsonl", "--no-keep-results"]
    assert align(*alone, variables={"PYTHONHASHSEED": "3"}).returncode == 0
    for suffix in ("tsv", "jsonl", "meta.json"):
        assert len({digest(tmp_path / f"{number}.{suffix}") for number in (1, 2, 3)}) == 1, suffix


def test_a_rerun_among_the_articles_is_byte_identical(write_files: Write) -> None:
    folder = write_files(STORY)
    outputs = ("-o", "corpus.tsv", "-o", folder / "corpus.jsonl", "--unaligned", "left.tsv")
    found = []
    for _ in range(2):
        result = align("build", ".", *outputs, cwd=folder)
        assert result.returncode == 0, result.stderr
        found.append({path.name: digest(path) for path in folder.iterdir()})
    assert found[0] == found[1]
    assert len(found[0]) == len(STORY) + 4


def test_what_a_run_kept_the_next_one_uses(write_files: Write, tmp_path: Path, e5_cache: Path) -> None:
    (tmp_path / "cache").mkdir()
    shutil.copytree(e5_cache, tmp_path / "cache" / "models")
    folder = write_files(STORY)
    command = "build", folder, "-o", tmp_path / "o.tsv", "--cache", tmp_path / "cache"
    assert align(*command).returncode == 0
    before = digest(tmp_path / "o.tsv")
    model = next((tmp_path / "cache" / "models").glob("*/model.bin"))
    model.write_bytes(b"it would be noticed if this were loaded")
    assert align(*command).returncode == 0
    assert model.stat().st_size < 100
    assert digest(tmp_path / "o.tsv") == before


def test_a_package_translates_the_documents_in_its_language(write_files: Write, tmp_path: Path) -> None:
    words = "We wtorek po burzy, w której rannych zostało 14 osób, zamknięto stary most portowy.".split()
    english = "On Tuesday after storm, in which hurt were 14 people, closed old bridge harbour.".split()
    (tmp_path / "models").mkdir()
    write_tiny_package(tmp_path / "models", "pl", "en", dict(zip(words, english, strict=False)))
    folder = write_files(STORY)
    result = align("build", folder, "-o", tmp_path / "o.tsv", "--models", tmp_path / "models")
    assert result.returncode == 0, result.stderr
    header, *rows = [line.split("\t") for line in (tmp_path / "o.tsv").read_text(encoding="utf-8").splitlines()]
    assert header[-1] == "kurier@en"
    assert any(row[-1].startswith("On Tuesday after storm,") for row in rows)
    assert "mt:argos-pl_en-1.0@" in result.stderr


def test_a_language_without_a_package_is_aligned_and_said(write_files: Write, tmp_path: Path) -> None:
    story = STORY | {"gazeta.txt": "Starý přístavní most byl v úterý uzavřen poté, co bylo v bouři zraněno 14 lidí."}
    result = align("build", write_files(story), "-o", tmp_path / "o.jsonl")
    assert result.returncode == 0, result.stderr
    assert "cs was not translated" in result.stderr
    assert "align models pull cs en" in result.stderr
    assert '"doc": "gazeta"' in (tmp_path / "o.jsonl").read_text(encoding="utf-8")


def test_translate_gives_a_line_for_a_line(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    write_tiny_package(tmp_path / "models", "pl", "en", {"kot": "cat", "pies": "dog"})
    (tmp_path / "lines.txt").write_text("kot pies\n\npies\n", encoding="utf-8")
    result = align("translate", "--from", "pl", "--to", "en", tmp_path / "lines.txt", "--models", tmp_path / "models")
    assert result.stdout == "cat dog\n\ndog\n", result.stderr


@pytest.mark.parametrize("said", [(), ("-q",)])
def test_translate_names_the_line_that_it_leaves_empty(tmp_path: Path, said: tuple[str, ...]) -> None:
    (tmp_path / "models").mkdir()
    words = {"kot": "cat", "i": "and", "duży": "big", "pies": "dog"}
    write_tiny_package(tmp_path / "models", "pl", "en", words, stutter="cat")
    (tmp_path / "a.txt").write_text("\u200b\n", encoding="utf-8")
    (tmp_path / "b.txt").write_text("\nkot i duży pies\n", encoding="utf-8")
    options = ("--from", "pl", "--to", "en", "--models", "models")
    result = align("translate", *options, *said, "a.txt", "b.txt", cwd=tmp_path)
    assert result.stdout == "\n\n\n", result.stderr
    assert result.stderr == "align: error: no translation but a degenerate one, so left empty: b.txt:2\n"
    assert result.returncode == 1, "a script can tell"


def test_translate_says_that_the_draft_is_one(tmp_path: Path) -> None:
    (tmp_path / "lines.txt").write_text("Kot śpi.\n", encoding="utf-8")
    options = ("--from", "pl", "--to", "en", tmp_path / "lines.txt")
    outputs = [align("translate", *options, *q) for q in ((), ("-q",))]
    assert "a draft" in outputs[0].stderr
    assert outputs[1].stderr == ""
    assert outputs[0].stdout == outputs[1].stdout


def test_translate_needs_two_languages(tmp_path: Path) -> None:
    result = align("translate", "--from", "pt", "--to", "pt-BR", cwd=tmp_path)
    assert result.returncode == 2
    assert "these are one language" in result.stderr


def test_standard_input_and_output(tmp_path: Path, write_files: Write) -> None:
    folder = write_files(STORY)
    result = subprocess.run(
        [sys.executable, "-m", "align", "build", "-", str(folder / "herald.txt"), "-o", "-", "-q"],
        input=str(STORY["gazette.txt"]),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert result.stdout.splitlines()[0].split("\t") == ["group", "score", "size", "herald", "stdin"]
    assert result.stderr == ""


def test_stating_a_language(write_files: Write, tmp_path: Path) -> None:
    folder = write_files({"a.txt": "Taxi hotel.", "b.txt": "Hotel taxi."})
    result = align("build", folder, "-o", tmp_path / "o.tsv", "--lang", "a=de", "--lang", "b=pt-BR")
    assert result.returncode == 0, result.stderr
    meta = json.loads((tmp_path / "o.meta.json").read_text(encoding="utf-8"))
    assert [document["lang"] for document in meta["documents"]] == ["de", "pt-BR"]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "no text found"),
        ({"empty.txt": ""}, "empty.txt: empty"),
        ({"photo.jpg": b"\xff\xd8\xff"}, "not a suffix of text"),
        ({"binary.txt": b"\x00\x01\x02"}, "binary, not text"),
    ],
)
def test_a_folder_without_text(write_files: Write, tmp_path: Path, files: dict[str, str | bytes], message: str) -> None:
    (tmp_path / "o.tsv").write_text("good")
    result = align("build", write_files(files), "-o", tmp_path / "o.tsv")
    assert result.returncode == 1
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert (tmp_path / "o.tsv").read_text() == "good"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["build", "missing"], 1, "missing: no such file or folder"),
        (["build"], 2, "no folder seeds here"),
        (["build", "An article in place of its name. " * 10], 1, "cannot be read"),
        (["build", ".", "-o", f"{'o' * 300}.tsv"], 1, "cannot be written"),
        (["build", ".", "-o", f"{'o' * 248}.tsv"], 1, "meta.json: cannot be written"),
        (["build", ".", "--pair", "pl-en", "-o", "o.jsonl"], 2, "--pair is for tables"),
        (["build", ".", "--layout", "long", "-o", "o.jsonl"], 2, "--layout long is for tables"),
        (["build", ".", "-o", "o.docx"], 2, "'o.docx': no format has that suffix: name a file ending in .tsv"),
        (["build", ".", "-o", "/dev/stdout"], 2, "or - for standard output"),
        (["build", ".", "-o", "."], 2, "name a file"),
        (["build", ".", "-o", ""], 2, "'': no format has that suffix"),
        (["build", ".", "-o", "missing/o.tsv"], 1, "there is no folder missing"),
        (["build", "missing", "-o", "/proc/o.tsv"], 1, "/proc/o.tsv: cannot be written"),
        (["build", ".", "--unaligned", "."], 1, "is a folder"),
        (["build", ".", "--unaligned", "left.jsonl"], 2, "left.jsonl: what is in no row is written as a table"),
        (["build", ".", "--threshold", "7"], 2, "between 0 and 1"),
        (["build", ".", "--beam-size", "0"], 2, "the beam size is at least 1"),
        (["build", "missing", "--beam-size", "0"], 2, "the beam size is at least 1"),
        (["build", ".", "--lang", "a"], 2, "DOC=CODE"),
        (["build", ".", "--lang", "a=pl", "--lang", "a=en"], 2, "in pl and in en"),
        (["build", ".", "--encoder", ""], 2, "names no encoder"),
        (["build", ".", "--lang", "a=klingon!"], 2, "the language of a: 'klingon!' is no language code"),
        (["build", ".", "--pivot", "english"], 2, "the pivot: 'english' is no language code"),
        (["build", ".", "--segmenter", "spacy"], 2, "there are: sentencex, lines"),
        (["build", ".", "--translator", "google"], 2, "there are: argos, none"),
        (["build", ".", "--layout", "tall"], 2, "there are: wide, long, pairs"),
        (["build", ".", "--pair", "pl"], 2, "such as pl-en"),
        (["build", ".", "--monotone", "--max-span", "2"], 2, "--max-span is for sentences in any order"),
        (["build", ".", "--pair", "pl-en", "--evidence"], 2, "leave it out"),
        (["build", ".", "--pair", "pl-en", "--partial"], 2, "no place for partial rows"),
        (["translate", "--from", "p", "--to", "en"], 2, "no language code"),
        (["build", ".", "--pivot", "xx"], 2, "no language has the code xx"),
        (["build", ".", "--pair", "de-fr"], 2, "no document is in de or fr, only in pl"),
        (["build", ".", "--models", "missing"], 1, "no such folder of Argos packages"),
        (["build", ".", "--models", "."], 1, "holds no Argos package"),
        (["build", "--no-such-option"], 2, "No such option"),
        (["translate", "--from", "xx", "--to", "en"], 1, "no Argos package translates xx to en"),
        (["models", "install", "missing.argosmodel"], 1, "no such file"),
        (["models", "pull", "p", "en"], 2, "no language code"),
    ],
)
def test_mistakes_are_said_without_a_traceback(tmp_path: Path, arguments: list[str], code: int, message: str) -> None:
    (tmp_path / "a.txt").write_text("Jan mieszka w małym domu nad rzeką i hoduje kury.", encoding="utf-8")
    result = align(*arguments, cwd=tmp_path)
    assert result.returncode == code, result.stderr
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt"]


def test_nothing_is_written_over_articles_or_other_outputs(write_files: Write) -> None:
    folder = write_files({**STORY, "notes.tsv": STORY["gazette.txt"]})
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    for arguments, message in (
        ((folder / "notes.tsv", folder, "-o", folder / "notes.tsv"), "lies among the articles"),
        ((folder, "-o", folder / "o.tsv", "--unaligned", folder / "o.tsv"), "two outputs"),
        ((folder, "-o", folder / "o.tsv", "--unaligned", folder / "o.meta.json"), "two outputs"),
        ((folder, "-o", folder / "o.tsv", "--unaligned", folder / "left.txt"), "lies among the articles"),
        ((folder, "--lang", "kurier=pl", "--lang", "kurier=de"), "is in pl and in de"),
    ):
        result = align("build", *arguments)
        assert result.returncode == 2
        assert message in result.stderr
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_link_to_itself_is_no_bug(write_files: Write, tmp_path: Path) -> None:
    loop = tmp_path / "loop.tsv"
    loop.symlink_to(loop)
    result = align("build", loop)
    assert result.returncode == 1
    assert "loop.tsv: no such file or folder" in result.stderr
    assert align("build", write_files(STORY), "-o", loop, "--no-keep-results").returncode == 0
    assert not loop.is_symlink()


def test_quiet_says_nothing_of_notes(write_files: Write, tmp_path: Path) -> None:
    folder = write_files({"a.txt": "word " * 2000 + ". And a second. And a third.", "b.txt": STORY["gazette.txt"]})
    loud, quiet = (align("build", folder, "-o", tmp_path / "o.tsv", "--no-keep-results", *q) for q in ((), ("-q",)))
    assert loud.stderr.count("whose ends may count nothing") == 1
    assert quiet.stderr == ""


def test_quiet_says_which_article_could_not_be_read(write_files: Write, tmp_path: Path) -> None:
    folder = write_files({**STORY, "broken.txt": "Zażółć gęślą jaźń. ".encode() * 20 + b"\xff\xfe", "a.jpg": "no text"})
    result = align("build", folder, "-o", tmp_path / "o.tsv", "--no-keep-results", "-q")
    assert result.returncode == 0
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"align: dropped {folder / 'broken.txt'}: ")


def test_names_of_documents_are_shown_as_they_are(write_files: Write, tmp_path: Path) -> None:
    result = align("build", write_files({"a [b] :smile:.txt": STORY["gazette.txt"]}), "-o", tmp_path / "o.tsv")
    assert result.returncode == 0, result.stderr
    assert "a [b] :smile:" in result.stderr


def test_a_language_may_be_stated_in_capitals(write_files: Write, tmp_path: Path) -> None:
    folder, output = write_files(STORY), tmp_path / "o.jsonl"
    assert align("build", folder, "-o", output, "--lang", "kurier=PL", "--lang", "kurier=pl").returncode == 0
    meta = json.loads(output.with_suffix(".meta.json").read_text(encoding="utf-8"))
    assert [document["lang"] for document in meta["documents"]] == ["en", "en", "pl"]
    assert "mt:argos-pl_en" in meta["signature"]


def test_ctrl_c_stops_it() -> None:
    command = [sys.executable, "-m", "align", "translate", "--from", "pl", "--to", "en"]
    heeded = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # which a shell's background jobs do not inherit
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=heeded
    ) as process:
        assert process.stdin
        process.stdin.write("\n" * 1_000_000)  # more than a pipe holds, so it reads, and then waits for the end
        process.stdin.flush()
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
        assert process.stderr
        assert "Traceback" not in process.stderr.read()


@pytest.mark.parametrize("module", ["typer", "align.options", "align.settings"])
def test_ctrl_c_while_the_command_line_is_imported(tmp_path: Path, module: str) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        f"""
import os, signal, sys
class Interrupting:
    def find_spec(self, name, *_):
        if name == "{module}":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
"""
    )
    heeded = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    result = subprocess.run(
        [sys.executable, "-m", "align", "--version"],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])},
        preexec_fn=heeded,
        check=False,
    )
    assert (result.returncode, result.stdout, result.stderr) == (130, b"", b"")


def test_ctrl_c_before_typer_heeds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "app", interrupted)
    before = signal.getsignal(signal.SIGINT)
    try:
        with pytest.raises(SystemExit) as stop:
            main()
    finally:
        signal.signal(signal.SIGINT, before)
    assert stop.value.code == 130


def test_ctrl_c_while_a_library_is_loaded_is_no_bug(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def load() -> None:
        raise ImportError("initialization failed") from KeyboardInterrupt()  # as ctranslate2 does

    monkeypatch.setattr(cli, "app", load)
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert (stop.value.code, capsys.readouterr().err) == (130, "")


def test_stating_the_language_of_a_document_that_is_not_there(write_files: Write) -> None:
    result = align("build", write_files(STORY), "--lang", "nobody=pl", "-o", "-")
    assert result.returncode == 2
    assert "the documents are: gazette, herald, kurier" in result.stderr


def test_one_document_has_nothing_to_align_with(write_files: Write, tmp_path: Path) -> None:
    result = align("build", write_files({"a.txt": STORY["gazette.txt"]}), "-o", tmp_path / "o.tsv")
    assert result.returncode == 0, result.stderr
    assert "is the only document" in result.stderr
    assert "\n0 rows\n" in result.stderr
    assert (tmp_path / "o.tsv").read_text(encoding="utf-8") == "group\tscore\tsize\ta\n"


def test_two_copies_of_one_document_align_sentence_by_sentence(write_files: Write, tmp_path: Path) -> None:
    folder = write_files({"a.txt": STORY["gazette.txt"], "b.txt": STORY["gazette.txt"]})
    result = align("build", folder, "-o", tmp_path / "o.tsv")
    assert result.returncode == 0, result.stderr
    rows = [line.split("\t") for line in (tmp_path / "o.tsv").read_text(encoding="utf-8").splitlines()[1:]]
    assert len(rows) >= 3
    assert all(row[3] == row[4] for row in rows)


def test_a_document_without_letters_says_so(write_files: Write, tmp_path: Path) -> None:
    result = align("build", write_files(STORY | {"figures.txt": "12 34 56.\n\n78!"}), "-o", tmp_path / "o.tsv")
    assert result.returncode == 0, result.stderr
    assert "figures has no letters" in result.stderr


def test_unrelated_articles_share_no_row(write_files: Write, tmp_path: Path) -> None:
    articles: dict[str, str | bytes] = {
        "harbour.txt": str(STORY["gazette.txt"]),
        "cup.txt": (
            "United win the cup\n\nUnited beat Rovers 3-1 in Saturday's final. Anna Berg scored twice for the winners. "
            "The coach said that her players had never been fitter. Some 14 buses had brought supporters to the match."
        ),
        "bank.txt": (
            "The central bank cut its rate to 4 per cent on Thursday. The governor said that prices would rise more "
            "slowly next year. Two of its nine members voted against the cut. Shares gained after the decision."
        ),
    }
    result = align("build", write_files(articles), "-o", tmp_path / "o.tsv")
    assert result.returncode == 0, result.stderr
    assert len((tmp_path / "o.tsv").read_text(encoding="utf-8").splitlines()) == 1


def test_a_large_document(write_files: Write, tmp_path: Path) -> None:
    filler = "Tickets for the summer fair are on sale. The choir rehearses every Thursday in the town hall.\n"
    large = str(STORY["herald.txt"]) + "\n\n" + filler * (5_000_000 // len(filler))
    folder = write_files({"large.txt": large, "gazette.txt": STORY["gazette.txt"]})
    assert (folder / "large.txt").stat().st_size > 4_500_000
    result = align("build", folder, "-o", tmp_path / "o.tsv", "-q")
    assert result.returncode == 0, result.stderr
    assert len((tmp_path / "o.tsv").read_text(encoding="utf-8").splitlines()) >= 3


def test_a_damaged_cache_is_rebuilt(write_files: Write, tmp_path: Path, e5_cache: Path) -> None:
    (tmp_path / "cache").mkdir()
    shutil.copytree(e5_cache, tmp_path / "cache" / "models")
    (tmp_path / "cache" / f"results-{version('align')}.sqlite").write_bytes(b"rubbish" * 1000)
    result = align("build", write_files(STORY), "-o", tmp_path / "o.tsv", "--cache", tmp_path / "cache")
    assert result.returncode == 0, result.stderr
    assert "is damaged" in result.stderr


def test_a_reader_that_stops_early_is_no_bug(write_files: Write) -> None:
    command = f"{sys.executable} -m align build {write_files(STORY)} -o - -q | true"
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert result.stderr == ""


def test_doctor_shows_hashes_and_that_runs_are_offline(tmp_path: Path, e5_cache: Path) -> None:
    (tmp_path / "models").mkdir()
    archive = write_tiny_package(tmp_path / "models", "pl", "en", {"kot": "cat"})
    result = align("doctor", "--models", tmp_path / "models")
    adapter = SEEDS.parent / "models" / "e5-small-adapter.safetensors"
    assert f"{adapter.name} sha256 {digest(adapter)}" in result.stdout
    assert result.returncode == 0, result.stdout
    assert digest(archive) in result.stdout
    assert "offline\tyes" in result.stdout
    assert "e5-small@" in result.stdout


def test_score_compares_a_result_with_gold(write_files: Write, tmp_path: Path) -> None:
    folder = write_files(STORY)
    assert align("build", folder, "-o", tmp_path / "o.jsonl", "-q").returncode == 0
    rows = [json.loads(line) for line in (tmp_path / "o.jsonl").read_text(encoding="utf-8").splitlines()]
    members = [member for row in rows for member in row["members"]]
    sentences = [{"id": i, **{key: m[key] for key in ("doc", "start", "end")}} for i, m in enumerate(members)]
    numbers = iter(range(len(members)))
    groups = [[next(numbers) for _ in row["members"]] for row in rows]
    (tmp_path / "gold.json").write_text(json.dumps({"sentences": sentences, "groups": groups}), encoding="utf-8")
    result = align("score", tmp_path / "gold.json", tmp_path / "o.jsonl")
    assert result.returncode == 0, result.stderr
    assert result.stdout.split("pairs")[1].split()[:3] == ["1.0000"] * 3
    assert align("score", tmp_path / "gold.json").returncode == 2
    missing = align("score", tmp_path / "gold.json", tmp_path / "missing.jsonl")
    assert missing.returncode == 1
    assert "missing.jsonl" in missing.stderr


def test_models_list_and_install(tmp_path: Path) -> None:
    archive = write_tiny_package(tmp_path, "pl", "de", {"kot": "Katze"})
    own = {"ARGOS_PACKAGES_DIR": str(tmp_path / "argos")}
    assert align("models", "install", archive, variables=own).returncode == 0
    listed = align("models", "list", variables=own).stdout.splitlines()
    assert listed[0].split("\t") == ["from", "to", "version", "origin", "sha256", "path"]
    assert ["pl", "de", "1.0", "installed"] in [line.split("\t")[:4] for line in listed]
    (tmp_path / "mine" / "broken").mkdir(parents=True)
    (tmp_path / "mine" / "broken" / "metadata.json").write_text('{"from_code": "cs", "to_code": "en"}')
    with_damaged = align("models", "list", "--models", tmp_path / "mine", variables=own)
    assert with_damaged.returncode == 0
    assert "broken: not a usable Argos package" in with_damaged.stderr
    rows = [line.split("\t") for line in with_damaged.stdout.splitlines()]
    assert ["cs", "en", "", "--models", "damaged"] in [row[:5] for row in rows]
    assert ["pl", "de", "1.0", "installed"] in [row[:4] for row in rows]


@pytest.mark.parametrize(
    ("content", "message"), [("[1]", "should contain a dictionary): put them right"), ('{"ARGOS', "Error decoding")]
)
def test_what_is_wrong_with_the_settings_of_argos_is_said(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "argos-translate").mkdir()
    (tmp_path / "argos-translate" / "settings.json").write_text(content)
    result = align("models", "list", variables={"XDG_CONFIG_HOME": str(tmp_path)})
    assert result.returncode == 0, result.stderr
    assert message in result.stderr
    header, *rows = [line.split("\t") for line in result.stdout.splitlines()]
    assert header[0] == "from"
    assert [row[3] for row in rows] == ["shipped"]


def test_without_a_home_to_write_in_the_shipped_package_translates(tmp_path: Path) -> None:
    bare = dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"), "/proc/1")
    article = tmp_path / "lines.txt"
    article.write_text("Most jest zamknięty.", encoding="utf-8")
    result = align(
        "translate", "--from", "pl", "--to", "en", article, variables={**bare, "ALIGN_CACHE": str(tmp_path / "cache")}
    )
    assert (result.returncode, result.stdout) == (0, "The bridge is closed.\n")
    assert "Argos' folders cannot be made" in result.stderr


@pytest.mark.parametrize("arguments", [["--version"], ["models", "list"], ["build", "--help"]])
def test_a_full_disk_is_no_bug(arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        result = subprocess.run([sys.executable, "-m", "align", *arguments], stdout=full, stderr=subprocess.PIPE)
    assert result.returncode == 1
    assert result.stderr.decode() == "align: error: standard output: cannot be written (No space left on device)\n"


def test_a_closed_standard_output_is_no_bug() -> None:
    result = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m align --version >&-"], capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_a_closed_standard_error_is_no_bug(write_files: Write, tmp_path: Path) -> None:
    command = f"{sys.executable} -m align build {write_files(STORY)} -o {tmp_path / 'o.tsv'} 2>&-"
    assert subprocess.run(["sh", "-c", command], stdout=subprocess.DEVNULL, check=False).returncode == 0
    assert (tmp_path / "o.tsv").exists()


def test_a_corpus_for_a_closed_standard_output_is_an_error(write_files: Write) -> None:
    command = f"{sys.executable} -m align build {write_files(STORY)} -o - -q >&-"
    result = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert result.stderr == "align: error: standard output: cannot be written (it is closed)\n"
    assert result.returncode == 1


def test_help_and_version() -> None:
    assert align("--version").stdout.startswith("align ")
    for command in ("build", "translate", "models", "doctor", "score"):
        assert align(command, "--help").returncode == 0


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shell_completion(shell: str) -> None:
    result = align("--show-completion", shell, variables={"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"})
    assert result.returncode == 0, result.stderr
    assert "ALIGN_COMPLETE" in result.stdout
