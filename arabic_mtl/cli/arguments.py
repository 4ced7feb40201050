"""Options of commands that need no configuration: parsers, and the files that they name."""

import sys
from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import BinaryIO, NoReturn

from arabic_mtl.errors import InputError
from arabic_mtl.files import atomic_write

STANDARD = Path("-")
"""Stands for standard input, and for standard output."""


class PlainParser(ArgumentParser):
    """A parser whose errors are this project's.

    Args:
        command: What is parsed for.
        description: What it does, line by line.
    """

    def __init__(self, command: str, description: str) -> None:
        super().__init__(
            prog=f"train.py {command}",
            allow_abbrev=False,
            description=description,
            formatter_class=RawDescriptionHelpFormatter,
        )

    def error(self, message: str) -> NoReturn:
        """Raises `InputError` instead of leaving the program."""
        raise InputError(
            "options are ones that the command knows",
            found=message,
            expected=f"see {self.prog} --help",
        )


def positive(word: str) -> int:
    """A number of things, as an option's type.

    Raises:
        ArgumentTypeError: If there is to be none.
    """
    number = int(word)
    if number < 1:
        raise ArgumentTypeError(f"{number} is not 1 or more")
    return number


def add_model(parser: ArgumentParser) -> None:
    """Adds the options that name a trained model."""
    parser.add_argument(
        "--ckpt_path",
        metavar="MODEL",
        type=Path,
        required=True,
        help="the folder of a run, one of its checkpoints, or an exported folder",
    )
    parser.add_argument(
        "--import",
        dest="imported",
        metavar="MODULE",
        action="append",
        type=_own_module,
        help="a module of your own with classes that the model uses, such as my_package.encoders; "
        "may be repeated",
    )


def _own_module(name: str) -> str:
    """Imports a module, so that a model's files may name its classes.

    Raises:
        ArgumentTypeError: If there is no such module.
    """
    try:
        import_module(name)
    except Exception as error:  # of whatever kind: it is the user's own code
        raise ArgumentTypeError(
            f"the module {name} cannot be imported: {type(error).__name__}: {error}"
        ) from None
    return name


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


@contextmanager
def reading(path: Path) -> Iterator[BinaryIO]:
    """Opens a file to read."""
    if path == STANDARD:
        yield sys.stdin.buffer
        return
    with path.open("rb") as file:
        yield file


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """Opens a file to write, which is there under its name when it is complete."""
    if path != STANDARD:
        with atomic_write(path.resolve()) as unfinished, unfinished.open("wb") as file:
            yield file
        return
    yield sys.stdout.buffer
    sys.stdout.buffer.flush()
