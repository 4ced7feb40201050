"""Guesses how the cells of a text file are written."""

import csv
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from itertools import islice
from typing import Any, NamedTuple

from arabic_mtl.formats.table.dialect import DELIMITERS, LONGEST, Dialect, swallowed_rows

_ROWS = 2000  # rows that are looked at
_LEAST = 0.9  # share of the rows that must have as many cells as most rows
_TAB = "\t"


class Grid(NamedTuple):
    """The rows of a file in a dialect.

    Args:
        dialect: The dialect.
        rows: The rows that have as many cells as most rows.
        others: The number of rows and lines that do not fit.
    """

    dialect: Dialect
    rows: list[list[str]]
    others: int

    @property
    def width(self) -> int:
        """Returns the number of columns."""
        return len(self.rows[0]) if self.rows else 0

    @property
    def fit(self) -> float:
        """Returns the share of rows that fit."""
        return len(self.rows) / max(len(self.rows) + self.others, 1)


def guess_grid(content: str, default: Dialect, *, is_cut: bool) -> Grid:
    """Returns the rows of a file in the dialect that fits best.

    Args:
        content: The beginning of the file.
        default: The dialect that is read by default.
        is_cut: True if the last row may be incomplete.
    """
    grids = [
        _grid(content, Dialect(delimiter, is_quoted), is_cut=is_cut)
        for delimiter in DELIMITERS
        for is_quoted in (True, False)
    ]

    def rank(grid: Grid) -> tuple[bool, float, bool]:
        is_default = grid.dialect.delimiter == default.delimiter
        return is_default, grid.fit, grid.dialect.is_quoted == _is_quoted(grid)

    fitting = [grid for grid in grids if grid.width > 1 and grid.fit >= _LEAST]
    alone = [grid for grid in grids if grid.dialect.delimiter == default.delimiter]
    return max(fitting or alone, key=rank)


def dialect_options(grid: Grid, default: Dialect, content: str) -> tuple[dict[str, Any], list[str]]:
    """Returns the options of a dialect, and doubts about them.

    Args:
        grid: The rows in the dialect.
        default: The dialect that is read by default.
        content: The beginning of the file.
    """
    dialect, options, doubts = grid.dialect, dict[str, Any](), []
    if dialect.delimiter != default.delimiter:
        options["delimiter"] = "tab" if dialect.delimiter == _TAB else dialect.delimiter
    has_quotes = '"' in content
    if has_quotes and (dialect.delimiter == _TAB or not dialect.is_quoted):
        options["quoting"] = "csv" if dialect.is_quoted else "none"
        doubts.append(
            "quotes around cells seem to be no part of the texts; `quoting: none` keeps them"
            if dialect.is_quoted
            else "quotes seem to be characters of the texts; `quoting: csv` if they enclose cells"
        )
    if grid.others:
        number, rows = grid.others, len(grid.rows) + grid.others
        doubts.append(
            f"{number:,} of the first {rows:,} rows do not have {grid.width} cells; "
            "`on_error: skip` leaves such rows out and counts them"
        )
    return options, doubts


def _grid(content: str, dialect: Dialect, *, is_cut: bool) -> Grid:
    """Returns the rows of a file in a dialect."""
    rows, unread = _quoted_rows(content, dialect, is_cut=is_cut), 0
    if not dialect.is_quoted:
        lines = islice(content.split("\n"), _ROWS)
        rows = (line.removesuffix("\r").split(dialect.delimiter) for line in lines)
    kept: list[list[str]] = []
    try:
        kept.extend(row for row in rows if any(cell.strip() for cell in row))
    except csv.Error:
        unread = max(content.count("\n") + 1 - len(kept), 1)
    widths = Counter(map(len, kept))
    width = max(widths, key=lambda size: widths[size], default=0)
    fitting = [row for row in kept if len(row) == width and not swallowed_rows(row, dialect)]
    return Grid(dialect, fitting, len(kept) - len(fitting) + unread)


def _quoted_rows(content: str, dialect: Dialect, *, is_cut: bool) -> Iterator[list[str]]:
    """Yields the rows of a file with quotes; raises `csv.Error` where it cannot be read."""
    csv.field_size_limit(LONGEST)
    source = StringIO(content, newline="")
    reader = csv.reader(source, delimiter=dialect.delimiter, strict=True)
    try:
        yield from islice(reader, _ROWS)
    except csv.Error:
        if not (is_cut and source.read(1) == ""):  # the last row is cut
            raise


def _is_quoted(grid: Grid) -> bool:
    """Returns True if quotes in the rows seem to enclose cells."""
    if grid.dialect.delimiter != _TAB:
        return True
    if grid.dialect.is_quoted:
        return any(set("\t\n") & set(cell) for row in grid.rows for cell in row)
    quoted = [cell for row in grid.rows for cell in row if cell.startswith('"')]
    inner = [cell[1:-1] for cell in quoted if len(cell) > 1 and cell.endswith('"')]
    if len(inner) < len(quoted) or any('"' in cell.replace('""', "") for cell in inner):
        return False
    columns = zip(*(grid.rows[1:] or grid.rows), strict=True)  # names may lack quotes
    return any('""' in cell for cell in inner) or any(
        all(cell.startswith('"') for cell in column) for column in columns
    )
