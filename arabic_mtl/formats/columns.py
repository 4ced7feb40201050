"""The values that the texts of a file have in some of its columns."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from arabic_mtl.errors import InputError
from arabic_mtl.formats.base import Format
from arabic_mtl.formats.records.json_values import as_json, find


def column_values(
    form: Format, path: Path, columns: Sequence[str]
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yields the id of each text of a file, and column to its value; empty without a value.

    Args:
        form: The format of the file.
        path: The file.
        columns: The columns of a table, or the keys of JSON records, which may be dotted.

    Raises:
        InputError: If the first text does not have a column, or the file cannot be read.
    """
    is_first = True
    try:
        with path.open("rb") as file:
            for record in form.stream(file, on_error=_skip):
                if record.example is None:
                    continue
                fields = record.named_fields()
                if is_first:
                    _require(columns, fields)
                    is_first = False
                yield record.example.id, {name: _shown(find(fields, name)) for name in columns}
    except InputError as error:
        raise error.locate(path) from None


def require_columns(form: Format, path: Path, columns: Sequence[str]) -> None:
    """Raises `InputError` if the first text of a file does not have the columns."""
    next(column_values(form, path, columns), None)


def _require(columns: Sequence[str], fields: Mapping[str, object]) -> None:
    """Raises `InputError` if a record lacks one of the columns."""
    for name in columns:
        if name not in fields and find(fields, name) is None:
            raise InputError(
                "a slice must be a column of the file",
                found=name,
                expected=f"one of {', '.join(fields)}",
            )


def _shown(value: object) -> str:
    """Returns a value as text; anything but text as JSON."""
    if value is None:
        return ""
    return value.strip() if isinstance(value, str) else as_json(value)


def _skip(error: InputError) -> None:
    """Ignores a text that cannot be read: the corpus has been read before, which named it."""
