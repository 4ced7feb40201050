"""Recognition of a file's format by its first bytes and its name."""

from inspect import isabstract
from pathlib import Path
from typing import NamedTuple

from arabic_mtl.errors import InputError
from arabic_mtl.formats.base import Format
from arabic_mtl.formats.facts import Guess
from arabic_mtl.formats.table.open_rows import EXCEL, PARQUET

_HEAD = 2**16  # bytes that formats look at
_MOST = 2**28  # bytes that are read of an Excel or Parquet file
_CERTAIN = 0.5  # the least certainty of a recognized format
_SHOWN = 40  # characters of an unknown file in the error


class Recognized(NamedTuple):
    """The format of a file, and the options to read it with."""

    kind: type[Format]
    guess: Guess


def known_formats() -> list[type[Format]]:
    """Returns the formats of this package that files can be recognized as, by name."""
    package = f"{__name__.rpartition('.')[0]}."
    found: dict[str, type[Format]] = {}
    pending: list[type[Format]] = Format.__subclasses__()
    while pending:
        kind = pending.pop()
        pending += kind.__subclasses__()
        if kind.__module__.startswith(package) and kind.suffixes and not isabstract(kind):
            found[kind.__name__] = kind
    return [found[name] for name in sorted(found)]


def recognize(path: Path, kind: type[Format] | None = None, option: str = "a format") -> Recognized:
    """Returns the format that fits a file best, with guessed options.

    Args:
        path: The file, of which only the beginning is read.
        kind: The format, if it is known: only its options are guessed.
        option: The option that names a format, for the error.

    Raises:
        InputError: If no format fits, or several fit equally well.
    """
    head = _read_head(path)
    if kind is not None:
        return Recognized(kind, kind.sniff(head, path.name) or Guess({}, 0.0))
    found = [
        Recognized(other, guess)
        for other in known_formats()
        if (guess := other.sniff(head, path.name)) and guess.certainty >= _CERTAIN
    ]
    best = max((item.guess.certainty for item in found), default=0.0)
    likely = [item for item in found if item.guess.certainty == best]
    if len(likely) != 1:
        names = " and ".join(sorted(item.kind.__name__ for item in likely))
        raise InputError(
            "the format of a file must be clear from its beginning and its name",
            found=f"a file that fits {names} equally" if likely else _shown(head),
            expected=f"{option}: one of {', '.join(k.__name__ for k in known_formats())}",
            file=path,
        )
    return likely[0]


def _read_head(path: Path) -> bytes:
    """Returns the first bytes of a file; all of a file whose directory is at its end."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
        return head + file.read(_MOST) if head.startswith((EXCEL, PARQUET)) else head


def _shown(head: bytes) -> str:
    """Returns the beginning of a file that fits no format."""
    beginning = head.decode(errors="replace").lstrip("\ufeff")[:_SHOWN].split("\n")[0]
    return f"a file that begins with «{beginning}»" if head else "an empty file"
