"""The rows of Excel files."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import repeat
from typing import TYPE_CHECKING, Any, BinaryIO

from arabic_mtl.errors import InputError
from arabic_mtl.formats.notices import Notices
from arabic_mtl.formats.table.archives import has_formulas, require_harmless
from arabic_mtl.formats.table.dialect import wrong_width
from arabic_mtl.formats.table.header import Header, column_names
from arabic_mtl.formats.table.rows import BLANK, Row

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

OTHER_SHEET = "sheet that is not read: `sheet` names the one to read"
"""The rule of the notice about files with several sheets."""

_MOST_ROWS = 1_048_576  # of Excel; a file may claim more
_NO_VALUE = "a formula without a stored value"


class SheetRows:
    """The rows of a sheet of an Excel file, without blank rows.

    Formulas are read as the values that Excel has stored. Numbers are read as Excel shows them
    without a number format. Colours and hidden rows mean nothing.

    Args:
        file: The file.
        sheet: The name of the sheet; None for the first one.
        header: The option ``header`` of `arabic_mtl.formats.Table`.
        notices: The counts of irregularities.
    """

    dialect = None
    mark = ""

    def __init__(self, file: BinaryIO, sheet: str | None, header: Header, notices: Notices) -> None:
        self.names: Sequence[str] = ()
        self.has_header = header is True
        self._file, self._sheet, self._header, self._notices = file, sheet, header, notices

    def __iter__(self) -> Iterator[Row]:
        """Yields the rows."""
        require_harmless(self._file)
        for number, cells in enumerate(self._cells(), 1):
            if number > _MOST_ROWS:
                raise _unreadable(f"more than {_MOST_ROWS:,} rows")
            values, faults = _values(cells)
            if any(values) or faults:
                yield self._row(number, values, faults)
            elif values:
                self._notices.count(BLANK, number)

    def _row(self, number: int, values: list[str], faults: dict[int, str]) -> Row:
        """Returns a row with as many cells as there are columns."""
        if not self.names:
            self.names = column_names(self._header, values)
        width = len(self.names)
        if len(values) > width:
            return Row(number, wrong_width(values, self.names))
        return Row(number, [*values, *repeat("", width - len(values))], faults or None)

    def _cells(self) -> Iterator[list[Any]]:
        """Yields the cells of each row, and those of formulas without a value as `_NO_VALUE`.

        Raises:
            InputError: If openpyxl cannot read the file, or there is no such sheet.
        """
        try:
            with closing(self._open(data_only=True)) as values:
                rows: Iterable[Any] = self._rows(values, is_first=True)
                if has_formulas(self._file):
                    with closing(self._open(data_only=False)) as formulas:
                        pairs = zip(rows, self._rows(formulas), strict=True)
                        yield from ([*map(_valued, *pair)] for pair in pairs)
                        return
                yield from rows
        except (InputError, MemoryError):
            raise
        except Exception as error:  # openpyxl raises all kinds of errors for damaged files
            raise _unreadable(f"{type(error).__name__}: {error}") from None

    def _open(self, *, data_only: bool) -> "Workbook":
        """Opens the workbook, with the values of formulas or with the formulas."""
        try:
            from openpyxl import load_workbook
        except ImportError:
            raise InputError(
                "Excel files must be read with openpyxl",
                found="openpyxl is not installed",
                expected="pip install 'arabic-mtl[excel]'; or the table, saved as CSV",
            ) from None
        return load_workbook(self._file, read_only=True, data_only=data_only, keep_links=False)

    def _rows(self, book: "Workbook", *, is_first: bool = False) -> Iterator[Any]:
        """Yields the rows of the sheet; counts other sheets when the first workbook is read."""
        sheets = {sheet.title: sheet for sheet in book.worksheets}
        name = next(iter(sheets)) if self._sheet is None else self._sheet
        if name not in sheets:
            raise InputError(
                "`sheet` must be the name of a sheet of the file",
                found=f"sheet: {name}",
                expected=", ".join(sheets),
                line=1,
            )
        if is_first and self._sheet is None and len(sheets) > 1:
            self._notices.count(OTHER_SHEET, number=len(sheets) - 1)
        sheet: Any = sheets[name]
        sheet.reset_dimensions()  # a file may claim another size than it has
        yield from sheet.iter_rows()


def _valued(cell: Any, formula: Any) -> Any:
    """Returns a cell, or `_NO_VALUE` for a formula whose value is not stored."""
    return _NO_VALUE if cell.value is None and formula.data_type == "f" else cell


def _values(cells: Sequence[Any]) -> tuple[list[str], dict[int, str]]:
    """Returns the contents of cells without empty ones at the end, and what is no text."""
    values, faults = [], {}
    for index, cell in enumerate(cells):
        fault = cell if cell is _NO_VALUE else ""
        value = None if fault else cell.value
        text = _text(value)
        if text is None or (not fault and cell.data_type == "e"):
            text = str(value)
            fault = f"an error of Excel: {text}" if cell.data_type == "e" else f"a date: {text}"
        if fault:
            faults[index] = fault
        values.append(text)
    while values and not values[-1] and len(values) - 1 not in faults:
        del values[-1]
    return values, faults


def _text(value: object) -> str | None:
    """Returns a value as Excel shows it; None for dates and times."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return f"{value:.15g}"  # the digits that Excel keeps
    return str(value) if isinstance(value, str | int) else None


def _unreadable(problem: str) -> InputError:
    """Returns the error for a file that is no Excel file, or damaged."""
    return InputError(
        "the file must be an Excel file (.xlsx)",
        found=problem,
        expected="a file that Excel or LibreOffice saved; or the table, saved as CSV",
        line=1,
    )
