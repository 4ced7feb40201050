"""Tables: CSV and TSV, as spreadsheets and pandas write them."""

import csv
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, ClassVar

from arabic_mtl.documents import Annotation
from arabic_mtl.errors import InputError
from arabic_mtl.formats.base import Format
from arabic_mtl.formats.facts import Guess
from arabic_mtl.formats.jsonl import as_json
from arabic_mtl.formats.lines import unlabelled
from arabic_mtl.formats.notices import Notices
from arabic_mtl.formats.record import Record
from arabic_mtl.formats.rows import Row, rows
from arabic_mtl.formats.writer import Annotated, Model, Writer

SPANS = "spans"
"""The column of the spans that are found in a text, as JSON."""

_DELIMITERS = {".csv": ",", ".tsv": "\t"}


@dataclass(frozen=True, kw_only=True)
class Table(Format[Row], Writer):
    """A text per row. The first row names the columns, of which one holds the texts.

    The same columns are written, and one for each task that labels texts as a whole, and `SPANS`;
    in place of such that are there.

    Args:
        text: The name of the texts' column.
        delimiter: The character between two cells.
    """

    suffixes: ClassVar[tuple[str, ...]] = (*_DELIMITERS,)

    text: str = "text"
    delimiter: str = ","

    def parts(self, file: BinaryIO, notices: Notices) -> Iterator[Row]:
        """Yields the rows, first the one with the names.

        Raises:
            InputError: If there is none, or none of the names is that of the texts.
        """
        found = rows(file, self.delimiter)
        head = next(found, None)
        names = head.cells() if head else ()
        if head is None or self.text not in names or len({*names}) < len(names):
            raise InputError(
                "the first row of a table names its columns, each once",
                found=", ".join(names) or "nothing",
                expected=f"a column {self.text} with the texts; --field names another",
                line=1,
            )
        yield head
        yield from found

    def records(self, part: Row, notices: Notices, *, gold: bool) -> list[Record]:
        """Reads a row; that of the names has no text."""
        fields = dict(zip(part.names, part.cells(), strict=True))
        example = None if part.is_head else unlabelled(fields[self.text], part.line)
        return [Record(example=example, line=part.line, fields=fields, source=part.mark)]

    @classmethod
    def sniff(cls, head: bytes, name: str) -> Guess | None:
        """Returns a guess for files whose name ends as those of tables do."""
        delimiter = _DELIMITERS.get(Path(name).suffix.lower())
        return None if delimiter is None else Guess({"delimiter": delimiter}, 0.5)

    def names(self, model: Model) -> Collection[str]:
        """Returns the columns of labels and values of whole texts, and `SPANS`."""
        return (*model.of_whole, SPANS)

    def write(
        self, file: BinaryIO, annotated: Iterable[Annotated], model: Model, notices: Notices
    ) -> None:
        """Writes the names, and a row for each text."""
        table = csv.writer(_Lines(file), delimiter=self.delimiter)
        names = {name: name for name in self.names(model)}
        is_first = True
        for record, annotation in annotated:
            if is_first and annotation is not None:  # of a format without a row of names
                table.writerow([*record.named(), *names])
            is_first = False
            if isinstance(record.source, str):
                file.write(record.source.encode())
            added = names if annotation is None else _cells(annotation, model)
            table.writerow({**record.named(), **added}.values())


class _Lines:
    """Encodes rows of a csv writer, whose lines end as it quotes them: with CR and LF."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, row: str) -> None:
        self._file.write(row.removesuffix("\r\n").encode() + b"\n")


def _cells(annotation: Annotation, model: Model) -> dict[str, str]:
    """Returns the cells that an annotation adds, by column."""
    facts = annotation.as_dict()
    values = {task: str(value) for task, value in facts.get("values", {}).items()}
    labels = {
        task: "; ".join(found.label for found in annotation.labels.get(task, ()))
        for task in model.of_whole
    }
    return {**labels, **values, SPANS: as_json(facts["spans"])}
