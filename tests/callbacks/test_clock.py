"""The time of a run, summed over its resumptions."""

from __future__ import annotations

import time

import pytest
from lightning.pytorch import LightningModule, Trainer

from arabic_mtl.callbacks import Clock

TRAINER = Trainer(accelerator="cpu", logger=False, enable_checkpointing=False)


def test_seconds_continue_from_a_checkpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    now = {"wall": 100.0, "cpu": 4.0}
    monkeypatch.setattr(time, "monotonic", lambda: now["wall"])
    monkeypatch.setattr("os.times", lambda: (now["cpu"], 0.5, 0.25, 0.25, 0.0))
    first = Clock()
    now |= {"wall": 130.0, "cpu": 24.0}
    assert first.seconds() == {"cpu": 25.0, "wall": 30.0}
    state = first.state_dict()
    now |= {"wall": 200.0, "cpu": 1.0}  # a new process
    second = Clock()
    second.setup(TRAINER, LightningModule(), "fit")
    second.load_state_dict(state)
    now |= {"wall": 207.0, "cpu": 9.0}
    assert second.seconds() == {"cpu": 35.0, "wall": 37.0}
    for stage in ("validate", "test"):  # the best checkpoint is scored, in the same process
        second.setup(TRAINER, LightningModule(), stage)
        second.load_state_dict(state)
        assert second.seconds() == {"cpu": 35.0, "wall": 37.0}
