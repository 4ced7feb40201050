"""docs/speed.md is true: its benchmarks run; a file of its own, as they take long."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tools.paths import ROOT


@pytest.mark.slow
@pytest.mark.runs
def test_speed_is_true(check_page: Callable[[Path], None]) -> None:
    check_page(ROOT / "docs" / "speed.md")
