"""Guesses the options of a table from its first bytes."""

from collections.abc import Sequence
from io import BytesIO
from itertools import islice
from pathlib import Path

from arabic_mtl.errors import InputError
from arabic_mtl.formats.encodings import decoded_head
from arabic_mtl.formats.facts import Guess
from arabic_mtl.formats.notices import Notices
from arabic_mtl.formats.table.guess_columns import (
    guess_columns,
    has_header,
    is_text_name,
    mean_words,
)
from arabic_mtl.formats.table.guess_dialect import dialect_options, guess_grid
from arabic_mtl.formats.table.header import column_names
from arabic_mtl.formats.table.open_rows import EXCEL, PARQUET, open_rows
from arabic_mtl.formats.table.table_options import TableOptions

_CUT = 2**16  # bytes from which the last row may be incomplete
_ROWS = 2000  # rows that are looked at
_OTHER = ("<", "{", "[")  # beginnings of XML and JSON


def sniff_table(head: bytes, name: str) -> Guess | None:
    """Returns options to read a table with, or None if a file does not look like one.

    Args:
        head: The first bytes of the file; the whole file if it is an Excel or Parquet file.
        name: The file's name.
    """
    is_named = Path(name).suffix.lower() in TableOptions.suffixes
    if head.startswith((EXCEL, PARQUET)):
        return _binary_guess(head, is_named=is_named)
    content, encoding = decoded_head(head)
    if "\0" in content or (not is_named and content.lstrip().startswith(_OTHER)):
        return None
    is_cut = len(head) >= _CUT
    if is_cut:
        content = content[: content.rfind("\n") + 1]
    default = TableOptions().dialect(name)
    grid = guess_grid(content, default, is_cut=is_cut)
    if not grid.rows:
        return None
    options, doubts = dialect_options(grid, default, content)
    is_headed = has_header(grid.rows)
    names = column_names(is_headed, grid.rows[0])
    if not is_headed:
        options["header"] = names
        doubts.append("the first row seems to be a text; `header: true` if it has column names")
    if encoding != "utf-8":
        options["encoding"] = encoding
        doubts.append(f"the encoding seems to be {encoding}; `encoding` sets another one")
    rows = grid.rows[1:] if is_headed else grid.rows
    columns, more = guess_columns(names, rows)
    certainty = _certainty(rows, grid.fit, columns, is_named=is_named)
    return Guess(options | columns, certainty, doubts + more) if certainty else None


def _certainty(
    rows: Sequence[Sequence[str]], fit: float, columns: dict[str, object], *, is_named: bool
) -> float:
    """Returns the certainty that a text file is a table; 0 if it does not look like one."""
    words = mean_words(rows)
    has_texts = is_text_name(str(columns["text"]))
    if not is_named:
        return 0.7 if rows and len(rows[0]) > 1 and (words >= 3 or has_texts) else 0.0
    is_usual = "labels" in columns and (words > 1.5 or has_texts)
    return round(fit * (0.9 if is_usual else 0.5), 2)  # words in columns may be likelier


def _binary_guess(head: bytes, *, is_named: bool) -> Guess | None:
    """Returns a guess for an Excel or Parquet file; None if it is another archive."""
    try:
        table = open_rows(BytesIO(head), TableOptions(), Notices())
        rows = [row.cells() for row in islice(table, _ROWS)]
    except InputError:
        doubt = "the columns were not seen; `text` and `labels` name them"
        return Guess({}, 0.5, [doubt]) if is_named else None
    texts = [[_shown(cell) for cell in row] for row in rows[table.has_header :]]
    options, doubts = guess_columns(table.names, texts)
    return Guess(options, 0.95, doubts)


def _shown(cell: str | Sequence[str] | None) -> str:
    """Returns a cell as text; of several labels, the first one."""
    return cell if isinstance(cell, str) else next(iter(cell or ()), "")
