"""``cache``: lists and deletes the encoded corpora and vocabularies that runs have cached."""

import time
from argparse import ArgumentTypeError
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from rich.table import Table

from arabic_mtl.cli.arguments import PlainParser
from arabic_mtl.cli.cache_entries import READERS, Entry
from arabic_mtl.cli.console import bytes_text, console, duration_text, plain_console
from arabic_mtl.errors import InputError
from arabic_mtl.files import CACHE, temporary_path

_HELP = f"""\
Lists what the cache holds, or deletes it.

  %(prog)s
  %(prog)s clear
  %(prog)s clear --older-than 30 --dry-run
  %(prog)s clear --older-than 30

Without `clear`, it prints each entry with its content, size, age and last use. --older-than selects
the entries that have not been written or read for so many days.

The cache holds what runs derive from corpora: the examples of each file and facts about them, a
table of encoded texts for each corpus, split and setting, and the text pipelines (tokenizers,
vocabularies) of different settings. Whatever is
deleted is derived again by the next run that needs it; run folders hold copies of all that a
trained model needs. The folder is that of the key data.cache, by default {CACHE}.

Only files with the names and folders of such entries are deleted; links are not followed. Entries
that are unfinished and younger than an hour are kept. Do not clear the cache while a run starts.
"""


def cache(arguments: Sequence[str]) -> None:
    """Runs the command.

    Args:
        arguments: The arguments after ``cache``.

    Raises:
        InputError: If options are wrong, or the folder is not a cache.
    """
    options = _parser().parse_args(arguments)
    if options.action is None and (options.dry_run or options.older_than is not None):
        raise InputError(
            "--older-than and --dry-run must be options of `cache clear`",
            found="no action",
            expected="cache clear --older-than DAYS --dry-run",
        )
    folder = (options.cache or CACHE).expanduser()
    if options.cache is None and not folder.exists():
        plain_console().print(f"nothing is cached: no folder {folder}")
        return
    entries, others = _scan(folder)
    if options.action is None:
        _print(entries, f"{folder}")
        plain_console().print(f"{_count(entries)} in {folder}")
    else:
        _clear(folder, entries, options.older_than or 0, is_dry=options.dry_run)
    if others:
        plain_console().print(f"ignored, since arabic_mtl has not written them: {_names(others)}")


def _parser() -> PlainParser:
    parser = PlainParser("cache", _HELP)
    add = parser.add_argument
    add("action", nargs="?", choices=("clear",), help="delete entries, instead of listing them")
    add("--older-than", metavar="DAYS", type=days, help="delete entries unused for so many days")
    add("--dry-run", action="store_true", help="list the entries that would be deleted")
    add("--cache", metavar="FOLDER", type=Path, help=f"the cache (default: {CACHE})")
    return parser


def days(word: str) -> float:
    """Converts the value of an option to a number of days.

    Raises:
        ArgumentTypeError, ValueError: If it is negative or not a number.
    """
    number = float(word)
    if not number >= 0:
        raise ArgumentTypeError(f"{word} is not 0 or more")
    return number


def _scan(folder: Path) -> tuple[list[Entry], list[Path]]:
    """Returns the entries of a cache, and the files in it that are none.

    Raises:
        InputError: If the folder is not a cache.
    """
    if not folder.is_dir():
        raise _not_a_cache(f"no folder {folder}")
    entries, others = [], []
    for path in sorted(folder.iterdir()):
        read = READERS.get(path.name)
        if read is None or path.is_symlink() or not path.is_dir():
            others.append(path)
            continue
        for child in sorted(path.iterdir()):
            with suppress(FileNotFoundError):  # a running process has just renamed it
                entry = None if child.is_symlink() else read(child)
                if entry is None:
                    others.append(child)
                else:
                    entries.append(entry)
    if others and not entries:
        raise _not_a_cache(f"{folder}, which holds {_names(others)}")
    return entries, others


def _not_a_cache(found: str) -> InputError:
    return InputError(
        "--cache must be a cache folder of arabic_mtl",
        found=found,
        expected=f"the folder of the key data.cache, by default {CACHE}",
    )


def _clear(folder: Path, entries: Sequence[Entry], days: float, *, is_dry: bool) -> None:
    """Deletes the entries that have not been used for some days, or lists them."""
    now = time.time()
    chosen = [entry for entry in entries if entry.is_deletable(now, days)]
    if is_dry:
        _print(chosen, f"{folder}, to be deleted")
    for entry in () if is_dry else chosen:
        with suppress(FileNotFoundError):  # another process has deleted it
            _delete(entry.path)
    kept = len(entries) - len(chosen)
    verb = "would delete" if is_dry else "deleted"
    plain_console().print(f"{verb} {_count(chosen)} of {folder}; kept {kept}")


def _delete(path: Path) -> None:
    """Deletes a file, or a folder of files.

    A folder is renamed first, so that no process finds half of it.
    """
    if not path.is_dir():
        path.unlink()
        return
    path = path.rename(temporary_path(path))
    for file in path.iterdir():
        file.unlink()
    path.rmdir()


def _print(entries: Sequence[Entry], title: str) -> None:
    table = Table("kind", "content", "key", title=title)
    for header in ("size", "age", "last use"):
        table.add_column(header, justify="right")
    now = time.time()
    for entry in entries:
        facts = entry.kind, entry.content, entry.key[:8], bytes_text(entry.size)
        used = "unknown" if entry.used is None else f"{duration_text(now - entry.used)} ago"
        table.add_row(*facts, duration_text(now - entry.written), used)
    console(highlight=False, markup=False, emoji=False).print(table)


def _count(entries: Sequence[Entry]) -> str:
    noun = "entry" if len(entries) == 1 else "entries"
    return f"{len(entries)} {noun} ({bytes_text(sum(entry.size for entry in entries))})"


def _names(paths: Sequence[Path]) -> str:
    shown = ", ".join(path.name for path in paths[:3])
    return shown if len(paths) <= 3 else f"{shown} and {len(paths) - 3} more"
