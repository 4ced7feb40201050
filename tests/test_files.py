"""A file is there whole or not at all, and on the disk before it is there."""

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
"""What was done, to which file, and what the final name held then."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The final name of a file in a folder of its own."""
    folder = tmp_path / "folder"
    folder.mkdir()
    return folder / "file.bin"


def write(path: Path, content: str) -> None:
    with atomic_write(path) as temporary:
        temporary.write_text(content)


@pytest.mark.parametrize("before", [None, "old"])
def test_a_file_is_written_whole(path: Path, before: str | None) -> None:
    if before:
        path.write_text(before)
    write(path, "new")
    assert path.read_text() == "new"
    assert files_under(path.parent) == ["file.bin"]


def write_half(path: Path) -> None:
    with atomic_write(path) as temporary, temporary.open("w") as file:
        file.write("half of the n")
        file.flush()
        assert temporary.read_text() == "half of the n"
        raise OSError("the disk is full")


@pytest.mark.parametrize("before", [None, "old"])
def test_a_failure_leaves_what_there_was(path: Path, before: str | None) -> None:
    if before:
        path.write_text(before)
    with pytest.raises(OSError, match="full"):
        write_half(path)
    assert files_under(path.parent) == (["file.bin"] if before else [])
    assert not before or path.read_text() == before


def test_the_old_file_is_there_until_the_new_one_is_whole(path: Path) -> None:
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
    """Even if someone guesses the name, what lies there is neither followed nor changed."""
    private = path.parent.parent / "private"
    private.write_text("private")
    monkeypatch.setattr("secrets.token_hex", lambda size: "guessed")
    path.with_name("file.bin.guessed.unfinished").symlink_to(private)
    with pytest.raises(FileExistsError):
        write(path, "new")
    assert private.read_text() == "private"
    assert path.with_name("file.bin.guessed.unfinished").is_symlink()


def test_of_two_writers_the_last_to_complete_wins(path: Path) -> None:
    with atomic_write(path) as one:
        one.write_text("first")
        with atomic_write(path) as two:
            two.write_text("second, and longer")
            assert len(files_under(path.parent)) == 2
        assert path.read_text() == "second, and longer"
    assert path.read_text() == "first"
    assert files_under(path.parent) == ["file.bin"]


def test_a_writer_that_dies_spoils_no_other(path: Path) -> None:
    """A second `predict` to one name, begun within the first and killed after its end."""
    with atomic_write(path) as one:
        one.write_text("first")
        dead = atomic_write(path)
        dead.__enter__().write_text("half of the sec")
    assert path.read_text() == "first"


def test_many_writers_leave_one_whole_file(path: Path) -> None:
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
    before = os.umask(umask)
    try:
        write(path, "new")
        with atomic_directory(path.with_name("made")) as folder:
            (folder / "inner").mkdir()
            (folder / "inner" / "weights").write_text("")
            (folder / "inner" / "weights").chmod(0o600)  # as safetensors leaves its files
    finally:
        os.umask(before)
    made = path.with_name("made")
    assert mode(path) == mode(made / "inner" / "weights") == expected
    assert mode(made) == 0o777 & ~umask


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
    """What is brought to the disk and what is renamed, in order."""
    found: list[Event] = []
    to_disk, rename = os.fsync, os.rename

    def note(what: str, place: Path) -> None:
        name = "temporary" if place.suffix == ".unfinished" else place.name
        found.append((what, name, path.read_text() if path.exists() else ""))

    def fsync(descriptor: int) -> None:
        places = [path.parent, *path.parent.iterdir()]
        (place,) = [p for p in places if p.stat().st_ino == os.fstat(descriptor).st_ino]
        note("to disk", place)
        to_disk(descriptor)

    def replace(source: str, target: str) -> None:
        note("renamed", Path(source))
        rename(source, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    return found


def test_the_file_is_on_the_disk_before_its_name_and_its_name_thereafter(
    path: Path, events: list[Event]
) -> None:
    path.write_text("old")
    write(path, "new")
    assert events == [
        ("to disk", "temporary", "old"),
        ("renamed", "temporary", "old"),
        ("to disk", "folder", "new"),
    ]


def test_what_failed_is_not_renamed(path: Path, events: list[Event]) -> None:
    with pytest.raises(ValueError, match="no"), atomic_write(path):
        raise ValueError("no")
    assert events == []
    assert files_under(path.parent) == []


def fill(folder: Path, content: str, meanwhile: Callable[[], None] = lambda: None) -> None:
    with atomic_directory(folder) as temporary:
        (temporary / "file").write_text(content)
        meanwhile()


def test_of_two_folders_under_one_name_the_second_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    with pytest.raises(InputError) as error:
        fill(folder, "second", lambda: fill(folder, "first"))
    assert str(folder) in str(error.value.found)
    assert (folder / "file").read_text() == "first"
    assert files_under(tmp_path) == ["made/file"]


def test_a_folder_of_another_writer_is_left_alone(tmp_path: Path) -> None:
    """The folder that another process is filling has a name of its own, and stays."""
    folder = tmp_path / "made"
    with atomic_directory(folder) as other:
        (other / "file").write_text("other")
        with pytest.raises(ValueError, match="no"), atomic_directory(folder):
            raise ValueError("no")
    assert (folder / "file").read_text() == "other"
