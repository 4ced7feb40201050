"""Compares the outputs that a page shows with the outputs of its commands."""

import json
import re

_NUMBER = re.compile(r"[-+−]?\d[\d.,]*")
_SPACE = re.compile(r"[ \t]{2,}|\t")
_RULE = re.compile(r"([━─═-])\1+")


def is_shown(block: str, output: str, *, loose: bool) -> bool:
    """Returns True if the lines of a block follow each other somewhere in an output.

    Args:
        block: The block of the page.
        output: The whole output.
        loose: True to ignore numbers and the width of columns.
    """
    return find_lines(_lines(block, loose), _lines(output, loose)) is not None


def is_json_line(block: str, file: str, *, loose: bool) -> bool:
    """Returns True if a JSON value, wrapped in the block, is a line of a file."""
    shown = _json(block, loose)
    return any(_json(line, loose) == shown for line in file.splitlines() if line.strip())


def excerpt(block: str, output: str) -> str | None:
    """Returns the lines of an output that a block should show; None if it is unclear which.

    They are the lines that equal the block's except for numbers; else those from its first to its
    last line; else as many as the block has, from its first line on, or if there are no more.
    """
    shown, lines = _lines(block, True), _lines(output, True)
    start = find_lines(shown, lines)
    size = len(shown)
    if start is None and shown[0] in lines:
        start = lines.index(shown[0])
        last = [n for n, line in enumerate(lines) if line == shown[-1] and n > start]
        size = last[-1] + 1 - start if last else size
    if start is None and size != len(lines):
        return None
    return "\n".join(_lines(output, False)[start or 0 :][:size]) + "\n"


def find_lines(part: list[str], whole: list[str]) -> int | None:
    """Returns the index at which consecutive lines stand in others; None if they do not."""
    starts = range(len(whole) - len(part) + 1)
    return next((n for n in starts if whole[n : n + len(part)] == part), None)


def _lines(text: str, loose: bool) -> list[str]:
    lines = [line.rstrip() for line in text.strip("\n").splitlines()]
    return [_mask(line) for line in lines] if loose else lines


def _mask(line: str) -> str:
    """Replaces numbers, and what the width of numbers changes: spaces and rules."""
    without_numbers = _NUMBER.sub("0", line)
    return _SPACE.sub(" ", _RULE.sub(r"\1", without_numbers)).strip()


def _json(text: str, loose: bool) -> str:
    value = json.dumps(json.loads(text), ensure_ascii=False)
    return _NUMBER.sub("0", value) if loose else value
