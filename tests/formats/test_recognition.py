"""The recognition of formats: the best guess, ties, unknown files."""

from __future__ import annotations

from pathlib import Path

import pytest

from arabic_mtl.errors import InputError
from arabic_mtl.formats import (
    Format,
    Guess,
    Records,
    SemEval2014,
    SemEval2016,
    Table,
    Text,
    known_formats,
    recognize,
)
from arabic_mtl.formats.xml.xml import Xml
from arabic_mtl.formats.xml.xml_document import XmlDocument
from support.messages import assert_names


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "file.unknown"
    path.write_bytes(b"some bytes")
    return path


def guesses(monkeypatch: pytest.MonkeyPatch, certainties: dict[type, float]) -> None:
    for kind in known_formats():
        guess = Guess({"a": kind.__name__}, certainties.get(kind, 0.0))
        monkeypatch.setattr(kind, "sniff", lambda head, name, guess=guess: guess)


def test_known_formats_are_those_of_this_package_that_can_be_created() -> None:
    known = known_formats()
    assert {Records, SemEval2014, SemEval2016, Table, Text} <= set(known)
    assert not {Format, Xml, XmlDocument} & set(known)  # `Xml` is one of two formats
    assert all(kind.__module__.startswith("arabic_mtl.formats.") for kind in known)
    assert [kind.__name__ for kind in known] == sorted({kind.__name__ for kind in known})


def test_the_most_certain_format_wins(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guesses(monkeypatch, {Text: 0.5, Table: 0.9, Records: 0.8})
    assert recognize(path) == (Table, Guess({"a": "Table"}, 0.9))


@pytest.mark.parametrize(
    ("certainties", "names"),
    [
        ({}, ["«some bytes»"]),
        ({Table: 0.4}, ["«some bytes»"]),
        ({Table: 0.7, Records: 0.7, Text: 0.5}, ["Records and Table"]),
    ],
)
def test_an_unclear_format_raises(
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    certainties: dict[type, float],
    names: list[str],
) -> None:
    guesses(monkeypatch, certainties)
    with pytest.raises(InputError) as caught:
        recognize(path, option="--format")
    assert_names(caught.value.found, *names)
    assert_names(caught.value.expected, "--format", "Records", "Table")
    assert caught.value.file == path


def test_a_known_format_needs_no_certainty(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guesses(monkeypatch, {Table: 0.1, Text: 0.9})
    assert recognize(path, Table) == (Table, Guess({"a": "Table"}, 0.1))
    monkeypatch.setattr(Table, "sniff", lambda head, name: None)
    assert recognize(path, Table) == (Table, Guess({}, 0.0))


def test_only_the_beginning_of_a_file_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads: list[bytes] = []
    for kind in known_formats():
        monkeypatch.setattr(kind, "sniff", lambda head, name: heads.append(head))
    (tmp_path / "large").write_bytes(b"a" * 2**20)
    with pytest.raises(InputError):
        recognize(tmp_path / "large")
    assert {len(head) for head in heads} == {2**16}
