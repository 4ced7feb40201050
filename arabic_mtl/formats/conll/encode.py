"""The tags of a column of a CoNLL file for the predicted spans of a text."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence

from arabic_mtl.documents import Span
from arabic_mtl.formats.conll.tags import Scheme, WordSpan

SNAPPED = "predicted span changed to whole words"
OVERLAPPING = "predicted span left out: it overlaps another one"
WORDLESS = "predicted span left out: it has no word"
JOINED = "predicted span that `scheme: io` joins with the one before"
DIVIDED = "predicted span of several words in a column of single words"
"""The rules of notices about spans that tags cannot express."""

Count = Callable[[str], None]
"""A function that counts an irregularity."""

_ENDS = {"bioes": ("E", "S"), "bilou": ("L", "U")}


def snapped(
    spans: Iterable[Span], starts: Sequence[int], ends: Sequence[int], count: Count
) -> list[WordSpan]:
    """Returns spans of words, in the order of the text; none of them overlap.

    Args:
        spans: Spans of a text.
        starts: The offset of the first character of each word.
        ends: The offset after the last character of each word.
        count: Counts spans that are changed or left out.
    """
    kept: list[WordSpan] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        first, end = bisect_right(ends, span.start), bisect_left(starts, span.end)
        if span.is_null or first >= end:
            count(WORDLESS)
        elif kept and first < kept[-1][1]:
            count(OVERLAPPING)
        else:
            if (starts[first], ends[end - 1]) != (span.start, span.end):
                count(SNAPPED)
            kept.append((first, end, span.label))
    return kept


def tags_of(
    spans: Sequence[WordSpan], size: int, scheme: Scheme, outside: str, count: Count
) -> list[str]:
    """Returns the tags of a sentence.

    Args:
        spans: The spans, from `snapped`.
        size: The number of words.
        scheme: The scheme of the tags.
        outside: The tag of words outside of spans.
        count: Counts spans that the scheme cannot express.
    """
    tags = [outside] * size
    end_before, label_before = -1, ""
    for first, end, label in spans:
        if scheme == "io" and (first, label) == (end_before, label_before):
            count(JOINED)
        if scheme == "words" and end - first > 1:
            count(DIVIDED)
        tags[first:end] = _tags(label, end - first, scheme)
        end_before, label_before = end, label
    return tags


def _tags(label: str, size: int, scheme: Scheme) -> list[str]:
    """Returns the tags of the words of a span."""
    if scheme in ("io", "words"):
        return [label] * size
    tags = [f"B-{label}"] + [f"I-{label}"] * (size - 1)
    if scheme in _ENDS:
        last, single = _ENDS[scheme]
        tags[-1] = f"{last if size > 1 else single}-{label}"
    return tags
