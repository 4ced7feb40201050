"""A format whose lines are examples as JSON, so that files have any layers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from arabic_mtl.documents import Example, Span
from arabic_mtl.formats import Format, Guess, Layers, Notices, Record
from arabic_mtl.formats.lines import Line, lines

LAYERED = "support.layered.Layered"
"""The import path of the format."""

TEXT = "قال سعد في عدن"


@dataclass(frozen=True, kw_only=True)
class Layered(Format[Line]):
    """Lines of JSON with the fields of an example; `#` begins a comment, which is counted.

    Args:
        text: The name of the field with the text.
    """

    text: str

    @property
    def layers(self) -> Layers | None:
        return None

    def parts(self, file: BinaryIO, notices: Notices) -> Iterator[Line]:
        return lines(file)

    def records(self, part: Line, notices: Notices, *, gold: bool) -> Sequence[Record]:
        if part.text().startswith("#"):
            notices.count("a comment", part.line)
            return []
        value = json.loads(part.text())
        example = Example(
            id=value.get("id", f"line:{part.line}"),
            text=value[self.text],
            spans={k: tuple(Span(*s) for s in v) for k, v in value.get("spans", {}).items()},
            labels={k: tuple(v) for k, v in value.get("labels", {}).items()},
            line=part.line,
        )
        return [Record(example=example, line=part.line)]

    @classmethod
    def sniff(cls, head: bytes, name: str) -> Guess | None:
        return Guess({"text": "text"}, 1.0, ("the field `text` may have another name",))


def write_examples(path: Path, examples: Sequence[Mapping[str, Any]]) -> Path:
    """Writes a file of examples, whose text by default is `TEXT`."""
    texts = [json.dumps({"text": TEXT} | dict(example)) for example in examples]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path
