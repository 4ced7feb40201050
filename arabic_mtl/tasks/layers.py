"""The annotations of a text in the layers of a task."""

from collections.abc import Sequence
from itertools import chain
from typing import TypeVar

from arabic_mtl.documents import Example, Span

_A = TypeVar("_A")


def labels_in(example: Example, names: Sequence[str]) -> tuple[str, ...] | None:
    """Returns a text's labels in some layers, layer by layer; None if it lacks a layer."""
    layers = _present([example.labels.get(name) for name in names])
    return None if layers is None else tuple(chain.from_iterable(layers))


def spans_in(example: Example, names: Sequence[str]) -> tuple[Span, ...] | None:
    """Returns a text's spans in some layers; None if it lacks a layer (`spans_by_layer`).

    The spans of several layers are sorted by offset; those of a single layer keep their order.
    """
    layers = spans_by_layer(example, names)
    if layers is None:
        return None
    if len(layers) == 1:
        return layers[0]
    return tuple(sorted(chain.from_iterable(layers), key=lambda span: (span.start, span.end)))


def spans_by_layer(example: Example, names: Sequence[str]) -> list[tuple[Span, ...]] | None:
    """Returns a text's spans in each of some layers; None if it lacks a layer.

    Nested spans are in layers that are numbered from the outermost to the deepest level: ``ner``,
    ``ner_2``, ``ner_3``. A text has only the levels that it needs. So a text with ``ner`` lacks no
    level: it has no spans in the missing ones.
    """
    return _present([_spans(example, name) for name in names])


def _spans(example: Example, name: str) -> tuple[Span, ...] | None:
    outermost, _, level = name.rpartition("_")
    is_level = level.isdecimal() and int(level) > 1 and outermost in example.spans
    return example.spans.get(name, () if is_level else None)


def _present(layers: Sequence[_A | None]) -> list[_A] | None:
    """Returns the layers, or None if one of them is missing."""
    present = [layer for layer in layers if layer is not None]
    return present if len(present) == len(layers) else None
