"""Comparing shown outputs with true ones, and replacing them."""

from __future__ import annotations

import pytest

from tools.pages.outputs import excerpt, is_json_line, is_shown

OUTPUT = "start\nscore  9.3 points  \n━━━━\nend\n"


@pytest.mark.parametrize(
    ("block", "loose", "expected"),
    [
        ("score  9.3 points\n━━━━\n", False, True),
        ("score  9.4 points\n━━━━\n", False, False),
        ("score 10.4 points\n━━━━━\n", True, True),
        ("scores 9.3 points\n━━━━\n", True, False),
        ("start\nend\n", True, False),
    ],
)
def test_lines_are_found_in_an_output(block: str, loose: bool, expected: bool) -> None:
    assert is_shown(block, OUTPUT, loose=loose) is expected


def test_a_wrapped_json_value_is_found_in_a_file() -> None:
    lines = '{"a": 1}\n{"text": "ب", "score": 0.91}\n'
    assert is_json_line('{"text": "ب",\n "score": 0.91}\n', lines, loose=False)
    assert not is_json_line('{"text": "ب", "score": 0.9}', lines, loose=False)
    assert is_json_line('{"text": "ب", "score": 0.9}', lines, loose=True)
    assert not is_json_line('{"text": "ت", "score": 0.91}', lines, loose=True)


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("score 10.4 points\n━━━━━\n", "score  9.3 points\n━━━━\n"),
        ("score 10.4 points\nmore\n━━━━━\n", "score  9.3 points\n━━━━\n"),
        ("score 10.4 points\nmore\nother\n", "score  9.3 points\n━━━━\nend\n"),
        ("other\nlines\n", None),
        ("other\nlines\nas\nmany\n", OUTPUT.replace("points  ", "points")),
    ],
)
def test_a_block_is_replaced_by_the_lines_that_it_should_show(
    block: str, expected: str | None
) -> None:
    assert excerpt(block, OUTPUT) == expected
