"""The reasons why tags on words cannot express some spans."""

from collections import Counter
from collections.abc import Sequence

from arabic_mtl.decoders import bio
from arabic_mtl.documents import Span
from arabic_mtl.tasks.overlaps import Overlaps
from arabic_mtl.text import Encoding

NULL = "NULL"
OVERLAPPING = "overlapping or nested"
WITHOUT_TOKEN = "without a token"
SHARED_WORD = "in a word of another span"
INSIDE_WORD = "beginning or ending inside a word"


def reason_dropped(rule: Overlaps | None) -> str:
    """Returns the reason of spans that a rule for overlapping spans drops."""
    return OVERLAPPING if rule is None else f"dropped: overlaps {rule}"


def restore(rows: Sequence[Sequence[int]], encoding: Encoding) -> set[tuple[int, int, int]]:
    """Returns start, end and label of the spans that tags and trims express.

    Args:
        rows: First word, last word, trims at both ends and label of each span.
        encoding: The tokens of the text.
    """
    _, starts, ends = encoding.words
    marks = frozenset(encoding.mark_offsets)
    spans = set()
    for first, last, trim_start, trim_end, label in rows:
        offsets = starts[first], ends[last]
        if trim_start or trim_end:
            words = [bio.Word(0, starts[number], ends[number]) for number in (first, last)]
            offsets = bio.trim(words[0], words[1], trim_start, trim_end, marks)
        spans.add((*offsets, label))
    return spans


def is_lossless(
    rows: Sequence[Sequence[int]], gold: Sequence[Sequence[int]], encoding: Encoding
) -> bool:
    """Returns whether tags and trims express all gold spans, as they do in most texts.

    Args:
        rows: First word, last word, trims at both ends and label of each span.
        gold: Start, end and label of each gold span.
        encoding: The tokens of the text.
    """
    restored = restore(rows, encoding)
    return all((start, end, label) in restored for start, end, label in gold)


def count_reasons(
    kept: Sequence[Span],
    rows: Sequence[Sequence[int]],
    encoding: Encoding,
    labels: Sequence[str],
) -> Counter[str]:
    """Returns the number of spans that are not restored from their tags and trims, by reason.

    A span that is restored with other offsets, or not at all, has the first reason that holds:

    - `OVERLAPPING`: it overlaps another span.
    - `WITHOUT_TOKEN`: no word has one of its characters.
    - `SHARED_WORD`: its first word has characters of a span before it, which keeps the word.
    - `INSIDE_WORD`: it leaves out more letters of a word than the largest trim, or splits a letter
      from its mark.

    Args:
        kept: The tagged spans, in reading order.
        rows: First word, last word, trims at both ends and label of each span.
        encoding: The tokens of the text.
        labels: The labels of the task.
    """
    reasons: Counter[str] = Counter()
    restored = {Span(start, end, labels[label]) for start, end, label in restore(rows, encoding)}
    if all(span in restored for span in kept):
        return reasons
    words, taken = bio.words(encoding.starts, encoding.ends, encoding.word_ids), -1
    for span in kept:
        inside = [n for n, w in enumerate(words) if w.start < span.end and w.end > span.start]
        if span not in restored:
            reasons[_reason(span, kept, inside, taken)] += 1
        taken = max([taken, *inside[-1:]])
    return reasons


def _reason(span: Span, kept: Sequence[Span], inside: Sequence[int], taken: int) -> str:
    """Returns the reason for one span.

    Args:
        span: The span.
        kept: All tagged spans.
        inside: The indices of the words that have characters of the span.
        taken: The index of the last word of the spans before it, or -1.
    """
    if any(other != span and other.start < span.end and span.start < other.end for other in kept):
        return OVERLAPPING
    if not inside:
        return WITHOUT_TOKEN
    return SHARED_WORD if inside[0] <= taken else INSIDE_WORD
