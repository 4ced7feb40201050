"""The predictions of all tasks, from one encoder pass."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from arabic_mtl.decoders.base import Arrays, Decoder, SourcePrediction
from arabic_mtl.decoders.span import table_of
from arabic_mtl.documents import Prediction
from arabic_mtl.text import Encoding
from arabic_mtl.text.offsets import Integers

Ask = Callable[[str, Integers | None], Arrays]
"""Returns the logits of a task's head for texts that were encoded, given the table of the spans
to label (`arabic_mtl.decoders.span.table_of`) for a head that is asked about spans."""


def decode_all(
    decoders: Mapping[str, Decoder], ask: Ask, rows: Sequence[Encoding]
) -> dict[str, Sequence[Prediction]]:
    """Returns every task's prediction for each text.

    A task is asked after those that it depends on.

    Args:
        decoders: By task.
        ask: Returns logits; is called once for each task.
        rows: The texts.
    """
    predictions: dict[str, Sequence[Prediction]] = {}
    for name in _in_order(decoders):
        decoder = decoders[name]
        if decoder.asks_spans:
            sources = _sources(decoder, decoders, predictions, len(rows))
            queries = [decoder.queries(*each) for each in zip(rows, sources, strict=True)]
            predictions[name] = decoder.decode(ask(name, table_of(queries)), rows, queries)
        else:
            predictions[name] = decoder.decode(ask(name, None), rows)
    return {name: predictions[name] for name in decoders}


def _in_order(decoders: Mapping[str, Decoder]) -> Iterator[str]:
    """Yields each task after those that it depends on."""
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
    """Returns, for each text, the predictions that a task builds on."""
    return [
        {
            other: SourcePrediction(predictions[other][row], decoders[other].outputs)
            for other in decoder.depends_on
        }
        for row in range(rows)
    ]
