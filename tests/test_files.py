"""Atomic writes: a file is complete or absent, and flushed to the disk before it is renamed."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from arabic_mtl.errors import InputError
from arabic_mtl.files import atomic_directory, atomic_write
from support.paths import files_under

Event = tuple[str, str, str]
"""An operation, the file it was applied to, and the content of the final path at that time."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Returns the final path of a file in an otherwise empty folder."""
    folder = tmp_path / "folder"
    folder.mkdir()
    return folder / "file.bin"


def write(path: Path, content: str) -> None:
    with atomic_write(path) as temporary:
        temporary.write_text(content)


@pytest.mark.parametrize("old_content", [None, "old"])
def test_atomic_write_writes_the_whole_file(path: Path, old_content: str | None) -> None:
    if old_content:
        path.write_text(old_content)
    write(path, "new")
    assert path.read_text() == "new"
    assert files_under(path.parent) == ["file.bin"]


def write_half(path: Path) -> None:
    with atomic_write(path) as temporary, temporary.open("w") as file:
        file.write("half of the n")
        file.flush()
        assert temporary.read_text() == "half of the n"
        raise OSError("the disk is full")


@pytest.mark.parametrize("old_content", [None, "old"])
def test_a_failure_keeps_the_old_content(path: Path, old_content: str | None) -> None:
    if old_content:
        path.write_text(old_content)
    with pytest.raises(OSError, match="full"):
        write_half(path)
    assert files_under(path.parent) == (["file.bin"] if old_content else [])
    assert not old_content or path.read_text() == old_content


def test_the_old_file_stays_until_the_new_one_is_complete(path: Path) -> None:
    path.write_text("old")
    with atomic_write(path) as temporary:
        temporary.write_text("new")
        assert temporary.parent == path.parent
        assert temporary.name.startswith("file.bin.")
        assert path.read_text() == "old"


@pytest.mark.parametrize("name", ["ع" * 120, "🙂" * 60, "x" * 250])
def test_long_names_are_written(path: Path, name: str) -> None:
    write(path.with_name(name), "new")
    assert files_under(path.parent) == [name]


@pytest.mark.parametrize("kind", ["link", "hard link"])
def test_links_under_guessable_names_are_not_followed(path: Path, kind: str) -> None:
    private = path.parent.parent / "private"
    private.write_text("private")
    for name in ("file.bin.unfinished", "file.bin.tmp", ".file.bin"):
        link = path.with_name(name)
        link.symlink_to(private) if kind == "link" else os.link(private, link)
    write(path, "new")
    assert private.read_text() == "private"
    assert path.read_text() == "new"
    assert not path.is_symlink()


def test_an_existing_temporary_name_is_never_opened(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if someone guesses the name, a link there is neither followed nor changed."""
    private = path.parent.parent / "private"
    private.write_text("private")
    monkeypatch.setattr("secrets.token_hex", lambda size: "guessed")
    path.with_name("file.bin.guessed.unfinished").symlink_to(private)
    with pytest.raises(FileExistsError):
        write(path, "new")
    assert private.read_text() == "private"
    assert path.with_name("file.bin.guessed.unfinished").is_symlink()


def test_the_last_of_two_writers_to_complete_wins(path: Path) -> None:
    with atomic_write(path) as outer:
        outer.write_text("first")
        with atomic_write(path) as inner:
            inner.write_text("second, and longer")
            assert len(files_under(path.parent)) == 2
        assert path.read_text() == "second, and longer"
    assert path.read_text() == "first"
    assert files_under(path.parent) == ["file.bin"]


def test_a_killed_writer_does_not_affect_others(path: Path) -> None:
    """A second `predict` to the same path starts during the first and is killed after its end."""
    with atomic_write(path) as temporary:
        temporary.write_text("first")
        dead = atomic_write(path)
        dead.__enter__().write_text("half of the sec")
    assert path.read_text() == "first"


def test_many_writers_leave_one_complete_file(path: Path) -> None:
    start, writers = threading.Barrier(8), range(8)
    contents = [str(number) * 100_000 for number in writers]

    def run(number: int) -> None:
        start.wait()
        for _ in range(20):
            write(path, contents[number])
            assert path.read_text() in contents

    with ThreadPoolExecutor(len(contents)) as pool:
        list(pool.map(run, writers))
    assert path.read_text() in contents
    assert files_under(path.parent) == ["file.bin"]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(("umask", "expected"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_new_files_have_the_mode_of_the_umask(path: Path, umask: int, expected: int) -> None:
    old_umask = os.umask(umask)
    try:
        write(path, "new")
        with atomic_directory(path.with_name("folder")) as folder:
            (folder / "inner").mkdir()
            (folder / "inner" / "weights").write_text("")
            (folder / "inner" / "weights").chmod(0o600)  # as safetensors leaves its files
    finally:
        os.umask(old_umask)
    folder = path.with_name("folder")
    assert mode(path) == mode(folder / "inner" / "weights") == expected
    assert mode(folder) == 0o777 & ~umask


@pytest.mark.parametrize("private", [0o640, 0o600])
def test_a_replaced_file_keeps_its_mode(path: Path, private: int) -> None:
    path.write_text("old")
    path.chmod(private)
    with atomic_write(path) as temporary:
        temporary.write_text("new")
        assert mode(temporary) == 0o600  # nobody else may read it before
    assert mode(path) == private


@pytest.fixture
def events(path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """Returns the list to which calls of fsync and rename are appended, in order."""
    calls: list[Event] = []
    to_disk, rename = os.fsync, os.rename

    def record(operation: str, file: Path) -> None:
        name = "temporary" if file.suffix == ".unfinished" else file.name
        calls.append((operation, name, path.read_text() if path.exists() else ""))

    def fsync(descriptor: int) -> None:
        files = [path.parent, *path.parent.iterdir()]
        (file,) = [f for f in files if f.stat().st_ino == os.fstat(descriptor).st_ino]
        record("to disk", file)
        to_disk(descriptor)

    def replace(source: str, target: str) -> None:
        record("renamed", Path(source))
        rename(source, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    return calls


def test_the_file_is_flushed_before_renaming_and_the_folder_after(
    path: Path, events: list[Event]
) -> None:
    path.write_text("old")
    write(path, "new")
    assert events == [
        ("to disk", "temporary", "old"),
        ("renamed", "temporary", "old"),
        ("to disk", "folder", "new"),
    ]


def test_a_failed_write_is_not_renamed(path: Path, events: list[Event]) -> None:
    with pytest.raises(ValueError, match="no"), atomic_write(path):
        raise ValueError("no")
    assert events == []
    assert files_under(path.parent) == []


def fill(folder: Path, content: str, meanwhile: Callable[[], None] = lambda: None) -> None:
    with atomic_directory(folder) as temporary:
        (temporary / "file").write_text(content)
        meanwhile()


def test_the_second_of_two_folders_with_one_name_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    with pytest.raises(InputError) as error:
        fill(folder, "second", lambda: fill(folder, "first"))
    assert str(folder) in str(error.value.found)
    assert (folder / "file").read_text() == "first"
    assert files_under(tmp_path) == ["folder/file"]


def test_a_folder_of_another_writer_is_left_alone(tmp_path: Path) -> None:
    """The temporary folder of another process has another name, and is not deleted."""
    folder = tmp_path / "folder"
    with atomic_directory(folder) as temporary:
        (temporary / "file").write_text("other")
        with pytest.raises(ValueError, match="no"), atomic_directory(folder):
            raise ValueError("no")
    assert (folder / "file").read_text() == "other"
