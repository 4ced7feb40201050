"""A run with balanced tasks goes on, and what it has learned is used, as any other's."""

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
from support.cases import few, slow
from support.configurations import settings
from support.runs import run, write_yaml
from support.semeval import hotel_xml
from support.training import Broken, Seen, hotel_data, quiet_trainer, still_module

pytestmark = pytest.mark.runs

KINDS: dict[str, Balancing] = {
    "uncertainty": UncertaintyWeights(),
    "pcgrad": GradientBalancing(method="pcgrad"),
    "upgrad": GradientBalancing(method="upgrad"),
}


def checkpoint(
    folder: Path, balancing: Balancing, stop: int | None = None, resume: Path | None = None
) -> Path:
    """The last checkpoint of a run with dropout, which breaks off before a batch, or does not."""
    data = hotel_data(folder, plan=SamplingPlan(batch_size=4, pool=1))
    module = still_module(data, balancing=balancing, dropout=0.3, lr=1e-2)
    last = LastCheckpoint(2)
    last.dirpath = str(folder / f"stopped at {stop}")
    trainer = quiet_trainer(folder, Seen(stop), last, max_epochs=1)
    with nullcontext() if stop is None else pytest.raises(Broken):
        trainer.fit(module, datamodule=data, ckpt_path=resume, weights_only=True)
    return Path(last.dirpath) / "last.ckpt"


def content(path: Path) -> dict[str, Any]:
    """What decides how a run would go on."""
    found = torch.load(path, weights_only=True)
    kept = ("state_dict", "optimizer_states", "lr_schedulers", "global_step", "unlogged")
    return {key: found[key] for key in kept}


@pytest.mark.parametrize("balancing", few(KINDS, "upgrad"))
def test_a_run_that_goes_on_ends_as_if_nothing_had_happened(
    tmp_path: Path, balancing: Balancing
) -> None:
    whole = content(checkpoint(tmp_path, balancing))
    broken = checkpoint(tmp_path, balancing, stop=7)
    before = content(broken)
    assert (before["global_step"], whole["global_step"]) == (6, 14)
    again = content(checkpoint(tmp_path, balancing, resume=broken))
    torch.testing.assert_close(again, whole, rtol=0, atol=0)
    name = "network.encoder.model.embeddings.word_embeddings.weight"
    assert not torch.equal(before["state_dict"][name], whole["state_dict"][name])


@pytest.mark.parametrize("kind", ["GradientBalancing", *slow("UncertaintyWeights")])
def test_a_trained_model_is_loaded_without_what_balanced_it(
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
