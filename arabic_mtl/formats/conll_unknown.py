"""The errors for tags that do not fit their scheme: all of a file in one."""

from collections.abc import Sequence

from arabic_mtl.errors import InputError
from arabic_mtl.formats.conll_hints import TAG, shown
from arabic_mtl.formats.conll_layout import Layout
from arabic_mtl.formats.conll_rows import Rows
from arabic_mtl.formats.conll_tags import SCHEMES, ColumnTags

_MOST = 200  # different tags that do not fit, after which a file is not read on
_SHOWN = 100  # fitting tags that are named


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
    more = f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
    fitting = f"; the other tags are {', '.join(others[:_SHOWN])}{more}" if others else ""
    return f"{', '.join(wrong)}{fitting}"


def _name(tag: str) -> str:
    """Returns a tag as it can be shown: one that cannot be seen is escaped."""
    if not tag:
        return "an empty tag"
    return tag if tag.isprintable() and tag.strip() == tag else ascii(tag)


def _hint(column: ColumnTags) -> str:
    """Returns the options that would give the tags a meaning."""
    counts = column.counts
    wrong = [tag for tag in counts if tag in column.unknown]
    names = ", ".join(f"{_name(tag)}: {_meant(tag)}" for tag in wrong)
    hints = [f"or `rename: {{{column.layer}: {{{names}}}}}`, in which null stands for O"]
    if column.scheme == "io":
        hints.append("or `scheme: bio`")
    elif counts.keys() - column.unknown <= {"O"} and not any("-" in tag for tag in wrong):
        hints.append("or `scheme: io` or `words` if no tag has B- or I-")
    elif any(tag.startswith(("E-", "S-", "L-", "U-")) for tag in wrong):
        hints.append("or `scheme: bioes` or `bilou`")
    if any(counts[tag] == (1, 1) for tag in wrong):
        hints.append("or `header: true` if line 1 has the names of the columns")
    return "; ".join(hints)


def _meant(tag: str) -> str:
    """Returns the tag that is likely to be meant: the same in capitals, or a placeholder."""
    upper = tag.strip().upper()
    return upper if TAG.fullmatch(upper) else "…"
