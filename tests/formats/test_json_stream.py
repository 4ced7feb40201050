"""JSON files as streams: a value per line, or the elements of one array."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.errors import InputError
from arabic_mtl.formats.records import json_stream as module
from arabic_mtl.formats.records.json_stream import json_texts
from support.messages import assert_names

LINES = st.dictionaries(st.text(max_size=3), st.text(max_size=9), max_size=3)


class Trickle(io.RawIOBase):
    """A pipe that gives a few bytes at once."""

    def __init__(self, content: Iterator[bytes]) -> None:
        self.count, self._content = 0, content

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        content = next(self._content, b"")
        self.count += len(content)
        buffer[: len(content)] = content
        return len(content)


def texts(content: str | bytes, encoding: str = "utf-8") -> list[tuple[int, int, str]]:
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    return [(part.line, part.number, part.text()) for part in json_texts(file, encoding)]


def error(content: str | bytes, encoding: str = "utf-8") -> InputError:
    with pytest.raises(InputError) as caught:
        texts(content, encoding)
    return caught.value


def test_lines_are_values() -> None:
    assert texts('{"a": 1}\r\n\n  \n["b", {}]') == [(1, 0, '{"a": 1}'), (4, 0, '["b", {}]')]
    assert texts('\n["b", {}]\n["c", {}]') == [(2, 0, '["b", {}]'), (3, 0, '["c", {}]')]
    assert texts("") == texts("\n \n") == []


def test_array_elements_have_line_numbers() -> None:
    content = '\n [{"a":\n1}, {"b": "\\n]"},\n\n ["c", {}]\n, 3 ,4]\n\n'
    assert texts(content) == [
        (2, 0, '{"a":\n1}'),
        (3, 0, '{"b": "\\n]"}'),
        (5, 0, '["c", {}]'),
        (6, 0, "3"),
        (6, 1, "4"),
    ]
    assert texts("[]") == texts(" [\n]\n") == []


@given(st.lists(LINES, min_size=1, max_size=9), st.sampled_from([None, 1]), st.integers(1, 40))
def test_arrays_are_read_in_chunks_of_any_size(
    records: list[dict[str, str]], indent: int | None, size: int
) -> None:
    content = json.dumps(records, ensure_ascii=False, indent=indent).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_CHUNK", size)
        patch.setattr(module, "_PIECE", size)
        parts = texts(content)
    assert [json.loads(text) for _, _, text in parts] == records
    lines = content.decode().split("\n")
    assert all(lines[line - 1].lstrip(" [,").startswith("{") for line, _, _ in parts)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1256"])
@pytest.mark.parametrize("content", ['[{"a": "غرفة"},\n{}]', '{"a": "غرفة"}\n{}\n'])
def test_encodings(content: str, encoding: str) -> None:
    given_encoding = "utf-8" if encoding == "utf-8-sig" else encoding
    assert [(line, text) for line, _, text in texts(content.encode(encoding), given_encoding)] == [
        (1, '{"a": "غرفة"}'),
        (2, "{}"),
    ]


def test_undecodable_bytes_of_an_array_have_a_line_and_a_position() -> None:
    content = ("[\n" + '{"a": "غرفة"},\n' * 9000).encode() + '{"a": "غرفة"}]'.encode("cp1256")
    caught = error(content)
    assert caught.line == 9002
    position = content.index(b"\xdb")
    assert_names(caught.found, "0xdb", f" {position:,} ")
    assert_names(caught.expected, "windows-1256", "غرفة")
    wide = error('[\n{"a": "غرفة"}]'.encode("utf-16-le"))
    assert wide.line == 2
    assert_names(wide.expected, "encoding: utf-16-le")


@pytest.mark.parametrize(
    ("content", "line", "found"),
    [
        ('[{"a": 1}\n {"b": 2}]', 2, "{ after the value"),
        ('[{"a": 1},\n]', 2, "Expecting value: ]"),
        ('[{"a": 1},\n{"b": 2}\n', 3, "the end of the file"),
        ("[{", 1, "double quotes: {"),
        ('[\n{"a": \n1, b}]', 3, "double quotes: 1, b}]"),
        ('[{"a": 1}]\n[{"a": 1}]', 2, "after the array"),
        ("[" * 100_000, 1, "recursion"),
    ],
)
def test_arrays_that_are_no_json_are_refused(content: str, line: int, found: str) -> None:
    caught = error(content)
    assert caught.line == line
    assert_names(caught.found, found)


def test_elements_of_an_array_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LONGEST", 1000)
    monkeypatch.setattr(module, "_CHUNK", 100)
    assert len(texts(f'[{{"a": "{"b" * 900}"}}]')) == 1
    file = Trickle(iter([b'[{"a": "'] + [b"b" * 50] * 1000))
    with pytest.raises(InputError) as caught:
        list(json_texts(io.BufferedReader(file)))
    assert_names(caught.value.expected, "characters")
    assert file.count < 20_000


def test_endless_arrays_are_read_as_far_as_they_are_consumed() -> None:
    file = Trickle(b"[{}\n" if n == 0 else b',{"n": %d}\n' % n for n in count())
    parts = json_texts(io.BufferedReader(file))
    assert [next(parts).line for _ in range(50_000)] == [*range(1, 50_001)]
    assert file.count < 15 * 50_000 + 300_000


@given(st.binary(max_size=60) | st.text('[]{}",:1a\n \\', max_size=30).map(str.encode))
def test_any_bytes_end_in_texts_or_an_error_with_a_line(content: bytes) -> None:
    parts, lines = json_texts(io.BytesIO(content)), list[int | None]()
    try:
        for part in parts:
            lines.append(part.line)
            part.text()
    except InputError as caught:
        lines.append(caught.line)
    assert all(lines)
