"""What is kept on disk between runs, safe to share between processes.

Translations and vectors are kept by the hash of what they were made from, in
one SQLite file. It is only a cache: if anything is wrong with it, the work is
done again. Built models and unpacked packages are folders (`building`).
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

log = logging.getLogger(__name__)

_BATCH = 500  # keys a query, under SQLite's limit on variables
_CHUNK = 2048  # values computed before they are kept
_BUILDING = ".building-"  # how the names of folders begin that are not whole yet
_DAY = 86_400  # seconds; no build takes as long

Report = Callable[[int, int], None]
"""Called with how much is done, and how much there is."""

Done = Callable[[int], None]
"""Called with how many more are done."""


class Store:
    """Byte strings by key, in the SQLite file at `path`; None keeps nothing."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._connection = self._open() if path else None

    def _open(self, damage: sqlite3.DatabaseError | None = None) -> sqlite3.Connection | None:
        """The file, or an empty one in its place if it is damaged; None, with a warning, if it cannot be used."""
        assert self._path is not None
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if damage is None:
                try:
                    return _connect(self._path)
                except sqlite3.DatabaseError as exc:
                    damage = exc
            if isinstance(damage, sqlite3.OperationalError):  # read-only, locked, no space: leave it as it is
                raise damage
            log.warning("cache %s is damaged (%s) and is rebuilt", self._path, damage)
            for suffix in ("", "-journal"):
                Path(f"{self._path}{suffix}").unlink(missing_ok=True)
            return _connect(self._path)
        except (sqlite3.DatabaseError, OSError) as exc:
            log.warning("cache %s is not used: %s", self._path, exc)
            return None

    def get(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The values of those `keys` that are there, undamaged; never raises, for results can be had anew."""
        found: dict[bytes, bytes] = {}
        if self._connection is None:
            return found
        try:
            for at in range(0, len(keys), _BATCH):
                batch = keys[at : at + _BATCH]
                marks = ",".join("?" * len(batch))
                query = f"SELECT key, value FROM store WHERE key IN ({marks})"  # noqa: S608 (only question marks)
                rows = self._connection.execute(query, batch)
                found.update((key, value[8:]) for key, value in rows if value[:8] == _sum(value[8:]))
        except sqlite3.DatabaseError as exc:
            self._recover(exc)
            return {}
        return found

    def put(self, items: Mapping[bytes, bytes]) -> None:
        """Keep `items` if that can be done; never raises."""
        if self._connection is None:
            return
        rows = [(key, _sum(value) + value) for key, value in items.items()]
        try:
            with self._connection:
                self._connection.executemany("INSERT OR REPLACE INTO store VALUES (?, ?)", rows)
        except sqlite3.DatabaseError as exc:
            self._recover(exc)

    def _recover(self, exc: sqlite3.DatabaseError) -> None:
        """Damage that showed only now: start an empty store; anything else: do without."""
        assert self._connection is not None
        self._connection.close()
        self._connection = self._open(exc)

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=10)
    try:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("CREATE TABLE IF NOT EXISTS store (key BLOB PRIMARY KEY, value BLOB NOT NULL)")
        connection.execute("SELECT key, value FROM store LIMIT 1").fetchall()
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


def key(*parts: str) -> bytes:
    """The key of a value made from `parts`: who made it, with which settings, from which text."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).digest()


class Tally:
    """Adds up what is done, and passes it on with how much there is."""

    def __init__(self, report: Report | None, total: int) -> None:
        self._report, self._done, self._total = report, 0, total
        self(0)

    def __call__(self, more: int) -> None:
        """Add `more`."""
        self._done += more
        if self._report:
            self._report(self._done, self._total)


def remember(
    store: Store,
    keys: Sequence[bytes],
    compute: Callable[[list[int], Done], Sequence[bytes]],
    report: Report | None = None,
) -> list[bytes]:
    """The value of each key, from `store` or else from `compute`.

    What is computed is kept chunk by chunk, so a run that is interrupted goes
    on where it was. Equal keys are computed once.

    Args:
        store: where values are kept.
        keys: of the values wanted.
        compute: gets places in `keys`, chunk by chunk, and a function to call with how many more are done.
        report: told of what is not in the store.
    """
    values = store.get(list(dict.fromkeys(keys)))
    missing = {key: place for place, key in enumerate(keys) if key not in values}
    places = sorted(missing.values())
    tally = Tally(report, len(places))
    for at in range(0, len(places), _CHUNK):
        chunk = places[at : at + _CHUNK]
        new = {keys[place]: value for place, value in zip(chunk, compute(chunk, tally), strict=True)}
        store.put(new)
        values |= new
    return [values[key] for key in keys]


@contextmanager
def building(folder: Path, is_whole: Callable[[], bool]) -> Iterator[Path]:
    """A temporary path to make a folder at, which is then moved to `folder`: that is there whole or not at all.

    A folder already there is replaced, unless it is whole by then, because another process was first.

    Raises:
        OSError: it cannot be written there.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    for left in folder.parent.glob(f"{_BUILDING}*"):  # by builds that were stopped
        with suppress(OSError):  # another process is doing the same, or another user left it
            if time.time() - left.stat().st_mtime > _DAY:
                shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=_BUILDING) as temporary:
        new = Path(temporary) / "new"
        yield new
        if folder.exists() and not is_whole():
            with suppress(FileNotFoundError):  # another process is doing the same
                os.rename(folder, Path(temporary) / "old")
        try:
            os.replace(new, folder)
        except OSError:
            if not is_whole():
                raise


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_of_all(folder: Path, files: Iterable[Path]) -> str:
    """The SHA-256 of the names of files below a folder and of what they hold, in hexadecimal."""
    listed = "".join(f"{file.relative_to(folder).as_posix()} {sha256_of(file)}\n" for file in sorted(files))
    return hashlib.sha256(listed.encode("utf-8", "surrogateescape")).hexdigest()


def _sum(value: bytes) -> bytes:
    return hashlib.blake2b(value, digest_size=8).digest()
