"""The answers of all tasks to a text as one annotation."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from arabic_mtl.decoders import Decoder, SpanDecoder
from arabic_mtl.documents import AnnotatedSpan, Annotation, Label

Answers = Mapping[str, Any]
"""Task to its answer to a text."""

Score = Callable[[float], float]
"""Makes a score a calibrated one."""


def annotation(
    text: str,
    answers: Answers,
    decoders: Mapping[str, Decoder],
    of_pieces: Collection[str],
    scores: Mapping[str, Score],
) -> Annotation:
    """Joins what is said of the same piece of the text.

    Args:
        text: The text.
        answers: Those of `arabic_mtl.decoders.decode`.
        decoders: By task.
        of_pieces: The tasks that say something of pieces of the text.
        scores: By task.
    """

    def label(name: str, found: Mapping[str, Any]) -> Label:
        return Label(found["label"], scores[name](found["score"]))

    pieces: dict[tuple[int, int, str], dict[str, Label]] = {}
    labels: dict[str, tuple[Label, ...]] = {}
    for name, answer in answers.items():
        decoder = decoders[name]
        if name not in of_pieces:
            found = answer if isinstance(answer, list) else [answer]
            labels[name] = tuple(label(name, each) for each in found)
            continue
        for span in answer:
            piece = pieces.setdefault(_key(span), {})
            if isinstance(decoder, SpanDecoder) and decoder.told_by and "told" in span:
                piece[decoder.told_by] = label(decoder.told_by, span["told"])
            piece[name] = label(name, span)
    spans = [
        AnnotatedSpan(start, end, text[start:end], of_piece)
        for (start, end, _), of_piece in sorted(pieces.items(), key=lambda item: item[0])
    ]
    return Annotation(text, tuple(spans), labels)


def _key(span: Mapping[str, Any]) -> tuple[int, int, str]:
    """What tells pieces apart: their place; of NULL, which may come more than once, the topic."""
    start, end = span["start"], span["end"]
    return start, end, "" if start < end or "told" not in span else span["told"]["label"]
