"""The columns of CoNLL files: their names, and how a line is cut into cells."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from arabic_mtl.errors import InputError
from arabic_mtl.formats.conll.line_hints import shown

WORD, SKIPPED = "word", "_"
"""The names of the column with the words, and of columns that are not read."""

_MORE = "..."
_DELIMITERS = {"blanks": "", "tab": "\t", "\\t": "\t", "space": " "}


@dataclass(frozen=True)
class Layout:
    """The columns of a file.

    Args:
        columns: The names of the columns, without the dots of the last one.
        is_open: True if the last column takes all further cells, a level each.
        delimiter: The string between cells; empty for runs of spaces and tabs.
        is_quoted: True if cells can stand in quotes, as in CSV.
        joint: The names of columns that are not annotated, such as that of the sentence's id.
    """

    columns: tuple[str, ...]
    is_open: bool
    delimiter: str
    is_quoted: bool
    joint: frozenset[str]

    @cached_property
    def word(self) -> int:
        """Returns the index of the column with the words."""
        return self.columns.index(WORD)

    @cached_property
    def named(self) -> dict[str, int]:
        """Returns name to index of the columns that are read, but that of the words."""
        names = enumerate(self.columns)
        return {name: index for index, name in names if name not in (WORD, SKIPPED)}

    @cached_property
    def tags(self) -> dict[str, int]:
        """Returns layer to the index of its column; of an open column, the first level's."""
        return {name: index for name, index in self.named.items() if name not in self.joint}

    @cached_property
    def level(self) -> str | None:
        """Returns the layer of the open column; None if there is none that is read."""
        return self.columns[-1] if self.is_open and self.columns[-1] in self.tags else None

    def split(self, text: str) -> list[str]:
        """Cuts a line into cells.

        Raises:
            InputError: If the quotes of the line are not those of CSV.
        """
        if not self.delimiter:
            return [cell for cell in text.replace("\t", " ").split(" ") if cell]
        if self.is_quoted and '"' in text:
            return _unquoted(text, self.delimiter)
        return text.split(self.delimiter)


def layout_of(
    columns: Sequence[str], delimiter: str, quoting: Literal["none", "csv"], joint: Sequence[str]
) -> Layout:
    """Returns the layout that options describe.

    Args:
        columns: The option ``columns``.
        delimiter: The option ``delimiter``.
        quoting: The option ``quoting``.
        joint: The columns that other options name.

    Raises:
        InputError: If the options contradict each other.
    """
    names = [name.removesuffix(_MORE) for name in columns]
    _require_columns(columns, names)
    for name in joint:
        if name not in names or name in (WORD, SKIPPED):
            raise InputError(
                "a column that `sentences`, `documents` or `space_after` names must be a column",
                found=name,
                expected=f"one of `columns`: {', '.join({*names} - {WORD, SKIPPED}) or 'none yet'}",
            )
    separator = _DELIMITERS.get(delimiter, delimiter)
    is_quoted = quoting == "csv"
    _require_delimiter(delimiter, separator, is_quoted=is_quoted)
    is_open = columns[-1].endswith(_MORE)
    return Layout(tuple(names), is_open, separator, is_quoted, frozenset(joint))


def _require_columns(columns: Sequence[str], names: Sequence[str]) -> None:
    """Raises `InputError` unless the columns have a word and unique names."""
    named = [name for name in names if name != SKIPPED]
    level = f"{names[-1]}_" if columns and columns[-1].endswith(_MORE) else None
    is_taken = level and any(
        name.startswith(level) and name[len(level) :].isdecimal() for name in names
    )
    dots = [name for name in columns[:-1] if name.endswith(_MORE)]
    if (
        names.count(WORD) != 1
        or len({*named}) < len(named)
        or "" in names
        or dots
        or is_taken
        or f"{WORD}{_MORE}" in columns
    ):
        raise InputError(
            "`columns` must name each column once, one of them `word`; the last can end in `...`",
            found=f"columns: [{', '.join(columns)}]",
            expected="such as [word, ner]; `_` for a column that is skipped; [word, ner...] for "
            "one tag per level of nested spans",
        )


def _require_delimiter(name: str, delimiter: str, *, is_quoted: bool) -> None:
    """Raises `InputError` if lines cannot be cut with a delimiter."""
    is_wrong = not name or any(char in delimiter for char in '\n\r"')
    if is_wrong or (is_quoted and len(delimiter) != 1):
        raise InputError(
            "`delimiter` must be the string between cells, and one character with `quoting: csv`",
            found=f"delimiter: {name!r}, quoting: {'csv' if is_quoted else 'none'}",
            expected='blanks (runs of spaces and tabs), tab, space, "," or another character',
        )


def _unquoted(text: str, delimiter: str) -> list[str]:
    """Returns the cells of a line of CSV."""
    try:
        (cells,) = csv.reader([text], delimiter=delimiter, strict=True)
    except csv.Error as error:
        raise InputError(
            'a cell in quotes must end on its line, and quotes in it must be written ""',
            found=f"{error}, in {shown(text)}",
            expected="`quoting: none` if quotes are characters like others",
        ) from None
    return cells
