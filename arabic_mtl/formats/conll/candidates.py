"""The ways in which the first lines of a file can be cut into words and tags."""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from arabic_mtl.formats.conll.line_hints import TAG
from arabic_mtl.formats.conll.tags import Scheme

Rows = Sequence[Sequence[str]]

_DELIMITERS = {"tab": "\t", "blanks": "", ",": ",", ";": ";"}
_WORDS = ("word", "words", "token", "tokens", "form", "كلمة")
_TAGS = ("tag", "tags", "ner", "ner_tag", "pos", "upos", "label", "entity")
_FEW = 0.05  # share of lines that may have fewer cells than the others
_LEAST, _SURE = 0.5, 0.9  # shares of cells that look like tags
_OUTSIDE = 0.2  # share of O in a column of labels without B- and I-
_ENDINGS: dict[str, Scheme] = {"E": "bioes", "S": "bioes", "L": "bilou", "U": "bilou"}


@dataclass(frozen=True)
class Candidate:
    """A way to cut the lines of a file.

    Args:
        delimiter: The option.
        quoting: The option.
        rows: The cells, without those of the header.
        header: The names of the columns; empty if the first line has a word.
        tags: Index to scheme of the columns of tags.
        is_open: True if the last of them takes all further cells.
        certainty: The certainty that the file is of this kind, from 0 to 1.
    """

    delimiter: str
    quoting: str
    rows: Rows
    header: Sequence[str]
    tags: dict[int, Scheme]
    is_open: bool
    certainty: float

    @property
    def word(self) -> int:
        """Returns the index of the column with the most different words."""
        names = [name.lower() for name in self.header]
        named = [index for index, name in enumerate(names) if name in _WORDS]
        others = [n for n in range(len(self.rows[0])) if n not in self.tags]
        different = {
            n: len({row[n] for row in self.rows if len(row) > n and not row[n].isdecimal()})
            for n in others
        }
        return named[0] if named else max(others, key=lambda n: (different[n], -n), default=0)


def candidates(lines: Sequence[str]) -> Iterator[Candidate]:
    """Yields the ways to cut lines with words; by each delimiter at most one."""
    for name, delimiter in _DELIMITERS.items():
        quoting = "csv" if delimiter == "," and any('"' in line for line in lines) else "none"
        rows = [_cells(line, delimiter, quoting) for line in lines]
        widths = Counter(map(len, rows))
        width = _width(widths)
        rows = [row for row in rows if len(row) >= width]
        if width == 1 and name == "blanks" and len(widths) == 1:
            yield Candidate(name, quoting, rows, (), {}, False, 0.3)
        if width > 1 and not (name == "tab" and min(widths) < width):
            empty = Candidate(name, quoting, rows, (), {}, False, 0.0)
            yield from (found for found in (_prefixed(empty, width), _named(empty, width)) if found)


def _width(widths: Counter[int]) -> int:
    """Returns the number of cells that nearly all lines have; levels of tags add to it."""
    if widths[1] > widths.total() / 2 or len(widths) < 2:
        return min(widths, default=0)
    return min((n for n in widths if n > 1 and widths[n] > _FEW * widths.total()), default=0)


def _cells(line: str, delimiter: str, quoting: str) -> list[str]:
    if not delimiter:
        return [cell for cell in line.replace("\t", " ").split(" ") if cell]
    if quoting == "csv":
        try:
            return next(csv.reader([line], delimiter=delimiter, strict=True))
        except csv.Error:
            return [line]
    return line.split(delimiter)


def _prefixed(candidate: Candidate, width: int) -> Candidate | None:
    """Returns a candidate whose columns of tags have B- and I-; None if there are none."""
    rows = candidate.rows
    shares = {index: _share(rows, index) for index in range(width)}
    tags = {index: _scheme(rows, index) for index, share in shares.items() if share >= _LEAST}
    if len(tags) == width:  # the words of a few lines look like tags
        del tags[0]
    if not tags:
        return None
    last = max(tags)
    has_header = len(rows) > 2 and not any(_fits(rows[0][index]) for index in tags)
    rest = rows[1:] if has_header else rows
    surplus = [cell for row in rows for cell in row[width:]]
    is_open = last == width - 1 and len(surplus) > 0.01 * len(rows)
    is_open = is_open and sum(map(_fits, surplus)) >= _SURE * len(surplus)
    has_spans = any("-" in row[index] for row in rest for index in tags if _fits(row[index]))
    certainty = 0.95 if min(shares[index] for index in tags) >= _SURE else 0.7
    header = rows[0] if has_header else ()
    return replace(
        candidate, rows=rest, header=header, tags=tags, is_open=is_open,
        certainty=certainty if has_spans else 0.55,
    )  # fmt: skip


def _named(candidate: Candidate, width: int) -> Candidate | None:
    """Returns a candidate whose tags have no B- and I-; None if there are none."""
    header, rows = candidate.rows[0][:width], candidate.rows[1:]
    names = [name.strip().lower() for name in header]
    has_names = not {*names}.isdisjoint(_WORDS)
    tags: dict[int, Scheme] = {n: "words" for n, name in enumerate(names) if name in _TAGS}
    if has_names and tags and rows:
        certainty = 0.5 if candidate.delimiter == "," else 0.8
        return replace(candidate, rows=rows, header=header, tags=tags, certainty=certainty)
    rest = rows if has_names else candidate.rows
    labels = {n: Counter(row[n].strip() for row in rest) for n in range(1, width)}
    for index, counts in labels.items():
        is_common = counts["O"] >= _OUTSIDE * len(rest)
        is_small = 1 < len(counts) <= max(2, min(100, len(rest) / 3))
        if is_common and is_small and not any(" " in label for label in counts):
            named = header if has_names else ()
            return replace(candidate, rows=rest, header=named, tags={index: "io"}, certainty=0.65)
    return None


def _share(rows: Rows, index: int) -> float:
    """Returns the share of a column's cells that look like tags; case does not matter."""
    return sum(_fits(row[index]) for row in rows) / len(rows)


def _fits(cell: str) -> bool:
    return TAG.fullmatch(cell.strip().upper()) is not None


def _scheme(rows: Rows, index: int) -> Scheme:
    """Returns the scheme of a column of tags with B- and I-."""
    tags = (row[index].strip() for row in rows)
    prefixes = Counter(tag[0] for tag in tags if tag[1:2] == "-" and _fits(tag))
    least = prefixes.total() / 100
    endings = [
        _ENDINGS[prefix] for prefix, n in prefixes.items() if prefix in _ENDINGS and n > least
    ]
    return endings[0] if endings else "bio"
