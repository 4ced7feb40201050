"""Endless files: reading, annotating and writing take constant memory."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from itertools import count

import pytest

from arabic_mtl.formats import READERS, WRITERS, Notices, annotate
from support.formats import ROOM, Words, check, raise_error

BATCH = 2
SENTENCE = f'<sentence id="{{}}"><text>{ROOM}</text></sentence>\n'
ENDLESS: dict[str, tuple[str, str, Callable[[int], str]]] = {
    "text": ("jsonl", "", lambda _: f"{ROOM}\n"),
    "jsonl": ("jsonl", "", lambda n: json.dumps({"id": n, "text": ROOM}) + "\n"),
    "csv": ("csv", "id,text\n", lambda n: f"{n},{ROOM}\n"),
    "tsv": ("jsonl", "id\ttext\n", lambda n: f"{n}\t{ROOM}\n"),
    "conll": ("conll", "", lambda _: "\n".join([*ROOM.split(), "", ""])),
    "xml": ("xml", "<sentences>\n", SENTENCE.format),
    "xml, reviews": (
        "xml",
        "<Reviews>\n",
        lambda n: f"<Review><sentences>{SENTENCE.format(n)}</sentences></Review>\n",
    ),
}


class Endless(io.RawIOBase):
    """A file with a header and an endless number of records."""

    def __init__(self, head: str, record: Callable[[int], str]) -> None:
        self.count = 0
        self._numbers, self._record, self._rest = count(), record, head.encode()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        while len(self._rest) < len(buffer):
            self.count += 1
            self._rest += self._record(next(self._numbers)).encode()
        buffer[:], self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        return len(buffer)


class Pipe(io.BytesIO):
    """A pipe that breaks after 200,000 bytes."""

    def write(self, content: bytes) -> int:  # type: ignore[override]
        if self.tell() > 200_000:
            raise BrokenPipeError
        return super().write(content)


@pytest.mark.parametrize("name", ENDLESS)
def test_endless_files_are_annotated_in_constant_memory(name: str) -> None:
    target, head, record = ENDLESS[name]
    source, pipe, model = Endless(head, record), Pipe(), Words()
    options = {"columns": ["word"]} if name == "conll" else {}
    reader = READERS[name.split(",")[0]](**options)
    records = reader.stream(io.BufferedReader(source), check, raise_error)
    with pytest.raises(BrokenPipeError):
        WRITERS[target]().write(pipe, annotate(records, model, BATCH), model, Notices())
    last_word = ROOM.rpartition(" ")[2]
    written_texts = pipe.getvalue().decode(errors="ignore").count(last_word)
    assert written_texts > 100
    assert (
        model.read <= written_texts + 2 * 16 * BATCH + 100
    )  # XML is written in buffers of kilobytes
    buffered = 40_000 // len(record(0).encode()) + 1  # XML is read in buffers of this size
    assert source.count <= model.read + buffered
