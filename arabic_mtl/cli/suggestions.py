"""Errors about unknown keys and classes, which suggest the closest known ones."""

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
"""Key to the base class of the objects that it names."""

_NEAR = 0.6  # the least closeness of a suggested key on the same level
_NEARLY_EQUAL = 0.85  # the same for a key on another level
_FEW = 12  # the most keys that are listed where none is close


def require_known_keys(
    search: Search,
    arguments: Sequence[str],
    configs: Iterable[tuple[Path, Mapping[str, object]]],
    help_of: str,
) -> None:
    """Raises `InputError` if a file or the command line has unknown keys.

    The error names all unknown keys of the first such file, or of the command line.

    Args:
        search: The search for keys that the command does not have.
        arguments: The command line.
        configs: The files that it names, with their contents.
        help_of: The command line to which ``--help`` can be added.
    """
    if {"-h", "--help"} & set(arguments):
        return
    for path, content in configs:
        if unknown := list(search.in_mapping(content)):
            raise _error(search, unknown, help_of, "").locate(path)
    options = options_of(arguments)
    if unknown := [found for key, value in options for found in search.in_option(key, value)]:
        raise _error(search, unknown, help_of, "--")


def suggest_classes(error: InputError, search: Search) -> InputError:
    """Adds the known classes to an error if a configuration names an unknown class."""
    for key, path in search.classes.items():
        kind = next((kind for section, kind in _KINDS.items() if _is_object(key, section)), None)
        if kind and find_subclass(path, [kind]) is None:
            is_foreign = "." in path and not path.startswith("arabic_mtl.")
            own = "or a class of a module on PYTHONPATH; " if is_foreign else ""
            error.expected = f"one of {', '.join(_names(kind))}; {own}{error.expected}"
            break
    return error


def _error(search: Search, unknown: Sequence[Unknown], help_of: str, prefix: str) -> InputError:
    near = dict.fromkeys(_nearest(item, search.known) for item in unknown)
    hints = " ".join([*filter(None, near), f"see {help_of} --help"])
    return InputError(
        "configurations and options must have keys that the command knows",
        found=", ".join(f"{prefix}{'.'.join(item.key)}" for item in unknown),
        expected=hints,
    )


def _nearest(unknown: Unknown, known: Iterable[str]) -> str:
    """Returns the closest key on the same level, else on another, else all keys of the level."""
    start, word = unknown.key[: unknown.level], unknown.key[unknown.level]
    rest = unknown.key[unknown.level + 1 :]
    near = max(unknown.known, key=lambda other: _closeness(word, other), default="")
    if _closeness(word, near) >= _NEAR:
        return f"did you mean {'.'.join((*start, near, *rest))}?"
    last = unknown.key[-1]
    elsewhere = max(known, key=lambda key: _closeness(last, key.split(".")[-1]), default="")
    if _closeness(last, elsewhere.split(".")[-1]) >= _NEARLY_EQUAL:
        return f"did you mean {elsewhere}?"
    if not unknown.known:
        return f"nothing below {'.'.join(start)}, which has no options;"
    return f"one of {', '.join(unknown.known)};" if len(unknown.known) <= _FEW else ""


def _closeness(word: str, other: str) -> float:
    """Returns the similarity of two words of keys, from 0 to 1.

    >>> _closeness("learning_rate", "lr"), _closeness("max_epoch", "max_epochs") > 0.9
    (0.9, True)
    """
    if "_" in f"{word}{other}" and (_initials(word) == other or _initials(other) == word):
        return 0.9
    return SequenceMatcher(None, word.lower(), other.lower()).ratio()


def _initials(word: str) -> str:
    return "".join(part[:1] for part in word.split("_"))


def _is_object(key: str, section: str) -> bool:
    """Returns whether a key names an object of a section, or is the section itself."""
    return key == section or (key.startswith(f"{section}.") and key.count(".") == 2)


def _names(kind: type) -> Iterator[str]:
    """Yields the import paths of this package's exported subclasses of a class."""
    for subclass in subclasses_of(kind):
        parts = subclass.__module__.split(".")
        packages = [".".join(parts[:length]) for length in range(2, len(parts))]
        exporting = [
            package
            for package in packages
            if parts[0] == "arabic_mtl" and hasattr(sys.modules[package], subclass.__name__)
        ]
        if exporting and not isabstract(subclass) and subclass is not kind:
            yield f"{exporting[0]}.{subclass.__name__}"
