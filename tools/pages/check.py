"""Runs the blocks of a page in their order and compares the outputs that the page shows."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tools.pages import rules
from tools.pages.blocks import Block, read_blocks
from tools.pages.outputs import is_json_line, is_shown
from tools.pages.workspace import Workspace


class Shown(NamedTuple):
    """An output that a page shows.

    Args:
        block: The block of the page.
        output: The whole output of the commands before it, or the content of the named file.
        is_true: True if the block stands in the output.
    """

    block: Block
    output: str
    is_true: bool


def run_page(page: Path, workspace: Workspace) -> Iterator[Shown]:
    """Runs a page; yields the outputs that it shows.

    Raises:
        RuntimeError: If a block fails, with its line.
    """
    output = ""
    for block in read_blocks(page):
        try:
            match block.kind:
                case "commands":
                    output = workspace.run(block.text, block.code)
                case "python":
                    output = workspace.execute(block.text)
                case "file":
                    (workspace.folder / block.file).write_text(block.text, encoding="utf-8")
                case "output":
                    yield _compare(block, output, workspace)
        except Exception as error:
            raise RuntimeError(f"{page.name}, line {block.line}: {error}") from error


def needs_quickstart(page: Path) -> bool:
    """Returns True if a page uses the quickstart's run."""
    blocks = read_blocks(page)
    text = "".join(block.text for block in blocks if block.kind in ("commands", "python"))
    return any(word in rules.adapt(text) for word in (rules.RUN, "make quickstart"))


def _compare(block: Block, output: str, workspace: Workspace) -> Shown:
    if not block.file:
        return Shown(block, output, is_shown(block.text, output, loose=block.loose))
    content = (workspace.folder / block.file).read_text(encoding="utf-8")
    return Shown(block, content, is_json_line(block.text, content, loose=block.loose))
