"""Errors in the options of commands that need no configuration."""

from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
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
