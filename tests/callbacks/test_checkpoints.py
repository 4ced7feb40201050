"""When ``last.ckpt`` is saved, and that a resumed run repeats what an uninterrupted one does."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor, nn
from torch.utils.data import DataLoader

from arabic_mtl.callbacks import (
    BestCheckpoint,
    DurableCheckpoints,
    LastCheckpoint,
    StopWhenStalled,
    TaskCheckpoint,
)
from arabic_mtl.errors import InputError
from arabic_mtl.tasks import SequenceClassification
from support.paths import files_under
from support.training import four_tasks, quiet_trainer

pytestmark = pytest.mark.runs

Event = str | int
"""The index of a batch in its epoch, ``validation``, ``epoch``, or ``saved STEP``."""


class Line(LightningModule):
    """A model that records the events of its training."""

    def __init__(self, scores: list[float] | None = None) -> None:
        super().__init__()
        self.line = nn.Linear(1, 1)
        self.events: list[Event] = []
        self.scores = iter(scores or [])

    def training_step(self, batch: Tensor, batch_idx: int) -> Tensor:
        self.events.append(batch_idx)
        loss: Tensor = (self.line(batch) - 3 * batch).square().mean()
        return loss

    def validation_step(self, batch: Tensor, batch_idx: int) -> None:
        """Does nothing; the Trainer requires the method."""

    def on_validation_epoch_end(self) -> None:
        self.events.append("validation")
        self.log("score", next(self.scores, 0.0))

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        self.events.append(f"saved {checkpoint['global_step']}")

    def on_train_epoch_end(self) -> None:
        self.events.append("epoch")

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), lr=0.01)


def numbers() -> DataLoader[Tensor]:
    """Returns six batches."""
    return DataLoader([torch.tensor([float(n)]) for n in range(6)], batch_size=1)  # type: ignore[arg-type]


def last(folder: Path, every: int | None) -> LastCheckpoint:
    checkpoint = LastCheckpoint(every)
    checkpoint.dirpath = str(folder)
    return checkpoint


def fit(
    folder: Path,
    every: int | None,
    *others: Callback,
    scores: list[float] | None = None,
    resume: Path | None = None,
    **options: Any,
) -> tuple[Trainer, Line]:
    """Trains two epochs, with a validation after each."""
    torch.manual_seed(0)
    model = Line(scores)
    defaults: dict[str, Any] = {"max_epochs": 2, "limit_val_batches": 1}
    trainer = quiet_trainer(folder, *others, last(folder, every), **(defaults | options))
    trainer.fit(model, numbers(), numbers(), ckpt_path=resume, weights_only=True)
    return trainer, model


@pytest.mark.parametrize(
    ("every", "options", "expected"),
    [
        pytest.param(
            None,
            {},
            "0 1 2 3 4 5 end saved=6 0 1 2 3 4 5 end saved=12",
            id="at the end of each epoch",
        ),
        pytest.param(
            4,
            {},
            "0 1 2 3 saved=4 4 5 end saved=6 0 1 saved=8 2 3 4 5 end saved=12",
            id="counts optimizer steps over all epochs",
        ),
        pytest.param(
            3,
            {},
            "0 1 2 saved=3 3 4 5 end saved=6 0 1 2 saved=9 3 4 5 end saved=12",
            id="not between the last batch and its validation",
        ),
        pytest.param(
            1,
            {"val_check_interval": 2, "max_epochs": 1},
            "0 saved=1 1 validation 2 saved=3 3 validation 4 saved=5 5 end saved=6",
            id="not before a validation within the epoch",
        ),
        pytest.param(
            2,
            {"val_check_interval": 2, "max_epochs": 1},
            "0 1 validation 2 saved=3 3 validation 4 saved=5 5 end saved=6",
            id="after the optimizer step that follows a validation",
        ),
        pytest.param(
            1,
            {"limit_val_batches": 0, "max_epochs": 1},
            "0 saved=1 1 saved=2 2 saved=3 3 saved=4 4 saved=5 5 epoch saved=6",
            id="once at the end of an epoch that is not validated",
        ),
        pytest.param(
            1,
            {"check_val_every_n_epoch": 2, "limit_train_batches": 2},
            "0 saved=1 1 epoch saved=2 0 saved=3 1 end saved=4",
            id="validation every other epoch",
        ),
        pytest.param(
            2,
            {"accumulate_grad_batches": 2, "max_epochs": 1},
            "0 1 2 3 saved=2 4 5 end saved=3",
            id="counts optimizer steps, not batches",
        ),
        pytest.param(
            1,
            {"accumulate_grad_batches": 4, "max_epochs": 1},
            "0 1 2 3 saved=1 4 5 end saved=2",
            id="not between micro-batches",
        ),
        pytest.param(
            1,
            {"accumulate_grad_batches": 2, "val_check_interval": 2, "max_epochs": 1},
            "0 1 validation 2 3 validation 4 5 end saved=3",
            id="not between the micro-batches after a validation",
        ),
        pytest.param(
            None,
            {"max_steps": 2, "val_check_interval": 2},
            "0 1 validation saved=2 epoch",
            id="after the validation at which max_steps cut an epoch",
        ),
        pytest.param(
            2,
            {"max_steps": 5},
            "0 1 saved=2 2 3 saved=4 4 saved=5 epoch",
            id="within the epoch that max_steps cut",
        ),
        pytest.param(
            1,
            {"fast_dev_run": True},
            "0 validation epoch",
            id="not in a trial",
        ),
    ],
)
def test_it_is_saved(
    tmp_path: Path, every: int | None, options: dict[str, Any], expected: str
) -> None:
    """Numbers are batches; ``saved=N`` is a save after N steps, ``end`` a validated epoch's end."""
    expected = expected.replace("end", "validation epoch")
    _, model = fit(tmp_path, every, **options)
    assert [str(event).replace(" ", "=") for event in model.events] == expected.split()
    saves = [event for event in expected.split() if event.startswith("saved")]
    assert files_under(tmp_path) == (["last.ckpt"] if saves else [])
    if saves:
        saved = torch.load(tmp_path / "last.ckpt", weights_only=True)
        assert saves[-1] == f"saved={saved['global_step']}"


class Copies(Callback):
    """Copies every ``last.ckpt`` to the name of its step, as a power cut might leave it."""

    def on_train_batch_start(self, trainer: Trainer, *args: Any) -> None:
        self._copy(trainer)

    def on_validation_start(self, trainer: Trainer, *args: Any) -> None:
        self._copy(trainer)

    def _copy(self, trainer: Trainer) -> None:
        path = Path(trainer.default_root_dir) / "last.ckpt"
        if path.exists():
            step = torch.load(path, weights_only=True)["global_step"]
            shutil.copy(path, path.with_name(f"{step}.ckpt"))


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="after epochs"),
        pytest.param({"val_check_interval": 2}, id="after two batches"),
        pytest.param({"val_check_interval": 3}, id="after three batches"),
        pytest.param(
            {"accumulate_grad_batches": 2, "limit_train_batches": 4},
            id="two micro-batches",
        ),
    ],
)
def test_a_resumed_run_repeats_the_events_of_an_uninterrupted_one(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    """Compares the order of events alone: rows are resumed by `MultiTaskData`."""
    _, whole = fit(tmp_path, 1, Copies(), **options)
    copies = sorted(tmp_path.glob("[0-9]*.ckpt"), key=lambda path: int(path.stem))
    assert len(copies) >= 3
    for copy in copies:
        _, again = fit(tmp_path / f"from {copy.stem}", 1, resume=copy, **options)
        index = whole.events.index(f"saved {copy.stem}")
        assert again.events == whole.events[index + 1 :], copy.stem


def watchers(folder: Path, patience: int = 2) -> tuple[StopWhenStalled, BestCheckpoint]:
    best = BestCheckpoint("score")
    best.dirpath = str(folder)
    return StopWhenStalled("score", patience=patience), best


def content(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in files_under(folder)}


def test_a_stopped_run_does_not_resume_training(tmp_path: Path) -> None:
    scores = [0.5, 0.7, 0.6, 0.6, 0.9]
    stopped, model = fit(tmp_path, 1, *watchers(tmp_path), scores=scores, max_epochs=9)
    assert (stopped.global_step, model.events.count("validation")) == (24, 4)
    before = content(tmp_path)
    assert set(before) == {"best.ckpt", "last.ckpt"}
    early, best = watchers(tmp_path)
    path = tmp_path / "last.ckpt"
    again, model = fit(tmp_path, 1, early, best, scores=[0.9], resume=path, max_epochs=9)
    assert (again.global_step, model.events) == (24, [])
    assert content(tmp_path) == before
    assert best.best_model_score == pytest.approx(0.7)
    assert best.best_model_path == str(tmp_path / "best.ckpt")


def test_a_resumed_run_stops_early_at_the_same_step(tmp_path: Path) -> None:
    scores = [0.5, 0.7, 0.6, 0.6, 0.9]
    fit(tmp_path, 1, *watchers(tmp_path), scores=scores, max_epochs=3)
    path = tmp_path / "last.ckpt"
    again, model = fit(
        tmp_path, 1, *watchers(tmp_path), scores=scores[3:], resume=path, max_epochs=9
    )
    assert (again.global_step, model.events.count("validation")) == (24, 1)


@pytest.mark.parametrize(("patience", "validations"), [(1, 0), (2, 0), (3, 1), (9, 5)])
def test_a_resumed_run_uses_the_new_patience(
    tmp_path: Path, patience: int, validations: int
) -> None:
    scores = [0.5, 0.7, 0.6, 0.6]
    fit(tmp_path, 1, *watchers(tmp_path), scores=scores, max_epochs=9)
    path = tmp_path / "last.ckpt"
    patient = watchers(tmp_path, patience)
    _, model = fit(tmp_path, 1, *patient, scores=[0.4] * 9, resume=path, max_epochs=9)
    assert model.events.count("validation") == validations


@pytest.mark.parametrize(
    ("metric", "scores", "best"), [("score", [0.1, 0.3, 0.2], 0.3), ("loss", [0.3, 0.1, 0.2], 0.1)]
)
def test_losses_are_best_when_low(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, metric: str, scores: list[float], best: float
) -> None:
    log = Line.log
    monkeypatch.setattr(Line, "log", lambda self, name, value: log(self, metric, value))
    saved = BestCheckpoint(metric)
    saved.dirpath = str(tmp_path)
    stop = StopWhenStalled(metric, patience=1)
    trainer, _ = fit(tmp_path, None, saved, stop, scores=scores, max_epochs=9)
    assert saved.best_model_score == pytest.approx(best)
    assert trainer.global_step == 18  # the third validation is no better than the second


TWO = [(0.1, 0.9), (0.2, 0.8), (0.2, 0.9), (0.2, 0.7), (0.3, 0.7), (0.3, 0.7), (0.3, 0.6), (0.4, 0)]


@pytest.mark.parametrize(
    ("monitor", "patience", "validations"),
    [
        ("up", 2, 4),  # 0.2 in the second, then two without an improvement
        (["up"], 2, 4),
        (["loss"], 2, 6),  # 0.9, 0.8, then 0.7 in the fourth
        (["up", "loss"], 2, 8),  # one of the two always improves in time
        (["up", "loss"], 1, 3),  # neither improves in the third
    ],
)
def test_all_monitored_metrics_must_stall(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    monitor: str | list[str],
    patience: int,
    validations: int,
) -> None:
    values = iter(TWO)

    def log(self: Line, name: str, value: float) -> None:
        up, loss = next(values)
        LightningModule.log(self, "up", up)
        LightningModule.log(self, "loss", loss)

    monkeypatch.setattr(Line, "log", log)
    stop = StopWhenStalled(monitor, patience=patience)
    trainer, _ = fit(tmp_path, None, stop, max_epochs=8)
    assert trainer.global_step == 6 * validations
    assert bool(stop.reason) == (validations < 8)
    assert not stop.reason or f" {patience} " in f" {stop.reason} "


def test_a_metric_that_is_not_finite_ends_a_run(tmp_path: Path) -> None:
    stop = StopWhenStalled("score", patience=9)
    scores = [0.5, float("nan"), 0.6]
    trainer, _ = fit(tmp_path, None, stop, scores=scores, max_epochs=3)
    assert (trainer.global_step, *stop.reason.split()[::2]) == (12, "score", "nan")


def test_each_task_has_a_best_checkpoint_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = iter(TWO)

    def log(self: Line, name: str, value: float) -> None:
        ner, loss = next(values)
        LightningModule.log(self, "val/ner/f1", ner)
        LightningModule.log(self, "val/pair/loss", loss)

    monkeypatch.setattr(Line, "log", log)
    by_loss = type("ByLoss", (SequenceClassification,), {"main_metric": "loss"})
    labels = ("positive", "negative")
    pair = by_loss(corpus="pairs", layer="polarity", labels=labels)
    kept = [TaskCheckpoint("ner", four_tasks()["ner"]), TaskCheckpoint("pair", pair)]
    for checkpoint in kept:
        checkpoint.dirpath = str(tmp_path)
    fit(tmp_path, None, *kept, max_epochs=4)
    assert files_under(tmp_path) == ["best-ner.ckpt", "best-pair.ckpt", "last.ckpt"]
    epochs = [torch.load(c.best_model_path, weights_only=True)["epoch"] for c in kept]
    assert epochs == [1, 3]


@pytest.mark.parametrize("options", [{"patience": -1}, {"min_delta": -0.1}, {"monitor": []}])
def test_invalid_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="early_stopping") as error:
        StopWhenStalled(**options)
    ((name, value),) = options.items()
    assert f"{name}: {value}" in str(error.value.found)


@pytest.mark.parametrize("how", ["moved", "absolute"])
def test_the_best_checkpoint_is_restored_from_a_renamed_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.chdir(tmp_path)
    fit(Path("run"), 1, *watchers(Path("run")), scores=[0.7, 0.6], max_epochs=2)
    folder = tmp_path / ("new" if how == "moved" else "run")
    if how == "moved":
        Path("run").rename(folder)
    before = (folder / "best.ckpt").read_bytes()
    stop, best = watchers(folder, 9)
    fit(folder, 1, stop, best, scores=[0.6], resume=folder / "last.ckpt", max_epochs=3)
    assert (folder / "best.ckpt").read_bytes() == before
    assert best.best_model_score == pytest.approx(0.7)
    assert best.best_model_path == str(folder / "best.ckpt")
    assert files_under(folder) == ["best.ckpt", "last.ckpt"]


def test_the_best_checkpoint_of_another_run_is_ignored(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    fit(old, 1, *watchers(old), scores=[0.7, 0.6], max_epochs=2)
    before = content(old)
    stop, best = watchers(new, 9)
    fit(new, 1, stop, best, scores=[0.6], resume=old / "last.ckpt", max_epochs=3)
    assert best.best_model_score == pytest.approx(0.6)
    assert best.best_model_path == str(new / "best.ckpt")
    assert content(old) == before


def test_saved_weights_are_those_after_the_last_step(tmp_path: Path) -> None:
    _, model = fit(tmp_path, 1)
    saved = torch.load(tmp_path / "last.ckpt", weights_only=True)["state_dict"]
    assert torch.equal(saved["line.weight"], model.line.weight)
    assert model.line.weight.item() == pytest.approx(3, abs=0.5)


class Unwritable:
    """An object whose serialization fails."""

    def __reduce__(self) -> Any:
        raise OSError("the disk is full")


def test_a_checkpoint_is_replaced_atomically(tmp_path: Path) -> None:
    path = tmp_path / "new" / "last.ckpt"
    writer = DurableCheckpoints()
    writer.save_checkpoint({"number": torch.ones(3)}, path)
    with pytest.raises(OSError, match="full"):
        writer.save_checkpoint({"number": torch.zeros(3), "bad": Unwritable()}, path)
    assert files_under(tmp_path) == ["new/last.ckpt"]
    assert torch.load(path, weights_only=True)["number"].tolist() == [1, 1, 1]
    writer.save_checkpoint({"number": torch.zeros(3)}, str(path))
    assert files_under(tmp_path) == ["new/last.ckpt"]
    assert torch.load(path, weights_only=True)["number"].tolist() == [0, 0, 0]


class StopAt(Callback):
    """Stops training after some batches, as a time limit does."""

    def __init__(self, batches: int) -> None:
        self.batches = batches

    def on_train_batch_end(self, trainer: Trainer, *args: Any) -> None:
        trainer.should_stop = trainer.global_step == self.batches


def test_a_run_stopped_within_an_epoch_resumes_with_the_rest(tmp_path: Path) -> None:
    stopped, _ = fit(tmp_path, None, StopAt(8))
    assert stopped.global_step == 8
    _, again = fit(tmp_path, None, resume=tmp_path / "last.ckpt")
    assert again.events == [2, 3, 4, 5, "validation", "epoch", "saved 12"]
