"""Read articles: files and folders in, documents with decoded text out.

Offsets everywhere count characters of the text as it stands in the file, so a
byte-order mark is removed and nothing else is touched: no newline translation,
no Unicode normalisation.
"""

from __future__ import annotations

import codecs
import os
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from align.data import COLUMNS, PASSED_OVER, TEXT_SUFFIXES, Document, place_of
from align.errors import InputError
from align.settings import is_language_code
from align.text import is_blank, lines_of

STDIN = "-"
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDER = {"iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-13": "cp1257", "koi8-r": "koi8-u", "tis-620": "cp874"}
"""What a text is read as, if it can be, where its encoding was recognised as a narrower one."""
_CONTROL = re.compile(r"[\0-\x08\x0e-\x1f]")
_UNASSIGNED = re.compile(r"[\x80-\x9f]")  # control characters in encodings of one byte, which show that it is another
_TO_ESCAPE = re.compile(r"\s{2,}|[^\S ]|^\s|\s$|\\|[\u202a-\u202e\u2066-\u2069]")


def read_documents(paths: Iterable[str | Path]) -> tuple[list[Document], dict[str, str]]:
    """The documents at `paths`, sorted by id, and what was dropped: path -> reason.

    A folder is searched for text files, recursively; "-" is standard input, and `./-` a file of that name.
    An empty file is dropped; one that is not text is dropped with its reason
    when it was found in a folder, and an error when it was named.

    Raises:
        InputError: a path is missing, a named file is not text, or nothing is left to read.
    """
    given = [] if isinstance(paths, (str, bytes, Path)) or not isinstance(paths, Iterable) else list(paths)
    if not given or "" in given or not all(isinstance(path, (str, Path)) for path in given):
        raise InputError("give a list of files and folders, none of them empty")
    dropped: dict[str, str] = {}
    documents: list[Document] = []
    for path, named in _files(given, dropped):
        shown = _shown(path)
        try:
            text, encoding = decode(_bytes_of(path))
        except InputError as exc:
            if named:
                raise InputError(f"{shown}: {exc}") from exc
            dropped[shown] = str(exc)
            continue
        if not is_blank(text):
            documents.append(Document(shown, text, shown, encoding))
        else:
            dropped[shown] = "empty"
    if not documents:
        found = "; ".join(f"{path}: {reason}" for path, reason in sorted(dropped.items())[:5]) or "no file"
        raise InputError(f"no text found in {', '.join(map(str, given))} ({found}): name a folder of .txt articles")
    return _with_ids(documents), dropped


def read_lines(path: str | Path) -> list[str]:
    """The lines of a text file, or of standard input ("-"), without their ends.

    Raises:
        InputError: the file is missing or not text.
    """
    try:
        text, _ = decode(_bytes_of(path if path == STDIN else Path(path)))
    except InputError as exc:
        raise InputError(f"{path}: {exc}") from exc
    return [line.removesuffix("\r") for line in lines_of(text)] if text else []


def decode(data: bytes) -> tuple[str, str]:
    """The text in `data` without its byte-order mark, and the encoding's name.

    UTF-8 (or, with a mark, UTF-16 or UTF-32) is taken at its word; Latin text in
    UTF-16 is known without a mark; anything else is recognised by uchardet (package faust-cchardet). No text holds
    control characters.

    Raises:
        InputError: `data` is binary, or in no encoding that could be recognised.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            try:
                return _without_controls(data[len(mark) :].decode(encoding)), encoding
            except UnicodeDecodeError as exc:
                raise InputError(f"cannot be read as {encoding} ({exc}); convert it to UTF-8") from exc
    if b"\0" in data and (found := _as_utf_16(data)):
        return found
    _without_controls(data.decode("latin-1"))  # as which any bytes can be read
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as exc:
        return _recognised(data, exc)


def _as_utf_16(data: bytes) -> tuple[str, str] | None:
    """What lacks a byte-order mark, as UTF-16 where that gives Latin text, and the encoding's name."""
    for encoding in ("utf-16-le", "utf-16-be"):
        with suppress(UnicodeDecodeError):
            text = data.decode(encoding)
            basic = sum(character < "\x7f" for character in text)
            if basic > len(text) / 2 and not _CONTROL.search(text):
                return text, encoding
    return None


def _without_controls(text: str) -> str:
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise InputError(f"binary, not text ({found[0]!r} in line {line}): save it as plain text, or leave it out")
    return text


def _recognised(data: bytes, not_utf8: UnicodeDecodeError) -> tuple[str, str]:
    """What is not UTF-8, in the encoding that it looks most like, and the encoding's name."""
    import cchardet

    text = data.decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    damaged = sum(character > "\x7f" for character in text) > 2 * wrong  # UTF-8 but for a few bytes
    guess = cchardet.detect(data)["encoding"]
    if damaged or guess is None or guess.upper().startswith(("UTF-8", "ASCII")):
        line = data.count(b"\n", 0, not_utf8.start) + 1
        byte = not_utf8.start - data.rfind(b"\n", 0, not_utf8.start)
        raise InputError(
            f"line {line}, byte {byte}: not UTF-8, nor another known encoding; convert it to UTF-8"
        ) from not_utf8
    try:
        guess = codecs.lookup(guess).name
    except LookupError as exc:
        raise InputError(f"cannot be read as {guess} ({exc}); convert it to UTF-8") from exc
    for encoding in (_WIDER.get(guess, guess), guess):
        with suppress(UnicodeDecodeError):
            text = data.decode(encoding)
            if not _UNASSIGNED.search(text):
                return text, encoding
    raise InputError(f"cannot be read as {guess}, which it looks most like; convert it to UTF-8") from not_utf8


def _files(paths: Sequence[str | Path], dropped: dict[str, str]) -> Iterator[tuple[str | Path, bool]]:
    """Standard input, if it is among the paths, and each file once; with whether it was named or found in a folder."""
    if STDIN in paths:
        yield STDIN, True
    found: dict[Path, tuple[Path, bool]] = {}
    places = [(path, _files_at(path, dropped)) for path in sorted({Path(path) for path in paths if path != STDIN})]
    for path, files in sorted(places, key=lambda place: place[1] != [place[0]]):  # what is named comes first
        for file in files:
            found.setdefault(place_of(file), (file, file == path))
    for file, named in found.values():
        if named or file.suffix.lower() in TEXT_SUFFIXES:
            yield file, named
        else:
            dropped[str(file)] = (
                f"{PASSED_OVER}: {file.suffix} is not a suffix of text (name the file to read it anyway)"
            )


def _files_at(path: Path, dropped: dict[str, str]) -> list[Path]:
    """The file, or the files in the folder and in those below it that are not hidden."""
    try:
        if path.is_dir():
            return sorted(_files_below(path, dropped))
        if path.exists():
            return [path]
    except OSError as exc:
        raise InputError(f"{path}: cannot be read: {exc.strerror}") from exc
    raise InputError(f"{path}: no such file or folder")


def _files_below(folder: Path, dropped: dict[str, str]) -> Iterator[Path]:
    def drop(exc: OSError) -> None:
        dropped[str(exc.filename)] = f"cannot be read: {exc.strerror}"

    for place, folders, names in os.walk(folder, onerror=drop):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for link in (Path(place, name) for name in folders if Path(place, name).is_symlink()):
            dropped[str(link)] = f"{PASSED_OVER}: a link to a folder (name it to read what is there)"
        for file in (Path(place, name) for name in names if not name.startswith(".")):
            try:
                if file.is_file():
                    yield file
                else:
                    dropped[str(file)] = f"{PASSED_OVER}: no file, or a link to none"
            except OSError as exc:
                drop(exc)


def _shown(path: str | Path) -> str:
    """The path as text, of which "-" is standard input and no file of that name."""
    return "./-" if path == Path(STDIN) else str(path)


def _bytes_of(path: str | Path) -> bytes:
    if path == STDIN:
        if sys.stdin is None:
            raise InputError("standard input is closed")
        buffer = getattr(sys.stdin, "buffer", None)  # a notebook or a test may have put something else there
        return buffer.read() if buffer else sys.stdin.read().encode("utf-8", "surrogatepass")
    try:
        return Path(path).read_bytes()
    except OSError as exc:
        raise InputError(f"cannot be read: {exc.strerror}") from exc


def _with_ids(documents: list[Document]) -> list[Document]:
    """Give every document the shortest id that tells it apart: its stem, else its name, folder/stem, and so on up."""
    names = {document.path: _names(document.path) for document in documents}
    ids = dict.fromkeys(names, 0)  # how far along its names each document has moved
    while True:
        counts = Counter(names[path][level] for path, level in ids.items())
        taken = {name for name, count in counts.items() if count > 1} | COLUMNS
        taken |= {name for name in counts if _is_translation(name, counts)}
        clashing = [p for p, level in ids.items() if names[p][level] in taken and level + 1 < len(names[p])]
        if not clashing:
            break
        for path in clashing:
            ids[path] += 1
    named = [replace(document, id=names[document.path][ids[document.path]]) for document in documents]
    return sorted(named, key=lambda document: document.id)


def _is_translation(name: str, others: Container[str]) -> bool:
    """Whether a column for the translation of one of the others may have this name."""
    document, _, lang = name.rpartition("@")
    return document in others and is_language_code(lang)


def _names(path: str) -> list[str]:
    """Names for a document, shortest first; the last, its whole path, is unique."""
    if path == STDIN:
        return ["stdin"]
    file, folder = Path(path), place_of(Path(path).parent)
    above = folder.parts[1:]
    names = [file.stem, file.name, *("/".join([*above[-n:], file.stem]) for n in range(1, len(above) + 1))]
    composed = [unicodedata.normalize("NFC", name) for name in names]  # as it is typed, whatever the disk has
    return [_printable(name) for name in [*composed, str(folder / file.name)]]


def _printable(name: str) -> str:
    """`name` in what UTF-8 can say, on one line, white space but a space between words escaped, no two names alike."""
    escaped = _TO_ESCAPE.sub(lambda found: "".join(map(_escape, found[0])), name)
    return escaped.encode("utf-8", "backslashreplace").decode()


def _escape(character: str) -> str:
    return f"\\x{ord(character):02x}" if character <= "\xff" else f"\\u{ord(character):04x}"
