"""A model that knows three words, to see what formats make of what it says."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from itertools import islice
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
"""A target to what `TASKS` say of it."""

THANKS = "شكرا"
"""Makes an opinion on NULL."""

ROOM = "كانت الغرفة جيدة"

ROLES = {"target": "ner", "category": "kind", "polarity": "mood", "aspect": "kind"}


class Words:
    """Finds each of its words once in a text.

    Args:
        roles: What it tells of opinions: all, unless some are given.
    """

    of_whole = ("kind",)

    def __init__(self, **roles: str) -> None:
        self.roles = roles or ROLES
        self.read = 0

    def stream(self, texts: Iterable[str], batch_size: int = 64) -> Iterator[Annotation]:
        """Reads as far ahead as an `arabic_mtl.inference.Annotator`."""
        source = iter(texts)
        while some := list(islice(source, 16 * batch_size)):
            self.read += len(some)
            yield from map(self.annotation, some)

    def annotation(self, text: str) -> Annotation:
        found = [(text.index(word), word) for word in WORDS if word and word in text]
        found += [(0, "")] if THANKS in text else []
        said = [(n, word, dict(zip(TASKS, WORDS[word], strict=True))) for n, word in sorted(found)]
        spans = [AnnotatedSpan(n, n + len(w), w, self._told(labels)) for n, w, labels in said]
        kinds = dict.fromkeys(LabelScore(labels["kind"], 0.5) for *_, labels in said)
        known = tuple(span for span in spans if span.labels)
        return Annotation(text, known, {"kind": tuple(kinds)})

    def _told(self, labels: dict[str, str]) -> dict[str, LabelScore]:
        tasks = [self.roles.get(role) for role in ("target", "aspect", "polarity")]
        return {task: LabelScore(of, 0.5) for task, of in labels.items() if of and task in tasks}


def check(text: str) -> None:
    """Takes no text of more than a hundred characters."""
    if len(text) > 100:
        raise InputError("a text is short", found=f"{len(text)} characters", expected="100")


def stop(error: InputError) -> None:
    raise error


def converted(
    content: str | bytes, source: str, target: str = "", model: Words | None = None, **field: str
) -> str:
    """What a file becomes, with nothing left out."""
    return _converted(content, source, target, stop, model or Words(), field)


def skipping(content: str | bytes, source: str, **field: str) -> tuple[str, list[InputError]]:
    """What a file becomes in its own format, or in JSON lines, and what was left out."""
    refused: list[InputError] = []
    target = "jsonl" if source == "text" else source
    return _converted(content, source, target, refused.append, Words(), field), refused


def refusal(
    content: str | bytes, source: str, target: str = "", model: Words | None = None, **field: str
) -> InputError:
    """What is said of a file that cannot be read."""
    try:
        written = converted(content, source, target, model, **field)
    except InputError as error:
        return error
    raise AssertionError(f"nothing was refused: {written}")


def _converted(
    content: str | bytes, source: str, target: str, refuse: Any, model: Words, field: dict[str, str]
) -> str:
    given = io.BytesIO(content.encode() if isinstance(content, str) else content)
    written = io.BytesIO()
    records = READERS[source](**field).stream(given, check, refuse)
    annotated = annotate(records, model, 2)
    WRITERS[target or source]().write(written, annotated, model, Notices())
    return written.getvalue().decode()
