"""The error for mistakes in a user's input, and the program's name for its messages."""

import sys
from pathlib import Path
from typing import Self

def program() -> str:
    """Returns the command that this process was started with; ``arabic-mtl`` in notebooks."""
    script = Path(sys.argv[0])
    if script.name == "train.py":
        return "python train.py"
    if script.parts[-2:] == ("arabic_mtl", "__main__.py"):
        return "python -m arabic_mtl"
    return "arabic-mtl"


class InputError(Exception):
    """A mistake in a file, a configuration or an argument, told so that it can be mended.

    Args:
        rule: What must hold, as a short sentence.
        found: What was found instead.
        expected: What would have been right.
        file: The file at fault.
        line: The line in it, from 1.
        sentence: The id of the sentence at fault.
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
        """Fills in the place of the error where it is not known yet, and returns the error."""
        self.file = self.file or file
        self.line = self.line or line
        self.sentence = self.sentence or sentence
        return self

    def __str__(self) -> str:
        """The rule, then where it is broken, what was found and what was expected."""
        place = [str(self.file)] if self.file else []
        place += [f"line {self.line}"] if self.line else []
        place += [f"sentence {self.sentence}"] if self.sentence else []
        lines = [f"  rule:     {self.rule}"]
        lines += [f"  at:       {', '.join(place)}"] if place else []
        return "\n".join([*lines, f"  found:    {self.found}", f"  expected: {self.expected}"])
