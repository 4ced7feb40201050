"""Tables: CSV and TSV files, as spreadsheets and pandas write them."""

import csv
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, ClassVar

from arabic_mtl.documents import Annotation, Example
from arabic_mtl.errors import InputError
from arabic_mtl.formats.base import Format
from arabic_mtl.formats.facts import Guess
from arabic_mtl.formats.notices import Notices
from arabic_mtl.formats.record import Record
from arabic_mtl.formats.records import as_json
from arabic_mtl.formats.rows import TableRow, read_rows
from arabic_mtl.formats.writer import Annotated, Model, Writer

SPANS = "spans"
"""The name of the column for the predicted spans of a text, as JSON."""

_DELIMITERS = {".csv": ",", ".tsv": "\t"}


@dataclass(frozen=True, kw_only=True)
class Table(Format[TableRow], Writer):
    """A CSV or TSV file with one text per row; the first row contains the column names.

    The output has the columns of the input, one column for each task that labels whole texts,
    and the column ``spans``. Columns of the input with these names are overwritten.

    Args:
        text: The name of the column with the texts.
        delimiter: The character that separates cells.
    """

    suffixes: ClassVar[tuple[str, ...]] = (*_DELIMITERS,)

    text: str = "text"
    delimiter: str = ","

    def parts(self, file: BinaryIO, notices: Notices) -> Iterator[TableRow]:
        """Yields the rows, the header row first.

        Raises:
            InputError: If the file is empty, a column name is repeated, or the column with the
                texts is missing.
        """
        rows = read_rows(file, self.delimiter, self.encoding)
        header = next(rows, None)
        names = header.cells() if header else ()
        if header is None or self.text not in names or len({*names}) < len(names):
            raise InputError(
                f"the first row must contain unique column names, among them {self.text}",
                found=", ".join(names) or "nothing",
                expected=f"a column {self.text} with the texts; --field sets another name",
                line=1,
            )
        yield header
        yield from rows

    def records(self, part: TableRow, notices: Notices, *, gold: bool) -> list[Record]:
        """Reads a row; the record of the header row has no example."""
        fields = dict(zip(part.names, part.cells(), strict=True))
        line, text = part.line, fields[self.text]
        example = None if part.is_header else Example(id=f"line:{line}", text=text, line=line)
        return [Record(example=example, line=part.line, fields=fields, source=part.bom)]

    @classmethod
    def sniff(cls, head: bytes, name: str) -> Guess | None:
        """Returns a guess for file names that end in ``.csv`` or ``.tsv``."""
        delimiter = _DELIMITERS.get(Path(name).suffix.lower())
        return None if delimiter is None else Guess({"delimiter": delimiter}, 0.5)

    def names(self, model: Model) -> Collection[str]:
        """Returns the names of the columns for labels and values of whole texts, and `SPANS`."""
        return (*model.text_tasks, SPANS)

    def write(
        self, file: BinaryIO, annotated: Iterable[Annotated], model: Model, notices: Notices
    ) -> None:
        """Writes the header row, and a row for each text."""
        table = csv.writer(_Lines(file), delimiter=self.delimiter)
        names = {name: name for name in self.names(model)}
        is_first = True
        for record, annotation in annotated:
            if is_first and annotation is not None:  # the input format has no header row
                table.writerow([*record.named_fields(), *names])
            is_first = False
            if isinstance(record.source, str):
                file.write(record.source.encode())
            cells = names if annotation is None else _cells(annotation, model)
            table.writerow({**record.named_fields(), **cells}.values())


class _Lines:
    """A text file for a csv writer that encodes rows and ends them with LF.

    The csv writer must use CR LF: it quotes a cell with CR or LF only if its line end has both.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, row: str) -> None:
        self._file.write(row.removesuffix("\r\n").encode() + b"\n")


def _cells(annotation: Annotation, model: Model) -> dict[str, str]:
    """Returns column name to the cell with the predictions of one text."""
    facts = annotation.as_dict()
    values = {task: str(value) for task, value in facts.get("values", {}).items()}
    labels = {
        task: "; ".join(score.label for score in annotation.labels.get(task, ()))
        for task in model.text_tasks
    }
    return {**labels, **values, SPANS: as_json(facts["spans"])}
