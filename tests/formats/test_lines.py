"""Lines and the places of their bytes, whatever a file holds."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.errors import InputError
from arabic_mtl.formats import lines as module
from arabic_mtl.formats.lines import Line, lines


def read(content: bytes) -> list[Line]:
    return list(lines(io.BytesIO(content)))


def test_numbers_places_and_ends() -> None:
    found = read("ا\r\n\nb\rc\u2028d".encode())
    assert [(line.line, line.offset, line.text()) for line in found] == [
        (1, 0, "ا"),
        (2, 4, ""),
        (3, 5, "b\rc\u2028d"),
    ]


def test_the_mark_of_utf8_is_no_character() -> None:
    found = read("\ufeffا\n\ufeffb\n".encode())
    assert [(line.offset, line.text()) for line in found] == [(3, "ا"), (6, "\ufeffb")]


@given(st.binary())
def test_no_byte_is_lost(content: bytes) -> None:
    found = read(content)
    mark = content[:3] if content.startswith(b"\xef\xbb\xbf") else b""
    assert mark + b"".join(line.content for line in found) == content
    for line in found:
        assert content[line.offset :].startswith(line.content)
        assert b"\n" not in line.content[:-1]


@pytest.mark.parametrize(
    ("content", "line", "byte", "place"),
    [
        (b"a\n\xff", 2, "0xff", "2"),
        (b"\xef\xbb\xbf\xd8\xa7\xd8", 1, "0xd8", "5"),
        (b"a\n" * 600 + b"b\xed\xa0\x80\n", 601, "0xed", "1,201"),
        ("فندق".encode("cp1256"), 1, "0xdd", "0"),
    ],
)
def test_bytes_that_are_no_utf8(content: bytes, line: int, byte: str, place: str) -> None:
    broken = read(content)[line - 1]
    with pytest.raises(InputError, match="UTF-8") as caught:
        broken.text()
    assert broken.line == line
    assert re.findall(r"\b\d[\w,]*", str(caught.value.found)) == [byte, place]


@pytest.mark.parametrize("end", [b"\n", b""])
def test_a_line_without_end_is_not_kept(monkeypatch: pytest.MonkeyPatch, end: bytes) -> None:
    monkeypatch.setattr(module, "_LONGEST", 8)
    found = read(b"12345678\n1234567\n" + b"x" * 100 + b"\nabc" + end)
    assert [len(line.content) for line in found] == [9, 8, 9, 3 + len(end)]
    assert [line.offset for line in found] == [0, 9, 17, 118]
    for line in (found[0], found[2]):
        with pytest.raises(InputError) as caught:
            line.text()
        assert re.findall(r"\d+ \w+", str(caught.value.found)) == ["8 bytes"]
    assert found[3].text() == "abc"
