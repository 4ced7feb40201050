"""The rows of a sentence in a CoNLL file, and the reasons why a line has too many or few cells."""

from collections.abc import Sequence

from arabic_mtl.errors import InputError
from arabic_mtl.formats.conll.layout import Layout
from arabic_mtl.formats.conll.line_hints import shown, width_hint
from arabic_mtl.formats.notices import Notices

Rows = list[list[str]]

RUN, EDGE = "run of blanks between columns", "line with blanks at its edge"
"""The rules of notices about blanks."""


def read_rows(
    texts: Sequence[str], numbers: Sequence[int], layout: Layout, notices: Notices
) -> Rows:
    """Cuts the lines of a sentence into cells.

    Args:
        texts: The lines, without line ends.
        numbers: The numbers of the lines.
        layout: The columns.
        notices: The counts of tolerated irregularities.

    Raises:
        InputError: If a line has too many or too few cells, or an empty word.
    """
    rows = _cut(texts, numbers, layout, notices)
    width = len(layout.columns)
    widths = {*map(len, rows)}
    if widths != {width} and not (layout.is_open and min(widths) >= width):
        index = next(
            index
            for index, row in enumerate(rows)
            if len(row) < width or (len(row) > width and not layout.is_open)
        )
        raise _wrong_width(rows[index], texts[index], numbers[index], layout)
    if layout.delimiter and not all(row[layout.word] for row in rows):
        index = next(index for index, row in enumerate(rows) if not row[layout.word])
        raise InputError(
            "a word must not be empty",
            found=f"an empty word in {shown(texts[index])}",
            expected="a word; or a line without cells between two sentences",
            line=numbers[index],
        )
    return rows


def _cut(texts: Sequence[str], numbers: Sequence[int], layout: Layout, notices: Notices) -> Rows:
    """Cuts lines into cells; fast if no line has runs of blanks or blanks at its edge."""
    if layout.delimiter:
        if not layout.is_quoted:
            return [text.split(layout.delimiter) for text in texts]
        rows = []
        for text, number in zip(texts, numbers, strict=True):
            try:
                rows.append(layout.split(text))
            except InputError as error:
                raise error.locate(None, number) from None
        return rows
    content = "\n".join(texts)
    if "\t" in content:
        content = content.replace("\t", " ")
        texts = content.split("\n")
    edged = f"\n{content}\n"
    if "  " in content or " \n" in edged or "\n " in edged:
        _count_blanks(texts, numbers, notices)
        return [layout.split(text) for text in texts]
    return [text.split(" ") for text in texts]


def _count_blanks(texts: Sequence[str], numbers: Sequence[int], notices: Notices) -> None:
    edges = [n for n, text in zip(numbers, texts, strict=True) if text != text.strip(" ")]
    runs = [n for n, text in zip(numbers, texts, strict=True) if "  " in text.strip(" ")]
    for rule, found in ((RUN, runs), (EDGE, edges)):
        if found:
            notices.count(rule, found[0], len(found))


def _wrong_width(row: Sequence[str], text: str, number: int, layout: Layout) -> InputError:
    """Returns the error for a line with another number of cells than columns."""
    width, size = len(layout.columns), len(row)
    names = f"{', '.join(layout.columns)}{'...' if layout.is_open else ''}"
    least = "at least " if layout.is_open else ""
    return InputError(
        f"a line must have {least}{width} {'column' if width == 1 else 'columns'}: {names}",
        found=f"{size} {'column' if size == 1 else 'columns'} in {shown(text)}",
        expected=f"{least}{width}; {width_hint(row, text, layout)}",
        line=number,
    )
