"""Output files: checks that can be made before any work is done, and the atomic writing of lines.

A path is text; "-" is standard output. Beside a corpus `NAME.tsv` or `NAME.jsonl` lies `NAME.meta.json`.
"""

from __future__ import annotations

import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from align.data import TEXT_SUFFIXES, Corpus, place_of
from align.errors import OutputError, SettingsError

STDOUT = "-"


def meta_path(path: str) -> str:
    """The file that says of the corpus at `path` how it came about."""
    return str(Path(path).with_suffix(".meta.json"))


def written_by(outputs: Sequence[str], unaligned: str | None) -> list[str]:
    """All that a run writes: these, and the files beside the `outputs`."""
    metas = {place_of(meta_path(path)) for path in outputs if path != STDOUT}
    return [*outputs, *([] if unaligned is None else [unaligned]), *map(str, sorted(metas))]


def without_own(corpus: Corpus, paths: Sequence[str]) -> Corpus:
    """The corpus, with nothing said of files among the articles that an earlier run has written to these paths."""
    own = set(map(_leads_to, paths))
    return replace(corpus, dropped={path: why for path, why in corpus.dropped.items() if place_of(path) not in own})


def check_places(paths: Sequence[str], inputs: Sequence[str]) -> None:
    """Find out whether something can be written to each of the paths without loss.

    Raises:
        SettingsError: two are one file, or one is among the articles at `inputs`.
        OutputError: one is a folder, or its folder is missing or takes no file.
    """
    articles = set(map(_leads_to, inputs))
    seen: set[Path | None] = set()
    for path in paths:
        place = _leads_to(path)
        if place:
            _check_place(path)
        if place in seen:
            raise SettingsError(f"{path}: two outputs would be written there; give each a file of its own")
        seen.add(place)
        above = place.parents if place and place.suffix.lower() in TEXT_SUFFIXES else ()
        if place and not articles.isdisjoint([place, *above]):
            raise SettingsError(f"{path}: lies among the articles; write it somewhere else")


def _leads_to(path: str) -> Path | None:
    """The file that a path leads to; none for "-", which is not the file of that name."""
    return None if path == STDOUT else place_of(path)


def _check_place(path: str) -> None:
    """Raise an OutputError if `path` is a folder, has none to lie in, or has one that takes no file."""
    try:
        if Path(path).is_dir():
            raise OutputError(f"{path}: is a folder; name a file")
        if not Path(path).parent.is_dir():
            raise OutputError(f"{path}: cannot be written: there is no folder {Path(path).parent}; make it first")
        target, replaces = _target(path)
        if replaces:
            with tempfile.TemporaryFile(dir=target.parent):
                pass
    except OSError as exc:
        raise OutputError(f"{path}: cannot be written ({exc.strerror}); name a file elsewhere") from exc


def _target(path: str) -> tuple[Path, bool]:
    """Where lines for `path` go, and whether a file is put there: a pipe such as /dev/fd/63 leads to no place."""
    place = Path(path)
    replaces = place.is_file() or not place.exists()
    return place_of(path) if replaces else place, replaces


def write_lines(path: str, lines: Iterable[str]) -> None:
    """Write `lines` to `path`, or "-"; a file keeps what it held until all of them are written.

    Raises:
        OutputError: it cannot be written.
    """
    if path == STDOUT:
        _print_lines(lines)
        return
    place, replaces = _target(path)
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
