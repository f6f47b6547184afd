import io
import os
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from align.errors import InputError
from align.reader import decode, read_documents, read_lines

POLISH = "Żółta łódź płynęła ku ujściu rzeki, a dźwięk dzwonów niósł się daleko. Wójt źle spał tej nocy."
CZECH = "Příliš mnoho lidí čekalo na nádraží, řekl ředitel železnice. Vlaky přijely pozdě."

Write = Callable[[dict[str, str | bytes]], Path]


@pytest.mark.parametrize("text", [POLISH, CZECH])
@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16-le"),
        ("utf-32", "utf-32-le"),
        ("cp1250", "cp1250"),
        ("iso8859-2", "iso8859-2"),
    ],
)
def test_decode_knows_encodings(text: str, codec: str, name: str) -> None:
    assert decode(text.encode(codec)) == (text, name)


def test_decode_utf16_big_endian() -> None:
    assert decode(b"\xfe\xff" + POLISH.encode("utf-16-be")) == (POLISH, "utf-16-be")


def test_decode_changes_nothing_but_the_mark() -> None:
    text = "One.\r\nTwo\u00a0three.\n\n\tE\u0301nd. \u2028 x"
    assert decode(b"\xef\xbb\xbf" + text.encode()) == (text, "utf-8")


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", bytes(range(256)), b"\xff\xfe\x00"])
def test_decode_refuses_what_is_not_text(data: bytes) -> None:
    with pytest.raises(InputError):
        decode(data)


@pytest.mark.parametrize("wrong", [b"\xff", "é".encode("latin-1")])
def test_a_wrong_byte_in_utf8_is_said_and_not_taken_for_another_encoding(wrong: bytes) -> None:
    data = f"{POLISH}\n{POLISH}".encode() + wrong
    with pytest.raises(InputError, match=f"line 2, byte {len(POLISH.encode()) + 1}: not UTF-8"):
        decode(data)


def test_what_is_named_is_read_though_its_folder_is_too(write_files: Write) -> None:
    folder = write_files({"page.html": "Named.", "a.txt": "Found."})
    for paths in ([folder, folder / "page.html"], [folder / "page.html", folder]):
        documents, dropped = read_documents(paths)
        assert [d.id for d in documents] == ["a", "page"]
        assert dropped == {}


def test_no_document_has_the_name_of_a_column(write_files: Write) -> None:
    folder = write_files({"group.txt": "The bridge is closed.", "names": "Nobody knows why.", "wire.txt": "It rains."})
    documents, _ = read_documents([folder])
    assert [document.id for document in documents] == [f"{folder.name}/names", "group.txt", "wire"]


def test_no_document_has_the_name_of_anothers_translations(write_files: Write) -> None:
    folder = write_files({"a.txt": "It rains.", "a@en.txt": "The bridge is closed.", "b@en.txt": "Nobody knows why."})
    documents, _ = read_documents([folder])
    assert [document.id for document in documents] == ["a", "a@en.txt", "b@en"]


def test_ids_name_no_folder_that_they_need_not(write_files: Write) -> None:
    documents, _ = read_documents([write_files({"same": "1.", "same.md": "2.", "same.txt": "3."})])
    assert [d.id for d in documents] == ["same", "same.md", "same.txt"]


def test_a_link_has_its_own_name(write_files: Write) -> None:
    folder = write_files({"there": "Text."})
    (folder / "link.txt").symlink_to(folder / "there")
    documents, _ = read_documents([folder / "link.txt"])
    assert [d.id for d in documents] == ["link"]


@pytest.mark.parametrize(
    ("text", "recognised", "encoding"),
    [
        ("Oberau’daki köprü “yarın” açılıyor.", "ISO-8859-9", "cp1254"),
        ("Міст у місті Орля знову відкрили, її жителі зраділи.", "KOI8-R", "koi8-u"),
    ],
)
def test_what_is_recognised_as_a_narrower_encoding_is_read_whole(
    monkeypatch: pytest.MonkeyPatch, text: str, recognised: str, encoding: str
) -> None:
    monkeypatch.setattr("cchardet.detect", lambda _: {"encoding": recognised})
    assert decode(text.encode(encoding)) == (text, encoding)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1257", "Ministrs ieradās trešdien un teica: „Paldies” prezidentam, kurš viņu gaidīja kopš rīta."),
        ("iso8859-13", "Ministrs ieradās trešdien un teica: „Paldies” prezidentam, kurš viņu gaidīja kopš rīta."),
        ("cp874", "รัฐมนตรีเดินทางมาถึงในวันพุธ “ขอบคุณ”"),
    ],
)
def test_quotes_of_windows_are_read(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)) == (text, encoding)


def test_what_has_control_characters_in_the_encoding_recognised_is_in_another() -> None:
    with pytest.raises(InputError, match="cannot be read as iso8859-2"):
        decode("Le ministre était à l’hôtel, où il a été reçu.".encode("mac-roman"))


def test_a_control_character_is_said_with_its_line() -> None:
    with pytest.raises(InputError, match=r"binary, not text \('\\x00' in line 2\): save it as plain text"):
        decode(b"One line.\nAnother\0 line.\n")


def test_ids_are_composed_as_they_are_typed(write_files: Write) -> None:
    names = [unicodedata.normalize(form, "łódź.txt") for form in ("NFC", "NFD")]
    folder = write_files({names[1]: "A."})
    assert [d.id for d in read_documents([folder])[0]] == ["łódź"]
    folder = write_files({names[0]: "B."})
    assert len({d.id for d in read_documents([folder])[0]}) == 2


def test_an_encoding_that_python_lacks_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cchardet.detect", lambda _: {"encoding": "EUC-TW"})
    with pytest.raises(InputError, match="cannot be read as EUC-TW"):
        decode(b"\xff\xa4\xa1")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_latin_text_in_utf_16_needs_no_mark(encoding: str) -> None:
    assert decode("Zażółć gęślą jaźń.\n".encode(encoding)) == ("Zażółć gęślą jaźń.\n", encoding)


def test_escape_codes_are_not_text() -> None:
    with pytest.raises(InputError, match="binary"):
        decode("今日は。橋は閉じられた。".encode("iso2022_jp"))
    with pytest.raises(InputError, match="binary"):
        decode("\ufeffNothing\0 to read".encode("utf-16-le"))


def test_documents_are_sorted_by_id_whatever_the_order_of_paths(write_files: Write) -> None:
    folder = write_files({"b.txt": "B.", "a.txt": "A.", "sub/c.txt": "C."})
    paths = [folder / "sub", folder / "b.txt", folder / "a.txt"]
    first, _ = read_documents(paths)
    second, _ = read_documents(paths[::-1])
    assert first == second
    assert [document.id for document in first] == ["a", "b", "c"]


def test_equal_stems_get_their_folders_before_them(write_files: Write) -> None:
    folder = write_files({"x/same.txt": "1.", "y/same.txt": "2.", "y/other.txt": "3.", "z/y/same.txt": "4."})
    documents, _ = read_documents([folder])
    assert {d.id: d.text for d in documents} == {
        "x/same": "1.",
        "articles/y/same": "2.",
        "other": "3.",
        "z/y/same": "4.",
    }


def test_a_file_named_twice_is_read_once(write_files: Write) -> None:
    folder = write_files({"a.txt": "A."})
    documents, _ = read_documents([folder, folder / "a.txt"])
    assert len(documents) == 1


def test_a_folder_reports_what_it_drops(write_files: Write) -> None:
    folder = write_files(
        {"a.txt": "A.", "empty.txt": " \n", "photo.jpg": b"\xff\xd8", "bad.txt": b"\x00\x01", ".hidden.txt": "H."}
    )
    documents, dropped = read_documents([folder])
    assert [document.id for document in documents] == ["a"]
    reasons = {Path(path).name: reason for path, reason in dropped.items()}
    assert set(reasons) == {"empty.txt", "photo.jpg", "bad.txt"}
    assert reasons["empty.txt"] == "empty"
    assert ".jpg" in reasons["photo.jpg"]
    assert "binary" in reasons["bad.txt"]


def test_a_named_file_is_read_whatever_its_suffix(write_files: Write) -> None:
    folder = write_files({"article.news": "A."})
    documents, _ = read_documents([folder / "article.news"])
    assert documents[0].text == "A."


def test_a_named_file_that_is_no_text_is_an_error(write_files: Write) -> None:
    folder = write_files({"a.txt": b"\x00\x01"})
    with pytest.raises(InputError, match=r"a\.txt: binary"):
        read_documents([folder / "a.txt"])


@pytest.mark.parametrize("files", [{}, {"empty.txt": ""}, {"photo.jpg": b"\xff\xd8"}])
def test_nothing_to_read_is_an_error(write_files: Write, files: dict[str, str | bytes]) -> None:
    with pytest.raises(InputError, match="no text found"):
        read_documents([write_files(files)])


def test_a_missing_path_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file or folder"):
        read_documents([tmp_path / "missing"])


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("Zażółć.".encode())))
    documents, _ = read_documents(["-"])
    assert [(d.id, d.text) for d in documents] == [("stdin", "Zażółć.")]


def test_standard_input_may_be_a_string(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("Zażółć."))
    documents, _ = read_documents(["-"])
    assert documents[0].text == "Zażółć."


def test_a_file_may_be_called_as_standard_input_is(write_files: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(write_files({"-": "Read the file.", "b.txt": "B."}))
    monkeypatch.setattr("sys.stdin", None)
    for paths in (["./-", "b.txt"], ["."]):
        documents, _ = read_documents(paths)
        assert [(d.path, d.text) for d in documents] == [("./-", "Read the file."), ("b.txt", "B.")]
    assert read_lines("./-") == ["Read the file."]
    monkeypatch.setattr("sys.stdin", io.StringIO("Typed."))
    documents, _ = read_documents(["-", "./-"])
    assert {d.path: d.text for d in documents} == {"-": "Typed.", "./-": "Read the file."}


def test_read_lines(write_files: Write) -> None:
    folder = write_files({"a.txt": "one\r\n\r\nthree\n"})
    assert read_lines(folder / "a.txt") == ["one", "", "three"]


def test_a_path_that_cannot_be_is_an_error_of_ours() -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_documents(["a" * 300])


def test_a_folder_that_cannot_be_looked_into_is_reported(write_files: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_files({"a.txt": "A.", "closed/b.txt": "B."})
    scan = os.scandir

    def refuse(path: str) -> object:  # root, who may run the tests, may look into any
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    documents, dropped = read_documents([folder])
    assert [d.id for d in documents] == ["a"]
    assert dropped == {str(folder / "closed"): "cannot be read: Permission denied"}


def test_what_cannot_be_seen_is_empty(write_files: Write) -> None:
    _, dropped = read_documents([write_files({"a.txt": "A.", "b.txt": "\u200b\n"})])
    assert list(dropped.values()) == ["empty"]


@pytest.mark.parametrize("paths", [Path("a"), "a", None, [b"a"], [], ["a", ""]])
def test_what_is_no_list_of_paths_is_refused(paths: object) -> None:
    with pytest.raises(InputError, match="list of files"):
        read_documents(paths)  # type: ignore[arg-type]


def test_paths_may_come_one_by_one(write_files: Write) -> None:
    documents, _ = read_documents(write_files({"a.txt": "A.", "b.txt": "B."}).glob("*.txt"))
    assert [d.id for d in documents] == ["a", "b"]


def test_names_that_differ_in_white_space_stay_apart(write_files: Write) -> None:
    documents, _ = read_documents([write_files({"a  b.txt": "A.", "a b.txt": "B.", "a\tb.txt": "C."})])
    assert sorted(d.id for d in documents) == ["a b", "a\\x09b", "a\\x20\\x20b"]


@pytest.mark.parametrize("names", [("a\tb", "a\\x09b"), ("a  28", "a \u2028"), ("\udcff", "\\udcff")])
def test_names_that_look_like_escapes_stay_apart(write_files: Write, names: tuple[str, str]) -> None:
    documents, _ = read_documents([write_files({f"{name}.txt": "A." for name in names})])
    assert len({d.id for d in documents}) == 2
    assert all(d.id.isprintable() and len(d.id.splitlines()) == 1 for d in documents)


def test_links_to_folders_and_to_nothing_are_reported(write_files: Write) -> None:
    folder = write_files({"a.txt": "A.", "../elsewhere/b.txt": "B."})
    (folder / "linked").symlink_to(folder.parent / "elsewhere")
    (folder / "broken.txt").symlink_to(folder / "nothing")
    documents, dropped = read_documents([folder])
    assert [d.id for d in documents] == ["a"]
    assert set(dropped) == {str(folder / "linked"), str(folder / "broken.txt")}
