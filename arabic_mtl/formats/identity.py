"""The identity of a format for cache keys: its options, and the code of user-defined classes."""

import hashlib
import inspect
import sys
from collections.abc import Collection
from contextlib import suppress
from dataclasses import MISSING, fields
from typing import Any

_PACKAGE = __name__.partition(".")[0]


def code_identity(kind: type) -> dict[str, str]:
    """Returns a hash of the source of a class and its bases that are not from this package.

    Args:
        kind: The class. Base classes from the standard library are left out.

    Returns:
        Import path to SHA-256 of the module's file. Classes without a file are left out, such as
        classes defined in an interactive session.
    """
    hashes = {}
    for base in kind.__mro__:
        package = base.__module__.partition(".")[0]
        is_standard = package in sys.stdlib_module_names and package != "__main__"
        if package == _PACKAGE or is_standard:
            continue
        with suppress(OSError, TypeError):
            source = inspect.getsourcefile(base)
            if source is not None:
                with open(source, "rb") as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
                hashes[f"{base.__module__}.{base.__qualname__}"] = digest
    return hashes


def changed_options(instance: Any, exclude: Collection[str]) -> dict[str, Any]:
    """Returns the public attributes of a dataclass instance that differ from their defaults.

    Args:
        instance: The instance; attributes that are no fields are returned as well.
        exclude: Names to leave out.
    """
    defaults = {
        field.name: field.default if field.default_factory is MISSING else field.default_factory()
        for field in fields(instance)
    }
    return {
        name: value
        for name, value in vars(instance).items()
        if name not in exclude and name[:1] != "_" and value != defaults.get(name, MISSING)
    }
