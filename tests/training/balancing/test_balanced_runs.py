"""Runs with balanced tasks can be resumed, and their models loaded, like any other."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import torch

import arabic_mtl
from arabic_mtl.callbacks import LastCheckpoint
from arabic_mtl.data import SamplingPlan
from arabic_mtl.training.balancing import Balancing, GradientBalancing, UncertaintyWeights
from support.cases import slow, slow_except
from support.configurations import settings
from support.runs import run, write_yaml
from support.semeval import hotel_xml
from support.training import Interruption, RowRecorder, hotel_data, quiet_trainer, small_module

pytestmark = pytest.mark.runs

KINDS: dict[str, Balancing] = {
    "uncertainty": UncertaintyWeights(),
    "pcgrad": GradientBalancing(method="pcgrad"),
    "upgrad": GradientBalancing(method="upgrad"),
}


def checkpoint(
    folder: Path, balancing: Balancing, stop: int | None = None, resume: Path | None = None
) -> Path:
    """Returns the last checkpoint of a run with dropout, which may break off before a batch."""
    data = hotel_data(folder, plan=SamplingPlan(batch_size=4, pool=1))
    module = small_module(data, balancing=balancing, dropout=0.3, lr=1e-2)
    last = LastCheckpoint(2)
    last.dirpath = str(folder / f"stopped at {stop}")
    trainer = quiet_trainer(folder, RowRecorder(stop), last, max_epochs=1)
    with nullcontext() if stop is None else pytest.raises(Interruption):
        trainer.fit(module, datamodule=data, ckpt_path=resume, weights_only=True)
    return Path(last.dirpath) / "last.ckpt"


def content(path: Path) -> dict[str, Any]:
    """Returns the state that determines how a run would continue."""
    state = torch.load(path, weights_only=True)
    keys = ("state_dict", "optimizer_states", "lr_schedulers", "global_step", "unlogged")
    return {key: state[key] for key in keys}


@pytest.mark.parametrize("balancing", slow_except(KINDS, "upgrad"))
def test_resumed_run_ends_like_an_uninterrupted_one(tmp_path: Path, balancing: Balancing) -> None:
    uninterrupted = content(checkpoint(tmp_path, balancing))
    broken = checkpoint(tmp_path, balancing, stop=7)
    interrupted = content(broken)
    assert (interrupted["global_step"], uninterrupted["global_step"]) == (6, 14)
    resumed = content(checkpoint(tmp_path, balancing, resume=broken))
    torch.testing.assert_close(resumed, uninterrupted, rtol=0, atol=0)
    name = "network.encoder.model.embeddings.word_embeddings.weight"
    assert not torch.equal(interrupted["state_dict"][name], uninterrupted["state_dict"][name])


@pytest.mark.parametrize("kind", ["GradientBalancing", *slow("UncertaintyWeights")])
def test_trained_model_is_loaded_without_its_balancer(
    project: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    (project / "train.xml").write_text(hotel_xml(1), encoding="utf-8")
    write_yaml(project / "mine.yaml", settings())
    options = [f"--model.balancing={{class_path: {kind}}}", "--trainer.default_root_dir=runs"]
    outcome = run("fit", "--config", "mine.yaml", "--data.cache=cache", *options)
    assert outcome.code == 0, outcome.err
    monkeypatch.setitem(sys.modules, "torchjd", None)
    annotation = arabic_mtl.load(project / "runs" / "mine" / "version_0")("الغرفة ممتازة")
    assert annotation.text == "الغرفة ممتازة"
    assert "category" in annotation.labels
