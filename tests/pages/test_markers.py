"""The pages say which of their blocks are not run, and these are few."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.pages import rules
from tools.pages.blocks import Block, read_blocks
from tools.pages.workspace import split_commands
from tools.paths import all_pages

MOST_SKIPPED = 0.1  # of the blocks
MOST_COMMANDS = 0.3  # of the commands: several are tests, or need a GPU


def shown(page: Path) -> list[Block]:
    """Returns the blocks of a page that readers see."""
    return [block for block in read_blocks(page) if not block.is_hidden]


def commands(block: Block) -> list[str]:
    return split_commands(block.text) if block.kind == "commands" else []


@pytest.mark.parametrize("page", all_pages(), ids=lambda page: page.stem)
def test_blocks_are_marked(page: Path) -> None:
    blocks = read_blocks(page)
    for before, block in zip([None, *blocks], blocks, strict=False):
        if block.kind == "output" and not block.file:
            assert before is not None
            assert before.kind in ("commands", "python", "output"), f"line {block.line}"


def test_few_blocks_are_skipped() -> None:
    blocks = [block for page in all_pages() for block in shown(page) if block.kind != "picture"]
    skipped = [block for block in blocks if block.kind == "skipped"]
    for block in skipped:
        print(block.line, block.reason)
    assert all(len(block.reason.split()) > 1 for block in skipped)
    assert len(skipped) <= MOST_SKIPPED * len(blocks)


def test_few_commands_are_skipped() -> None:
    all_commands = [c for page in all_pages() for block in shown(page) for c in commands(block)]
    reasons = {command: rules.skip_reason(command) for command in all_commands}
    skipped = [command for command in all_commands if reasons[command]]
    for command in skipped:
        print(f"{reasons[command]}: {command}")
    assert len(skipped) <= MOST_COMMANDS * len(all_commands)


@pytest.mark.parametrize("table", ["APPENDED", "SKIPPED", "REPLACED"])
def test_rules_are_used(table: str) -> None:
    """A rule that no page needs would go unnoticed."""
    text = "\n".join(
        command
        for page in all_pages()
        for block in read_blocks(page)
        for command in (commands(block) or [block.text])
    )
    patterns = getattr(rules, table)
    assert [key for key in patterns if not re.search(key, text, re.MULTILINE)] == []
