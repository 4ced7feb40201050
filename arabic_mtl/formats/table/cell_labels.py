"""The labels in the columns of tables."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from arabic_mtl.errors import InputError
from arabic_mtl.formats.labels import trimmed
from arabic_mtl.formats.notices import Notices

REPEATED, TRAILING = "label repeated in a cell", "separator after the last label"
"""The rules of notices about labels."""

_MOST = 200  # different cells that do not fit, after which a file is not read on
_CACHED = 10_000  # different cells of a column whose labels are kept
_EMPTY = "a label must not be empty"
_BINARY = "a column of one label must contain 0 or 1"

Read = Callable[[Sequence[Any], int], tuple[str, ...] | None]
"""A function from the cells of a row and its line to the labels; None if it is not labelled."""


@dataclass(frozen=True, slots=True)
class LabelColumns:
    """The columns with the labels of a layer.

    Args:
        layer: The layer.
        columns: The names of the columns.
        separator: The string between several labels in a cell; None if there is one.
        is_binary: True for one column of 0 and 1 per label, whose name is the label.
    """

    layer: str
    columns: tuple[str, ...]
    separator: str | None = None
    is_binary: bool = False

    def reader(
        self,
        indices: Sequence[int],
        missing: Sequence[str],
        rename: Mapping[str, str | None],
        unfit: "UnfitCells",
        notices: Notices,
    ) -> Read:
        """Returns the function that reads the labels of a row.

        Args:
            indices: The indices of the columns.
            missing: The cells that mean that a text is not labelled.
            rename: The cells that mean 0 or 1, or other labels, and what they mean.
            unfit: Receives the cells that are no labels.
            notices: The counts of tolerated irregularities.
        """
        if self.is_binary:
            return _BinaryCells(self, indices, missing, rename, unfit, notices).read
        return _LabelCell(self, indices[0], missing, unfit, notices).read


def label_columns(labels: Mapping[str, str | dict[str, Any]]) -> list[LabelColumns]:
    """Returns the columns that the option ``labels`` describes.

    Raises:
        InputError: If a description is invalid.
    """
    return [_described(layer, value) for layer, value in labels.items()]


def _described(layer: str, value: str | dict[str, Any]) -> LabelColumns:
    if isinstance(value, str):
        return LabelColumns(layer, (value,))
    columns, column = value.get("columns"), value.get("column")
    separator = value.get("separator")
    if value.keys() == {"columns"} and isinstance(columns, list) and columns:
        return LabelColumns(layer, tuple(map(str, columns)), is_binary=True)
    if isinstance(column, str) and value.keys() <= {"column", "separator"} and separator != "":
        return LabelColumns(layer, (column,), separator)
    raise InputError(
        "each layer of `labels` must name its column or columns",
        found=f"{layer}: {value}",
        expected='a column; {columns: [joy, anger]}; or {column: tags, separator: "; "}',
    )


class _Unfit(NamedTuple):
    """A kind of cell that is no label."""

    rule: str
    layer: str
    column: str
    cell: str


class UnfitCells:
    """The cells of a file that are no labels, with their numbers and first lines.

    Args:
        is_strict: True to raise the error of a cell at once.
    """

    def __init__(self, *, is_strict: bool) -> None:
        self.total = 0
        self._is_strict = is_strict
        self._counts: dict[_Unfit, tuple[int, int]] = {}

    def add(self, rule: str, columns: LabelColumns, column: str, cell: str, line: int) -> None:
        """Counts a cell; raises the `InputError` at once if strict, or if there are too many."""
        self.total += 1
        unfit = _Unfit(rule, columns.layer, column, cell)
        number, first = self._counts.get(unfit, (0, line))
        self._counts[unfit] = number + 1, first
        if self._is_strict:
            self._counts = {unfit: (1, line)}
        if self._is_strict or len(self._counts) > _MOST:
            self.require_none()

    def require_none(self) -> None:
        """Raises the `InputError` for all cells, if there are any."""
        if not self._counts:
            return
        counts, self._counts = self._counts, {}
        cells = [
            f"column {unfit.column}: {unfit.cell or 'empty'} × {number:,} (line {first})"
            for unfit, (number, first) in counts.items()
        ]
        raise InputError(
            "; ".join(dict.fromkeys(unfit.rule for unfit in counts)),
            found="; ".join(cells),
            expected="; ".join(dict.fromkeys(map(_expected, counts))),
            line=min(first for _, first in counts.values()),
        )


def _expected(unfit: _Unfit) -> str:
    """Returns the option that gives a cell a meaning."""
    missing = f'or `missing: ["{unfit.cell}", …]` if such a text is not labelled'
    if unfit.rule == _EMPTY:
        return f"a label; {missing}"
    if not unfit.cell:
        return "0 or 1 in all columns of a labelled text"
    names = f'`rename: {{{unfit.layer}: {{"{unfit.cell}": "1"}}}}`'
    return f"0 or 1; or {names}, which reads the cell as 1; {missing}"


@dataclass
class _LabelCell:
    """A column with a label, or several labels, in a cell."""

    columns: LabelColumns
    index: int
    missing: Sequence[str]
    unfit: UnfitCells
    notices: Notices

    def __post_init__(self) -> None:
        self._known: dict[str, tuple[str, ...]] = {}

    def read(self, cells: Sequence[Any], line: int) -> tuple[str, ...] | None:
        """Returns the labels of a row; None if it is not labelled."""
        cell = cells[self.index]
        if cell.__class__ is not str:
            return None if cell is None else self._labels(cell, line)
        if (labels := self._known.get(cell)) is not None:
            return labels
        bare = cell.strip(" \t")
        if bare in self.missing or cell in self.missing:
            return None
        separator = self.columns.separator
        parts = [cell] if separator is None else cell.split(separator)
        labels = self._labels(parts if separator is None or bare else [], line)
        if labels == tuple(parts) and "" not in labels and len(self._known) < _CACHED:
            self._known[cell] = labels  # such cells need no notice
        return labels

    def _labels(self, parts: Sequence[str], line: int) -> tuple[str, ...]:
        """Returns the trimmed labels, each once."""
        labels = [trimmed(part, self.notices, line) for part in parts]
        if len(labels) > 1 and not labels[-1] and self.columns.separator:
            self.notices.count(TRAILING, line)
            del labels[-1]
        if "" in labels:
            self.unfit.add(_EMPTY, self.columns, self.columns.columns[0], "", line)
        unique = tuple(dict.fromkeys(labels))
        if len(unique) < len(labels):
            self.notices.count(REPEATED, line)
        return unique


@dataclass
class _BinaryCells:
    """The columns of 0 and 1 of several labels."""

    columns: LabelColumns
    indices: Sequence[int]
    missing: Sequence[str]
    rename: Mapping[str, str | None]
    unfit: UnfitCells
    notices: Notices

    def read(self, cells: Sequence[Any], line: int) -> tuple[str, ...] | None:
        """Returns the labels of a row whose cells are 1; None if it is not labelled."""
        values = [_shown(cells[index]) for index in self.indices]
        if values[0] not in ("0", "1") and self._is_missing(cells, values):
            return None
        return tuple(
            column
            for column, value in zip(self.columns.columns, values, strict=True)
            if value == "1" or (value != "0" and self._is_set(column, value, line))
        )

    def _is_missing(self, cells: Sequence[Any], values: Sequence[str]) -> bool:
        """Returns True if all cells mean that the text is not labelled."""
        missing = (value in self.missing or value.strip(" \t") in self.missing for value in values)
        return all(missing) or all(cells[index] is None for index in self.indices)

    def _is_set(self, column: str, value: str, line: int) -> bool:
        """Returns True for a cell that means 1."""
        bare = trimmed(value, self.notices, line)
        meaning = self.rename.get(bare, bare)
        if meaning not in ("0", "1", None):
            self.unfit.add(_BINARY, self.columns, column, bare, line)
        return meaning == "1"


def _shown(cell: str | Sequence[str] | None) -> str:
    """Returns a cell as text; a list of a Parquet file is no 0 or 1."""
    return cell if isinstance(cell, str) else "" if cell is None else str(list(cell))
