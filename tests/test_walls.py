"""What is imported with a room: heavy packages stay out of those that do without them."""

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
"""Room to the packages that importing it must not import."""


def found(room: str, packages: tuple[str, ...], folder: Path) -> list[str]:
    """Returns those of some packages that a new process has after importing a room."""
    outcome = process(["-c", PROGRAM, f"arabic_mtl.{room}", *packages], folder, timeout=120)
    assert outcome.returncode == 0, outcome.stderr
    return outcome.stdout.split()


@pytest.mark.parametrize("room", WALLS)
def test_heavy_packages_stay_out(room: str, tmp_path: Path) -> None:
    assert found(room, WALLS[room], tmp_path) == []


def test_a_heavy_room_is_found_out(tmp_path: Path) -> None:
    """Or the other test of this file could not fail."""
    assert found("model.tokens", TRAINING, tmp_path) == ["torch"]
