"""The files that a command reads and writes."""

from pathlib import Path

from arabic_mtl.errors import InputError


def require_file(option: str, path: Path) -> None:
    """Refuses to read what is not there.

    Raises:
        InputError: Naming the option.
    """
    if not path.is_file():
        raise InputError(
            f"{option} is a file that exists",
            found=f"{path} is a folder" if path.is_dir() else f"no file {path}",
            expected="the path of a file",
        )


def require_output(option: str, path: Path) -> None:
    """Refuses a file that could not be written, before the work is done.

    Raises:
        InputError: Naming the option.
    """
    known, inside = path.exists(), path.absolute().parent.is_dir()
    if (known and not path.is_file()) or not inside:  # a device would be replaced by a file
        what = "a folder" if path.is_dir() else "no regular file"
        raise InputError(
            f"{option} is a file in a folder that exists",
            found=f"{path} is {what}" if known else f"no folder {path.parent}",
            expected="a file name in an existing folder",
        )
