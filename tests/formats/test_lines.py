"""Lines and their byte offsets, for any content."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.errors import InputError
from arabic_mtl.formats import lines as module
from arabic_mtl.formats.encodings import decoded_head, require_encoding
from arabic_mtl.formats.lines import Line, lines
from support.messages import assert_names


def read(content: bytes) -> list[Line]:
    return list(lines(io.BytesIO(content)))


def test_lines_have_numbers_and_offsets_and_no_line_ends() -> None:
    numbered_lines = read("ا\r\n\nb\rc\u2028d".encode())
    assert [(line.line, line.offset, line.text()) for line in numbered_lines] == [
        (1, 0, "ا"),
        (2, 4, ""),
        (3, 5, "b\rc\u2028d"),
    ]


def test_byte_order_mark_is_removed() -> None:
    numbered_lines = read("\ufeffا\n\ufeffb\n".encode())
    assert [(line.offset, line.text()) for line in numbered_lines] == [(3, "ا"), (6, "\ufeffb")]


@given(st.binary())
def test_no_byte_is_lost(content: bytes) -> None:
    numbered_lines = read(content)
    bom = content[:3] if content.startswith(b"\xef\xbb\xbf") else b""
    assert bom + b"".join(line.content for line in numbered_lines) == content
    for line in numbered_lines:
        assert content[line.offset :].startswith(line.content)
        assert b"\n" not in line.content[:-1]


@pytest.mark.parametrize(
    ("content", "line", "byte", "position"),
    [
        (b"a\n\xff", 2, "0xff", "2"),
        (b"\xef\xbb\xbf\xd8\xa7\xd8", 1, "0xd8", "5"),
        (b"a\n" * 600 + b"b\xed\xa0\x80\n", 601, "0xed", "1,201"),
        ("فندق".encode("cp1256"), 1, "0xdd", "0"),
    ],
)
def test_invalid_utf8_is_rejected(content: bytes, line: int, byte: str, position: str) -> None:
    broken = read(content)[line - 1]
    with pytest.raises(InputError, match="UTF-8") as caught:
        broken.text()
    assert broken.line == line
    assert re.findall(r"\b\d[\w,]*", str(caught.value.found)) == [byte, position]


@pytest.mark.parametrize("end", [b"\n", b""])
def test_too_long_lines_are_truncated_and_rejected(
    monkeypatch: pytest.MonkeyPatch, end: bytes
) -> None:
    monkeypatch.setattr(module, "_LONGEST", 8)
    numbered_lines = read(b"12345678\n1234567\n" + b"x" * 100 + b"\nabc" + end)
    assert [len(line.content) for line in numbered_lines] == [9, 8, 9, 3 + len(end)]
    assert [line.offset for line in numbered_lines] == [0, 9, 17, 118]
    for line in (numbered_lines[0], numbered_lines[2]):
        with pytest.raises(InputError) as caught:
            line.text()
        assert re.findall(r"\d+ \w+", str(caught.value.found)) == ["8 bytes"]
    assert numbered_lines[3].text() == "abc"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_with_latin_names_of_columns_is_named(encoding: str) -> None:
    content = "id,text,label\n1,ا,a\n".encode(encoding)
    with pytest.raises(InputError) as caught:
        read(content)
    assert_names(caught.value.expected, f"encoding: {encoding}", "«id,text,label»")
    assert decoded_head(content)[0] == content.decode(encoding)


def test_utf8_with_a_mark_is_utf8() -> None:
    assert require_encoding("UTF-8-SIG") == "utf-8"
    for content in ("\ufeffا\n", "ا\n"):
        (line,) = lines(io.BytesIO(content.encode()), "utf-8-sig")
        assert (line.text(), line.encoding) == ("ا", "utf-8")


def test_a_few_wrong_bytes_do_not_change_the_encoding_of_a_file() -> None:
    content = "قال عدن\n".encode() * 20 + "زار ليث\n".encode("windows-1256")
    assert decoded_head(content)[1] == "utf-8"
    assert decoded_head(("قال عدن\n" * 20).encode("windows-1256"))[1] == "windows-1256"
