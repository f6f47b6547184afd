import multiprocessing
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from align.store import Store, building, key, remember


def compute(asked: list[list[int]]):  # type: ignore[no-untyped-def]
    def run(places: list[int], done: Callable[[int], None]) -> list[bytes]:
        asked.append(places)
        done(len(places))
        return [b"value %d" % place for place in places]

    return run


def test_what_is_kept_is_not_computed_again(tmp_path: Path) -> None:
    asked: list[list[int]] = []
    keys = [key("a"), key("b"), key("a")]
    for _ in range(2):
        store = Store(tmp_path / "s.sqlite")
        values = remember(store, keys, compute(asked))
        store.close()
        assert values[0] == values[2] != values[1]
    assert len(asked) == 1
    assert len(asked[0]) == 2


def test_what_is_kept_or_repeated_is_not_reported_as_to_be_done(tmp_path: Path) -> None:
    store, seen = Store(tmp_path / "s.sqlite"), []
    remember(store, [key("a")], compute([]))
    for _ in range(2):
        remember(store, [key("a"), key("b"), key("b"), key("c")], compute([]), lambda *step: seen.append(step))
    assert seen == [(0, 2), (2, 2), (0, 0)]
    store.close()


def test_keys_tell_their_parts_apart() -> None:
    assert key("ab", "c") != key("a", "bc")


@pytest.mark.parametrize("damage", [b"not a database at all" * 100, b""])
def test_a_damaged_file_is_rebuilt(tmp_path: Path, damage: bytes, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "s.sqlite"
    path.write_bytes(damage)
    store = Store(path)
    store.put({b"k": b"v"})
    assert store.get([b"k"]) == {b"k": b"v"}
    store.close()
    assert ("damaged" in caplog.text) == bool(damage)


def test_damage_in_the_middle_is_never_served(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    values = {key(str(n)): str(n).encode() * 50 for n in range(400)}
    store = Store(path)
    store.put(values)
    store.close()
    path.write_bytes(path.read_bytes().replace(b"123" * 50, b"124" * 50))
    store = Store(path)
    assert store.get(list(values)) == {k: value for k, value in values.items() if k != key("123")}
    store.put({b"k": b"v"})
    store.close()


def test_a_place_that_cannot_be_written_is_done_without(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("in the way")
    store = Store(tmp_path / "file" / "s.sqlite")
    assert remember(store, [key("a")], compute([])) == [b"value 0"]
    assert "not used" in caplog.text


def test_a_damaged_file_that_cannot_be_removed_is_done_without(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "s.sqlite").write_bytes(b"no database" * 1000)
    (tmp_path / "s.sqlite-journal").mkdir()
    store = Store(tmp_path / "s.sqlite")
    assert remember(store, [key("a")], compute([])) == [b"value 0"]
    assert "not used" in caplog.text


def _fill(folder: Path, name: str, together: Barrier) -> None:
    for file in range(20):
        together.wait()
        store = Store(folder / f"{file}.sqlite")
        for number in range(5):
            store.put({key(name, str(number)): b"v"})
        store.close()


def test_processes_that_make_it_at_once_share_it(tmp_path: Path) -> None:
    names = "abcd"
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(len(names))
    processes = [context.Process(target=_fill, args=(tmp_path, name, together)) for name in names]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    for file in range(20):
        store = Store(tmp_path / f"{file}.sqlite")
        assert len(store.get([key(name, str(n)) for name in names for n in range(5)])) == 20
        store.close()


@pytest.mark.parametrize("is_whole", [True, False])
def test_a_folder_gives_way_unless_another_process_made_it_whole(tmp_path: Path, is_whole: bool) -> None:
    folder = tmp_path / "built"
    with building(folder, lambda: is_whole) as new:
        new.mkdir()
        (new / "ours").touch()
        folder.mkdir()
        (folder / "theirs").touch()
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()] == [
        "built/theirs" if is_whole else "built/ours"
    ]


def test_a_folder_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with building(tmp_path / "built", lambda: False) as new:
            new.mkdir()
            raise InterruptedError

    with pytest.raises(InterruptedError):
        fail()
    assert not list(tmp_path.iterdir())
