"""Overlapping spans: which of them a tagger learns, and the error if it may learn none."""

from bisect import bisect
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Literal

from arabic_mtl.documents import Span
from arabic_mtl.errors import InputError

Overlaps = Literal["outermost", "innermost", "first", "cut"]
"""A rule that selects from overlapping spans."""

_PRIORITIES: Mapping[str, Callable[[Span, int], tuple[int, int, int]]] = {
    "outermost": lambda span, layer: (span.start - span.end, span.start, layer),
    "innermost": lambda span, layer: (span.end - span.start, span.start, -layer),
    "first": lambda span, layer: (span.start, layer, span.start - span.end),
}
"""Rule to the sort key of a span and the number of its layer."""


def select(layers: Sequence[Iterable[Span]], rule: Overlaps) -> list[Span]:
    """Returns the spans that a rule keeps, in reading order, without NULL spans and duplicates.

    Spans overlap if they share a character, whether one is nested in the other or they cross.
    The rule puts all spans in an order, in which each is kept unless it overlaps one that is kept
    already. So no two kept spans overlap, and each dropped one overlaps a kept one that precedes
    it in the order:

    - ``outermost``: the longest first; of equally long spans the one that starts first; of spans
      with equal offsets the one of the first layer.
    - ``innermost``: the shortest first; of equally long spans the one that starts first; of spans
      with equal offsets the one of the last layer, the deepest of nested levels.
    - ``first``: the one that starts first; of spans that start together the one of the first
      layer, and in a layer the longest.

    Spans with equal offsets in one layer keep the order of the layer. Spans that also have equal
    labels are duplicates, of which one is returned. ``cut`` keeps all spans.

    Args:
        layers: The spans of each of a task's layers, in the order of the task.
        rule: The rule.

    >>> select([[Span(0, 9, "ORG")], [Span(4, 9, "LOC")]], "innermost")
    [Span(start=4, end=9, label='LOC')]
    """
    if rule == "cut":
        return distinct(layers)
    ranked = [(span, n) for n, layer in enumerate(layers) for span in layer if not span.is_null]
    kept: list[Span] = []
    for span, _ in sorted(ranked, key=lambda item: _PRIORITIES[rule](*item)):
        index = bisect(kept, span.start, key=_start)
        is_free = index == 0 or kept[index - 1].end <= span.start
        if is_free and (index == len(kept) or span.end <= kept[index].start):
            kept.insert(index, span)
    return kept


def distinct(layers: Iterable[Iterable[Span]]) -> list[Span]:
    """Returns the spans of all layers in reading order, without NULL spans and duplicates."""
    spans = {span for layer in layers for span in layer if not span.is_null}
    return sorted(spans, key=lambda span: (span.start, span.end, span.label))


def find_overlap(spans: Iterable[Span]) -> tuple[Span, Span] | None:
    """Returns the first two spans that overlap, or None.

    Args:
        spans: The spans in reading order.
    """
    return next((pair for pair in pairwise(spans) if pair[1].start < pair[0].end), None)


def require_no_overlap(text: str, spans: Iterable[Span], layers: Sequence[str]) -> None:
    """Checks that no two spans overlap.

    Args:
        text: The text of the spans.
        spans: The spans in reading order.
        layers: The names of their layers.

    Raises:
        InputError: If two spans overlap; names the first two.
    """
    if pair := find_overlap(spans):
        described = [f"«{text[s.start : s.end]}» {s.label} at {s.start}–{s.end}" for s in pair]
        raise InputError(
            f"the spans that a TokenClassification learns (layer {', '.join(layers)}) must not "
            "overlap",
            found=" and ".join(described),
            expected="`overlaps: outermost`, `innermost` or `first` on the task, which selects "
            "the spans to learn; or another layer for nested levels",
        )


def _start(span: Span) -> int:
    return span.start
