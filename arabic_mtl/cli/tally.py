"""Progress and counts on standard error while a file is annotated."""

from collections.abc import Generator, Iterable
from pathlib import Path
from typing import BinaryIO

from arabic_mtl.cli.arguments import STANDARD
from arabic_mtl.cli.console import plain_console, text_progress
from arabic_mtl.errors import InputError
from arabic_mtl.formats import Annotated, Notices

_UPDATE_EVERY = 64  # texts between two updates of the bar


class Tally:
    """The counts of annotated and of skipped texts of a file.

    Args:
        path: The input file.
        output: The output file.
        stop: Whether to stop at the first text that cannot be read, instead of skipping it.
    """

    def __init__(self, path: Path, output: Path, *, stop: bool) -> None:
        self.path, self.output, self.stop = path, output, stop
        self.annotated = self.skipped = 0
        self.notices = Notices()
        self._console = plain_console(stderr=True)

    def on_error(self, error: InputError) -> None:
        """Prints and counts a skipped text that cannot be read.

        Raises:
            InputError: The error itself, if texts are not skipped.
        """
        if self.stop:
            raise error
        self.skipped += 1
        self._console.print(f"skipped line {error.line}: {error.rule}; found {error.found}")

    def track(
        self, annotated: Iterable[Annotated], source: BinaryIO
    ) -> Generator[Annotated, None, None]:
        """Yields annotated records, counting them, with a progress bar on a terminal.

        Args:
            annotated: The records with their annotations.
            source: The open input file, whose position is the progress.
        """
        total = None if self.path == STANDARD else self.path.stat().st_size
        with text_progress(self._console, total, is_shown=self.output != STANDARD) as advance:
            for record, annotation in annotated:
                yield record, annotation
                self.annotated += annotation is not None
                if self.annotated % _UPDATE_EVERY == 0:
                    advance(source.tell() if total else 0, self.annotated)

    def print_summary(self) -> None:
        """Prints the numbers of texts, and the irregularities of the file and its annotations."""
        for notice in self.notices:
            self._console.print(str(notice))
        path = "" if self.output == STANDARD else f" in {self.output}"
        skipped = f", {self.skipped:,} skipped" if self.skipped else ""
        texts = "text" if self.annotated == 1 else "texts"
        self._console.print(f"{self.annotated:,} {texts} annotated{path}{skipped}")
