"""Guesses what the columns of a table are."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

_MOST_LABELS = 50
_LONGEST = 40  # characters of a label
_FEW_ROWS = 20  # below, the number of different cells shows little
_MOST_SHARE = 0.2  # of the rows, the number of different labels
_PAIR = 0.5  # length of a second text, as a share of the text's

_ARABIC = re.compile(r"[\u0621-\u064a]")
_ID = re.compile(r"(.*[_ -])?(id|idx|index|no|nr|number)\d*|#|column_1", re.IGNORECASE)
_CAMEL_ID = re.compile(r".*[a-z]I[dD]")
_LABEL = re.compile(
    r"label|class|categ|sentiment|polarity|stance|dialect|emotion|topic|sarcas|hate|offens|rating"
    r"|score|target|type|country|تصنيف|فئة|مشاعر|لهجة|القطبية",
    re.IGNORECASE,
)
_TEXT = re.compile(
    r"text|tweet|sentence|review|content|comment|question|post|message|body|title|feed|نص|تغريدة",
    re.IGNORECASE,
)
_RIVAL = 0.3  # length of the cells of another column that may be the text, as a share
_SEPARATORS = (";", "|", ",", "،")
_NOT_LABELLED = {"null", "none", "nan", "na", "n/a", "-", "?"}


class Column(NamedTuple):
    """A column of a table.

    Args:
        name: Its name.
        cells: Its cells.
    """

    name: str
    cells: Sequence[str]

    @property
    def length(self) -> float:
        """Returns the mean number of Arabic letters of a cell."""
        return sum(len(_ARABIC.findall(cell)) for cell in self.cells) / max(len(self.cells), 1)

    @property
    def letters(self) -> float:
        """Returns the mean number of characters of a cell."""
        return sum(map(len, self.cells)) / max(len(self.cells), 1)

    @property
    def values(self) -> set[str]:
        """Returns the different cells, without empty ones."""
        return {cell.strip() for cell in self.cells} - {""}

    @property
    def is_id(self) -> bool:
        """Returns True if the name is one of ids."""
        return bool(_ID.fullmatch(self.name) or _CAMEL_ID.fullmatch(self.name))

    @property
    def is_unique(self) -> bool:
        """Returns True if all cells are different, and none is empty."""
        return len({*self.cells}) == len(self.cells) and "" not in self.cells

    @property
    def is_binary(self) -> bool:
        """Returns True if all cells are 0 or 1."""
        return bool(self.cells) and {*self.cells} <= {"0", "1"}

    @property
    def separator(self) -> str | None:
        """Returns the string between several labels in a cell; None if cells have one label.

        The labels that are joined in one cell are in other cells, too, so that there are fewer
        different labels than different cells.
        """
        for mark in _SEPARATORS:
            joined = [cell for cell in self.values if mark in cell]
            labels = {label.strip() for cell in self.values for label in cell.split(mark)}
            if joined and "" not in labels and len(labels) < len(self.values):
                spaced = f"{mark} "
                return spaced if all(c.count(mark) == c.count(spaced) for c in joined) else mark
        return None

    @property
    def bare(self) -> "Column":
        """Returns the column with the first label of each cell."""
        mark = self.separator
        return self if mark is None else Column(self.name, [c.split(mark)[0] for c in self.cells])

    @property
    def is_label(self) -> bool:
        """Returns True if the cells can be the labels of texts."""
        values, size = self.values, len(self.cells)
        if not values or self.is_id or max(map(len, values)) > _LONGEST:
            return False
        if size >= _FEW_ROWS:
            most = min(max(_MOST_SHARE * size, 2), _MOST_LABELS)
            return 1 < len(values) <= most
        return len(values) < size or bool(_LABEL.search(self.name)) or size <= 2


def mean_words(rows: Sequence[Sequence[str]]) -> float:
    """Returns the mean number of words in the column with the longest cells."""
    columns = zip(*rows, strict=True)
    means = [sum(len(cell.split()) for cell in column) / len(rows) for column in columns]
    return max(means, default=0.0)


def is_text_name(name: str) -> bool:
    """Returns True if a name is a usual one of columns of texts."""
    return bool(_TEXT.search(name))


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Returns True if the first of some rows seems to have the names of the columns."""
    first, *others = rows
    names = [cell.strip() for cell in first]
    if not any(names):
        return False
    if not others:
        return True
    columns = [Column("", cells) for cells in zip(*others, strict=True)]
    text = _text_index(columns)
    for index, (name, column) in enumerate(zip(names, columns, strict=True)):
        if len(name) > _LONGEST or name.lstrip("+-").replace(".", "").isdigit():
            return False
        if index != text and name and name in column.values:
            return False
    if _ARABIC.search(names[text]) is None:
        return columns[text].length > 0 or len(names[text].split()) < 4
    return len(names[text].split()) <= 3 and columns[text].length > 2 * len(names[text])


def guess_columns(
    names: Sequence[str], rows: Sequence[Sequence[str]]
) -> tuple[dict[str, Any], list[str]]:
    """Returns the options that name columns, and doubts about them.

    Args:
        names: The names of the columns.
        rows: Some rows, without the names.
    """
    cells = list(zip(*rows, strict=True)) or [()] * len(names)
    columns = [Column(name, column) for name, column in zip(names, cells, strict=True)]
    index = _text_index(columns)
    text = columns.pop(index)
    options: dict[str, Any] = {"text": text.name}
    rivals = [column.name for column in columns if column.length > _RIVAL * text.length]
    doubts = [f"{text.name} has the longest texts; or `text: {name}`" for name in rivals[:1]]
    pair = _pair(text, columns)
    if pair is not None:
        before = pair in columns[:index]
        columns.remove(pair)
        first, second = (pair, text) if before else (text, pair)
        options |= {"text": first.name, "pair": second.name, "group": [first.name, second.name]}
        doubts.clear()
        doubts.append(
            f"{first.name} and {second.name} seem to be read together; without `pair` and "
            f"`group`, `text: {text.name}` is read alone"
        )
    options |= _id_options(columns, doubts, has_pair=pair is not None)
    used = {options.get("id"), *options.get("group", ())}
    labels = dict(_labels([column for column in columns if column.name not in used], doubts))
    return options | ({"labels": labels} if labels else {}), doubts


def _text_index(columns: Sequence[Column]) -> int:
    """Returns the index of the column with the longest Arabic texts, or the longest texts."""
    return max(range(len(columns)), key=lambda i: (columns[i].length, columns[i].letters))


def _pair(text: Column, columns: Sequence[Column]) -> Column | None:
    """Returns the column with a second text, if there is one."""
    for column in columns:
        is_full = sum(map(bool, column.cells)) >= 0.9 * len(column.cells)
        is_long = column.length >= max(_PAIR * text.length, 2)
        varied = len(column.values) > max(_MOST_SHARE * len(column.cells), 1)
        if is_full and is_long and varied and mean_words([[cell] for cell in column.cells]) >= 1.5:
            return column
    return None


def _id_options(columns: Sequence[Column], doubts: list[str], *, has_pair: bool) -> dict[str, Any]:
    """Returns the options for ids and groups."""
    options: dict[str, Any] = {}
    named = [column for column in columns if column.is_id and not column.is_binary]
    unique = next((column for column in named if column.is_unique), None)
    if unique is not None:
        options["id"] = unique.name
    groups = [column.name for column in named if column is not unique and len(column.values) > 1]
    if groups and not has_pair:
        options["group"] = groups
        doubts.append(
            f"texts with equal cells in {', '.join(groups)} stay in one split; without `group`, "
            "only equal texts do"
        )
    return options


def _labels(
    columns: Sequence[Column], doubts: list[str]
) -> Iterator[tuple[str, str | Mapping[str, Any]]]:
    """Yields the layers with their columns."""
    labels = [column for column in columns if column.bare.is_label]
    runs = _binary_runs(columns)
    for run in runs:
        name = "labels" if len(runs) == 1 else "_".join(run)
        yield name, {"columns": run}
        doubts.append(
            f"columns of 0 and 1 are labels of one layer, {name}; `labels: {{{run[0]}: {run[0]}}}` "
            "makes a layer of one"
        )
    in_runs = {name for run in runs for name in run}
    for column in labels:
        if column.name not in in_runs:
            if mark := column.separator:
                yield column.name, {"column": column.name, "separator": mark}
                doubts.append(
                    f"{column.name} seems to have several labels in a cell, with «{mark}» between "
                    f"them; or `labels: {{{column.name}: {column.name}}}`"
                )
            else:
                yield column.name, column.name
            absent = [value for value in sorted(column.values) if value.lower() in _NOT_LABELLED]
            if absent:
                listed = ", ".join(f'"{value}"' for value in ("", *absent))
                doubts.append(
                    f"{column.name} has {', '.join(absent)}; `missing: [{listed}]` if such texts "
                    "are not labelled"
                )
    others = [c.name for c in columns if c not in labels and c.name not in in_runs]
    if others:
        doubts.append(f"{', '.join(others)} seem to be no labels, and are not read")


def _binary_runs(columns: Sequence[Column]) -> list[list[str]]:
    """Returns the names of neighbouring columns of 0 and 1."""
    runs: list[list[str]] = [[]]
    for column in columns:
        if column.is_binary:
            runs[-1].append(column.name)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if len(run) > 1]
