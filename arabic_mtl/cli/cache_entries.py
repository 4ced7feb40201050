"""The entries of a cache folder: their names, contents, sizes and times."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from arabic_mtl.files import UNFINISHED

_KEY = r"(?P<key>[0-9a-f]{24})"
_CORPUS, _KIND = r"(?P<corpus>\w[\w-]*)", r"(?P<kind>arrow|json)"
_TABLE = re.compile(rf"{_CORPUS}-(?P<split>train|validation|test)-{_KEY}\.{_KIND}")
_FILE = re.compile(rf"{_CORPUS}-{_KEY}\.{_KIND}")
_TEXT = re.compile(_KEY)
_TEXT_FILES = {
    *("text.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"),
    *("added_tokens.json", "chat_template.jinja", "vocab.txt", "vocab.json", "merges.txt"),
}
"""Files in the folder of a text pipeline: those of this package and of transformers."""

_HOUR, _DAY = 3600, 24 * 3600  # seconds


class Entry(NamedTuple):
    """A file or a text pipeline in the cache, or what an interrupted process has left of one.

    Args:
        path: The file or folder.
        kind: ``examples``, ``facts``, ``table``, ``text pipeline`` or ``unfinished``.
        content: A description of the content.
        key: The hash of everything that the content depends on.
        size: Bytes.
        written: The time of the last write, in seconds since 1970.
        used: The time of the last use; None if the file system has not recorded any.
    """

    path: Path
    kind: str
    content: str
    key: str
    size: int
    written: float
    used: float | None

    def is_deletable(self, now: float, days: float) -> bool:
        """Returns whether an entry has not been used for some days, and no process writes it."""
        idle = now - max(self.written, self.used or 0)
        return idle >= max(days * _DAY, _HOUR if self.kind == "unfinished" else 0)


def _read_file(
    path: Path, pattern: re.Pattern[str], kinds: Mapping[str, str], unfinished: str
) -> Entry | None:
    """Returns the entry of a file that is one by itself; None if it is not one of a cache.

    Args:
        path: The file.
        pattern: The names of complete files.
        kinds: Ending of the name to the kind of the entry.
        unfinished: The content of a file that is unfinished.
    """
    name = pattern.fullmatch(path.name)
    if not path.is_file() or not (name or UNFINISHED.fullmatch(path.name)):
        return None
    if name is None:
        return _entry(path, [path], "unfinished", unfinished)
    parts = name.groupdict()
    content = ", ".join(parts[part] for part in ("corpus", "split") if part in parts)
    return _entry(path, [path], kinds[parts["kind"]], content, parts["key"])


def _read_text(path: Path) -> Entry | None:
    """Returns the entry of a folder below ``text``; None if it is not one of a cache."""
    if not path.is_dir():
        return None
    files = sorted(path.iterdir())
    names = {file.name for file in files}
    if names - _TEXT_FILES or not all(f.is_file() and not f.is_symlink() for f in files):
        return None
    if UNFINISHED.fullmatch(path.name):
        return _entry(path, [path, *files], "unfinished", "a text pipeline")
    if _TEXT.fullmatch(path.name) and names >= {"text.json", "tokenizer.json"}:
        return _entry(path, files, "text pipeline", _settings(path / "text.json"), path.name)
    return None


READERS: dict[str, Callable[[Path], Entry | None]] = {
    "files": partial(
        _read_file,
        pattern=_FILE,
        kinds={"arrow": "examples", "json": "facts"},
        unfinished="examples or facts",
    ),
    "tables": partial(
        _read_file,
        pattern=_TABLE,
        kinds={"arrow": "table", "json": "facts"},
        unfinished="a table",
    ),
    "text": _read_text,
}
"""Name of a folder in the cache to the function that reads its entries."""


def _entry(path: Path, files: Sequence[Path], kind: str, content: str, key: str = "") -> Entry:
    size = sum(file.stat().st_size for file in files if file.is_file())
    written = max(file.stat().st_mtime for file in files)
    read = [f.stat().st_atime for f in files if f.is_file() and f.name != "text.json"]
    used = max(read, default=written)  # without text.json, which this command itself reads
    return Entry(path, kind, content, key, size, written, used if used > written else None)


def _settings(path: Path) -> str:
    """Returns the settings of a text pipeline in words, as far as its file has them."""
    settings: dict[str, Any] = {}
    with suppress(OSError, ValueError, KeyError, TypeError):
        settings = dict(json.loads(path.read_text(encoding="utf-8"))["settings"])
    tokens = {"words": "words", "pieces": "word pieces"}.get(str(settings.get("form")), "tokens")
    pretrained = settings.get("pretrained")
    size = f" of up to {settings['vocab_size']} {tokens}" if "vocab_size" in settings else ""
    source = f"tokenizer of {pretrained}" if pretrained else f"vocabulary{size}"
    cleaning = settings.get("cleaning", "unknown")
    steps = ", ".join(map(str, cleaning)) if isinstance(cleaning, list) else str(cleaning)
    return f"{source}; cleaning: {steps or 'none'}"
