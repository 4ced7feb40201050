"""The examples in the rows of a table."""

from collections.abc import Sequence

from arabic_mtl.documents import Example
from arabic_mtl.errors import InputError
from arabic_mtl.formats.groups import group_kind, own_group
from arabic_mtl.formats.notices import Notices
from arabic_mtl.formats.record import is_visible
from arabic_mtl.formats.table.cell_labels import UnfitCells
from arabic_mtl.formats.table.dialect import shown
from arabic_mtl.formats.table.names import ColumnNames
from arabic_mtl.formats.table.rows import Cell, Row
from arabic_mtl.formats.table.table_options import TableOptions

SKIPPED = "labelled row without a text, skipped"
"""The rule of the notice about rows that `TableOptions.empty` skips."""

_TEXT = ""  # the kind of columns whose groups are texts


class ExampleColumns:
    """The columns of a table as parts of examples.

    Args:
        names: The names of all columns.
        options: The options.
        notices: The counts of tolerated irregularities.
    """

    def __init__(self, names: Sequence[str], options: TableOptions, notices: Notices) -> None:
        self.names = ColumnNames(names, options)
        self.unfit = UnfitCells(is_strict=options.on_error == "skip")
        self._options, self._notices = options, notices
        index = self.names.index
        self._text = index(options.text)
        self._pair = None if options.pair is None else index(options.pair)
        self._id = None if options.id is None else index(options.id)
        self._groups = [(self._kind(name), index(name)) for name in options.group_columns]
        self._labels = {
            item.layer: item.reader(
                [index(column) for column in item.columns],
                options.missing,
                options.rename.get(item.layer, {}),
                self.unfit,
                notices,
            )
            for item in options.label_columns
        }

    def example(self, row: Row, *, gold: bool) -> Example | None:
        """Returns the example of a row; None if it is left out.

        Args:
            row: The row.
            gold: True to read the annotations.

        Raises:
            InputError: If a cell cannot be read as what it is used for.
        """
        cells, line = row.cells(), row.line
        if row.faults:
            self._require_readable(row, gold=gold)
        text = _string(cells[self._text])
        pair = None if self._pair is None else _string(cells[self._pair])
        name = f"line:{line}" if self._id is None else self._id_of(cells, line, gold=gold)
        if not gold:
            return Example(id=name, text=text, pair=pair, line=line)
        unfit, labels = self.unfit.total, {}
        for layer, read in self._labels.items():
            if (found := read(cells, line)) is not None:
                labels[layer] = found
        is_empty = not (is_visible(text) and (pair is None or is_visible(pair)))
        if self.unfit.total > unfit or (is_empty and labels and self._skips(row)):
            return None
        own = own_group(text, pair)
        groups = self._group_names(cells, own) if self._groups else (own,)
        return Example(
            id=name,
            group=groups[0],
            linked=groups[1:],
            text=text,
            pair=pair,
            labels=labels,
            line=line,
        )

    def _id_of(self, cells: Sequence[Cell], line: int, *, gold: bool) -> str:
        """Returns the id of a row; by default its line."""
        name = "" if self._id is None else _string(cells[self._id])
        if not name and gold:
            raise InputError(
                "each text must have an id if `id` names their column",
                found=f"an empty cell in column {self._options.id}",
                expected="an id; or no option `id`, which calls texts by their lines",
                line=line,
            )
        return name or f"line:{line}"

    def _skips(self, row: Row) -> bool:
        """Returns True if a labelled row without a text is skipped, which is counted.

        Raises:
            InputError: If such rows are refused.
        """
        if self._options.empty == "skip":
            self._notices.count(SKIPPED, row.line)
            return True
        raise InputError(
            "a text with a label must have a visible character",
            found=f"an empty text in the row: {shown(' | '.join(map(str, row.cells())))}",
            expected="a text; or the option `empty: skip`, which leaves such rows out and counts "
            "them",
            line=row.line,
        )

    def _group_names(self, cells: Sequence[Cell], own: str) -> tuple[str, ...]:
        """Returns the groups of a row, the last of which only equal texts have."""
        groups: dict[str, None] = {}
        for kind, index in self._groups:
            if value := _string(cells[index]):
                groups[f"{kind}:{value}" if kind else own_group(value)] = None
        return tuple(dict.fromkeys([*groups, own]))

    def _kind(self, name: str) -> str:
        """Returns what the groups in a column are: ids and texts may be equal by chance.

        Columns hold the same kind if they are those of texts, or their names differ in digits
        only, such as ``qid1`` and ``qid2``.
        """
        if self.names.index(name) in (self._text, self._pair):
            return _TEXT
        return group_kind(name)

    def _require_readable(self, row: Row, *, gold: bool) -> None:
        """Raises `InputError` if a cell that is used is no text or label."""
        used = self.names.used_gold if gold else self.names.used
        for index, fault in (row.faults or {}).items():
            if index in used:
                raise InputError(
                    "a cell with a text, a label or an id must be text or a number",
                    found=f"{fault} in column {self.names.names[index]}",
                    expected="text; or another column",
                    line=row.line,
                )


def _string(cell: Cell) -> str:
    """Returns the content of a cell; raises `InputError` for a list of a Parquet file."""
    if cell is None or isinstance(cell, str):
        return cell or ""
    raise InputError(
        "a text, an id or a group must be one value",
        found=f"a list: {', '.join(cell)}",
        expected="a column without lists, which only labels can have",
    )
