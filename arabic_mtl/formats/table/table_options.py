"""The options of tables."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

from arabic_mtl.errors import InputError
from arabic_mtl.formats.options import FileOptions
from arabic_mtl.formats.table.cell_labels import LabelColumns, label_columns
from arabic_mtl.formats.table.dialect import Dialect
from arabic_mtl.formats.table.header import Header, require_unique

TAB = "\t"

_NAMED = {"tab": TAB, "\\t": TAB}


@dataclass(frozen=True, kw_only=True)
class TableOptions(FileOptions):
    """The columns of a table, and the way in which its file is written.

    Args:
        text: The name of the column with the texts.
        pair: The column with a second text, which is read together with the first.
        labels: Layer to the column with its label; to ``{columns: […]}``, the columns of 0 and 1,
            one per label; or to ``{column: NAME, separator: "; "}``, a column with several labels.
        delimiter: The character that separates cells, or ``tab``. By default a tab if the file's
            name ends in ``.tsv`` or ``.txt``, else a comma.
        quoting: ``csv`` if cells can stand in quotes, ``none`` if quotes are characters of the
            texts. By default ``none`` if tabs separate cells, else ``csv``.
        sheet: The name of the sheet of an Excel file; by default its first sheet.
        header: True if the first row has the column names; a list of names, if it has not; or
            False to call the columns ``column_1``, ``column_2``, ….
        id: The column with ids; by default the id of a text is ``line:`` and its line.
        group: The column with the group of each text, such as its author, which stays in one
            split; or several columns: rows that are connected by any of them stay together.
        missing: The cells of label columns that mean that a text is not labelled.
        empty: The treatment of labelled texts without a visible character: ``refuse`` or ``skip``.
        scores: True to write the probability of each predicted label, too.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".tsv", ".xlsx", ".parquet")

    text: str = "text"
    pair: str | None = None
    labels: dict[str, str | dict[str, Any]] = field(default_factory=dict)
    delimiter: str | None = None
    quoting: Literal["csv", "none"] | None = None
    sheet: str | None = None
    header: Header = True
    id: str | None = None
    group: str | list[str] | None = None
    missing: list[str] = field(default_factory=lambda: [""])
    empty: Literal["refuse", "skip"] = "refuse"
    scores: bool = False

    def __post_init__(self) -> None:
        """Checks the options that do not depend on a file."""
        super().__post_init__()
        label_columns(self.labels)
        if isinstance(self.header, list):
            require_unique(self.header)
        delimiter = "," if self.delimiter is None else self.delimiter
        delimiter = _NAMED.get(delimiter, delimiter)
        if len(delimiter) != 1 or delimiter in '"\r\n':
            raise InputError(
                "`delimiter` must be one character",
                found=f"delimiter: {self.delimiter!r}",
                expected='",", ";", "|" or tab',
            )

    @property
    def label_columns(self) -> list[LabelColumns]:
        """Returns the columns of each layer."""
        return label_columns(self.labels)

    @property
    def group_columns(self) -> Sequence[str]:
        """Returns the columns with groups."""
        return [self.group] if isinstance(self.group, str) else self.group or ()

    def dialect(self, name: str) -> Dialect:
        """Returns the way in which cells are written in a text file.

        Args:
            name: The name of the file.
        """
        default = TAB if Path(name).suffix.lower() in (".tsv", ".txt") else ","
        delimiter = _NAMED.get(self.delimiter or default, self.delimiter or default)
        return Dialect(delimiter, (self.quoting or ("none", "csv")[delimiter != TAB]) == "csv")
