"""Errors in the options of commands that need no configuration."""

from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from arabic_mtl.errors import InputError


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
