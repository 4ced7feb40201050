"""The pages of docs/ are true: their commands run and have the outputs that they show."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tools.paths import all_pages

OWN_FILES = ("README", "speed")
PAGES = [page for page in all_pages() if page.stem not in OWN_FILES]


@pytest.mark.slow
@pytest.mark.runs
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page_is_true(page: Path, check_page: Callable[[Path], None]) -> None:
    check_page(page)
