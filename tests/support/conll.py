"""CoNLL files from strings, and a model that finds given spans."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from arabic_mtl.documents import AnnotatedSpan, Annotation, Example, LabelScore
from arabic_mtl.errors import InputError
from arabic_mtl.formats import Conll, Notices, annotate

Found = tuple[int, int, str]


def read(content: str | bytes, **options: Any) -> tuple[list[Example], Notices]:
    """Returns the examples of a file, whose columns are word and ner by default, and notices."""
    notices = Notices()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.txt"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return list(Conll(**{"columns": ["word", "ner"]} | options).read(path, notices)), notices


def spans(example: Example, layer: str = "ner") -> list[Found]:
    return [(span.start, span.end, span.label) for span in example.spans[layer]]


def counts(notices: Notices) -> dict[str, tuple[int, int | None]]:
    """Returns rule to the number of occurrences and the first line."""
    return {notice.rule: (notice.number, notice.line) for notice in notices}


def refusal(content: str | bytes, **options: Any) -> InputError:
    """Returns the error that a file is refused with."""
    with pytest.raises(InputError) as caught:
        read(content, **options)
    assert caught.value.file is not None
    return caught.value


class Finder:
    """A model that finds given spans.

    Args:
        found: Text to task to the spans that the task finds.
        layers: Task to its layer; by default its name.
    """

    roles: Mapping[str, str] = {}
    text_tasks = ("mood",)

    def __init__(
        self, found: Mapping[str, Mapping[str, Sequence[Found]]], layers: Mapping[str, str]
    ) -> None:
        self._found, self.layers = found, {**layers, "mood": "mood"}

    def stream(self, inputs: Iterable[Any], batch_size: int) -> Iterator[Annotation]:
        for text in inputs:
            tasks = self._found.get(text, {})
            annotated = [
                AnnotatedSpan(start, end, text[start:end], {task: LabelScore(label)})
                for task, found in tasks.items()
                for start, end, label in found
            ]
            yield Annotation(text, tuple(annotated), {})


def write(
    content: str | bytes, model: Any, **options: Any
) -> tuple[bytes, dict[str, tuple[int, int | None]]]:
    """Returns a file with the spans that a model finds, and the notices of writing it."""
    conll = Conll(**{"columns": ["word", "ner"]} | options)
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    output, notices = io.BytesIO(), Notices()
    conll.require(model)
    conll.write(output, annotate(conll.stream(file), model, 2), model, notices)
    return output.getvalue(), counts(notices)
