"""Hashes of files and settings, which name what is cached."""

import hashlib
import json
from pathlib import Path
from typing import Any


def sha256(path: Path) -> str:
    """Returns the SHA-256 of a file's bytes, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def content_key(*parts: Any) -> str:
    """Returns a hash of all parts, in their order.

    Args:
        parts: A path is hashed by the file's bytes, any other value by its JSON.
    """
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, Path):
            with part.open("rb") as file:
                digest.update(b"\0" + hashlib.file_digest(file, "sha256").digest())
        else:
            digest.update(b"\0" + json.dumps(part, sort_keys=True, default=str).encode())
    return digest.hexdigest()[:24]
