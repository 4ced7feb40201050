"""Classes that a foreign file may name: nothing is imported in order to find out."""

import re
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import EntryPoint, distributions
from site import ENABLE_USER_SITE, getsitepackages, getusersitepackages
from typing import Any

from arabic_mtl.errors import InputError
from arabic_mtl.inference.description import Made

GROUP = "arabic_mtl.classes"
"""The entry-point group in which an installed distribution announces its classes."""

_PATH = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)+")
_OWN = f"{__name__.split('.')[0]}."


def class_of(made: Made, base: type) -> Any:
    """Returns the class that a model's description names.

    Args:
        made: Names the class.
        base: The type that it must be a subclass of.

    Raises:
        InputError: If the class is not one that a file may name, or no such subclass.
    """
    found = find_class(made.class_path)
    if not (isinstance(found, type) and issubclass(found, base)):
        raise InputError(
            "a model's classes must be arabic_mtl's own, announced by an installed distribution, "
            "or imported by the caller",
            found=f"{made.class_path}, by which no such {base.__name__} is known",
            expected=f"a subclass of {base.__module__}.{base.__name__}; of your own code: "
            "--import MODULE, or import it before arabic_mtl.load",
        )
    return found


def find_class(path: str) -> object | None:
    """Returns the object of a dotted name if foreign files may name it, else None.

    A module is imported only if it is part of this package, or if an installed distribution
    announces the name as an entry point of the group `GROUP`. Any other class must be known
    already: its module was imported by the caller's own code.

    Args:
        path: Any text, such as ``arabic_mtl.model.encoders.WordEncoder``.
    """
    if not _PATH.fullmatch(path):
        return None
    module, _, name = path.rpartition(".")
    try:
        if path.startswith(_OWN):
            import_module(module)
        if known := sys.modules.get(module):
            return vars(known).get(name)
        return next((entry.load() for entry in _announced() if _names(entry, path)), None)
    except (ImportError, AttributeError):
        return None


@contextmanager
def arguments_of(made: Made) -> Iterator[None]:
    """Reports arguments that a class does not take.

    Raises:
        InputError: In place of the error that the class raises.
    """
    try:
        yield
    except (TypeError, KeyError, ValueError) as error:
        raise InputError(
            "a model's classes must take the arguments in model.json",
            found=f"{made.class_path}: {type(error).__name__}: {error}",
            expected="model.json as it was written",
        ) from None


def _announced() -> Iterator[EntryPoint]:
    """Yields entry points of installed distributions, not of metadata elsewhere on the path."""
    paths = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), *getsitepackages()}
    if ENABLE_USER_SITE:
        paths.add(getusersitepackages())
    for distribution in distributions(path=sorted(paths)):
        yield from distribution.entry_points.select(group=GROUP)


def _names(entry: EntryPoint, path: str) -> bool:
    """Returns whether an entry point announces a dotted name."""
    return entry.value.replace(":", ".") == path
