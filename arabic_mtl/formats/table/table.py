"""Tables: CSV, TSV, Excel and Parquet files."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Literal, NamedTuple

from arabic_mtl.errors import InputError
from arabic_mtl.formats.base import Format
from arabic_mtl.formats.facts import Guess, Layers
from arabic_mtl.formats.notices import Notices
from arabic_mtl.formats.record import Record
from arabic_mtl.formats.table.columns import ExampleColumns
from arabic_mtl.formats.table.guess import sniff_table
from arabic_mtl.formats.table.header import require_unique
from arabic_mtl.formats.table.open_rows import open_rows
from arabic_mtl.formats.table.rows import Row
from arabic_mtl.formats.table.table_options import TableOptions
from arabic_mtl.formats.table.writer import TableOrigin, TableWriter
from arabic_mtl.formats.writer import Annotated, Model, Writer


class TablePart(NamedTuple):
    """A row with the columns of its table.

    Args:
        row: The row.
        columns: The columns.
        origin: The facts about the file that its writer needs.
    """

    row: Row
    columns: ExampleColumns
    origin: TableOrigin

    @property
    def line(self) -> int:
        """Returns the number of the row's first line."""
        return self.row.line


@dataclass(frozen=True, kw_only=True)
class Table(TableOptions, Format[TablePart], Writer):
    """A table with one text per row: CSV, TSV, Excel (``.xlsx``) or Parquet.

    The output is CSV or TSV. It has the columns of the input, one column for each task that
    labels whole texts, and the column ``spans``. A column whose name the input has already is
    called ``…_predicted``.
    """

    @property
    def layers(self) -> Layers:
        """Returns the layers of `labels`."""
        return Layers(labels=frozenset(self.labels))

    @property
    def joins_groups(self) -> bool:
        """Returns True if rows have groups, which equal texts and further columns connect."""
        return bool(self.group_columns)

    @property
    def pair_is(self) -> Literal["", "text", "target"]:
        """Returns ``text`` if there is a column with a second text."""
        return "" if self.pair is None else "text"

    def parts(self, file: BinaryIO, notices: Notices) -> Iterator[TablePart]:
        """Yields the rows, the header row first.

        Raises:
            InputError: If the file is empty or damaged, or a column name is repeated; and after
                the last row, if cells are no labels.
        """
        table = open_rows(file, self, notices)
        rows = iter(table)
        first = next(rows, None)
        if first is None and not table.names:
            raise InputError(
                "a table must have rows",
                found="an empty file",
                expected=f"names of columns, among them a column {self.text} with the texts; "
                "--field or the option `text` sets another name",
                line=1,
            )
        if first is not None and (table.has_header or not table.names):
            first.cells()  # a broken header is never skipped
        require_unique(table.names)
        columns = ExampleColumns(table.names, self, notices)
        origin = TableOrigin(table.mark, table.dialect, is_header=False)
        if first is not None:
            yield TablePart(first, columns, origin._replace(is_header=table.has_header))
        for row in rows:
            yield TablePart(row, columns, origin)
        columns.unfit.require_none()

    def records(self, part: TablePart, notices: Notices, *, gold: bool) -> list[Record]:
        """Reads a row; the record of the header row has no example."""
        row, columns, origin = part
        columns.names.require(origin.dialect, gold=gold)
        example = None if origin.is_header else columns.example(row, gold=gold)
        if gold:
            return [] if example is None else [Record(example=example, line=row.line)]
        fields = dict(zip(columns.names.names, row.cells(), strict=True))
        return [Record(example=example, line=row.line, fields=fields, source=origin)]

    @classmethod
    def sniff(cls, head: bytes, name: str) -> Guess | None:
        """Returns the columns and the dialect that a table seems to have."""
        return sniff_table(head, name)

    def write(
        self, file: BinaryIO, annotated: Iterable[Annotated], model: Model, notices: Notices
    ) -> None:
        """Writes the header row, and a row for each text."""
        writer = TableWriter(file, self, model, notices)
        for record, annotation in annotated:
            writer.write(record, annotation)
