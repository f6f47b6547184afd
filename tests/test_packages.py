import errno
import json
import os
import shutil
import ssl
import stat
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tiny_argos import write_tiny_package

from align import packages
from align.errors import OfflineError, PackageError
from align.packages import (
    ArgosPackage,
    argos_code,
    find_packages,
    find_route,
    how_to_get,
    install,
    language_of,
    pull,
    unpacked,
)

WORDS = {"kot": "cat"}


def package(source: str, target: str, version: str = "1.0") -> ArgosPackage:
    return ArgosPackage(source, target, version, Path(f"{source}_{target}"), "shipped")


def archive_with(path: Path, members: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def damage(archive: Path, member: str, begin: int = 0) -> None:
    """Overwrite the compressed bytes of one member, from `begin` on."""
    with zipfile.ZipFile(archive) as opened:
        info = next(info for info in opened.infolist() if info.filename.endswith(member))
    content = bytearray(archive.read_bytes())
    start = info.header_offset + 30 + len(info.filename)  # after the member's own header
    content[start + begin : start + info.compress_size] = b"\xff" * (info.compress_size - begin)
    archive.write_bytes(content)


def only(folder: Path) -> ArgosPackage:
    """The one package in `folder`."""
    (found,) = (package for package in find_packages(folder) if package.origin == "--models")
    return found


METADATA = json.dumps({"from_code": "pl", "to_code": "en"})


@pytest.mark.parametrize(
    ("lang", "code"),
    [("pl", "pl"), ("zh-CN", "zh"), ("zh-TW", "zt"), ("zh-Hant-HK", "zt"), ("pt-BR", "pb"), ("pt", "pt"), ("no", "nb")],
)
def test_argos_code(lang: str, code: str) -> None:
    assert argos_code(lang) == code


@pytest.mark.parametrize(("code", "lang"), [("pl", "pl"), ("zh", "zh"), ("zt", "zh-TW"), ("pb", "pt-BR"), ("nb", "no")])
def test_language_of_a_code_of_argos(code: str, lang: str) -> None:
    assert language_of(code) == lang


def test_how_to_get_from_a_language_to_another() -> None:
    assert "Argos has one: 'align models pull pl en-GB'" in how_to_get("pl", "en-GB")
    assert "Argos has them: 'align models pull pl en' and 'align models pull en de'" in how_to_get("pl", "de")


def test_the_hash_of_a_folder_is_of_all_that_translates(tmp_path: Path) -> None:
    folder = install(write_tiny_package(tmp_path, "pl", "en", WORDS), tmp_path / "own")
    seen = {only(folder.parent).sha256()}
    for file in ("model/model.bin", "sentencepiece.model", "metadata.json"):
        (folder / file).write_bytes((folder / file).read_bytes() + b" ")
        seen.add(only(folder.parent).sha256())
    assert len(seen) == 4
    (folder / "model" / "model.bin").unlink()
    with pytest.raises(PackageError, match="not a usable Argos package"):
        only(folder.parent).sha256()


def test_a_direct_route_is_preferred_to_two_hops() -> None:
    known = [package("pl", "de"), package("de", "en"), package("pl", "en")]
    assert find_route(known, "pl", "en") == (known[2],)
    assert find_route(known[:2], "pl", "en") == tuple(known[:2])
    assert find_route(known[:1], "pl", "en") == ()


def test_where_packages_are_looked_for(tmp_path: Path, installed_packages: Path) -> None:
    install(write_tiny_package(tmp_path, "pl", "en", WORDS, version="1.9"))
    (tmp_path / "mine").mkdir()
    write_tiny_package(tmp_path / "mine", "pl", "en", WORDS, version="0.1")
    origins = [p.origin for p in find_packages(tmp_path / "mine") if (p.source, p.target) == ("pl", "en")]
    assert origins[:2] == ["--models", "installed"]
    newest = find_route(find_packages(None), "pl", "en")
    assert newest[0].origin == "installed", "the user's own package replaces the one shipped"


def test_install_puts_a_package_where_argos_finds_it(tmp_path: Path, installed_packages: Path) -> None:
    archive = write_tiny_package(tmp_path, "pl", "en", WORDS)
    folder = install(archive)
    assert folder.parent == installed_packages
    from argostranslate.package import get_installed_packages

    assert [(p.from_code, p.to_code) for p in get_installed_packages()] == [("pl", "en")]
    with pytest.raises(PackageError, match="installed already"):
        install(archive)


@pytest.mark.parametrize(
    "name",
    ["../evil.txt", "/etc/evil", "pl_en/../../evil", "pl_en\\..\\..\\evil", "pl_en\\evil", "C:/evil", "pl_en/a:b"],
)
def test_an_unsafe_path_is_refused(tmp_path: Path, name: str) -> None:
    archive = archive_with(tmp_path / "bad.argosmodel", {"pl_en/metadata.json": METADATA, name: "x"})
    with pytest.raises(PackageError, match="unsafe member"):
        install(archive, tmp_path / "into")
    assert not (tmp_path / "into").exists()


@pytest.mark.parametrize("field", ["from_code", "to_code", "package_version"])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, field: str) -> None:
    (tmp_path / "models").mkdir()
    metadata = {"from_code": "pl", "to_code": "en", "package_version": "1.0", field: "/../../elsewhere"}
    members = {"pl_en/metadata.json": json.dumps(metadata), "pl_en/model/model.bin": "x"}
    archive = archive_with(tmp_path / "models" / "bad.argosmodel", members)
    with pytest.raises(PackageError, match=f"elsewhere' as {field}"):
        install(archive, tmp_path / "into")
    warnings: list[str] = []
    assert not [package for package in find_packages(tmp_path / "models", warnings.append) if package.path == archive]
    assert len(warnings) == 1


def test_a_link_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "link.argosmodel"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("pl_en/metadata.json", METADATA)
        link = zipfile.ZipInfo("pl_en/model")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        opened.writestr(link, "/etc")
    with pytest.raises(PackageError, match="unsafe member"):
        install(archive, tmp_path / "into")


def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "MAX_UNPACKED", 1000)
    archive = archive_with(tmp_path / "bomb.argosmodel", {"pl_en/metadata.json": METADATA, "pl_en/big": "0" * 2000})
    with pytest.raises(PackageError, match="unpacks to more"):
        install(archive, tmp_path / "into")


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"pl_en/metadata.json": METADATA}, "holds no model"),
        ({"pl_en/model/model.bin": "x"}, "not a usable Argos package"),
        ({"pl_en/metadata.json": "{", "pl_en/model/model.bin": "x"}, "not a usable Argos package"),
        ({"a/metadata.json": METADATA, "b/model/model.bin": "x"}, "exactly one folder"),
        ({}, "exactly one folder"),
    ],
)
def test_what_is_no_package_is_refused(tmp_path: Path, members: dict[str, str], message: str) -> None:
    archive = archive_with(tmp_path / "bad.argosmodel", members)
    with pytest.raises(PackageError, match=message):
        install(archive, tmp_path / "into")
    assert not list(tmp_path.glob("into/*"))


def test_a_file_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.argosmodel").write_text("text")
    with pytest.raises(PackageError, match=r"text.argosmodel: not a usable Argos package .*zip"):
        install(tmp_path / "text.argosmodel", tmp_path)
    with pytest.raises(PackageError, match="no such file"):
        install(tmp_path / "missing.argosmodel", tmp_path)


@pytest.mark.parametrize("member", ["metadata.json", "model.bin"])
def test_a_damaged_archive_is_named(tmp_path: Path, member: str) -> None:
    archive = write_tiny_package(tmp_path, "pl", "en", WORDS)
    damage(archive, member)
    with pytest.raises(PackageError, match=rf"{archive.name}.*replace it"):
        install(archive, tmp_path / "into")
    assert not list(tmp_path.glob("into/*"))


def test_an_archive_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = write_tiny_package(tmp_path, "pl", "en", WORDS)
    found = only(tmp_path)

    def refuse(*args: object) -> None:
        raise PermissionError("Permission denied")

    monkeypatch.setattr(zipfile, "ZipFile", refuse)
    monkeypatch.setattr(packages, "sha256_of", refuse)
    with pytest.raises(PackageError, match=rf"{archive.name}.*Permission denied"):
        install(archive, tmp_path / "into")
    with pytest.raises(PackageError, match=rf"{archive.name}.*Permission denied"):
        found.sha256()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    archive = write_tiny_package(tmp_path, "pl", "en", WORDS)
    (tmp_path / "file").touch()  # not even root makes a folder in a file
    with pytest.raises(PackageError, match=r"file/cache.*set --cache or ALIGN_CACHE"):
        unpacked(only(tmp_path), tmp_path / "file" / "cache")
    with pytest.raises(PackageError, match=r"file/argos.*set ARGOS_PACKAGES_DIR"):
        install(archive, tmp_path / "file" / "argos")


def test_a_package_without_a_model_is_named(tmp_path: Path) -> None:
    (tmp_path / "pl_en").mkdir()
    (tmp_path / "pl_en" / "metadata.json").write_text(METADATA)
    with pytest.raises(PackageError, match=r"pl_en: not a usable Argos package .*model.bin"):
        only(tmp_path).sha256()


def test_a_damaged_package_stops_nothing_that_does_without_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write_tiny_package(tmp_path, "pl", "en", WORDS)
    damage(write_tiny_package(tmp_path, "de", "en", WORDS), "model.bin")
    damage(write_tiny_package(tmp_path, "fr", "en", WORDS), "metadata.json")
    (tmp_path / "cut.argosmodel").write_bytes(b"PK")
    archive_with(tmp_path / "mute.argosmodel", {"xx/metadata.json": '{"from_code": "xx"}', "xx/model/model.bin": "x"})
    found = find_packages(tmp_path)
    assert [(p.source, p.target) for p in found if p.origin == "--models"] == [("pl", "en"), ("de", "en")]
    assert [Path(r.message.partition(": ")[0]).name for r in caplog.records] == [
        "cut.argosmodel",
        "mute.argosmodel",
        "translate-fr_en-1_0.argosmodel",
    ]
    assert unpacked(find_route(found, "pl", "en")[0], tmp_path / "cache").is_dir()
    with pytest.raises(PackageError, match=r"translate-de_en-1_0.argosmodel: damaged"):
        unpacked(find_route(found, "de", "en")[0], tmp_path / "cache")


def test_a_damaged_archive_of_another_compression_is_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bad.argosmodel", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("pl_en/metadata.json", METADATA)
        archive.writestr("pl_en/model/model.bin", bytes(range(256)))
    damage(tmp_path / "bad.argosmodel", "model.bin", begin=9)  # after what says how it is compressed
    with pytest.raises(PackageError, match=r"bad\.argosmodel: damaged.*replace it"):
        install(tmp_path / "bad.argosmodel", tmp_path / "into")


@pytest.mark.parametrize("method", ["iterdir", "is_file"])
def test_what_may_not_be_read_among_packages_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    folder, other = tmp_path / "models", tmp_path / "other"
    folder.mkdir()
    (folder / "closed").mkdir()
    other.mkdir()
    write_tiny_package(other, "pl", "en", WORDS)
    unpatched = getattr(Path, method)

    def refuse(path: Path) -> object:
        if folder in (path, *path.parents):
            raise PermissionError(errno.EACCES, "Permission denied")
        return unpatched(path)

    monkeypatch.setattr(Path, method, refuse)
    monkeypatch.setattr(packages, "shipped_models", lambda: other)
    warnings: list[str] = []
    assert [package.origin for package in find_packages(folder, warnings.append)] == ["shipped"]
    assert len(warnings) == 1
    assert str(folder) in warnings[0]
    assert "Permission denied" in warnings[0]


def test_an_archive_is_unpacked_once(tmp_path: Path) -> None:
    write_tiny_package(tmp_path, "pl", "en", WORDS)
    folder = unpacked(only(tmp_path), tmp_path / "cache")
    before = (folder / "model" / "model.bin").stat()
    assert unpacked(only(tmp_path), tmp_path / "cache") == folder
    assert (folder / "model" / "model.bin").stat() == before
    assert list((tmp_path / "cache").iterdir()) == [folder]


@pytest.mark.parametrize("damaged", ["model/model.bin", "metadata.json", "sentencepiece.model", "README.md", "model"])
def test_what_was_damaged_in_the_cache_is_unpacked_anew(tmp_path: Path, damaged: str) -> None:
    write_tiny_package(tmp_path, "pl", "en", WORDS)
    folder = unpacked(only(tmp_path), tmp_path / "cache")
    whole = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    if (folder / damaged).is_dir():
        shutil.rmtree(folder / damaged)
    elif damaged == "metadata.json":
        (folder / damaged).unlink()
    elif damaged == "README.md":
        (folder / damaged).write_bytes(whole[folder / damaged][::-1])  # as long as before
    else:
        (folder / damaged).write_bytes(whole[folder / damaged][:100])
    assert unpacked(only(tmp_path), tmp_path / "cache") == folder
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == whole


def test_another_process_may_be_the_first_to_unpack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tiny_package(tmp_path, "pl", "en", WORDS)
    replace = os.replace

    def late(whole: Path, destination: Path) -> None:
        shutil.copytree(whole, destination)
        replace(whole, destination)

    monkeypatch.setattr(os, "replace", late)
    folder = unpacked(only(tmp_path), tmp_path / "cache")
    assert (folder / "model" / "model.bin").is_file()
    assert list((tmp_path / "cache").iterdir()) == [folder]


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server on this machine that serves an index and a package, as Argos' own does."""
    site = tmp_path / "site"
    site.mkdir()
    archive = write_tiny_package(site, "pl", "en", WORDS, version="1.9")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(site)))
    monkeypatch.setattr(SimpleHTTPRequestHandler, "log_message", lambda *args: None)
    address = f"http://127.0.0.1:{server.server_port}"
    entries = [
        {"from_code": "pl", "to_code": "en", "package_version": version, "links": [link]}
        for version, link in (("1.9", f"{address}/{archive.name}"), ("1.1", f"{address}/missing"))
    ]
    (site / "index.json").write_text(json.dumps(entries))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    from argostranslate import settings

    monkeypatch.setattr(settings, "remote_package_index", f"{address}/index.json")
    yield address
    server.shutdown()
    thread.join()
    server.server_close()


def test_pull_fetches_the_newest_and_installs_it(index: str, installed_packages: Path) -> None:
    seen: list[tuple[int, int]] = []
    folder = pull("pl", "en", lambda done, total: seen.append((done, total)))
    assert folder.parent == installed_packages
    assert seen[-1][0] == seen[-1][1] > 0


def test_pull_without_a_place_for_the_package_says_what_to_do(index: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object, **options: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("tempfile.mkdtemp", full)
    with pytest.raises(PackageError, match=r"No space left.*set TMPDIR"):
        pull("pl", "en")


def test_pull_says_what_there_is(index: str) -> None:
    with pytest.raises(PackageError, match="no package sw to en; it has: pl-en"):
        pull("sw", "en")


def test_pull_without_a_network_says_what_to_do(index: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from argostranslate import settings

    monkeypatch.setattr(settings, "remote_package_index", "http://127.0.0.1:9/index.json")
    with pytest.raises(OfflineError, match="align models install"):
        pull("pl", "en")


@pytest.mark.parametrize("answer", ["<html>Log in", '{"message": "rate limited"}', '["pl_en"]'])
def test_pull_of_what_is_no_index_says_what_to_do(index: str, tmp_path: Path, answer: str) -> None:
    (tmp_path / "site" / "index.json").write_text(answer)
    with pytest.raises(OfflineError, match=r"no index of packages.*align models install"):
        pull("pl", "en")


@pytest.mark.parametrize("links", [None, [], [None], {"a": "b"}])
def test_pull_of_an_entry_without_an_address_says_so(index: str, tmp_path: Path, links: object) -> None:
    entry = {"from_code": "pl", "to_code": "en", "links": links}
    (tmp_path / "site" / "index.json").write_text(json.dumps([entry]))
    with pytest.raises(PackageError, match="gives no address for pl to en"):
        pull("pl", "en")


def test_pull_over_a_broken_connection_says_what_to_do(index: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **options: object) -> None:
        raise ssl.SSLError("bad record mac")

    monkeypatch.setattr("http.client.HTTPResponse.read", broken)
    with pytest.raises(OfflineError, match=r"bad record mac.*align models install"):
        pull("pl", "en")


def test_the_tests_do_not_touch_the_users_packages() -> None:
    from argostranslate import settings

    assert str(settings.package_data_dir) == os.environ["ARGOS_PACKAGES_DIR"]
