"""The columns of a table by name."""

from collections.abc import Sequence
from difflib import get_close_matches

from arabic_mtl.formats.base import WrongFile
from arabic_mtl.formats.table.dialect import Dialect, other_delimiters, shown
from arabic_mtl.formats.table.header import bare_name
from arabic_mtl.formats.table.table_options import TableOptions

_SHOWN = 300  # characters of the column names in a message


class ColumnNames:
    """The columns of a table that its options name.

    Args:
        names: The names of all columns.
        options: The options.
    """

    def __init__(self, names: Sequence[str], options: TableOptions) -> None:
        self.names = names
        self._options = options
        self._indices = {name: index for index, name in enumerate(names)}
        self.needed = {"text": options.text, "pair": options.pair, "id": options.id}
        labels = [(item.layer, column) for item in options.label_columns for column in item.columns]
        named = [(option, name) for option, name in self.needed.items() if name is not None]
        self._absent = self._absent_from(named)
        self._absent_gold = self._absent_from(
            [
                *named,
                *(("group", name) for name in options.group_columns),
                *((f"labels.{layer}", column) for layer, column in labels),
            ]
        )
        self.used = {self.index(name) for _, name in named}
        self.used_gold = {
            *self.used,
            *(self.index(name) for name in options.group_columns),
            *(self.index(column) for _, column in labels),
        }

    def index(self, name: str) -> int:
        """Returns the index of a column; -1 if the table lacks it."""
        return self._indices.get(name, self._indices.get(bare_name(name), -1))

    def require(self, dialect: Dialect | None, *, gold: bool) -> None:
        """Raises `WrongFile` if the table lacks columns that are read.

        Args:
            dialect: The dialect in which the file was read; None if it is no text file.
            gold: True if annotations are read.
        """
        absent = self._absent_gold if gold else self._absent
        if absent:
            listed = ", ".join(f"{name} (`{option}`)" for option, name in absent)
            raise WrongFile(
                "the options must name columns of the table",
                found=f"no column {listed}; the columns are {shown(', '.join(self.names), _SHOWN)}",
                expected="; ".join(self._hints(absent, dialect)) or "names of these columns",
            )

    def _absent_from(self, named: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        """Returns the options that name no column, with the names."""
        return [(option, name) for option, name in named if self.index(name) < 0]

    def _hints(self, absent: Sequence[tuple[str, str]], dialect: Dialect | None) -> list[str]:
        """Returns the options that might name the columns."""
        hints = []
        if (text := self._options.text) in [name for _, name in absent]:
            hints.append(
                f"a column {text} with the texts; --field or the option `text` sets another name"
            )
        for option, name in absent:
            if close := get_close_matches(name, self.names, 1):
                hints.append(f"perhaps `{option}: {close[0]}`")
        if dialect is not None and len(self.names) == 1:
            for delimiter, cells in other_delimiters(self.names[0], dialect).items():
                if len(cells) > 1:
                    hints.append(f"or the option `delimiter: {delimiter}`")
        return hints
