"""Training where processes start by `spawn`, as on macOS."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from arabic_mtl.model.checkpoint import read_checkpoint
from support.paths import ROOT, SAMPLE
from support.processes import process
from support.runs import NO_PICTURES, TINY_WORDS, folder_options, run

SCRIPT = """\
import multiprocessing, sys
from arabic_mtl.cli import main

if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")
    sys.exit(main(sys.argv[1:]))
"""


def command(folder: Path, workers: int) -> list[str]:
    """Returns the words that train three steps."""
    return [
        *("fit", "--config", str(ROOT / "configs" / "quickstart.yaml"), f"--data.root={SAMPLE}"),
        *("--trainer.max_steps=3", "--data.text.vocab_size=600", f"--data.num_workers={workers}"),
        *(*TINY_WORDS, NO_PICTURES, *folder_options(folder)),
    ]


def weights(folder: Path) -> dict[str, torch.Tensor]:
    checkpoint = folder / "runs" / "quickstart" / "version_0" / "checkpoints" / "last.ckpt"
    return read_checkpoint(checkpoint)["state_dict"]


@pytest.mark.slow
def test_spawned_loader_processes_change_nothing(tmp_path: Path) -> None:
    in_this_process = run(*command(tmp_path / "alone", 0))
    assert in_this_process.code == 0, in_this_process.err
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    outcome = process([str(script), *command(tmp_path / "spawned", 1)], tmp_path, timeout=240)
    assert outcome.returncode == 0, outcome.stderr
    alone, spawned = weights(tmp_path / "alone"), weights(tmp_path / "spawned")
    assert alone.keys() == spawned.keys()
    assert len(alone) > 10
    for name, tensor in alone.items():
        assert torch.equal(tensor, spawned[name]), name
