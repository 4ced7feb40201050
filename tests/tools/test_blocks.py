"""The blocks of a page and the markers in front of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.pages.blocks import Block, read_blocks


def blocks_of(folder: Path, text: str) -> list[Block]:
    page = folder / "page.md"
    page.write_text(text, encoding="utf-8")
    return read_blocks(page)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("```sh\nmake\n```", Block("commands", "make\n", 1)),
        ("```python\nprint()\n```", Block("python", "print()\n", 1)),
        ("```\na → b\n```", Block("picture", "a → b\n", 1)),
        ("<!-- page: file=a.xml -->\n```xml\n<a/>\n```", Block("file", "<a/>\n", 2, file="a.xml")),
        ("<!-- page: output -->\n```\n1\n```", Block("output", "1\n", 2)),
        ("<!-- page: output loose -->\n```\n1\n```", Block("output", "1\n", 2, loose=True)),
        (
            "<!-- page: output loose of=a.jsonl -->\n```json\n{}\n```",
            Block("output", "{}\n", 2, loose=True, file="a.jsonl"),
        ),
        ("<!-- page: fails 2 -->\n```sh\nfalse\n```", Block("commands", "false\n", 2, code=2)),
        (
            "<!-- page: skip needs a GPU -->\n```sh\nmake\n```",
            Block("skipped", "make\n", 2, reason="needs a GPU"),
        ),
        ("<!-- page: run\nmake\nmake\n-->", Block("commands", "make\nmake", 1, is_hidden=True)),
        ("- item\n\n  ```sh\n  make\n  ```", Block("commands", "make\n", 3)),
    ],
)
def test_a_block_is_read(tmp_path: Path, text: str, expected: Block) -> None:
    assert blocks_of(tmp_path, text) == [expected]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("```sh\nmake\n```\n\ntext\n\n```\n1\n```", "line 7: the block needs a marker"),
        ("```yaml\na: 1\n```", "line 1: the block needs a marker"),
        ("<!-- page: outputs -->\n```\n1\n```", "unknown marker"),
        ("<!-- page: skip -->\n```sh\nmake\n```", "unknown marker"),
        ("<!-- page: output -->\ntext\n\n```\n1\n```", "directly before a block"),
    ],
)
def test_a_missing_or_wrong_marker_is_refused(tmp_path: Path, text: str, error: str) -> None:
    with pytest.raises(ValueError, match=error):
        blocks_of(tmp_path, text)


def test_a_heading_ends_the_outputs_of_commands(tmp_path: Path) -> None:
    blocks = blocks_of(tmp_path, "```sh\nmake\n```\n\n# Title\n\n```\na → b\n```")
    assert [block.kind for block in blocks] == ["commands", "picture"]
