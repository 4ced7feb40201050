"""Writes the tables of figures into pages, between ``<!-- figures: NAME -->`` and ``<!-- end -->``.

docs/figures/tables.yaml defines the tables. A column and a row have a heading and a key. The figure
in a cell is ``figures[column][row]`` of the measurement, with the keys of column and row, or
``figures[row][column]`` if the table is ``by: rows``. A key ``FILE.json: KEY`` takes its figures
from another measurement.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import yaml

from arabic_mtl.markdown import markdown_table
from tools.figures.stored import FOLDER, NUMBER, as_text, known_numbers, read_measurement

_MARKED = re.compile(r"(<!-- figures: (\S+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
_NOTHING = "–"


@dataclass(frozen=True)
class Table:
    """The definition of a table.

    Args:
        file: The name of the measurement.
        columns: Heading to key.
        rows: Heading to key.
        by: The first level of the figures.
        corner: The heading of the first column.
    """

    file: str
    columns: Mapping[str, Any]
    rows: Mapping[str, Any]
    by: Literal["columns", "rows"] = "columns"
    corner: str = ""

    def lines(self) -> Iterator[str]:
        """Yields the lines of the table in Markdown, and of its caption."""
        rows = []
        for heading, row in self.rows.items():
            cells = [self._cell(str(column), str(row)) for column in self.columns.values()]
            if set(cells) == {_NOTHING}:
                raise ValueError(f"no figures for the row {heading!r}: {row!r} in {self.file}.json")
            rows.append([heading, *cells])
        table = markdown_table(pd.DataFrame(rows, columns=[self.corner, *self.columns]))
        yield from table.replace("|  |", "| |").splitlines()
        captions = [read_measurement(file).caption for file in self.files()]
        yield ""
        yield f"Measured on {'; on '.join(captions)}."

    def _cell(self, column: str, row: str) -> str:
        outer, inner = (column, row) if self.by == "columns" else (row, column)
        file, key = self._source(outer)
        group = read_measurement(file).figures[key]
        return as_text(group[inner]) if inner in group else _NOTHING

    def files(self) -> list[str]:
        """Returns the names of the measurements, each once."""
        keys = self.columns if self.by == "columns" else self.rows
        return list(dict.fromkeys(self._source(str(key))[0] for key in keys.values()))

    def _source(self, key: str) -> tuple[str, str]:
        """Returns the measurement that a key belongs to, and its key there."""
        file, separator, rest = key.partition(".json: ")
        return (file, rest) if separator else (self.file, key)


def read_tables(path: Path = FOLDER / "tables.yaml") -> dict[str, Table]:
    """Reads the definitions of the tables by name."""
    definitions = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {name: Table(**definition) for name, definition in definitions.items()}


def with_tables(page: str, tables: Mapping[str, Table]) -> str:
    """Returns the text of a page with its tables of figures made anew."""

    def table(match: re.Match[str]) -> str:
        lines = "\n".join(tables[match[2]].lines())
        return f"{match[1]}{lines}\n{match[4]}"

    return _MARKED.sub(table, page)


def used_tables(page: str) -> list[str]:
    """Returns the names of the tables in a page."""
    return [match[2] for match in _MARKED.finditer(page)]


def unknown_numbers(page: str, folder: Path = FOLDER) -> list[str]:
    """Returns the numbers in the cells of the tables of figures that no measurement holds."""
    known = known_numbers(folder)
    rows = (line for match in _MARKED.finditer(page) for line in match[3].splitlines()[2:])
    cells = (cell for row in rows if row.startswith("|") for cell in row.split("|")[2:-1])
    return [number for cell in cells for number in NUMBER.findall(cell) if number not in known]
