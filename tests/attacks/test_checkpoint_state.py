"""Callback states in an untrusted checkpoint: paths in them are ignored, no file is removed."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from lightning.pytorch import LightningModule

from arabic_mtl.callbacks import BestCheckpoint, LastCheckpoint
from support.attacks import copy_run
from support.cases import slow
from support.messages import error_fields
from support.paths import files_under
from support.runs import Outcome, Run, folder_options, run

pytestmark = pytest.mark.runs

TARGETS = {
    "local protocol": "local://{folder}",
    "file protocol": "file://{folder}",
    "a path": "{folder}",
    "up from the checkpoints": "{checkpoints}/../../../../precious",
    "up by a name": "{checkpoints}/..",
    "relative": "precious",
    "the folder itself": "{checkpoints}/.",
}


@pytest.fixture
def precious(project: Path) -> Path:
    """Returns a folder with files of the user."""
    folder = project / "precious"
    folder.mkdir()
    (folder / "thesis.txt").write_text("all of it")
    (folder / "other.ckpt").write_text("all of it")
    return folder


@pytest.fixture
def foreign(trained: Run, project: Path) -> Path:
    return copy_run(trained, project / "foreign" / "version_0")


def spoil(checkpoint: Path, target: str) -> None:
    """Replaces all paths in the states of the callbacks by another path."""
    content: dict[str, Any] = torch.load(checkpoint, weights_only=True)
    states = {**content["callbacks"]}
    best_state = next(state for key, state in states.items() if key.startswith("BestCheckpoint"))
    mine = "ModelCheckpoint{'monitor': None, 'mode': 'min', 'every_n_train_steps': 0, "
    mine += "'every_n_epochs': 1, 'train_time_interval': None}"
    states[mine] = dict(best_state)
    for state in states.values():
        for name in ("best_model_path", "kth_best_model_path", "last_model_path"):
            if name in state:
                state[name] = target
        if "best_k_models" in state:
            state["best_k_models"] = {target: torch.tensor(-1.0)}
    torch.save(content | {"callbacks": states}, checkpoint)


def fit(checkpoint: Path, project: Path, *options: str) -> Outcome:
    resume_options = ["--trainer.max_epochs=3", "--trainer.limit_train_batches=3"]
    return run(
        "fit", f"--ckpt_path={checkpoint}", *resume_options, *folder_options(project), *options
    )


@pytest.mark.parametrize("kind", ["local protocol", *slow(*list(TARGETS)[1:])])
def test_no_path_of_a_foreign_state_is_removed(
    foreign: Path, precious: Path, project: Path, kind: str
) -> None:
    checkpoints = project / "runs" / "foreign" / "version_0" / "checkpoints"
    target = TARGETS[kind].format(folder=precious, checkpoints=checkpoints)
    spoil(foreign / "checkpoints" / "best.ckpt", target)
    callback_option = "--trainer.callbacks=lightning.pytorch.callbacks.ModelCheckpoint"
    done = fit(foreign / "checkpoints" / "best.ckpt", project, callback_option)
    assert done.code == 0, done.err
    assert files_under(precious) == ["other.ckpt", "thesis.txt"]
    assert {"best.ckpt", "last.ckpt"} <= set(files_under(checkpoints))


@pytest.mark.parametrize(
    "kind", ["up from the checkpoints", *slow(*(k for k in TARGETS if k[:7] != "up from"))]
)
def test_resuming_a_foreign_run_removes_nothing_outside(
    foreign: Path, precious: Path, project: Path, kind: str
) -> None:
    checkpoints = foreign / "checkpoints"
    spoil(checkpoints / "last.ckpt", TARGETS[kind].format(folder=precious, checkpoints=checkpoints))
    initial = set(files_under(foreign))
    done = fit(checkpoints / "last.ckpt", project)
    assert done.code == 0, done.err
    assert files_under(precious) == ["other.ckpt", "thesis.txt"]
    assert initial <= set(files_under(foreign))


@pytest.mark.parametrize("version", ["1.9.5", *slow("0.9.0", "2.5.0", "none", "")])
def test_checkpoint_that_lightning_would_migrate_is_rejected(
    foreign: Path, precious: Path, project: Path, version: str
) -> None:
    """Migrating old checkpoints moves paths from other keys into the states of callbacks."""
    best = foreign / "checkpoints" / "best.ckpt"
    content: dict[str, Any] = torch.load(best, weights_only=True)
    old = {"checkpoint_callback_best_model_path": f"local://{precious}"}
    torch.save({**content, **old, "pytorch-lightning_version": version}, best)
    done = fit(best, project, "--trainer.callbacks=lightning.pytorch.callbacks.ModelCheckpoint")
    error = error_fields(done)
    assert error.location == str(best)
    assert error.found.rstrip().endswith(f" Lightning {version}".rstrip())
    assert precious.is_dir()


@pytest.mark.parametrize("states", [[1], "x", None])
def test_states_without_names_are_rejected(foreign: Path, project: Path, states: Any) -> None:
    best = foreign / "checkpoints" / "best.ckpt"
    torch.save(torch.load(best, weights_only=True) | {"callbacks": states}, best)
    done = fit(best, project)
    error = error_fields(done)
    assert error.location == str(best)
    assert "callbacks" in error.found


@pytest.mark.parametrize(
    ("path", "file_name"),
    [
        ("/old/place/checkpoints/best.ckpt", "best.ckpt"),
        ("best-ner.ckpt", "best-ner.ckpt"),
        ("local:///precious", ""),
        ("/precious/x.txt", ""),
        ("a/..", ""),
        ("/old/place/checkpoints/val/mean=0.5.ckpt", "val/mean=0.5.ckpt"),
        ("/old/place/checkpoints/../../x.ckpt", ""),
        ("..", ""),
        ("", ""),
        (".ckpt", ""),
    ],
)
def test_file_names_in_the_run_folder_are_kept(path: str, file_name: str) -> None:
    state: dict[str, Any] = {
        **dict.fromkeys(("best_model_path", "kth_best_model_path", "last_model_path"), path),
        "best_k_models": {path: 0.5},
        "best_model_score": 0.5,
        "dirpath": "/old/place/checkpoints",
    }
    expected = f"new/{file_name}" if file_name else ""
    callback = LastCheckpoint()
    callback.dirpath = "new"
    checkpoint: dict[str, Any] = {"callbacks": {callback.state_key: state}}
    trainer: Any = SimpleNamespace(checkpoint_callbacks=[callback], ckpt_path="new/last.ckpt")
    callback.on_load_checkpoint(trainer, LightningModule(), checkpoint)
    restored = checkpoint["callbacks"][callback.state_key]
    assert restored["best_model_path"] == restored["last_model_path"] == expected
    assert restored["best_k_models"] == ({expected: 0.5} if file_name else {})
    assert (restored["dirpath"], restored["best_model_score"]) == ("new", 0.5)


@pytest.mark.slow
def test_moved_run_keeps_its_best_checkpoint(trained: Run, project: Path) -> None:
    moved_run = Path(shutil.copytree(trained.folder, project / "moved" / "version_3"))
    done = fit(moved_run / "checkpoints" / "last.ckpt", project, "--model.lr=0")
    assert done.code == 0, done.err
    last = torch.load(moved_run / "checkpoints" / "last.ckpt", weights_only=True)
    states = {key.split("{")[0]: state for key, state in last["callbacks"].items()}
    best = states[BestCheckpoint.__name__]
    assert best["best_model_path"] == str(moved_run / "checkpoints" / "best.ckpt")
    assert best["best_k_models"].keys() == {best["best_model_path"]}
    assert states[LastCheckpoint.__name__]["dirpath"] == str(moved_run / "checkpoints")
