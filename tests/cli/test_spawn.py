"""Training where processes start by `spawn`, as on macOS."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from arabic_mtl.model.checkpoint import read_checkpoint
from support.paths import ROOT, SAMPLE
from support.processes import process
from support.runs import TINY_WORDS, folder_options

SCRIPT = """\
import multiprocessing, sys
from arabic_mtl.cli import main

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv.pop(1))
    sys.exit(main(sys.argv[1:]))
"""


def weights(folder: Path, method: str, workers: int) -> dict[str, torch.Tensor]:
    """Trains three steps and returns the weights."""
    folder.mkdir()
    script = folder / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    options = [
        *("--config", str(ROOT / "configs" / "quickstart.yaml"), f"--data.root={SAMPLE}"),
        *("--trainer.max_steps=3", "--data.text.vocab_size=600", f"--data.num_workers={workers}"),
        *(*TINY_WORDS, *folder_options(folder)),
    ]
    outcome = process([str(script), method, "fit", *options], folder, timeout=240)
    assert outcome.returncode == 0, outcome.stderr
    checkpoint = folder / "runs" / "quickstart" / "version_0" / "checkpoints" / "last.ckpt"
    return read_checkpoint(checkpoint)["state_dict"]


@pytest.mark.slow
def test_spawned_loader_processes_change_nothing(tmp_path: Path) -> None:
    alone = weights(tmp_path / "alone", "fork", 0)
    spawned = weights(tmp_path / "spawned", "spawn", 1)
    assert alone.keys() == spawned.keys()
    assert len(alone) > 10
    for name, tensor in alone.items():
        assert torch.equal(tensor, spawned[name]), name
