"""docs/configuration.md is what `make configuration` writes, and explains every option."""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path

import pytest

from tools.configuration.options import Option, class_options, parser_options
from tools.configuration.page import page
from tools.paths import ROOT


@dataclass
class Explained:
    """A thing.

    Args:
        name: What it
            is called.
        sizes: Its sizes.
    """

    name: Path
    sizes: tuple[int, ...] | None = None


@dataclass
class Unexplained(Explained):
    color: str = "red"


def test_the_page_is_up_to_date() -> None:
    written = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert written == page(), "run `make configuration`"


def test_options_come_from_signature_and_docstring() -> None:
    assert class_options(Explained) == [
        Option("name", "path", "", "What it is called."),
        Option("sizes", "list of int or null", "null", "Its sizes."),
    ]


def test_an_option_without_a_meaning_is_refused() -> None:
    with pytest.raises(ValueError, match="does not explain color"):
        class_options(Unexplained)


def test_options_of_a_command() -> None:
    parser = ArgumentParser()
    parser.add_argument("file", type=Path, metavar="FILE", help="the file")
    parser.add_argument("--size", type=int, help="its size (default: by its name)")
    parser.add_argument("--kind", choices=["a", "b"], default="a", help="its kind")
    assert parser_options(parser) == [
        Option("FILE", "path", "", "the file"),
        Option("--size", "int", "by its name", "its size"),
        Option("--kind", "`a` or `b`", "a", "its kind"),
    ]
