"""Argos packages: where they are, which of them lead from one language to another, how one is installed.

A package is a folder, or a zip archive of it named `*.argosmodel`, with
`metadata.json`, a CTranslate2 model in `model/` and a tokenizer's model. It is
looked for in the folder given with `--models`, then among the user's installed
Argos packages, then in the `models/` that ships with `align`; the first found
for a pair of languages is used.
"""

from __future__ import annotations

import json
import logging
import lzma
import os
import re
import stat
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from align.errors import OfflineError, PackageError
from align.settings import shipped_models
from align.store import building, sha256_of, sha256_of_all

log = logging.getLogger(__name__)

ENGLISH = "en"
SUFFIX = ".argosmodel"
MAX_UNPACKED = 4 * 2**30  # bytes; official packages unpack to some 100 MB
MAX_MEMBERS = 10_000

_UNREADABLE = (OSError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, KeyError, ValueError)
"""What reading a package may raise when it is damaged."""

_ELSEWHERE = "download the package elsewhere, then run 'align models install FILE'"

_IN_A_NAME = re.compile(r"[\w.+-]*")  # of the folder that a package is unpacked to

_ARGOS_CODES = {"zh-TW": "zt", "zh-HK": "zt", "zh-Hant": "zt", "pt-BR": "pb", "no": "nb"}
"""BCP 47 codes, and beginnings of such, that Argos writes otherwise than by their primary subtag."""


@dataclass(frozen=True, slots=True)
class ArgosPackage:
    """A translation package on this machine.

    Attributes:
        source, target: Argos' language codes.
        path: its folder, or the archive of it.
        origin: "--models", "installed" or "shipped".
    """

    source: str
    target: str
    version: str
    path: Path
    origin: str

    @property
    def name(self) -> str:
        """For example `pl_en-1.9`."""
        return f"{self.source}_{self.target}-{self.version}"

    def sha256(self) -> str:
        """The hash of its archive or, if it is a folder, of the files there that translate, in hexadecimal.

        Raises:
            PackageError: it cannot be read.
        """
        with reading(self.path):
            if self.path.is_file():
                return sha256_of(self.path)
            files = {path for path in (*self.path.glob("*"), *self.path.glob("model/*")) if path.is_file()}
            files.add(self.path / "model" / "model.bin")
            return sha256_of_all(self.path, files)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Make a PackageError of what reading the package at `path` raises."""
    try:
        yield
    except _UNREADABLE as exc:
        why = str(exc) or type(exc).__name__
        raise PackageError(f"{path}: not a usable Argos package ({why}); remove or replace it") from exc


def argos_code(lang: str) -> str:
    """Argos' code for a BCP 47 language."""
    return next(
        (code for own, code in _ARGOS_CODES.items() if f"{lang}-".startswith(f"{own}-")), lang.partition("-")[0]
    )


def language_of(argos: str) -> str:
    """The BCP 47 language of a code of Argos': zh-TW for zt."""
    return next((own for own, code in _ARGOS_CODES.items() if code == argos), argos)


def how_to_get(source: str, target: str) -> str:
    """How a package may come to lead from `source` to `target`, or two: Argos' have English on one side."""
    direct = ENGLISH in (argos_code(source), argos_code(target))
    hops = [(source, target)] if direct else [(source, ENGLISH), (ENGLISH, target)]
    pulls = " and ".join(f"'align models pull {first} {second}'" for first, second in hops)
    return f"see whether Argos has {'one' if direct else 'them'}: {pulls}; 'align models install FILE' installs a file"


def installed_folder() -> Path:
    """Where Argos keeps the user's packages, by Argos' own rules (its environment variables and settings file).

    Raises:
        PackageError: Argos' settings cannot be read or its folders not be made.
    """
    try:
        with redirect_stdout(sys.stderr):  # where it says what is wrong with its settings
            from argostranslate import settings  # makes its folders when it is imported
    except (AssertionError, TypeError, ValueError) as exc:
        raise PackageError(
            f"Argos' settings cannot be used ({exc}): put them right or remove them, in argos-translate/settings.json "
            "in $XDG_CONFIG_HOME or ~/.config"
        ) from exc
    except OSError as exc:
        raise PackageError(
            f"Argos' folders cannot be made ({exc}): set XDG_DATA_HOME, XDG_CONFIG_HOME and XDG_CACHE_HOME"
        ) from exc
    return Path(settings.package_data_dir)


def find_packages(extra: Path | None = None, on_damaged: Callable[[str], None] = log.warning) -> list[ArgosPackage]:
    """All packages on this machine, the preferred first; `extra` is the folder given with `--models`.

    `on_damaged` is told, with the reason, of each that does not even say what it translates, of a folder that cannot be
    read, and of Argos' folder where it cannot be made: they are left out.

    Raises:
        PackageError: `extra` is no folder, or holds no package.
    """
    if extra is not None and not extra.is_dir():
        raise PackageError(f"{extra}: no such folder of Argos packages")
    damaged: list[str] = []
    found = _packages_in(extra, "--models", damaged.append) if extra else []
    for reason in damaged:
        on_damaged(reason)
    if extra and not (found or damaged):
        raise PackageError(f"{extra}: holds no Argos package: name a folder of files ending in {SUFFIX}")
    places = []
    try:
        places.append((installed_folder(), "installed"))
    except PackageError as exc:
        on_damaged(str(exc))
    places.append((shipped_models(), "shipped"))
    return found + [package for folder, origin in places for package in _packages_in(folder, origin, on_damaged)]


def _packages_in(folder: Path, origin: str, on_damaged: Callable[[str], None]) -> list[ArgosPackage]:
    found = []
    try:
        paths = sorted(folder.iterdir()) if folder.is_dir() else []
    except OSError as exc:
        on_damaged(f"{folder}: its packages cannot be read ({exc.strerror}); make it readable")
        paths = []
    for path in paths:
        try:
            with reading(path):
                if path.suffix != SUFFIX and not (path / "metadata.json").is_file():
                    continue
            metadata = metadata_of(path)
        except PackageError as exc:
            on_damaged(str(exc))
            continue
        if metadata.get("type", "translate") == "translate":
            source, target = str(metadata["from_code"]), str(metadata["to_code"])
            found.append(ArgosPackage(source, target, str(metadata.get("package_version", "")), path, origin))
    return sorted(found, key=lambda p: (_version_key(p.version), p.name), reverse=True)


def _version_key(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]


def metadata_of(path: Path) -> dict[str, object]:
    """What the package at `path`, a folder or an archive, says of itself.

    Raises:
        PackageError: it cannot be read, or lacks what every package says.
    """
    with reading(path):
        if path.is_dir():
            content = (path / "metadata.json").read_bytes()
        else:
            with zipfile.ZipFile(path) as archive:
                content = archive.read(f"{_top_folder(archive, path)}/metadata.json")
        metadata = json.loads(content)
    if not isinstance(metadata, dict):
        raise PackageError(f"{path}: its metadata.json is not an object")
    if metadata.get("type", "translate") == "translate" and not {"from_code", "to_code"} <= set(metadata):
        raise PackageError(f"{path}: its metadata.json lacks from_code or to_code")
    for name in ("from_code", "to_code", "package_version"):
        if not _IN_A_NAME.fullmatch(value := str(metadata.get(name, ""))):
            raise PackageError(f"{path}: its metadata.json has {value!r} as {name}, which no package has")
    return metadata


def find_route(packages: Sequence[ArgosPackage], source: str, target: str) -> tuple[ArgosPackage, ...]:
    """The packages that lead from `source` to `target` (BCP 47): one, or two by a common language; () if none do."""
    source, target = argos_code(source), argos_code(target)
    for package in packages:
        if (package.source, package.target) == (source, target):
            return (package,)
    for first in packages:
        for second in packages:
            if first.source == source and first.target == second.source and second.target == target:
                return first, second
    return ()


def unpacked(package: ArgosPackage, cache: Path) -> Path:
    """The folder of `package`: its own, or the one in `cache` that its archive is unpacked to, anew if damaged there.

    Raises:
        PackageError: the archive is damaged, or `cache` cannot be written.
    """
    if package.path.is_dir():
        return package.path
    folder = cache / f"{package.name}-{package.sha256()[:16]}"
    if not _is_whole(folder, package.path):
        _unpack(package.path, folder, "--cache or ALIGN_CACHE")
    return folder


def _is_whole(folder: Path, archive: Path) -> bool:
    """Whether every file of `archive` is in `folder` as it was."""
    with reading(archive), zipfile.ZipFile(archive) as opened:
        top = _top_folder(opened, archive)
        members = [member for member in opened.infolist() if not member.is_dir()]
        sums = {folder / PurePosixPath(member.filename).relative_to(top): member.CRC for member in members}
    try:
        return all(zlib.crc32(path.read_bytes()) == crc for path, crc in sums.items())
    except OSError:
        return False


def install(archive: Path, folder: Path | None = None) -> Path:
    """Unpack a package archive into Argos' folder of installed packages (or `folder`); where it now is.

    Raises:
        PackageError: it is no package, holds unsafe paths, is too large, or is installed already.
    """
    with reading(archive):
        if not archive.is_file():
            raise PackageError(f"{archive}: no such file")
        with zipfile.ZipFile(archive) as opened:
            name = _top_folder(opened, archive)
    metadata_of(archive)
    destination = (folder or installed_folder()) / name
    if destination.exists():
        raise PackageError(f"{destination}: installed already; remove that folder first to install it again")
    _unpack(archive, destination, "ARGOS_PACKAGES_DIR")
    return destination


def _unpack(archive: Path, destination: Path, variable: str) -> None:
    """Unpack the one top folder of `archive` as `destination`; `variable`: what to set where that cannot be written."""
    try:
        with building(destination, partial(_is_whole, destination, archive)) as folder:
            with zipfile.ZipFile(archive) as opened:
                opened.extractall(folder.parent)
                os.rename(folder.parent / _top_folder(opened, archive), folder)
            if not (folder / "model" / "model.bin").is_file():
                raise PackageError(f"{archive}: it holds no model/model.bin, so nothing could translate with it")
    except OSError as exc:
        raise PackageError(f"{archive}: cannot be unpacked in {destination.parent} ({exc}); set {variable}") from exc
    except _UNREADABLE as exc:
        raise PackageError(f"{archive}: damaged ({exc}); replace it") from exc


def _top_folder(archive: zipfile.ZipFile, path: Path) -> str:
    """The one top folder of an archive whose members are all safe to unpack."""
    members = archive.infolist()
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
        raise PackageError(f"{path}: unpacks to more than {MAX_UNPACKED:,} bytes or {MAX_MEMBERS:,} files")
    tops = set()
    for member in members:
        name = PurePosixPath(member.filename)
        is_link = stat.S_ISLNK(member.external_attr >> 16)
        if name.is_absolute() or ".." in name.parts or is_link or set(":\\") & set(member.filename) or not name.parts:
            raise PackageError(f"{path}: unsafe member {member.filename!r}; it is not unpacked")
        tops.add(name.parts[0])
    if len(tops) != 1:
        raise PackageError(f"{path}: an Argos package holds exactly one folder, this archive has {len(tops)}")
    return tops.pop()


def pull(source: str, target: str, report: Callable[[int, int], None] | None = None) -> Path:
    """Fetch the newest package from Argos' official index and install it, over the network.

    `report` gets bytes so far and bytes in all (0 when not known).

    Raises:
        OfflineError: the index or the package cannot be reached.
        PackageError: there is no such package, what came is not one, or there is no place to put it.
    """
    destination = installed_folder()
    from argostranslate import settings

    address = str(settings.remote_package_index)
    try:
        index = json.loads(b"".join(_download(address, None)))
    except ValueError as exc:
        raise OfflineError(f"{address}: what came is no index of packages ({exc}); {_ELSEWHERE}") from exc
    if not isinstance(index, list) or not all(isinstance(entry, dict) for entry in index):
        raise OfflineError(f"{address}: what came is no index of packages; {_ELSEWHERE}")
    found = [p for p in index if (p.get("from_code"), p.get("to_code")) == (argos_code(source), argos_code(target))]
    if not found:
        known = sorted({f"{p['from_code']}-{p['to_code']}" for p in index if p.get("from_code") and p.get("to_code")})
        raise PackageError(f"Argos has no package {source} to {target}; it has: {' '.join(known)}")
    newest = max(found, key=lambda p: _version_key(str(p.get("package_version", ""))))
    links = newest.get("links")
    if not isinstance(links, list) or not links or not isinstance(links[0], str):
        raise PackageError(f"Argos' index gives no address for {source} to {target}")
    try:
        with tempfile.TemporaryDirectory() as temporary:
            archive = Path(temporary) / f"translate-{source}_{target}{SUFFIX}"
            with archive.open("wb") as file:
                file.writelines(_download(links[0], report))
            return install(archive, destination)
    except OSError as exc:
        raise PackageError(f"there is no place to put the package while it comes ({exc}); set TMPDIR") from exc


def _download(url: str, report: Callable[[int, int], None] | None) -> Iterator[bytes]:
    from http.client import HTTPException
    from urllib.request import Request, urlopen

    if not url.startswith(("https://", "http://")):
        raise PackageError(f"{url}: not a web address")
    try:
        with urlopen(Request(url, headers={"User-Agent": "align"}), timeout=60) as answer:  # noqa: S310 (checked above)
            total, done = int(answer.headers.get("Content-Length") or 0), 0
            while chunk := answer.read(1 << 16):
                done += len(chunk)
                if done > MAX_UNPACKED:
                    raise PackageError(f"{url}: more than {MAX_UNPACKED:,} bytes; not fetched")
                if report:
                    report(done, total)
                yield chunk
    except (OSError, HTTPException) as exc:
        raise OfflineError(f"{url} cannot be reached ({exc}); {_ELSEWHERE}") from exc
