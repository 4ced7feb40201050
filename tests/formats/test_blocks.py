"""Blocks of decoded lines: all lines of a file, in order, with their numbers."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.errors import InputError
from arabic_mtl.formats.conll.blocks import blocks


def lines(content: bytes, encoding: str = "utf-8") -> list[str]:
    """Returns all lines of a file; asserts that they are numbered without gaps."""
    found: list[str] = []
    for block in blocks(io.BytesIO(content), encoding):
        assert block.line == len(found) + 1
        assert block.content.startswith("\n".join(block.texts))
        found += block.texts
    return found


@given(st.text("اb\n\r\u2028😍", max_size=40), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_lines_restore_the_file(text: str, encoding: str) -> None:
    assert "\n".join(lines(text.encode(encoding))) == text


def test_lines_go_on_in_the_next_block() -> None:
    text = "".join(f"{n} العشاء{'ا' * (n % 50)}\n" for n in range(3000))
    assert lines(text.encode()) == text.split("\n")
    assert lines(text.encode("utf-16-be"), "utf-16-be") == text.split("\n")
    assert lines(b"a" * 100_000) == ["a" * 100_000]


@given(st.lists(st.sampled_from([b"a", b"\xff", b"\n", "ا".encode(), b"\xd8"]), max_size=20))
def test_undecodable_bytes_belong_to_their_line(parts: list[bytes]) -> None:
    content = b"ab\n" * 15_000 + b"".join(parts)
    errors = {}
    for block in blocks(io.BytesIO(content), "utf-8"):
        errors.update(block.errors)
    expected = set()
    for number, line in enumerate(content.split(b"\n"), 1):
        try:
            line.decode()
        except UnicodeDecodeError as error:
            expected.add(number)
            position = content.split(b"\n")[: number - 1]
            offset = sum(len(line) + 1 for line in position) + error.start
            assert f"position {offset:,} " in str(errors[number].found)
    assert errors.keys() == expected


def test_lines_are_not_read_before_they_are_needed() -> None:
    file = io.BytesIO(b"a\n" * 100_000)
    next(blocks(file, "utf-8"))
    assert file.tell() < 40_000


def test_long_lines_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("arabic_mtl.formats.conll.blocks._LONGEST", 100_000)
    with pytest.raises(InputError) as caught:
        lines(b"a\n" + b"b" * 200_000)
    assert caught.value.line == 2
