"""Files of labelled texts, read with the formats that they are recognized as."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from arabic_mtl.cli.files import open_format
from arabic_mtl.errors import InputError
from arabic_mtl.formats import Format, Notice, Notices, Split
from arabic_mtl.formats.facts import Facts
from arabic_mtl.formats.folders import files_in, visible_files
from arabic_mtl.formats.recognition import recognize

SPLITS: Mapping[str, Split] = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("dev", "devel", "val", "valid", "validation"), "validation"),
    **dict.fromkeys(("test", "testing", "eval"), "test"),
}
"""Word in the name of a file to the split that it stands for."""

FEW = 50
"""The number of groups, or of texts outside groups, below which none are held out."""


@dataclass(frozen=True)
class DraftFile:
    """A file with its recognized format and its facts.

    Args:
        path: The file, as the user has named it.
        form: The format with its options.
        options: The options that are not at their defaults.
        doubts: A sentence about each uncertain option.
        facts: The layers and labels of the file.
        notices: The irregularities that were tolerated.
        groups: The number of groups that must stay in one split, `FEW` for more.
    """

    path: Path
    form: Format
    options: Mapping[str, Any]
    doubts: Sequence[str]
    facts: Facts
    notices: Sequence[Notice]
    groups: int

    @property
    def words(self) -> list[str]:
        """Returns the words of the file's name, in lower case, without its endings."""
        return [word for word in re.split(r"[\W_]+", self.path.name.split(".")[0].lower()) if word]

    @property
    def split(self) -> Split | None:
        """Returns the split that the file's name stands for, if any."""
        return split_of(self.path)

    @property
    def is_labelled(self) -> bool:
        """Returns whether any text has an annotation."""
        layers = [*self.facts.labels.values(), *self.facts.spans.values()]
        return any(layer.labels for layer in layers)


class Wanted(NamedTuple):
    """The format of all files, as far as the user has named it.

    Args:
        name: The name of the format's class; None to recognize the format of each file.
        options: Options of the format, which replace guessed ones.
    """

    name: str | None = None
    options: Mapping[str, object] = MappingProxyType({})


class LeftOut(NamedTuple):
    """A file that no corpus has, and the reason."""

    path: Path
    reason: str


def read_files(path: Path, wanted: Wanted) -> Iterator[DraftFile | LeftOut]:
    """Yields a file; or the files of a folder, as one if their names do not tell splits apart.

    Files of a folder whose names have no split and whose format is not recognized are left out.

    Args:
        path: The file or folder.
        wanted: The format, as far as the user has named it.

    Raises:
        InputError: If a folder has no file of a known format, the format of another file is not
            recognized, or a file breaks a rule of its format.
    """
    if not path.is_dir():
        yield read_file(path, wanted)
        return
    inner = _require_files(path)
    unknown = {file: error for file in inner if (error := _unknown(file, wanted)) is not None}
    known = [file for file in inner if file not in unknown]
    if not known:
        raise unknown[inner[0]]
    if any(split_of(file) for file in known):
        yield from (_read_inner(file, wanted) for file in known)
        yield from (LeftOut(file, error.rule) for file, error in unknown.items())
        return
    folder = read_file(path, wanted, first=known[0])
    yield folder
    for file in inner:
        if file.suffix.lower() not in folder.form.suffixes:
            yield LeftOut(file, _other_ending(file, folder.form).rule)


def read_file(
    path: Path,
    wanted: Wanted | None = None,
    *,
    form: Format | None = None,
    first: Path | None = None,
) -> DraftFile:
    """Returns a file with its facts; or a folder, whose files are read as one.

    Args:
        path: The file or folder.
        wanted: The format, as far as the user has named it.
        form: The format to read it with; recognized by default.
        first: The file of a folder that the format is recognized by.

    Raises:
        InputError: If the format is not recognized, or the file breaks one of its rules.
    """
    doubts: Sequence[str] = ()
    options: Mapping[str, Any] = {}
    if form is None:
        name, given = wanted or Wanted()
        opened = open_format(first or path, given, name)
        form, options, doubts = opened.format, opened.options, opened.doubts
    facts, notices, groups = Facts(), Notices(path), set[str]()
    for file in inner_files(path, form):
        for example in form.scan(file, notices):
            facts.add(example)
            if len(groups) < FEW:
                groups.add(example.group or example.text)
    return DraftFile(path, form, options, doubts, facts, list(notices), len(groups))


def _read_inner(file: Path, wanted: Wanted) -> DraftFile | LeftOut:
    """Returns a file of a folder; left out if its name has neither a split nor an ending."""
    if file.suffix or split_of(file):
        return read_file(file, wanted)
    return LeftOut(file, "a file without an ending must have a split in its name")


def inner_files(path: Path, form: Format) -> list[Path]:
    """Returns the files of a folder that a format reads; or a file itself."""
    return files_in(path, form.suffixes, "FILE") if path.is_dir() else [path]


def split_of(path: Path) -> Split | None:
    """Returns the split that a file's name stands for, if any."""
    words = re.split(r"[\W_]+", path.name.lower())
    return next((SPLITS[word] for word in words if word in SPLITS), None)


def _require_files(folder: Path) -> list[Path]:
    """Returns the visible files of a folder; raises `InputError` if there is none."""
    if files := visible_files(folder):
        return files
    inner = sorted(path.name for path in folder.iterdir() if path.name[:1] != ".")
    raise InputError(
        "FILE must be a folder with files",
        found=f"{folder}: " + (f"only folders: {', '.join(inner[:5])}" if inner else "no file"),
        expected="files in the folder itself, not in folders within it",
    )


def _unknown(file: Path, wanted: Wanted) -> InputError | None:
    """Returns the error of a file without a split in its name that no format fits, or None."""
    if split_of(file) is not None:
        return None
    if wanted.name is not None:
        form = open_format(file, wanted.options, wanted.name).format
        return None if file.suffix.lower() in form.suffixes else _other_ending(file, form)
    try:
        recognize(file)
    except InputError as error:
        return error
    return None


def _other_ending(file: Path, form: Format) -> InputError:
    """Returns the error of a file of a folder whose ending is none of its format."""
    return InputError(
        f"files of {type(form).__name__} must have its endings",
        found=file.name,
        expected=", ".join(form.suffixes),
        file=file,
    )
