"""Reads the fenced blocks of a Markdown page and the markers in front of them.

A marker is an HTML comment directly before a block; readers do not see it:

    <!-- page: file=NAME -->        write the block to a file
    <!-- page: output -->           the block is output of the commands before it
    <!-- page: output loose -->     … except for its numbers
    <!-- page: output of=FILE -->   the block is one JSON line of a file; also with `loose`
    <!-- page: fails CODE -->       the commands of the block exit with this code
    <!-- page: skip REASON -->      do not run the block
    <!-- page: run COMMANDS -->     run commands that the page does not show; needs no block

Without a marker ``sh`` blocks are run and ``python`` blocks are executed. A block without a
language is a picture, unless commands of the same section stand before it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

Kind = Literal["commands", "python", "file", "output", "skipped", "picture"]

_MARKER = re.compile(r"<!--\s*page:\s*(.*?)\s*-->", re.DOTALL)
_RUN: dict[str, Kind] = {"sh": "commands", "python": "python"}


@dataclass(frozen=True)
class Block:
    """A block of a page.

    Args:
        kind: The use of the block.
        text: Its content.
        line: The line of its opening fence, from 1.
        file: The file to write, or the file that contains an output.
        loose: True if the numbers of an output may differ.
        code: The expected exit code of commands.
        reason: The reason for a skip.
        is_hidden: True for commands inside of a marker.
    """

    kind: Kind
    text: str
    line: int
    file: str = ""
    loose: bool = False
    code: int = 0
    reason: str = ""
    is_hidden: bool = False


def read_blocks(page: Path) -> list[Block]:
    """Returns the blocks of a page in their order.

    Raises:
        ValueError: If a marker is malformed or missing.
    """
    try:
        return list(_blocks(MarkdownIt().parse(page.read_text(encoding="utf-8"))))
    except ValueError as error:
        raise ValueError(f"{page.name}: {error}") from None


def _blocks(tokens: list[Token]) -> Iterator[Block]:
    marker, follows_commands = "", False
    for token in tokens:
        line = token.map[0] + 1 if token.map else 0
        if token.type == "html_block":
            for text in _MARKER.findall(token.content):
                if not text.startswith("run"):
                    marker = text
                    continue
                yield Block("commands", text.removeprefix("run").strip(), line, is_hidden=True)
                follows_commands = True
        elif token.type == "fence":
            block = _marked(Block("picture", token.content, line), marker, token.info.strip())
            if block.kind == "picture" and (token.info or follows_commands):
                raise ValueError(f"line {line}: the block needs a marker")
            follows_commands |= block.kind in ("commands", "python")
            marker = ""
            yield block
        elif marker and token.nesting >= 0:
            raise ValueError(f"line {line}: a marker stands directly before a block: {marker}")
        elif token.type == "heading_open":
            follows_commands = False


def _marked(block: Block, marker: str, language: str) -> Block:
    """Returns the block with the properties that its marker and its language give it."""
    word, _, rest = marker.partition(" ")
    name, _, value = word.partition("=")
    if not marker:
        return replace(block, kind=_RUN.get(language, "picture"))
    if name == "file" and value:
        return replace(block, kind="file", file=value)
    if name == "output":
        options = rest.split()
        file = next((o.removeprefix("of=") for o in options if o.startswith("of=")), "")
        return replace(block, kind="output", loose="loose" in options, file=file)
    if name == "fails" and rest.isdigit() and language in _RUN:
        return replace(block, kind=_RUN[language], code=int(rest))
    if name == "skip" and rest:
        return replace(block, kind="skipped", reason=rest)
    raise ValueError(f"line {block.line}: unknown marker: {marker}")
