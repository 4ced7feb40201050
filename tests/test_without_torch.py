"""What a model in use is made of, apart from its network, is imported without torch."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.processes import process

pytestmark = pytest.mark.runs

PROGRAM = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
heavy = {"torch", "transformers", "lightning", "datasets", "torchmetrics", "pandas"}
print(sorted(heavy & set(sys.modules)))
"""


@pytest.mark.parametrize("part", ["text", "decoding", "annotate"])
def test_importing_it_is_light(part: str, tmp_path: Path) -> None:
    outcome = process(["-c", PROGRAM, f"arabic_mtl.{part}"], tmp_path, timeout=60)
    assert (outcome.stdout, outcome.returncode) == ("[]\n", 0), outcome.stderr


def test_a_part_that_is_heavy_is_told(tmp_path: Path) -> None:
    """Or the other tests of this file could not fail."""
    outcome = process(["-c", PROGRAM, "arabic_mtl.model.tokens"], tmp_path, timeout=60)
    assert outcome.stdout == "['torch']\n", outcome.stderr
