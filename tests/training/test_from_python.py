"""Training from Python, as in the README: from raw files to a loaded model."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from lightning.pytorch import Trainer
from lightning.pytorch.callbacks import ModelCheckpoint

import arabic_mtl
from arabic_mtl.errors import InputError
from arabic_mtl.inference.parts import find
from support.paths import ROOT, SAMPLE
from support.training import hotel_data, quiet_trainer, small_module

SNIPPETS = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)


@pytest.mark.slow
@pytest.mark.runs
def test_readme_lines_train_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = (snippet for snippet in SNIPPETS if "Trainer(" in snippet)
    assert sum(bool(line.strip()) for line in code.splitlines()) <= 30
    (tmp_path / "arabic_mtl").mkdir()
    (tmp_path / "arabic_mtl" / "sample").symlink_to(SAMPLE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))  # of the cache
    names: dict[str, Any] = {}
    exec(code, names)
    folder = Path(names["trainer"].log_dir)
    assert folder.is_relative_to(tmp_path)
    assert float(names["trainer"].callback_metrics["val/mean"]) > 0.8
    annotation = arabic_mtl.load(folder)("الخيارات كانت غنية، لكن الواي فاي بطيء")
    spans = {span.text: span.labels for span in annotation.spans}
    assert spans["الواي فاي"]["ner"].label == "ROOMS_AMENITIES"
    assert spans["الواي فاي"]["sentiment"].label == "negative"


def test_the_only_checkpoint_is_the_model(tmp_path: Path) -> None:
    checkpoints = tmp_path / "checkpoints"
    checkpoints.mkdir()
    (checkpoints / "epoch=0-step=9.ckpt").touch()
    assert find(tmp_path).weights == checkpoints / "epoch=0-step=9.ckpt"
    (checkpoints / "epoch=1-step=18.ckpt").touch()
    with pytest.raises(InputError, match=r"epoch=0-step=9\.ckpt, epoch=1-step=18\.ckpt"):
        find(tmp_path)
    (checkpoints / "last.ckpt").touch()
    assert find(tmp_path).weights == checkpoints / "last.ckpt"


@pytest.mark.runs
@pytest.mark.parametrize("location", ["logger", "no logger", "dirpath"])
def test_model_can_be_loaded_from_any_checkpoint_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, location: str
) -> None:
    monkeypatch.chdir(tmp_path)
    data = hotel_data(tmp_path)
    callbacks: list[Any] = [ModelCheckpoint(dirpath="own")] if location == "dirpath" else []
    trainer = Trainer(
        accelerator="cpu",
        max_steps=2,
        limit_val_batches=0,
        logger=location != "no logger",
        callbacks=callbacks,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    trainer.fit(small_module(data), datamodule=data)
    best = Path(trainer.checkpoint_callback.best_model_path)  # type: ignore[union-attr]
    folders = {"logger": best.parent.parent, "no logger": tmp_path / "checkpoints"}
    folder = folders.get(location, tmp_path / "own")
    assert {path.parent for path in tmp_path.rglob("model.json")} == {folder}
    for path in (best, folder):
        assert arabic_mtl.load(path).tasks.keys() == data.tasks.keys()


def test_trainer_without_checkpoints_writes_nothing(tmp_path: Path) -> None:
    data = hotel_data(tmp_path)
    initial = set(tmp_path.iterdir())
    quiet_trainer(tmp_path, max_steps=1).fit(small_module(data), datamodule=data)
    assert {path.name for path in set(tmp_path.iterdir()) - initial} <= {"cache"}
