"""Safe lookup of the classes that a model's files name, without importing arbitrary modules."""

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
from arabic_mtl.inference.description import NAME, ClassSpec

GROUP = "arabic_mtl.classes"
"""The entry-point group in which an installed distribution announces its classes."""

_PATH = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)+")
_OWN = f"{__name__.split('.')[0]}."


def resolve_class(spec: ClassSpec, base: type) -> Any:
    """Returns the class that a model's description names.

    Args:
        spec: The class path and its arguments.
        base: The type that the class must be a subclass of.

    Raises:
        InputError: If files may not name the class, or it is not a subclass of ``base``.
    """
    found = find_class(spec.class_path)
    if not (isinstance(found, type) and issubclass(found, base)):
        raise InputError(
            "a model's classes must be arabic_mtl's own, announced by an installed distribution, "
            "or imported by the caller",
            found=f"{spec.class_path}, which is not a known {base.__name__}",
            expected=f"a subclass of {base.__module__}.{base.__name__}; import a class of your own "
            "with --import MODULE, or before arabic_mtl.load",
        )
    return found


def find_class(path: str) -> object | None:
    """Returns the object with a dotted name if foreign files may name it, else None.

    A module is imported only if it is part of this package, or if an installed distribution
    announces the name as an entry point of the group `GROUP`. The module of any other class must
    have been imported already by the caller's own code.

    Args:
        path: A dotted name, such as ``arabic_mtl.model.encoders.WordEncoder``; any other text
            has no object.
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
def argument_errors(spec: ClassSpec) -> Iterator[None]:
    """Raises `InputError` in place of the error of a class that does not accept its arguments."""
    try:
        yield
    except (TypeError, KeyError, ValueError) as error:
        raise InputError(
            f"a model's classes must accept their arguments in {NAME}",
            found=f"{spec.class_path}: {type(error).__name__}: {error}",
            expected=f"the original {NAME}",
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
