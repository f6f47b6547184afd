"""Read articles: files and folders in, documents with decoded text out.

Offsets everywhere count characters of the text as it stands in the file, so a
byte-order mark is removed and nothing else is touched: no newline translation,
no Unicode normalisation.
"""

from __future__ import annotations

import codecs
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from align.data import Document
from align.errors import InputError

STDIN = "-"
TEXT_SUFFIXES = frozenset({".txt", ".text", ".md", ""})
"""What is read from a folder; a file named by itself is read whatever its suffix."""

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\v\f\r\x1b")


def read_documents(paths: Sequence[str | Path]) -> tuple[list[Document], dict[str, str]]:
    """The documents at `paths`, sorted by id, and what was dropped: path -> reason.

    A folder is searched for text files, recursively; "-" is standard input.
    A file that cannot be used is dropped with its reason when it was found in
    a folder, and an error when it was named.

    Raises:
        InputError: a path is missing, a named file is not text, or nothing is left to read.
    """
    dropped: dict[str, str] = {}
    documents: list[Document] = []
    for path, named in _files(paths, dropped):
        try:
            text, encoding = decode(_bytes_of(path))
        except InputError as exc:
            if named:
                raise InputError(f"{path}: {exc}") from exc
            dropped[str(path)] = str(exc)
            continue
        if text.strip():
            documents.append(Document(str(path), text, str(path), encoding))
        else:
            dropped[str(path)] = "empty"
    if not documents:
        found = "; ".join(f"{path}: {reason}" for path, reason in sorted(dropped.items())[:5]) or "no file"
        raise InputError(f"no text found in {', '.join(map(str, paths))} ({found}): name a folder of .txt articles")
    return _with_ids(documents), dropped


def read_lines(path: str | Path) -> list[str]:
    """The lines of a text file, or of standard input ("-"), without their ends.

    Raises:
        InputError: the file is missing or not text.
    """
    try:
        text, _ = decode(_bytes_of(Path(path)))
    except InputError as exc:
        raise InputError(f"{path}: {exc}") from exc
    return text.replace("\r\n", "\n").removesuffix("\n").split("\n")


def decode(data: bytes) -> tuple[str, str]:
    """The text in `data` without its byte-order mark, and the encoding's name.

    UTF-8 (or, with a mark, UTF-16 or UTF-32) is taken at its word; anything
    else is recognised by uchardet (package faust-cchardet).

    Raises:
        InputError: `data` is binary, or in no encoding that could be recognised.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _decode_as(data[len(mark) :], encoding), encoding
    if any(data.count(code) for code in _CONTROLS):
        raise InputError("binary, not text")
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as not_utf8:
        import cchardet

        guess = cchardet.detect(data)["encoding"]
        if guess is None or guess.upper().startswith(("UTF-8", "ASCII")):
            line = data.count(b"\n", 0, not_utf8.start) + 1
            raise InputError(f"line {line}: not UTF-8, nor another known encoding; convert it to UTF-8") from not_utf8
    encoding = codecs.lookup(guess).name
    return _decode_as(data, encoding), encoding


def _decode_as(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError) as exc:
        raise InputError(f"not valid {encoding} ({exc}); convert it to UTF-8") from exc


def _files(paths: Sequence[str | Path], dropped: dict[str, str]) -> Iterator[tuple[Path, bool]]:
    """Each file once, and whether it was named rather than found in a folder."""
    seen: set[Path] = set()
    for path in map(Path, paths):
        if str(path) == STDIN:
            found: Iterable[Path] = [path]
        elif path.is_dir():
            found = sorted(p for p in path.rglob("*") if p.is_file() and not _hidden(p.relative_to(path)))
        elif path.exists():
            found = [path]
        else:
            raise InputError(f"{path}: no such file or folder")
        for file in found:
            named = file == path
            if file.resolve() in seen:
                continue
            seen.add(file.resolve())
            if named or file.suffix.lower() in TEXT_SUFFIXES:
                yield file, named
            else:
                dropped[str(file)] = (
                    f"not read: {file.suffix} is not a suffix of text (name the file to read it anyway)"
                )


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _bytes_of(path: Path) -> bytes:
    if str(path) == STDIN:
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except OSError as exc:
        raise InputError(f"cannot be read: {exc.strerror}") from exc


def _with_ids(documents: list[Document]) -> list[Document]:
    """Give every document the shortest id that tells it apart: its stem, else folder/stem, and so on up."""
    names = {document.path: _names(document.path) for document in documents}
    ids = dict.fromkeys(names, 0)  # how far along its names each document has moved
    while True:
        counts = Counter(names[path][level] for path, level in ids.items())
        clashing = [p for p, level in ids.items() if counts[names[p][level]] > 1 and level + 1 < len(names[p])]
        if not clashing:
            break
        for path in clashing:
            ids[path] += 1
    named = [Document(names[d.path][ids[d.path]], d.text, d.path, d.encoding, d.lang) for d in documents]
    return sorted(named, key=lambda document: document.id)


def _names(path: str) -> list[str]:
    """Names for a document, shortest first; the last, its whole path, is unique."""
    if path == STDIN:
        return ["stdin"]
    parts = Path(path).resolve().parts
    stem = Path(path).stem
    return [stem, *("/".join([*parts[-n:-1], stem]) for n in range(2, len(parts))), "/".join(parts)]
