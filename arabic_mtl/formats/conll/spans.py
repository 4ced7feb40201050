"""The spans of a sentence in a CoNLL file, column by column and level by level."""

from collections.abc import Iterator, Mapping, Sequence

from arabic_mtl.formats.conll.layout import Layout
from arabic_mtl.formats.conll.sentences import SentenceLines
from arabic_mtl.formats.conll.tags import WordSpan
from arabic_mtl.formats.conll.unknown import require_few, require_order
from arabic_mtl.formats.conll.word_rows import Rows
from arabic_mtl.formats.notices import Notices

NESTED = "span inside a span of its own label"
"""The rule of the notice about spans of one label on two levels."""


def read_spans(
    sentence: SentenceLines,
    rows: Rows,
    numbers: Sequence[int],
    layout: Layout,
    notices: Notices,
    *,
    skips: bool,
) -> dict[str, list[WordSpan]] | None:
    """Returns layer to the spans of a sentence; None if a tag does not fit its scheme.

    Args:
        sentence: The sentence, which has the tags of the file so far.
        rows: Its rows.
        numbers: The numbers of their lines.
        layout: The columns.
        notices: The counts of tolerated irregularities.
        skips: True to raise an error if a tag does not fit its scheme.

    Raises:
        InputError: If a tag and a word seem to be swapped, if too many tags do not fit, or, with
            ``skips``, if one does not.
    """
    layers: dict[str, list[WordSpan]] = {}
    is_complete = True
    for column in sentence.tags:
        for layer, tags in _levels(column.layer, rows, layout):
            column.add(tags, numbers, notices)
            if column.unknown and not column.unknown.isdisjoint(tags):
                require_order(rows, numbers, layout, column)
                require_few(column, tags, numbers, skips=skips)
                is_complete = False
            elif is_complete:
                layers[layer] = column.spans(tags, numbers, notices)
        if column.scheme == "io" and is_complete:
            ends = [row[layout.tags[column.layer]] for row in (rows[0], rows[-1])]
            column.count_cut(ends, numbers[0], notices, is_cut=sentence.is_cut)
    if len(layers) > 1 and layout.level is not None:
        _count_nested(layout.level, layers, numbers, notices)
    return layers if is_complete else None


def _levels(layer: str, rows: Rows, layout: Layout) -> Iterator[tuple[str, Sequence[str | None]]]:
    """Yields the layers of a column with their tags; None for a level that a word lacks."""
    index = layout.tags[layer]
    yield layer, [row[index] for row in rows]
    if layer == layout.level:
        for depth in range(1, max(map(len, rows)) - index):
            deeper = index + depth
            tags = [row[deeper] if len(row) > deeper else None for row in rows]
            yield f"{layer}_{depth + 1}", tags


def _count_nested(
    level: str, layers: Mapping[str, Sequence[WordSpan]], numbers: Sequence[int], notices: Notices
) -> None:
    """Counts the spans inside a span of their own label on a level before theirs."""
    outer: list[WordSpan] = []
    for layer, spans in layers.items():
        if layer != level and not layer.startswith(f"{level}_"):
            continue
        for first, end, label in spans:
            if any(label == other[2] and first < other[1] and other[0] < end for other in outer):
                notices.count(NESTED, numbers[first])
        outer += spans
