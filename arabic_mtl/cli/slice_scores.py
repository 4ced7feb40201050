"""Scores of the slices of a gold file: its texts with one value of a column, or of a length."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from rich.table import Table
from rich.text import Text

from arabic_mtl.cli.layer_tables import all_scores
from arabic_mtl.formats import Format
from arabic_mtl.formats.columns import column_values
from arabic_mtl.markdown import percent
from arabic_mtl.scoring import ExamplePair, LayerComparison, length_slice, lengths_order

LENGTH = "length"
"""The slice of texts by their number of words, which needs no column."""


class SliceRow(NamedTuple):
    """The number of texts of a slice, and the scores of a layer in it."""

    texts: int
    scores: dict[str, float]


class SliceScores:
    """The comparisons of two files in each slice of the gold file.

    Args:
        form: The format of the gold file.
        path: The gold file.
        columns: The columns whose values are the slices, and `LENGTH`.
        compare: Two mappings of layers, with which a `LayerComparison` is made.

    Raises:
        InputError: If the file has no such column.
    """

    def __init__(
        self,
        form: Format,
        path: Path,
        columns: Sequence[str],
        compare: tuple[Mapping[str, str] | None, Mapping[str, str]],
    ) -> None:
        own = [column for column in columns if column != LENGTH]
        self._values = dict(column_values(form, path, own)) if own else {}
        self._compare = compare
        self._slices: dict[str, dict[str, LayerComparison]] = {column: {} for column in columns}

    def add(self, pair: ExamplePair) -> None:
        """Adds a text to its slices."""
        values = {**self._values.get(pair.gold.id, {}), LENGTH: length_slice(pair.gold.text)}
        for column, slices in self._slices.items():
            value = values[column] or "(empty)"
            if value not in slices:
                slices[value] = LayerComparison(*self._compare)
            slices[value].add(pair)

    def content(self, scored: Sequence[str]) -> dict[str, object]:
        """Returns column to value to layer to its texts and scores, as JSON values.

        Args:
            scored: The labels whose macro-F1 is the score ``scored_f1``.
        """
        return {
            column: {
                value: {name: row._asdict() for name, row in _layers(comparison, scored).items()}
                for value, comparison in slices.items()
            }
            for column, slices in self._sorted().items()
        }

    def tables(self, scored: Sequence[str]) -> list[Table]:
        """Returns a table for each column and layer, with a row for each value."""
        tables = []
        for column, slices in self._sorted().items():
            names = dict.fromkeys(name for c in slices.values() for name in _layers(c, scored))
            tables += [_table(column, name, slices, scored) for name in names]
        return tables

    def _sorted(self) -> dict[str, dict[str, LayerComparison]]:
        """Returns the slices of each column: lengths in their order, else in that of the file."""
        return {
            column: dict(sorted(slices.items(), key=lambda item: lengths_order(item[0])))
            if column == LENGTH
            else slices
            for column, slices in self._slices.items()
        }


def _layers(comparison: LayerComparison, scored: Sequence[str]) -> dict[str, SliceRow]:
    """Returns layer to its number of texts and its scores."""
    return {
        str(item.gold): SliceRow(item.counts.texts, all_scores(item.counts, scored))
        for item in comparison.shared
    }


def _table(
    column: str, layer: str, slices: Mapping[str, LayerComparison], scored: Sequence[str]
) -> Table:
    """Returns the table of a layer: a row for each value of a column."""
    table = Table(column, title=Text(f"{layer} by {column}"))
    rows = {value: _layers(item, scored).get(layer) for value, item in slices.items()}
    found = {value: row for value, row in rows.items() if row is not None}
    names = list(dict.fromkeys(name for row in found.values() for name in row.scores))
    for header in ("texts", *names):
        table.add_column(header, justify="right")
    for value, row in found.items():
        cells = [percent(row.scores.get(name)) for name in names]
        table.add_row(Text(value), str(row.texts), *cells)
    return table
