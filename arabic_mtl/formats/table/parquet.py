"""The rows of Parquet files."""

import json
from collections.abc import Iterator, Sequence
from math import isnan
from typing import Any, BinaryIO

from arabic_mtl.errors import InputError
from arabic_mtl.formats.table.header import Header
from arabic_mtl.formats.table.rows import Cell, Row

_BATCH = 1000  # rows that are read together


class ParquetRows:
    """The rows of a Parquet file, numbered from 1; its columns have names.

    Args:
        file: The file.
        header: The option ``header`` of `arabic_mtl.formats.Table`, which must be the default.

    Raises:
        InputError: If the file is damaged, or the option is set.
    """

    dialect = None
    mark = ""
    has_header = False

    def __init__(self, file: BinaryIO, header: Header) -> None:
        if header is not True:
            raise InputError(
                "`header` must not be set for Parquet files, whose columns have names",
                found=f"header: {header}",
                expected="no option `header`",
            )
        from pyarrow.parquet import ParquetFile

        try:
            self._table = ParquetFile(file)
            self._schema = self._table.schema_arrow
            self.names: Sequence[str] = self._schema.names
        except Exception as error:  # damaged files raise all kinds of errors
            raise _unreadable(error) from None

    def __iter__(self) -> Iterator[Row]:
        """Yields the rows; the rest of the file is not in memory."""
        faults = {
            index: f"a value of type {field.type}"
            for index, field in enumerate(self._schema)
            if not _is_readable(field.type)
        }
        number = 0
        try:
            for batch in self._table.iter_batches(_BATCH):
                columns = [_cells(column) for column in batch.columns]
                for cells in zip(*columns, strict=True):
                    number += 1
                    yield Row(number, cells, faults or None)
        except (InputError, MemoryError):
            raise
        except Exception as error:
            raise _unreadable(error).locate(None, number + 1) from None


def _is_readable(kind: Any, *, is_item: bool = False) -> bool:
    """Returns True for strings, numbers, Booleans, categories, and lists of them."""
    from pyarrow import types

    if types.is_dictionary(kind):
        return _is_readable(kind.value_type, is_item=is_item)
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return not is_item and _is_readable(kind.value_type, is_item=True)
    checks = (
        types.is_string,
        types.is_large_string,
        types.is_string_view,
        types.is_integer,
        types.is_floating,
        types.is_boolean,
        types.is_null,
    )
    return any(check(kind) for check in checks)


def _cells(column: Any) -> list[Cell]:
    """Returns the values of a column as text; lists as lists of texts."""
    values = column.to_pylist()
    from pyarrow import types

    if types.is_string(column.type) or types.is_large_string(column.type):
        return list(values)
    return [_cell(value) for value in values]


def _cell(value: object) -> Cell:
    """Returns a value as text; None if there is none."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and isnan(value):
        return None
    if isinstance(value, list) and all(not isinstance(item, list | dict) for item in value):
        return [cell if isinstance(cell := _cell(item), str) else "" for item in value]
    return json.dumps(value, ensure_ascii=False, default=str)


def _unreadable(error: Exception) -> InputError:
    """Returns the error for a damaged file."""
    return InputError(
        "the file must be a Parquet file",
        found=f"{type(error).__name__}: {error}",
        expected="a file that pandas, pyarrow or datasets wrote; or the table, saved as CSV",
        line=1,
    )
