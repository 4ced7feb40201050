"""Spans of BIO tags, by a search that reads one tag after the other."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from arabic_mtl.documents import Span

TAGS = ("O", "B-LOC", "I-LOC", "B-PER", "I-PER", "B-MIS-1", "I-MIS-1")

tag_pairs = st.integers(0, 9).flatmap(
    lambda n: st.tuples(*[st.lists(st.sampled_from(TAGS), min_size=n, max_size=n)] * 2)
)
"""The predicted and the gold tags of a sentence; I- tags may open spans."""


def spans(tags: Sequence[str]) -> tuple[Span, ...]:
    """Returns the spans of a sentence whose words have one character; I- opens where it must."""
    found: list[Span] = []
    for position, tag in enumerate(tags):
        if tag == "O":
            continue
        label = tag[2:]
        last = found[-1] if found else None
        if tag[0] == "I" and last is not None and (last.end, last.label) == (position, label):
            found[-1] = Span(last.start, position + 1, label)
        else:
            found.append(Span(position, position + 1, label))
    return tuple(found)
