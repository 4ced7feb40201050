"""A model with a fixed vocabulary, and conversions of files with its annotations."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from types import MappingProxyType
from typing import Any

from arabic_mtl.documents import AnnotatedSpan, Annotation, LabelScore
from arabic_mtl.errors import InputError
from arabic_mtl.formats import READERS, WRITERS, Notices, annotate

TASKS = ("ner", "kind", "mood")
WORDS = {
    "": ("", "HOTEL#GENERAL", "positive"),
    "الغرفة": ("ROOMS", "ROOMS#GENERAL", "positive"),
    "الموظفون": ("SERVICE", "SERVICE#GENERAL", "negative"),
    "العشاء": ("FOOD", "FOOD#PRICES", "neutral"),
    "السعر": ("FOOD", "FOOD#PRICES", "negative"),
}
"""Target to its labels for the `TASKS`."""

THANKS = "شكرا"
"""A word that gives a text an opinion on NULL."""

ROOM = "كانت الغرفة جيدة"

ROLES = {"target": "ner", "category": "kind", "polarity": "mood", "aspect": "kind"}


class Words:
    """A model that annotates the first occurrence of each of the `WORDS` in a text.

    Args:
        roles: Role to task, for a model with fewer tasks; all `ROLES` by default.
    """

    text_tasks = ("kind",)
    layers: Mapping[str, str] = MappingProxyType({task: task for task in TASKS})

    def __init__(self, **roles: str) -> None:
        self.roles = roles or ROLES
        self.read = 0

    def stream(self, texts: Iterable[str], batch_size: int = 64) -> Iterator[Annotation]:
        """Yields annotations; reads as far ahead as an `arabic_mtl.inference.Annotator`."""
        source = iter(texts)
        while chunk := list(islice(source, 16 * batch_size)):
            self.read += len(chunk)
            yield from map(self.annotation, chunk)

    def annotation(self, text: str) -> Annotation:
        starts = [(text.index(word), word) for word in WORDS if word and word in text]
        starts += [(0, "")] if THANKS in text else []
        items = [(n, w, dict(zip(TASKS, WORDS[w], strict=True))) for n, w in sorted(starts)]
        spans = [AnnotatedSpan(n, n + len(w), w, self._scores(labels)) for n, w, labels in items]
        kinds = dict.fromkeys(LabelScore(labels["kind"], 0.5) for *_, labels in items)
        known = tuple(span for span in spans if span.labels)
        return Annotation(text, known, {"kind": tuple(kinds)})

    def _scores(self, labels: dict[str, str]) -> dict[str, LabelScore]:
        tasks = [self.roles.get(role) for role in ("target", "aspect", "polarity")]
        return {
            task: LabelScore(label, 0.5)
            for task, label in labels.items()
            if label and task in tasks
        }


def check(text: str) -> None:
    """Raises `InputError` for texts of more than a hundred characters."""
    if len(text) > 100:
        raise InputError("a text must be short", found=f"{len(text)} characters", expected="100")


def raise_error(error: InputError) -> None:
    raise error


def convert(
    content: str | bytes, source: str, target: str = "", model: Words | None = None, **field: Any
) -> str:
    """Returns a file annotated in an output format; raises the first error."""
    return _convert(content, source, target, raise_error, model or Words(), field)


def convert_skipping(
    content: str | bytes, source: str, **field: Any
) -> tuple[str, list[InputError]]:
    """Returns a file annotated in its own format (text: JSON lines), and the skipped errors."""
    errors: list[InputError] = []
    target = "jsonl" if source == "text" else source
    return _convert(content, source, target, errors.append, Words(), field), errors


def conversion_error(
    content: str | bytes, source: str, target: str = "", model: Words | None = None, **field: Any
) -> InputError:
    """Returns the error that a file cannot be converted with."""
    try:
        output = convert(content, source, target, model, **field)
    except InputError as error:
        return error
    raise AssertionError(f"no error was raised: {output}")


def _convert(
    content: str | bytes,
    source: str,
    target: str,
    on_error: Any,
    model: Words,
    field: dict[str, Any],
) -> str:
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    output = io.BytesIO()
    records = READERS[source](**field).stream(file, check, on_error)
    annotated = annotate(records, model, 2)
    WRITERS[target or source]().write(output, annotated, model, Notices())
    return output.getvalue().decode()
