"""What a model says of texts, from one reading of them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from arabic_mtl.decoders.base import Arrays, Decoder
from arabic_mtl.decoders.multilabel import LabelsDecoder
from arabic_mtl.decoders.span import SpanDecoder, SpanPlace, table_of
from arabic_mtl.text import Encoding
from arabic_mtl.text.offsets import Integers

Heads = Callable[[str, Integers | None], Arrays]
"""The logits of a task's head for texts that were encoded, and the pieces that it is asked about
(`arabic_mtl.decoders.span.table_of`), if it is one that is."""

Rows = Mapping[str, Sequence[Encoding]]
"""Task to the texts that it reads."""


def decode(decoders: Mapping[str, Decoder], heads: Heads, rows: Rows) -> dict[str, list[Any]]:
    """Every task's answer to each of its texts.

    Pieces of texts are labelled last: by then those that find them, and what is told of them,
    have been heard.

    Args:
        decoders: By task.
        heads: Gives logits; is called once for each task.
        rows: The texts.
    """
    logits: dict[str, Arrays] = {}
    answers: dict[str, list[Any]] = {}
    for name, decoder in decoders.items():
        if not isinstance(decoder, SpanDecoder):
            logits[name] = heads(name, None)
            answers[name] = decoder.answers(logits[name], rows[name])
    for name, decoder in decoders.items():
        if isinstance(decoder, SpanDecoder):
            spans = _places(decoder, decoders, logits, answers, rows[name])
            answers[name] = decoder.answers_of(heads(name, table_of(spans)), spans)
    return {name: answers[name] for name in decoders}


def _places(
    decoder: SpanDecoder,
    decoders: Mapping[str, Decoder],
    logits: Mapping[str, Arrays],
    answers: Mapping[str, list[Any]],
    rows: Sequence[Encoding],
) -> list[list[SpanPlace]]:
    """The pieces of each text, by what other tasks have found in it."""
    nothing: list[Any] = [[]] * len(rows)
    spans = answers[decoder.spans_from] if decoder.spans_from else nothing
    ranked = found = nothing
    if decoder.told_by and isinstance(teller := decoders[decoder.told_by], LabelsDecoder):
        ranked, found = teller.ranked(logits[decoder.told_by]), answers[decoder.told_by]
    return [decoder.places(*each) for each in zip(rows, spans, ranked, found, strict=True)]
