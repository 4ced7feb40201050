"""The files of a corpus's splits, and files with line numbers."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from arabic_mtl.data.raw_rows import RawRows
from arabic_mtl.errors import InputError
from arabic_mtl.formats import Files, Format, Split
from arabic_mtl.formats.folders import files_in


def split_files(root: Path, form: Format, split: Split, key: str) -> list[Path]:
    """Returns the files of a split, in the order in which they are read; an empty list for none.

    A split with line numbers and without files of its own has the training files.

    Args:
        root: The folder that paths are relative to.
        form: The format of the corpus, with its paths.
        split: The split.
        key: The configuration's key of the corpus, for error messages.

    Raises:
        InputError: If a configured file does not exist, or a folder has no file of the format.
    """
    files = getattr(form, split)
    if files is None and split in form.rows:
        split, files = "train", form.train
    paths = [] if files is None else list(_existing(root, form, files, f"{key}.{split}"))
    repeated = [
        str(path) for path, number in Counter(map(Path.resolve, paths)).items() if number > 1
    ]
    if repeated:
        raise InputError(
            f"{key}.{split} must name each file once",
            found=f"{repeated[0]}, twice",
            expected="different files, and folders without them",
        )
    return paths


def read_line_numbers(root: Path, files: Files, key: str) -> set[int]:
    """Returns the line numbers that files contain, one per line.

    Args:
        root: The folder that paths are relative to.
        files: The files.
        key: The configuration's key of the files, for error messages.

    Raises:
        InputError: If a file does not exist, or a line is not a number from 1.
    """
    numbers: set[int] = set()
    for path in _listed(root, files):
        _require_file(path, root, key)
        content = path.read_text(encoding="utf-8-sig", errors="replace")
        for line, text in enumerate(content.splitlines(), 1):
            if not text.strip():
                continue
            if not (text.strip().isdecimal() and int(text)):
                raise InputError(
                    f"{key} must contain line numbers, one per line",
                    found=f"«{text[:40]}»",
                    expected="a whole number, 1 or more",
                    file=path,
                    line=line,
                )
            numbers.add(int(text))
    return numbers


def require_lines(numbers: set[int], rows: RawRows, key: str) -> None:
    """Raises `InputError` if no example of a file begins on one of some lines.

    Args:
        numbers: The line numbers.
        rows: The examples of the file.
        key: The configuration's key of the line numbers.
    """
    lacking = sorted(numbers.difference(rows.column("line").to_pylist()))
    if lacking:
        more = f" and {len(lacking) - 3} more" if len(lacking) > 3 else ""
        raise InputError(
            f"{key} must contain lines on which examples of the split's file begin",
            found=f"{', '.join(map(str, lacking[:3]))}{more}",
            expected="line numbers from 1, with those of the header; and one file for the split",
        )


def _existing(root: Path, form: Format, files: Files, key: str) -> Iterator[Path]:
    """Yields files, and the files of folders whose names have one of the format's endings."""
    for path in _listed(root, files):
        if path.is_dir():
            yield from files_in(path, form.suffixes, key)
        else:
            _require_file(path, root, key)
            yield path


def _listed(root: Path, files: Files) -> list[Path]:
    """Returns configured paths below a folder."""
    return [root / path for path in (files if isinstance(files, list) else [files])]


def _require_file(path: Path, root: Path, key: str) -> None:
    """Raises `InputError` if a file does not exist."""
    if not path.is_file():
        raise InputError(
            "a corpus's file must exist",
            found=f"{key}: no file at {path}",
            expected=f"a file or a folder; paths are relative to data.root, which is {root}",
        )
