"""The exception for mistakes in a user's input, and the program's name for its message."""

import sys
from pathlib import Path
from typing import Self


def program() -> str:
    """Returns the command that started this process; ``arabic-mtl`` in notebooks."""
    script = Path(sys.argv[0])
    if script.name == "train.py":
        return "python train.py"
    if script.parts[-2:] == ("arabic_mtl", "__main__.py"):
        return "python -m arabic_mtl"
    return "arabic-mtl"


class InputError(Exception):
    """A mistake in a file, a configuration or an argument, with what the user can do about it.

    Args:
        rule: The requirement that is violated, as a short sentence with "must".
        found: The value that violates the rule.
        expected: A description of the values that would be accepted.
        file: The file that contains the mistake, if any.
        line: The line number in the file, from 1.
        sentence: The id of the sentence that contains the mistake.
    """

    def __init__(
        self,
        rule: str,
        *,
        found: object,
        expected: object,
        file: Path | None = None,
        line: int | None = None,
        sentence: str | None = None,
    ) -> None:
        super().__init__(rule)
        self.rule, self.found, self.expected = rule, found, expected
        self.file, self.line, self.sentence = file, line, sentence

    def locate(
        self, file: Path | None, line: int | None = None, sentence: str | None = None
    ) -> Self:
        """Fills in the file, line and sentence unless they are known already; returns the error."""
        self.file = self.file or file
        self.line = self.line or line
        self.sentence = self.sentence or sentence
        return self

    def __str__(self) -> str:
        """Returns the rule, the location, the value found and the values expected, one per line."""
        location = [str(self.file)] if self.file else []
        location += [f"line {self.line}"] if self.line else []
        location += [f"sentence {self.sentence}"] if self.sentence else []
        lines = [f"  rule:     {self.rule}"]
        lines += [f"  at:       {', '.join(location)}"] if location else []
        return "\n".join([*lines, f"  found:    {self.found}", f"  expected: {self.expected}"])
