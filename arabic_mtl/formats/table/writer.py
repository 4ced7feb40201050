"""Writes tables with annotations."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from typing import BinaryIO, NamedTuple

from arabic_mtl.documents import Annotation
from arabic_mtl.formats.notices import Notices
from arabic_mtl.formats.record import Record
from arabic_mtl.formats.records.json_values import as_json
from arabic_mtl.formats.table.dialect import Dialect, swallowed_rows
from arabic_mtl.formats.table.table_options import TableOptions
from arabic_mtl.formats.writer import Model

SPANS = "spans"
"""The name of the column for the predicted spans of a text, as JSON."""

BLANKED = "cell with a delimiter or line end, which is written as a blank"
LEFT_OUT = "field that the first text lacks, which is left out"
QUOTED = "row of a table with tabs that has quoted cells: `quoting: csv` reads it"
REPLACED = "cell with a lone surrogate, which is written as ?"
"""The rules of notices about cells that are not written as they are."""

_DIGITS = 4  # decimals of a probability


class TableOrigin(NamedTuple):
    """The facts about a table that its writer needs.

    Args:
        mark: The byte order mark of the file, or ``""``.
        dialect: The way in which cells are written; None if the file is no text.
        is_header: True for the row with the column names.
    """

    mark: str
    dialect: Dialect | None
    is_header: bool


class TableWriter:
    """Writes records with their annotations as the rows of a table.

    Args:
        file: The file.
        options: The delimiter and the quoting of the table, and whether it has scores.
        model: The model that annotated the texts.
        notices: The counts of cells that cannot be written as they are.
    """

    def __init__(
        self, file: BinaryIO, options: TableOptions, model: Model, notices: Notices
    ) -> None:
        self._file, self._options, self._notices = file, options, notices
        self._tasks = [*model.text_tasks]
        self._columns: Sequence[str] | None = None
        self._delimiter = options.dialect("").delimiter
        self._is_raw = options.quoting == "none"
        self._is_unusual = False  # by default readers expect no quotes
        self._line = StringIO(newline="")
        # The writer quotes a cell with CR or LF only if its line end has both.
        self._csv = csv.writer(self._line, delimiter=self._delimiter, lineterminator="\r\n")

    def write(self, record: Record, annotation: Annotation | None) -> None:
        """Writes a record; before the first one, the column names."""
        fields = record.named_fields()
        is_header = isinstance(record.source, TableOrigin) and record.source.is_header
        if self._columns is None and (is_header or annotation is not None):
            self._columns = [*fields]
            self._start(record.source, [*(fields.values() if is_header else fields)])
        if annotation is None or self._columns is None:
            return
        for name in fields:
            if name not in self._columns:
                self._notices.count(LEFT_OUT, record.line)
        cells = [_cell(fields.get(column)) for column in self._columns]
        self._write([*cells, *self._predictions(annotation)], record.line)

    def _start(self, origin: object, header: Sequence[object]) -> None:
        """Writes the column names."""
        dialect = origin.dialect if isinstance(origin, TableOrigin) else None
        if isinstance(origin, TableOrigin):
            self._file.write(origin.mark.encode())
        if self._options.quoting is None and dialect == Dialect(self._delimiter, is_quoted=False):
            self._is_raw = True
        self._is_unusual = self._delimiter == "\t" and self._options.quoting is None
        self._is_unusual &= dialect != Dialect(self._delimiter, is_quoted=True)
        added = [*self._tasks]
        if self._options.scores:
            added += [f"{task}_score" for task in self._tasks]
        names = [_cell(name) for name in header]
        self._write([*names, *self._unused([*added, SPANS], self._columns or ())], 1)

    def _unused(self, added: Iterable[str], columns: Sequence[str]) -> list[str]:
        """Returns the names of the columns with predictions, other than those of the input."""
        taken = {*columns}
        names = []
        for name in added:
            unused, number = name, 1
            while unused in taken:
                unused = f"{name}_predicted" if number == 1 else f"{name}_predicted_{number}"
                number += 1
            if unused != name:
                self._notices.count(f"column {name} of the input, so predictions are in {unused}")
            taken.add(unused)
            names.append(unused)
        return names

    def _predictions(self, annotation: Annotation) -> list[str]:
        """Returns the cells with the predictions of a text."""
        facts = annotation.as_dict()
        values: Mapping[str, float] = facts.get("values", {})
        found = [annotation.labels.get(task, ()) for task in self._tasks]
        cells = [
            str(values[task]) if task in values else "; ".join(item.label for item in items)
            for task, items in zip(self._tasks, found, strict=True)
        ]
        if self._options.scores:
            cells += [
                "; ".join(str(round(item.score, _DIGITS)) for item in items) for items in found
            ]
        return [*cells, as_json(facts["spans"])]

    def _write(self, cells: Sequence[str], line: int | None) -> None:
        """Writes a row, which ends with LF."""
        if self._is_raw:
            row = self._delimiter.join([self._unquoted(cell, line) for cell in cells])
        else:
            if swallowed_rows(cells, Dialect(self._delimiter, is_quoted=True)):
                cells = [self._untabbed(cell, line) for cell in cells]
            self._csv.writerow(cells)
            row = self._line.getvalue().removesuffix("\r\n")
            self._line.seek(0)
            self._line.truncate()
            if self._is_unusual and row != self._delimiter.join(cells):
                self._notices.count(QUOTED, line)
        try:
            content = row.encode()
        except UnicodeEncodeError:
            self._notices.count(REPLACED, line)
            content = row.encode(errors="replace")
        self._file.write(content + b"\n")

    def _untabbed(self, cell: str, line: int | None) -> str:
        """Returns a cell that cannot be taken for whole rows in quotes."""
        if "\n" in cell and "\t" in cell:
            self._notices.count(BLANKED, line)
            return cell.replace("\t", " ")
        return cell

    def _unquoted(self, cell: str, line: int | None) -> str:
        """Returns a cell without delimiters and line ends, which are counted."""
        if self._delimiter in cell or "\n" in cell:
            self._notices.count(BLANKED, line)
            return cell.replace(self._delimiter, " ").replace("\n", " ")
        return cell


def _cell(value: object) -> str:
    """Returns the content of a cell; anything but text is written as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else as_json(value)
