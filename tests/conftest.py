"""What every test has: no network, folders of its own, and models built once for all of them."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

LOCAL = {"127.0.0.1", "::1", "localhost"}


@pytest.fixture(scope="session", autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the user's caches and installed packages out of the tests."""
    base = tmp_path_factory.mktemp("home")
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        os.environ[name] = str(base / name.lower())
        Path(os.environ[name]).mkdir()
    os.environ["ALIGN_CACHE"] = os.environ.get("ALIGN_TEST_CACHE") or str(base / "align")
    os.environ["ARGOS_PACKAGES_DIR"] = str(base / "argos")
    Path(os.environ["ARGOS_PACKAGES_DIR"]).mkdir()


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any connection beyond this machine fails the test that tries it."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and address[0] not in LOCAL:
            raise AssertionError(f"a connection to {address} was tried")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def installed_packages() -> Iterator[Path]:
    """Argos' folder of installed packages, emptied afterwards."""
    import shutil

    folder = Path(os.environ["ARGOS_PACKAGES_DIR"])
    yield folder
    for path in folder.iterdir():
        shutil.rmtree(path)


@pytest.fixture(scope="session")
def e5_cache() -> Path:
    """The folder that the encoder is built in, which is done for the first test that asks."""
    from align.encoder import E5Encoder

    folder = Path(os.environ["ALIGN_CACHE"]) / "models"
    assert E5Encoder(folder).signature
    return folder


@pytest.fixture
def write_files(tmp_path: Path) -> Callable[[dict[str, str | bytes]], Path]:
    """Write files by their names into one folder, which is returned."""

    def write(files: dict[str, str | bytes]) -> Path:
        folder = tmp_path / "articles"
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        folder.mkdir(exist_ok=True)
        return folder

    return write
