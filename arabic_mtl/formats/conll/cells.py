"""Replaces cells in a line of a CoNLL file; all other characters stay as they are."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from arabic_mtl.errors import InputError
from arabic_mtl.formats.conll.layout import Layout

_BLANKS = re.compile(r"[^ \t]+")


def with_cells(
    text: str,
    layout: Layout,
    cells: Mapping[int, str],
    added: Sequence[str] = (),
    size: int | None = None,
) -> str:
    """Returns a line with other cells.

    Args:
        text: The line, without its line end.
        layout: The columns.
        cells: Index of a cell to its new content; indices after the last one add cells.
        added: Further cells.
        size: The number of cells that are kept, the added ones aside; by default all.

    Raises:
        InputError: If a new cell contains the delimiter.
    """
    ranges = _ranges(text, layout)
    gaps = [text[left[1] : right[0]] for left, right in pairwise(ranges)]
    row, old = [text[start:end] for start, end in ranges], layout.split(text)
    for index, cell in sorted(cells.items()):
        if old[index : index + 1] != [cell]:  # an equal one keeps its quotes
            row[index : index + 1] = [_written(cell, layout)]
    row[len(row) if size is None else size :] = [_written(cell, layout) for cell in added]
    gap = layout.delimiter or (gaps[-1] if gaps else " ")
    gaps += [gap] * (len(row) - 1 - len(gaps))
    content = "".join(f"{before}{cell}" for before, cell in zip(["", *gaps], row, strict=False))
    return f"{text[: ranges[0][0]]}{content}{text[ranges[-1][1] :]}"


def _ranges(text: str, layout: Layout) -> list[tuple[int, int]]:
    """Returns the first and last offset of each cell of a line, quotes included."""
    delimiter = layout.delimiter
    if not delimiter:
        return [match.span() for match in _BLANKS.finditer(text)]
    if layout.is_quoted and '"' in text:
        cell = rf'"(?:[^"]|"")*"|[^{re.escape(delimiter)}]*'
        pattern = re.compile(rf"(?:^|(?<={re.escape(delimiter)}))(?:{cell})")
        return [match.span() for match in pattern.finditer(text)]
    starts = [0, *(match.end() for match in re.finditer(re.escape(delimiter), text))]
    return list(
        zip(starts, [*(start - len(delimiter) for start in starts[1:]), len(text)], strict=True)
    )


def _written(cell: str, layout: Layout) -> str:
    """Returns a cell as it is written; raises `InputError` if it would be read as several."""
    has_end = "\n" in cell or "\r" in cell
    if layout.is_quoted and not has_end and (layout.delimiter in cell or '"' in cell):
        doubled = cell.replace('"', '""')
        return f'"{doubled}"'
    if has_end or layout.split(cell) != [cell]:
        raise InputError(
            "a label must not contain what stands between the columns of the file",
            found=repr(cell),
            expected="a model with other labels; or --output-format jsonl",
        )
    return cell
