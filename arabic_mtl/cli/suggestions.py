"""Errors in keys and classes that name the nearest known ones."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from inspect import isabstract
from pathlib import Path

from arabic_mtl.cli.hints import find_subclass, subclasses_of
from arabic_mtl.cli.keys import Search, Unknown
from arabic_mtl.cli.parser import options_of
from arabic_mtl.errors import InputError
from arabic_mtl.formats import Format
from arabic_mtl.model.encoders import Encoder
from arabic_mtl.tasks import Task
from arabic_mtl.training.balancing import Balancing

_KINDS: dict[str, type] = {
    "data.corpora": Format,
    "data.tasks": Task,
    "model.balancing": Balancing,
    "model.encoder": Encoder,
}
"""Key to the kind of class that it names."""

_NEAR = 0.6  # closeness from which on a word of the same place is named
_NEARLY_EQUAL = 0.85  # one of another place
_FEW = 12  # words that are listed where none is near


def require_known_keys(
    search: Search,
    arguments: Sequence[str],
    configs: Iterable[tuple[Path, Mapping[str, object]]],
    help_of: str,
) -> None:
    """Refuses keys that a command does not have.

    Args:
        search: Knows the command's keys.
        arguments: The command line.
        configs: The files that it names, with their contents.
        help_of: The command, as its help names it.

    Raises:
        InputError: If there are any: all of the first file, or of the command line.
    """
    if {"-h", "--help"} & set(arguments):
        return
    for path, content in configs:
        if unknown := list(search.in_mapping(content)):
            raise _error(search, unknown, help_of, "").locate(path)
    options = options_of(arguments)
    if unknown := [each for key, value in options for each in search.in_option(key, value)]:
        raise _error(search, unknown, help_of, "--")


def suggest_classes(error: InputError, search: Search) -> InputError:
    """Adds the known classes to an error where a configuration names none of them."""
    for key, path in search.classes.items():
        kind = next((kind for place, kind in _KINDS.items() if _is_at(key, place)), None)
        if kind and find_subclass(path, [kind]) is None:
            error.expected = f"one of {', '.join(_names(kind))}; {error.expected}"
            break
    return error


def _error(search: Search, unknown: Sequence[Unknown], help_of: str, prefix: str) -> InputError:
    near = dict.fromkeys(_nearest(each, search.known) for each in unknown)
    hints = " ".join([*filter(None, near), f"see {help_of} --help"])
    return InputError(
        "configurations and options must have keys that the command knows",
        found=", ".join(f"{prefix}{'.'.join(each.key)}" for each in unknown),
        expected=hints,
    )


def _nearest(unknown: Unknown, known: Iterable[str]) -> str:
    """Returns the nearest key in the same place, or of that name elsewhere, or all of the place."""
    before, word = unknown.key[: unknown.level], unknown.key[unknown.level]
    after = unknown.key[unknown.level + 1 :]
    near = max(unknown.known, key=lambda other: _closeness(word, other), default="")
    if _closeness(word, near) >= _NEAR:
        return f"did you mean {'.'.join((*before, near, *after))}?"
    last = unknown.key[-1]
    elsewhere = max(known, key=lambda key: _closeness(last, key.split(".")[-1]), default="")
    if _closeness(last, elsewhere.split(".")[-1]) >= _NEARLY_EQUAL:
        return f"did you mean {elsewhere}?"
    if not unknown.known:
        return f"nothing below {'.'.join(before)}, which has no options;"
    return f"one of {', '.join(unknown.known)};" if len(unknown.known) <= _FEW else ""


def _closeness(word: str, other: str) -> float:
    """Returns how much alike two words of keys are, from 0 to 1.

    >>> _closeness("learning_rate", "lr"), _closeness("max_epoch", "max_epochs") > 0.9
    (0.9, True)
    """
    if "_" in f"{word}{other}" and (_initials(word) == other or _initials(other) == word):
        return 0.9
    return SequenceMatcher(None, word.lower(), other.lower()).ratio()


def _initials(word: str) -> str:
    return "".join(part[:1] for part in word.split("_"))


def _is_at(key: str, place: str) -> bool:
    """Returns whether a key is a place for an object, or that of one of several by name."""
    return key == place or (key.startswith(f"{place}.") and key.count(".") == 2)


def _names(kind: type) -> Iterator[str]:
    """Yields those of this package, by the names that their parts export."""
    for each in subclasses_of(kind):
        package, _, _ = each.__module__.rpartition(".")
        is_exported = package.startswith("arabic_mtl.") and hasattr(
            sys.modules[package], each.__name__
        )
        if is_exported and not isabstract(each) and each is not kind:
            yield f"{package}.{each.__name__}"
