"""The option parser of commands that take no configuration, and the files of their options."""

import sys
from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import BinaryIO, NoReturn

from arabic_mtl.errors import InputError, program
from arabic_mtl.files import atomic_write

STANDARD = Path("-")
"""The file name that stands for standard input or standard output."""


class PlainParser(ArgumentParser):
    """An argument parser that raises `InputError` for mistakes.

    Args:
        command: The name of the command.
        description: The help text above the options; ``%(prog)s`` stands for program and command.
    """

    def __init__(self, command: str, description: str) -> None:
        super().__init__(
            prog=f"{program()} {command}",
            allow_abbrev=False,
            description=description,
            formatter_class=RawDescriptionHelpFormatter,
        )

    def error(self, message: str) -> NoReturn:
        """Raises `InputError` instead of ending the process."""
        raise InputError(
            "the options must be valid for the command",
            found=message,
            expected=f"see {self.prog} --help",
        )


def positive(word: str) -> int:
    """Converts the value of an option to an integer of 1 or more.

    Raises:
        ArgumentTypeError: If it is less than 1.
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
        help="a run folder, one of its checkpoints, or an exported folder",
    )
    parser.add_argument(
        "--import",
        dest="imported",
        metavar="MODULE",
        action="append",
        type=_import_module,
        help="your own module with classes that the model uses, such as my_package.encoders; "
        "may be repeated",
    )


def add_device(parser: ArgumentParser) -> None:
    """Adds the options that select where and by what a model computes."""
    parser.add_argument(
        "--device", default="cpu", help="the device to compute on, such as cuda (default: cpu)"
    )
    parser.add_argument(
        "--backend",
        choices=("torch", "onnx"),
        default="torch",
        help="torch, or onnx for an exported graph (default: torch)",
    )


def _import_module(name: str) -> str:
    """Imports a user's module, so that a model's files may name its classes.

    Raises:
        ArgumentTypeError: If the module does not exist or its code fails.
    """
    try:
        import_module(name)
    except Exception as error:  # any kind: a user's module runs its own code
        raise ArgumentTypeError(
            f"the module {name} cannot be imported: {type(error).__name__}: {error}"
        ) from None
    return name


def require_file(option: str, path: Path) -> None:
    """Raises `InputError` if the value of an option is not an existing file.

    Args:
        option: The option, for the message.
        path: Its value.
    """
    if not path.is_file():
        raise InputError(
            f"{option} must be an existing file",
            found=f"{path} is a folder" if path.is_dir() else f"no file {path}",
            expected="the path of a file",
        )


def require_output(option: str, path: Path) -> None:
    """Raises `InputError` if an output file cannot be written, before any work is done.

    Args:
        option: The option, for the message.
        path: Its value.
    """
    exists, has_folder = path.exists(), path.absolute().parent.is_dir()
    if (exists and not path.is_file()) or not has_folder:  # a device would be replaced by a file
        kind = "a folder" if path.is_dir() else "no regular file"
        raise InputError(
            f"{option} must be a file in an existing folder",
            found=f"{path} is {kind}" if exists else f"no folder {path.parent}",
            expected="a file name in an existing folder",
        )


@contextmanager
def open_input(path: Path) -> Iterator[BinaryIO]:
    """Opens a file, or standard input, for reading."""
    if path == STANDARD:
        yield sys.stdin.buffer
        return
    with path.open("rb") as file:
        yield file


@contextmanager
def open_output(path: Path) -> Iterator[BinaryIO]:
    """Opens a file, or standard output, for writing; the file appears when it is complete."""
    if path != STANDARD:
        with atomic_write(path.resolve()) as unfinished, unfinished.open("wb") as file:
            yield file
        return
    yield sys.stdout.buffer
    sys.stdout.buffer.flush()
