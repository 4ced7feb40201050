"""The terminal: consoles of one width, progress bars and lines of facts."""

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
        stderr: Whether it writes to standard error.
        options: Of rich's `Console`.
    """
    width = None if Console(stderr=stderr).is_terminal else _WIDTH
    return Console(stderr=stderr, width=width, **options)


def plain_console(*, stderr: bool = False) -> Console:
    """Returns a console that prints words as they are and does not break lines."""
    plain: dict[str, Any] = dict.fromkeys(("markup", "highlight", "emoji"), False)
    return console(stderr=stderr, soft_wrap=True, **plain)


def progress(items: Iterable[_T], title: str) -> Iterable[_T]:
    """Passes items on one by one; shows on a terminal how many are done.

    Args:
        items: Where their number is not known, the bar only moves.
        title: What the bar is called.
    """
    shown = Console(stderr=True)
    return track(items, title, console=shown, transient=True, disable=not shown.is_terminal)


@contextmanager
def text_progress(
    shown: Console, size: int | None, *, is_shown: bool
) -> Iterator[Callable[[int, int], None]]:
    """Shows on a terminal how much of a file is read, and how many of its texts are done.

    Args:
        shown: The console of the bar, and of all that is printed meanwhile.
        size: The file's bytes; None where they are not known.
        is_shown: Whether to show anything.

    Yields:
        A function that takes the bytes read and the number of texts.
    """
    columns = (BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    texts = TextColumn("{task.fields[texts]:,} texts")
    off = not (is_shown and shown.is_terminal)
    with Progress(*columns, texts, console=shown, transient=True, disable=off) as bar:
        task = bar.add_task("", total=size, texts=0)
        yield lambda read, done: bar.update(task, completed=read, texts=done)


def print_facts(facts: Mapping[str, str]) -> None:
    """Prints names and facts in two columns."""
    shown = plain_console()
    for name, fact in facts.items():
        shown.print(f"{name:<12} {fact}")
