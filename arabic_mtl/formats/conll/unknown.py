"""The errors for tags that do not fit their scheme: all of a file in one."""

import json
import re
from collections.abc import Sequence

from arabic_mtl.errors import InputError
from arabic_mtl.formats.conll.layout import Layout
from arabic_mtl.formats.conll.line_hints import TAG, shown
from arabic_mtl.formats.conll.tags import SCHEMES, ColumnTags, Scheme
from arabic_mtl.formats.conll.word_rows import Rows

_MOST = 200  # different tags that do not fit, after which a file is not read on
_SHOWN = 100  # fitting tags that are named
_FEW = 30  # new names that are suggested
_SIMPLE = re.compile(r"[\w<>/.+-]+")


def unknown_tags(columns: Sequence[ColumnTags]) -> InputError | None:
    """Returns the error for all tags of a file that do not fit; None if all do.

    Args:
        columns: The tags of the columns.
    """
    wrong = [column for column in columns if column.unknown]
    if not wrong:
        return None
    schemes = dict.fromkeys(column.scheme for column in wrong)
    lines = [column.counts[tag][1] for column in wrong for tag in column.unknown]
    return InputError(
        f"the tags must fit the option `scheme: {', '.join(schemes)}`",
        found="; ".join(f"column {column.layer}: {_listed(column)}" for column in wrong),
        expected="; ".join(f"{SCHEMES[column.scheme]}; {_hint(column)}" for column in wrong),
        line=min(lines),
    )


def require_few(
    column: ColumnTags, tags: Sequence[str | None], numbers: Sequence[int], *, skips: bool
) -> None:
    """Raises `InputError` if a sentence is to be skipped, or too many tags do not fit.

    Args:
        column: The tags of the column.
        tags: The tags of the sentence; some of them do not fit.
        numbers: The numbers of their lines.
        skips: True if the sentence is to be skipped.
    """
    if skips:
        pairs = zip(tags, numbers, strict=True)
        wrong = [(tag, line) for tag, line in pairs if tag in column.unknown and tag is not None]
        raise InputError(
            f"the tags must fit the option `scheme: {column.scheme}`",
            found=", ".join(f"{_name(tag)} (line {line})" for tag, line in wrong),
            expected=f"{SCHEMES[column.scheme]}; {_hint(column)}",
            line=wrong[0][1],
        )
    if len(column.unknown) > _MOST and (error := unknown_tags([column])):
        raise error


def require_order(rows: Rows, numbers: Sequence[int], layout: Layout, column: ColumnTags) -> None:
    """Raises `InputError` if a word and its tag seem to be swapped.

    Args:
        rows: The rows of a sentence with a tag that does not fit.
        numbers: The numbers of their lines.
        layout: The columns.
        column: The tags of the column.
    """
    index = layout.tags[column.layer]
    for row, number in zip(rows, numbers, strict=True):
        word, tag = row[layout.word], row[index]
        if tag in column.unknown and TAG.fullmatch(word):
            raise InputError(
                "a tag must stand in the column of the tags, not in that of the words",
                found=shown(" ".join(row)),
                expected=f"{', '.join(layout.columns)}: the columns seem to be swapped, «{tag}» "
                f"being the word and {word} the tag; or another order of `columns` if all lines "
                "are so",
                line=number,
            )


def _listed(column: ColumnTags) -> str:
    """Returns the tags that do not fit and the others, with counts and first lines."""
    listed = {
        tag: f"{_name(tag)} × {number:,} (line {line})"
        for tag, (number, line) in column.counts.items()
    }
    wrong = [text for tag, text in listed.items() if tag in column.unknown]
    others = [text for tag, text in listed.items() if tag not in column.unknown]
    fitting = f"; the other tags are {_some(others, _SHOWN)}" if others else ""
    return f"{_some(wrong, _MOST)}{fitting}"


def _some(texts: Sequence[str], most: int) -> str:
    """Returns the first texts, and the number of the others."""
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return f"{', '.join(texts[:most])}{more}"


def _name(tag: str) -> str:
    """Returns a tag as YAML can have it; characters that cannot be seen are escaped."""
    if _SIMPLE.fullmatch(tag):
        return tag
    return json.dumps(tag, ensure_ascii=not tag.isprintable())


def _hint(column: ColumnTags) -> str:
    """Returns the options that would give the tags a meaning."""
    counts = column.counts
    wrong = [tag for tag in counts if tag in column.unknown]
    names = _some([f"{_name(tag)}: {_meant(tag, column.scheme)}" for tag in wrong], _FEW)
    hints = [f"or `rename: {{{column.layer}: {{{names}}}}}`, in which null stands for O"]
    if column.scheme == "io":
        hints.append("or `scheme: bio`")
    elif counts.keys() - column.unknown <= {"O"} and not any("-" in tag for tag in wrong):
        hints.append("or `scheme: io` or `words` if no tag has B- or I-")
    elif any(tag.startswith(("E-", "S-", "L-", "U-")) for tag in wrong):
        hints.insert(0, "or `scheme: bioes` or `bilou`")
    if any(counts[tag] == (1, 1) and tag.isalpha() for tag in wrong):
        hints.append("or `header: true` if line 1 has the names of the columns")
    return "; ".join(hints)


def _meant(tag: str, scheme: Scheme) -> str:
    """Returns the tag that is likely to be meant: the same in capitals, or a placeholder."""
    upper = tag.strip().upper()
    is_fitting = TAG.fullmatch(upper) and (scheme != "bio" or upper[0] in "OBI")
    return upper if is_fitting and upper != tag else "…"
