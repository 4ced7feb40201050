"""Folders of files of one format."""

from collections.abc import Collection
from pathlib import Path

from arabic_mtl.errors import InputError


def files_in(folder: Path, suffixes: Collection[str], name: str) -> list[Path]:
    """Returns the files in a folder whose names have certain endings, ordered by name.

    Args:
        folder: The folder; hidden files and folders in it are left out.
        suffixes: The endings, such as ``.txt``.
        name: The option or argument that names the folder, for the error.

    Raises:
        InputError: If there is no such file.
    """
    visible = visible_files(folder)
    files = [path for path in visible if path.suffix.lower() in suffixes]
    if not files:
        raise InputError(
            f"{name} must be a folder with files of its format",
            found=f"{folder}: {', '.join(path.name for path in visible[:5]) or 'no file'}",
            expected=f"names that end in {', '.join(suffixes) or 'none: a format of single files'}",
        )
    return files


def visible_files(folder: Path) -> list[Path]:
    """Returns the files in a folder that are not hidden, ordered by name."""
    return [path for path in sorted(folder.iterdir()) if path.name[:1] != "." and path.is_file()]
