"""Decoding of all tasks after one encoder pass, each task after those that it depends on."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from arabic_mtl.decoders.base import Arrays, Decoder, SourcePrediction
from arabic_mtl.decoders.span import query_table
from arabic_mtl.documents import Prediction
from arabic_mtl.text import Encoding
from arabic_mtl.text.ragged import Integers

Ask = Callable[[str, Integers | None], Arrays]
"""A function from a task's name and the spans to label to the logits of the task's head.

The spans are a table (`arabic_mtl.decoders.span.query_table`), or None for a head without spans."""


def decode_all(
    decoders: Mapping[str, Decoder], ask: Ask, rows: Sequence[Encoding]
) -> dict[str, Sequence[Prediction]]:
    """Returns every task's prediction for each text.

    A task is decoded after the tasks that it depends on.

    Args:
        decoders: Task to its decoder.
        ask: Returns the logits of a task for the texts; is called once for each task.
        rows: The encoded texts.
    """
    predictions: dict[str, Sequence[Prediction]] = {}
    for name in _in_order(decoders):
        decoder = decoders[name]
        if decoder.asks_spans:
            sources = _sources(decoder, decoders, predictions, len(rows))
            queries = [decoder.queries(row, own) for row, own in zip(rows, sources, strict=True)]
            predictions[name] = decoder.decode(ask(name, query_table(queries)), rows, queries)
        else:
            predictions[name] = decoder.decode(ask(name, None), rows)
    return {name: predictions[name] for name in decoders}


def _in_order(decoders: Mapping[str, Decoder]) -> Iterator[str]:
    """Yields the names of the tasks, each after the tasks that it depends on."""
    waiting = list(decoders)
    done: set[str] = set()
    while waiting:
        ready = [name for name in waiting if done.issuperset(decoders[name].depends_on)] or waiting
        yield from ready
        done.update(ready)
        waiting = [name for name in waiting if name not in done]


def _sources(
    decoder: Decoder,
    decoders: Mapping[str, Decoder],
    predictions: Mapping[str, Sequence[Prediction]],
    rows: int,
) -> list[dict[str, SourcePrediction]]:
    """Returns, for each text, the predictions of the tasks that a task depends on."""
    return [
        {
            other: SourcePrediction(predictions[other][row], decoders[other].outputs)
            for other in decoder.depends_on
        }
        for row in range(rows)
    ]
