"""The source code of classes of the user's own, which decides what the cache holds."""

import hashlib
import inspect
import sys
from contextlib import suppress

_OURS = __name__.partition(".")[0]


def code_identity(kind: type) -> dict[str, str]:
    """Returns a hash of the source of each class that is not part of this package.

    Args:
        kind: A class; its base classes count, too, but for those of the standard library.

    Returns:
        Import path to SHA-256 of the module's file; without those that have no file, such as
        classes that were typed into an interactive session.
    """
    hashes = {}
    for each in kind.__mro__:
        room = each.__module__.partition(".")[0]
        if room == _OURS or (room in sys.stdlib_module_names and room != "__main__"):
            continue
        with suppress(OSError, TypeError):
            source = inspect.getsourcefile(each)
            if source is not None:
                with open(source, "rb") as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
                hashes[f"{each.__module__}.{each.__qualname__}"] = digest
    return hashes
