"""Console output: consoles of a common width, progress bars, and lines of facts."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
    track,
)

_WIDTH = 120  # in a pipe or a log: wide enough for every table

_T = TypeVar("_T")


def console(*, stderr: bool = False, **options: Any) -> Console:
    """Returns a console as wide as the terminal; in a pipe or a log, as wide as the tables.

    Args:
        stderr: Whether the console writes to standard error.
        options: Further options of rich's `Console`.
    """
    width = None if Console(stderr=stderr).is_terminal else _WIDTH
    return Console(stderr=stderr, width=width, **options)


def plain_console(*, stderr: bool = False) -> Console:
    """Returns a console that prints text without markup and does not break lines."""
    plain: dict[str, Any] = dict.fromkeys(("markup", "highlight", "emoji"), False)
    return console(stderr=stderr, soft_wrap=True, **plain)


def progress(items: Iterable[_T], title: str) -> Iterable[_T]:
    """Yields items with a progress bar, if standard error is a terminal.

    Args:
        items: The items; if they have no length, the bar is indeterminate.
        title: The title of the bar.
    """
    shown = Console(stderr=True)
    return track(items, title, console=shown, transient=True, disable=not shown.is_terminal)


@contextmanager
def text_progress(
    shown: Console, size: int | None, *, is_shown: bool
) -> Iterator[Callable[[int, int], None]]:
    """Shows a progress bar for the texts of a file, if the console is a terminal.

    Args:
        shown: The console of the bar, and of everything printed in the meantime.
        size: The size of the file in bytes; None if it is unknown.
        is_shown: Whether to show the bar.

    Yields:
        A function that takes the number of bytes read and the number of texts done.
    """
    columns = (BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    texts = TextColumn("{task.fields[texts]:,} texts")
    disable = not (is_shown and shown.is_terminal)
    with Progress(*columns, texts, console=shown, transient=True, disable=disable) as bar:
        task = bar.add_task("", total=size, texts=0)
        yield lambda read, done: bar.update(task, completed=read, texts=done)


def print_facts(facts: Mapping[str, str]) -> None:
    """Prints names and facts in two columns."""
    shown = plain_console()
    for name, fact in facts.items():
        shown.print(f"{name:<12} {fact}")


def bytes_text(number: int) -> str:
    """Returns a number of bytes in a readable unit.

    >>> bytes_text(999), bytes_text(14_512), bytes_text(8_660_000), bytes_text(2_500_000_000)
    ('999 B', '14.5 kB', '8.7 MB', '2.5 GB')
    """
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if number >= size:
            return f"{number / size:.1f} {unit}"
    return f"{number} B"


def duration_text(seconds: float) -> str:
    """Returns a duration in minutes, hours or days.

    >>> duration_text(150), duration_text(5 * 3600 + 1), duration_text(40 * 86_400)
    ('2 min', '5 h', '40 days')
    """
    hours = max(seconds, 0) / 3600
    if hours < 1:
        return f"{int(60 * hours)} min"
    return f"{int(hours)} h" if hours < 48 else f"{int(hours / 24)} days"
