"""A file is there whole or not at all, and on the disk before it is there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from local_models import files_under

from arabic_mtl.files import replacing

Event = tuple[str, str, str]
"""What was done, to which file, and what the right name held then."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The right name of a file in a folder of its own."""
    folder = tmp_path / "folder"
    folder.mkdir()
    return folder / "file.bin"


def write(path: Path, content: str, meanwhile: str = "") -> None:
    with replacing(path, meanwhile) as unfinished:
        unfinished.write_text(content)


@pytest.mark.parametrize("before", [None, "old"])
def test_a_file_is_written_whole(path: Path, before: str | None) -> None:
    if before:
        path.write_text(before)
    write(path, "new")
    assert path.read_text() == "new"
    assert files_under(path.parent) == ["file.bin"]


def write_half(path: Path) -> None:
    with replacing(path) as unfinished, unfinished.open("w") as file:
        file.write("half of the n")
        file.flush()
        assert unfinished.read_text() == "half of the n"
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
    with replacing(path) as unfinished:
        unfinished.write_text("new")
        assert unfinished.name == "file.bin.unfinished"
        assert path.read_text() == "old"


def test_what_an_interrupted_run_left_behind_is_written_over(path: Path) -> None:
    path.with_name("file.bin.unfinished").write_text("much longer than what comes now")
    write(path, "new")
    assert path.read_text() == "new"
    assert files_under(path.parent) == ["file.bin"]


def test_writers_of_the_same_file_do_not_meet(path: Path) -> None:
    with replacing(path, "one") as one, replacing(path, "two") as two:
        one.write_text("first")
        two.write_text("second")
        assert files_under(path.parent) == ["one", "two"]
    assert path.read_text() == "first"  # the outer one ends last
    assert files_under(path.parent) == ["file.bin"]


@pytest.fixture
def events(path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """What is brought to the disk and what is renamed, in order."""
    found: list[Event] = []
    to_disk, rename = os.fsync, os.rename

    def note(what: str, place: Path) -> None:
        found.append((what, place.name, path.read_text() if path.exists() else ""))

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
        ("to disk", "file.bin.unfinished", "old"),
        ("renamed", "file.bin.unfinished", "old"),
        ("to disk", "folder", "new"),
    ]


def test_what_failed_is_not_renamed(path: Path, events: list[Event]) -> None:
    with pytest.raises(ValueError, match="no"), replacing(path):
        raise ValueError("no")
    assert events == []
    assert files_under(path.parent) == []
