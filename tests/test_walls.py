"""Importing a subpackage must not import heavy packages that it does not need."""

from pathlib import Path

import pytest

from support.processes import process

PROGRAM = """
import importlib, sys
importlib.import_module(sys.argv[1])
print(*sorted(set(sys.argv[2:]) & set(sys.modules)))
"""

TRAINING = ("torch", "transformers", "lightning", "datasets", "torchmetrics", "pandas")

WALLS = {
    "documents": (*TRAINING, "numpy"),
    "formats": (*TRAINING, "numpy"),
    "text": TRAINING,
    "scoring": TRAINING,
    "decoders": TRAINING,
    "inference": TRAINING,
    "serving": TRAINING,
    "cli.predict": ("lightning", "datasets", "torch"),
    "cli.score": ("lightning", "datasets", "torch"),
    "cli.serve": ("lightning", "datasets", "torch"),
    "cli.export": ("lightning", "datasets"),
}
"""Subpackage or module to the packages that importing it must not import."""


def loaded_packages(room: str, packages: tuple[str, ...], folder: Path) -> list[str]:
    """Returns the given packages that a new process has loaded after importing a subpackage."""
    outcome = process(["-c", PROGRAM, f"arabic_mtl.{room}", *packages], folder, timeout=120)
    assert outcome.returncode == 0, outcome.stderr
    return outcome.stdout.split()


@pytest.mark.parametrize("room", WALLS)
def test_heavy_packages_are_not_imported(room: str, tmp_path: Path) -> None:
    assert loaded_packages(room, WALLS[room], tmp_path) == []


def test_a_heavy_import_is_detected(tmp_path: Path) -> None:
    """Proves that the other test of this file can fail."""
    assert loaded_packages("model.tokens", TRAINING, tmp_path) == ["torch"]
