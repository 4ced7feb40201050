"""README.md is true; a file of its own, so that another worker can run the other pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tools.paths import ROOT


@pytest.mark.slow
@pytest.mark.runs
def test_readme_is_true(check_page: Callable[[Path], None]) -> None:
    check_page(ROOT / "README.md")
