"""What is said on standard error while a file is annotated."""

from collections.abc import Generator, Iterable
from pathlib import Path
from typing import BinaryIO

from arabic_mtl.cli.arguments import STANDARD
from arabic_mtl.cli.console import plain_console, text_progress
from arabic_mtl.errors import InputError
from arabic_mtl.formats import Annotated, Notices

_OFTEN = 64  # texts between two steps of the bar


class Tally:
    """Counts the texts of a file, and those of them that cannot be read.

    Args:
        path: The file.
        output: What is written.
        stop: Whether nothing is skipped.
    """

    def __init__(self, path: Path, output: Path, *, stop: bool) -> None:
        self.path, self.output, self.stop = path, output, stop
        self.annotated = self.skipped = 0
        self.notices = Notices()
        self._console = plain_console(stderr=True)

    def refuse(self, error: InputError) -> None:
        """Tells of a text that cannot be read.

        Raises:
            InputError: If nothing is skipped.
        """
        if self.stop:
            raise error
        self.skipped += 1
        self._console.print(f"skipped line {error.line}: {error.rule}; found {error.found}")

    def shown(
        self, annotated: Iterable[Annotated], source: BinaryIO
    ) -> Generator[Annotated, None, None]:
        """Passes on what is annotated, and shows on a terminal how much of the file is read."""
        total = None if self.path == STANDARD else self.path.stat().st_size
        with text_progress(self._console, total, is_shown=self.output != STANDARD) as advance:
            for record, annotation in annotated:
                yield record, annotation
                self.annotated += annotation is not None
                if self.annotated % _OFTEN == 0:
                    advance(source.tell() if total else 0, self.annotated)

    def tell(self) -> None:
        """Prints the number of texts, and oddities of the file and of its annotations."""
        for notice in self.notices:
            place = "" if notice.line is None else f"; the first in line {notice.line}"
            self._console.print(f"{notice.number:,} times: {notice.rule}{place}")
        place = "" if self.output == STANDARD else f" in {self.output}"
        skipped = f", {self.skipped:,} skipped" if self.skipped else ""
        texts = "text" if self.annotated == 1 else "texts"
        self._console.print(f"{self.annotated:,} {texts} annotated{place}{skipped}")
