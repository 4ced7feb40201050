"""Tables: CSV and TSV, as spreadsheets and pandas write them."""

import csv
from collections.abc import Collection, Iterable, Iterator
from typing import BinaryIO

from arabic_mtl.documents import Annotation
from arabic_mtl.errors import InputError
from arabic_mtl.formats.base import Annotated, Model, Reader, Record, Writer
from arabic_mtl.formats.jsonl import as_json
from arabic_mtl.formats.rows import Row, rows

SPANS = "spans"
"""The column of what is found in a text, as JSON."""


class Table(Reader[Row], Writer):
    """A text per row. The first row names the columns, of which one holds the texts.

    The same columns are written, and one for each task that labels texts as a whole, and `SPANS`;
    in place of such that are there.

    Args:
        delimiter: What stands between two cells.
        field: The name of the texts' column.
    """

    def __init__(self, delimiter: str, field: str = "text") -> None:
        self.delimiter, self.field = delimiter, field

    def parts(self, file: BinaryIO) -> Iterator[Row]:
        """The rows, first the one with the names.

        Raises:
            InputError: If there is none, or none of the names is that of the texts.
        """
        found = rows(file, self.delimiter)
        head = next(found, None)
        names = head.cells() if head else ()
        if head is None or self.field not in names or len({*names}) < len(names):
            raise InputError(
                "the first row of a table names its columns, each once",
                found=", ".join(names) or "nothing",
                expected=f"a column {self.field} with the texts; --field names another",
                line=1,
            )
        yield head
        yield from found

    def record(self, part: Row) -> Record:
        """Reads a row; that of the names has no text."""
        cells = part.cells()
        if part.is_head:
            names = dict(zip(cells, cells, strict=True))
            return Record(text=None, fields=names, mark=part.mark)
        fields = dict(zip(part.names, cells, strict=True))
        return Record(text=fields[self.field], fields=fields)

    def names(self, model: Model) -> Collection[str]:
        """What is said of a text as a whole, and `SPANS`."""
        return (*model.of_whole, SPANS)

    def write(self, file: BinaryIO, annotated: Iterable[Annotated], model: Model) -> None:
        """Writes the names, and a row for each text."""
        table = csv.writer(_Lines(file), delimiter=self.delimiter)
        names = {name: name for name in self.names(model)}
        for record, annotation in annotated:
            said = _said(annotation, model) if annotation else names
            file.write(record.mark.encode())
            table.writerow({**record.fields, **said}.values())


class _Lines:
    """Encodes what a csv writer writes, whose lines end as it quotes them: with CR and LF."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, row: str) -> None:
        self._file.write(row.removesuffix("\r\n").encode() + b"\n")


def _said(annotation: Annotation, model: Model) -> dict[str, str]:
    """Column to its cell."""
    labels = {
        task: "; ".join(of.label for of in annotation.labels[task]) for task in model.of_whole
    }
    return {**labels, SPANS: as_json(annotation.as_dict()["spans"])}
