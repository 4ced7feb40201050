"""The column names of tables."""

from collections.abc import Sequence

from arabic_mtl.errors import InputError

Header = bool | list[str]
"""The option ``header``: whether the first row has the column names, or the names."""

_EDGES = " \t\xa0\ufeff\u200e\u200f"  # blanks and invisible marks around a name


def column_names(header: Header, first: Sequence[object]) -> list[str]:
    """Returns the names of the columns of a table.

    A column without a name is called by its number, such as ``column_1``.

    Args:
        header: The option.
        first: The cells of the first row.
    """
    if isinstance(header, list):
        return header
    names = [bare_name(str(cell)) if header else "" for cell in first]
    return [name or f"column_{number}" for number, name in enumerate(names, 1)]


def bare_name(name: str) -> str:
    """Returns the name of a column without blanks and invisible marks around it."""
    return name.strip(_EDGES)


def require_unique(names: Sequence[str]) -> None:
    """Raises `InputError` if two columns have one name."""
    repeated = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if repeated:
        raise InputError(
            "the columns of a table must have unique names",
            found=f"{', '.join(repeated)} more than once among {', '.join(names)}",
            expected="a different name for each column",
            line=1,
        )
