"""Character encodings of text files: checks, byte order marks and hints."""

import codecs

from arabic_mtl.errors import InputError

MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
"""Byte order mark to the encoding that it stands for."""

WIDE = ("utf-16-le", "utf-16-be")
"""The encodings in which a byte of a line end can be a part of another character."""

UNDECODABLE = "arabic_mtl.undecodable"
"""A codec error handler that replaces undecodable bytes by a lone surrogate."""

_CANDIDATES = ("utf-8", "windows-1256", "utf-16-le", "utf-16-be", "iso8859-6", "mac-arabic")
_SAME = {"utf-16": "utf-16-le", "utf-8-sig": "utf-8"}  # byte order marks are read anyway
_HEAD = 1000  # bytes by which UTF-16 is recognized
_ASCII = 0.4  # share of NUL in the high bytes of a line of UTF-16 with Latin letters
_LEAST = 0.8  # share of Arabic letters of a line whose encoding is suggested
_LENGTH = 30  # characters shown of such a line
_SHOWN = {"utf-8": "UTF-8", "utf-16-le": "UTF-16 (LE)", "utf-16-be": "UTF-16 (BE)"}


def _mark(error: UnicodeError) -> tuple[str, int]:
    """Replaces undecodable bytes by a lone surrogate, which no text has."""
    return "\udcff", getattr(error, "end", 0)


codecs.register_error(UNDECODABLE, _mark)


def require_encoding(name: str) -> str:
    """Returns the codec's name of an encoding that lines can be read in.

    Args:
        name: The value of the option ``encoding``.

    Raises:
        InputError: If the encoding is unknown, or has line ends of its own.
    """
    try:
        codec = codecs.lookup(name).name
        codec = _SAME.get(codec, codec)
        if codec in WIDE or "\n".encode(codec) == b"\n" == b"\n".decode(codec).encode():
            return codec
    except (LookupError, UnicodeError, AttributeError):
        pass
    raise InputError(
        "`encoding` must be a character encoding that Python knows",
        found=f"encoding: {name}",
        expected="utf-8, utf-16, windows-1256, iso-8859-6, …",
    )


def split_mark(head: bytes, encoding: str) -> tuple[bytes, str]:
    """Returns the byte order mark that a file begins with, or nothing, and the codec of the file.

    Args:
        head: The first bytes of the file.
        encoding: The encoding of a file without a byte order mark.

    Raises:
        InputError: If the encoding is unknown, or has line ends of its own.
    """
    mark = next((mark for mark in MARKS if head.startswith(mark)), b"")
    return mark, MARKS.get(mark) or require_encoding(encoding)


def undecodable(
    content: bytes, encoding: str, *, line: int, start: int | None = None, offset: int = 0
) -> InputError:
    """Returns the error for a line whose bytes do not have the encoding of their file.

    Args:
        content: The bytes of the line.
        encoding: The encoding that the file is read in.
        line: The line number, from 1.
        start: The index of the first wrong byte in the line; None if unknown.
        offset: The position of the line in the file.
    """
    name = _SHOWN.get(encoding, encoding)
    found = "bytes of another encoding"
    if start is not None:
        found = f"byte 0x{content[start]:02x} at position {offset + start:,} of the file"
    expected = f"{name}; {_hint(content, encoding, is_first=line == 1)}"
    return InputError(f"the file must be {name}", found=found, expected=expected, line=line)


def _hint(content: bytes, encoding: str, *, is_first: bool) -> str:
    """Returns the option that fits a line."""
    best, text = _likeliest(content, encoding, is_first=is_first)
    if not text:
        return "or the option `encoding`, such as windows-1256"
    shown = text.strip()[:_LENGTH]
    return f"or the option `encoding: {best}`, which reads the line as «{shown}»"


def looks_wide(content: bytes) -> bool:
    """Returns True if a line, read as UTF-8, seems to be in UTF-16."""
    return bool(_wide(content, is_first=False))


def decoded_head(head: bytes) -> tuple[str, str]:
    """Returns the beginning of a file without a byte order mark, and its likely encoding."""
    mark, marked = split_mark(head, "utf-8")
    if mark:
        return head[len(mark) :].decode(marked, "ignore"), "utf-8"
    if codec := _wide(head[:_HEAD], is_first=True):
        return head.decode(codec, "ignore"), "utf-16" if codec == "utf-16-le" else codec
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(head), "utf-8"
    except UnicodeDecodeError:
        content = head.decode("utf-8", "replace")
        letters = sum(char.isalpha() and not char.isascii() for char in content)
        if content.count("\ufffd") < letters:  # a few wrong bytes, which reading will name
            return content, "utf-8"
        return head.decode("windows-1256", "replace"), "windows-1256"


def _wide(content: bytes, *, is_first: bool) -> str:
    """Returns the encoding of a line that seems to be in UTF-16; the empty string otherwise."""
    if b"\0" not in content:
        return ""
    best, _ = _likeliest(content, "utf-8", is_first=is_first)
    return best if best in WIDE else ""


def _latin_wide(content: bytes) -> str:
    """Returns the encoding of a line of Latin letters in UTF-16; the empty string otherwise."""
    halves = {"utf-16-le": content[1::2], "utf-16-be": content[::2]}  # the high bytes
    best, other = sorted(halves, key=lambda name: halves[name].count(0), reverse=True)
    number = halves[best].count(0)
    is_likely = number > 1 and number >= _ASCII * len(halves[best])
    return best if is_likely and 4 * halves[other].count(0) < number else ""


def _likeliest(content: bytes, encoding: str, *, is_first: bool) -> tuple[str, str]:
    """Returns the other encoding in which a line has the most Arabic letters, and the line.

    Without Arabic it is UTF-16 if every second byte is that of Latin letters. The line is empty
    if it seems to be in no other encoding.
    """
    whole = content if is_first else content.removeprefix(b"\0")  # the rest of a line end
    texts = {
        name: _decoded(whole if name == "utf-16-le" else content, name)
        for name in _CANDIDATES
        if name != encoding
    }
    best = max(texts, key=lambda name: _arabic(texts[name]))
    if _arabic(texts[best]) < _LEAST:
        best = _latin_wide(content)
    return (best, texts[best]) if best in texts else ("", "")


def _decoded(content: bytes, encoding: str) -> str:
    """Returns the decoded bytes, or the empty string if they do not have the encoding."""
    if encoding in WIDE:  # a line is cut between the bytes of its end
        content = content[: len(content) // 2 * 2]
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return ""


def _arabic(text: str) -> float:
    """Returns the share of Arabic letters in the characters that are neither space nor ASCII."""
    others = [char for char in text if char > "\x7f"]
    return sum("\u0621" <= char <= "\u064a" for char in others) / max(len(others), 1)
