"""Loaders under Lightning's Trainer: it reads the rows of the plan under all options.

The model is a single number, so that training is fast.
"""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.callbacks import GradientAccumulationScheduler
from torch import Tensor, nn

from arabic_mtl.callbacks import LastCheckpoint
from arabic_mtl.data import SamplingPlan
from arabic_mtl.data.rows import PlanSampler
from arabic_mtl.errors import InputError
from support.cases import slow
from support.training import (
    Interruption,
    RowRecorder,
    Rows,
    hotel_data,
    quiet_trainer,
    small_module,
)

pytestmark = pytest.mark.runs

EVEN = SamplingPlan(batch_size=8)
BUDGET = SamplingPlan(token_budget=65, pool=3)
"""Epochs of 8, 7, 8, 7, 7 and 8 steps."""

SIZES = {"texts": 36, "pairs": 18}
Read = list[tuple[int, Rows]]
"""The epoch and the rows of each batch."""


class Number(LightningModule):
    """A model with one parameter."""

    def __init__(self) -> None:
        super().__init__()
        self.number = nn.Parameter(torch.ones(()))

    def training_step(self, batch: Any, batch_idx: int) -> Tensor:
        return self.number.square()

    def validation_step(self, batch: Any, batch_idx: int) -> None:
        """Does nothing; the Trainer requires it."""

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), lr=0.1)


class Asking(Number):
    """Reads the number of steps of a run, for which Lightning creates the loaders early."""

    def configure_optimizers(self) -> torch.optim.Optimizer:
        assert self.trainer.estimated_stepping_batches > 0
        return super().configure_optimizers()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns the folder of both corpora, encoded once."""
    return tmp_path_factory.mktemp("loaders")


def train(
    folder: Path, recorder: RowRecorder, *, settings: dict[str, Any], **options: Any
) -> Trainer:
    """Trains on the two corpora, with Lightning's defaults except for these options."""
    resume, model = options.pop("resume", None), options.pop("model", Number)
    data = hotel_data(folder, **({"plan": EVEN, "seed": 3} | settings))
    callbacks = options.pop("callbacks", [])
    trainer = quiet_trainer(folder, recorder, *callbacks, **({"max_epochs": 3} | options))
    with pytest.raises(Interruption) if recorder.stop else nullcontext():
        trainer.fit(model(), datamodule=data, ckpt_path=resume, weights_only=True)
    return trainer


def rows(folder: Path, **options: Any) -> Read:
    """Returns the batches of three epochs."""
    recorder = RowRecorder()
    train(folder, recorder, settings=options.pop("settings", {}), **options)
    return recorder.train


def planned(folder: Path, plan: SamplingPlan = EVEN, epochs: int = 3) -> list[list[Rows]]:
    """Returns the planned steps of each epoch."""
    data = hotel_data(folder, plan=plan, seed=3)
    data.prepare_data()
    data.setup("fit")
    return [plan.steps(data.lengths("train"), 3, epoch) for epoch in range(epochs)]


def with_epochs(epochs: list[list[Rows]]) -> Read:
    return [(epoch, step) for epoch, steps in enumerate(epochs) for step in steps]


def all_rows(read: Read, epoch: int) -> dict[str, list[int]]:
    """Returns the rows of an epoch, sorted."""
    return {
        corpus: sorted(n for e, rows in read if e == epoch for n in rows.get(corpus, []))
        for corpus in SIZES
    }


COMPLETE = {corpus: list(range(size)) for corpus, size in SIZES.items()}


@pytest.mark.parametrize(
    ("workers", "persistent"), [(0, True), (2, True), *slow((1, True), (1, False), (2, False))]
)
@pytest.mark.parametrize("plan", [EVEN, BUDGET], ids=["rows", "tokens"])
def test_trainer_reads_the_rows_of_the_plan(
    folder: Path, workers: int, persistent: bool, plan: SamplingPlan
) -> None:
    settings = {"num_workers": workers, "persistent_workers": persistent, "plan": plan}
    expected = planned(folder, plan)
    assert expected[0] != expected[1]
    assert rows(folder, settings=settings) == with_epochs(expected)


def test_no_row_is_lost_in_epochs_of_different_lengths(folder: Path) -> None:
    read = rows(folder, settings={"plan": BUDGET}, max_epochs=4)
    assert [sum(e == epoch for e, _ in read) for epoch in range(4)] == [8, 7, 8, 8]
    assert [all_rows(read, epoch) for epoch in range(4)] == [COMPLETE] * 4


@pytest.mark.parametrize(("every", "workers"), [(1, 0), *slow((2, 0), (1, 2), (2, 2))])
@pytest.mark.parametrize("plan", [EVEN, BUDGET], ids=["rows", "tokens"])
def test_reloading_changes_nothing(
    folder: Path, every: int, workers: int, plan: SamplingPlan
) -> None:
    settings = {"num_workers": workers, "plan": plan}
    read = rows(folder, settings=settings, reload_dataloaders_every_n_epochs=every)
    assert read == with_epochs(planned(folder, plan))


@pytest.mark.parametrize(("limit", "workers"), [(3, 0), *slow((0.5, 0), (0.5, 2))])
@pytest.mark.parametrize("plan", [EVEN, BUDGET], ids=["rows", "tokens"])
def test_limit_reads_the_first_steps(
    folder: Path, limit: float, workers: int, plan: SamplingPlan
) -> None:
    settings = {"num_workers": workers, "plan": plan}
    epochs = planned(folder, plan)
    limited = [steps[: limit if isinstance(limit, int) else len(steps) // 2] for steps in epochs]
    assert rows(folder, settings=settings, limit_train_batches=limit) == with_epochs(limited)


@pytest.mark.parametrize(
    ("plan", "workers"),
    [(EVEN, 0), *slow((EVEN, 2), (BUDGET, 0))],
    ids=["rows", "workers", "tokens"],
)
def test_overfitting_repeats_the_first_steps(
    folder: Path, plan: SamplingPlan, workers: int
) -> None:
    recorder = RowRecorder()
    options: dict[str, Any] = {"overfit_batches": 2, "limit_val_batches": 1.0}
    settings = {"num_workers": workers, "plan": plan}
    trainer = train(folder, recorder, settings=settings, **options)
    first = planned(folder, plan)[0][:2]
    assert recorder.train == with_epochs([first] * 3)
    data: Any = trainer.datamodule  # type: ignore[attr-defined]
    assert recorder.validation == plan.evaluation_steps(data.lengths("validation"))[:2] * 3
    loaders: Any = trainer.train_dataloader
    assert [type(loader.sampler) for loader in loaders.values()] == [PlanSampler] * 2


@pytest.mark.parametrize("limit", [1.0, *slow(5)])
@pytest.mark.parametrize("plan", [EVEN, BUDGET], ids=["rows", "tokens"])
def test_accumulation_reads_the_same_rows(folder: Path, plan: SamplingPlan, limit: float) -> None:
    recorder = RowRecorder()
    options: dict[str, Any] = {"accumulate_grad_batches": 3, "limit_train_batches": limit}
    trainer = train(folder, recorder, settings={"plan": plan}, **options)
    epochs = planned(folder, plan)
    limited = [steps[:limit] if isinstance(limit, int) else steps for steps in epochs]
    assert recorder.train == with_epochs(limited)
    assert trainer.global_step == sum(-(-len(steps) // 3) for steps in limited)
    data: Any = trainer.datamodule  # type: ignore[attr-defined]
    assert data.updates() == trainer.global_step


Case = tuple[int | None, int, int]
"""Optimizer steps between saves, the batch before which a run breaks off, saved batches."""


def interrupt(folder: Path, case: Case, name: str, **options: Any) -> Path:
    """Returns the checkpoint of a run that breaks off before a batch."""
    every, stop, saved = case
    last = LastCheckpoint(every)
    last.dirpath = str(folder / name)
    train(folder, RowRecorder(stop), callbacks=[last], **options)
    path = folder / name / "last.ckpt"
    assert torch.load(path, weights_only=True)["MultiTaskData"]["batches"] == saved
    return path


@pytest.mark.parametrize(
    ("case", "plan", "workers", "options"),
    [
        pytest.param((2, 5, 4), EVEN, 0, {}, id="within the first epoch", marks=pytest.mark.slow),
        pytest.param(
            (2, 5, 4), EVEN, 2, {}, id="within the first epoch, workers", marks=pytest.mark.slow
        ),
        pytest.param(
            (2, 13, 12), EVEN, 0, {}, id="within the second epoch", marks=pytest.mark.slow
        ),
        pytest.param((2, 13, 12), EVEN, 2, {}, id="within the second epoch, workers"),
        pytest.param((None, 8, 7), EVEN, 0, {}, id="after the first epoch"),
        pytest.param(
            (None, 8, 7), EVEN, 2, {}, id="after the first epoch, workers", marks=pytest.mark.slow
        ),
        pytest.param(
            (None, 16, 14), EVEN, 0, {}, id="after the second epoch", marks=pytest.mark.slow
        ),
        pytest.param((2, 5, 4), BUDGET, 0, {}, id="tokens, first epoch", marks=pytest.mark.slow),
        pytest.param((2, 13, 12), BUDGET, 2, {}, id="tokens, second epoch"),
        pytest.param(
            (None, 9, 8), BUDGET, 2, {}, id="tokens, after the first epoch", marks=pytest.mark.slow
        ),
        pytest.param(
            (None, 17, 15),
            BUDGET,
            0,
            {},
            id="tokens, after the second epoch",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            (3, 4, 3),
            EVEN,
            0,
            {"limit_train_batches": 5},
            id="limit, first",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            (2, 9, 8),
            EVEN,
            2,
            {"limit_train_batches": 5},
            id="limit, second",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            (None, 6, 5),
            EVEN,
            0,
            {"limit_train_batches": 5},
            id="limit, after",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            (None, 8, 7),
            BUDGET,
            0,
            {"limit_train_batches": 0.5},
            id="part, after",
            marks=pytest.mark.slow,
        ),
        pytest.param((2, 13, 12), EVEN, 0, {"max_steps": 17}, id="max_steps"),
        pytest.param(
            (2, 13, 12),
            BUDGET,
            2,
            {"max_steps": 17},
            id="max_steps, tokens",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            *((None, 8, 7), EVEN, 0, {"max_steps": 17}),
            id="max_steps, after",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            *((None, 9, 8), BUDGET, 2, {"max_steps": 17}),
            id="max_steps, tokens, after",
            marks=pytest.mark.slow,
        ),
        pytest.param((1, 5, 4), EVEN, 0, {"accumulate_grad_batches": 2}, id="windows of two"),
        pytest.param(
            (1, 10, 9),
            EVEN,
            2,
            {"accumulate_grad_batches": 2},
            id="windows, second",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            (None, 8, 7),
            EVEN,
            0,
            {"accumulate_grad_batches": 2},
            id="windows, after",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            (3, 4, 3), EVEN, 0, {"overfit_batches": 5}, id="overfitting", marks=pytest.mark.slow
        ),
        pytest.param(
            (None, 6, 5),
            EVEN,
            2,
            {"overfit_batches": 5},
            id="overfitting, after",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            *((2, 13, 12), EVEN, 0, {"reload_dataloaders_every_n_epochs": 2}),
            id="reloading",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_resumed_run_reads_exactly_the_next_rows(
    folder: Path, tmp_path: Path, case: Case, plan: SamplingPlan, workers: int, options: Any
) -> None:
    configured = {"settings": {"plan": plan, "num_workers": workers}, **options}
    uninterrupted = rows(folder, **{**configured, "settings": {"plan": plan}})
    path = interrupt(folder, case, tmp_path.name, **configured)
    assert rows(folder, resume=path, **configured) == uninterrupted[case[2] :]
    assert len(uninterrupted) > case[2] + 2


@pytest.mark.parametrize("case", [(2, 13, 12), (None, 8, 7)], ids=["within", "after"])
@pytest.mark.parametrize("workers", [0, *slow(2)])
def test_loaders_created_too_early_are_created_again(
    folder: Path, tmp_path: Path, case: Case, workers: int
) -> None:
    configured = {"settings": {"num_workers": workers}, "model": Asking}
    path = interrupt(folder, case, tmp_path.name, **configured)
    resumed = rows(folder, resume=path, **configured)
    assert resumed == with_epochs(planned(folder))[case[2] :]


@pytest.mark.parametrize("plan", [EVEN, BUDGET], ids=["rows", "tokens"])
@pytest.mark.parametrize(
    "first",
    [
        {"max_epochs": 1},
        *slow({"max_epochs": 2}, {"max_steps": 5}),
    ],
    ids=["one epoch", "two epochs", "five steps"],
)
def test_finished_run_can_be_extended(
    folder: Path, tmp_path: Path, plan: SamplingPlan, first: dict[str, Any]
) -> None:
    last, recorder = LastCheckpoint(None), RowRecorder()
    last.dirpath = str(tmp_path)
    train(folder, recorder, callbacks=[last], settings={"plan": plan}, **first)
    extended = rows(folder, settings={"plan": plan}, resume=tmp_path / "last.ckpt")
    assert recorder.train + extended == with_epochs(planned(folder, plan))
    assert recorder.train
    assert extended


@pytest.mark.parametrize(
    ("case", "position", "plan"),
    [
        pytest.param((None, 8, 7), (1, 0), SamplingPlan(batch_size=4), id="after, longer epochs"),
        pytest.param(
            *((None, 15, 14), (2, 0), SamplingPlan(batch_size=16)),
            id="after, shorter ones",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            *((2, 13, 12), (1, 5), SamplingPlan(batch_size=4)),
            id="within, longer",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            *((2, 13, 12), (1, 0), SamplingPlan(batch_size=16)),
            id="beyond the end",
            marks=pytest.mark.slow,
        ),
        pytest.param((2, 13, 12), (1, 5), BUDGET, id="within, epochs of different lengths"),
    ],
)
@pytest.mark.parametrize("workers", [0, *slow(2)])
def test_run_resumed_with_other_steps_stays_in_its_epoch(
    folder: Path,
    tmp_path: Path,
    case: Case,
    position: tuple[int, int],
    plan: SamplingPlan,
    workers: int,
) -> None:
    path = interrupt(folder, case, tmp_path.name, settings={"num_workers": workers})
    settings = {"plan": plan, "num_workers": workers}
    epochs = with_epochs(planned(folder, plan))
    expected = [(e, s) for e, s in epochs if e >= position[0]][position[1] :]
    assert rows(folder, settings=settings, resume=path) == expected


class Rates(Callback):
    """Records the learning rate of each optimizer step."""

    def __init__(self) -> None:
        self.used: list[float] = []

    def on_before_optimizer_step(
        self, trainer: Trainer, pl_module: Any, optimizer: torch.optim.Optimizer
    ) -> None:
        self.used.append(optimizer.param_groups[0]["lr"])


@pytest.mark.parametrize(
    ("plan", "options", "expected"),
    [
        (BUDGET, {"accumulate_grad_batches": 3}, 3 + 3 + 3),
        *slow(
            (EVEN, {}, 7 + 7 + 7),
            (BUDGET, {}, 8 + 7 + 8),
            (BUDGET, {"accumulate_grad_batches": 7}, 2 + 1 + 2),
            (BUDGET, {"limit_train_batches": 0.5, "accumulate_grad_batches": 2}, 2 + 2 + 2),
            (BUDGET, {"limit_train_batches": 7}, 7 + 7 + 7),
            (BUDGET, {"max_steps": 10}, 10),
            (BUDGET, {"max_steps": 99}, 23),
            (EVEN, {"max_steps": 10, "max_epochs": -1}, 10),
            (BUDGET, {"overfit_batches": 3}, 9),
        ),
    ],
    ids=[
        *("windows of three", "rows", "tokens", "windows of seven", "half", "seven steps"),
        *("max_steps", "more max_steps than there are", "no max_epochs", "overfitting"),
    ],
)
def test_learning_rate_ends_at_zero(
    folder: Path, plan: SamplingPlan, options: dict[str, Any], expected: int
) -> None:
    data, rates = hotel_data(folder, plan=plan, seed=3), Rates()
    module = small_module(data, lr=1e-3, warmup=0.0)
    trainer = quiet_trainer(folder, rates, **({"max_epochs": 3} | options))
    trainer.fit(module, datamodule=data)
    assert trainer.global_step == data.updates() == len(rates.used) == expected
    assert [group["lr"] for group in trainer.optimizers[0].param_groups] == [0.0, 0.0]
    falling = [1e-3 * (expected - update) / expected for update in range(expected)]
    assert rates.used == pytest.approx(falling, rel=1e-9)
    assert rates.used[-1] > 0


@pytest.mark.parametrize(
    ("size", "accumulate", "expected"),
    [(4, 3, 7 + 5 + 5), *slow((4, 1, 7 + 14 + 14), (16, 1, 7 + 4 + 4))],
)
def test_learning_rate_of_a_run_resumed_with_other_steps_ends_at_zero(
    folder: Path, tmp_path: Path, size: int, accumulate: int, expected: int
) -> None:
    last, rates = LastCheckpoint(None), Rates()
    last.dirpath = str(tmp_path)
    data = hotel_data(folder, plan=EVEN, seed=3)
    model = small_module(data, lr=1e-3, warmup=0.0)
    quiet_trainer(folder, last, max_epochs=1).fit(model, datamodule=data)
    data = hotel_data(folder, plan=SamplingPlan(batch_size=size), seed=3)
    model = small_module(data, lr=1e-3, warmup=0.0)
    trainer = quiet_trainer(folder, rates, max_epochs=3, accumulate_grad_batches=accumulate)
    path = tmp_path / "last.ckpt"
    trainer.fit(model, datamodule=data, ckpt_path=path, weights_only=True)
    assert trainer.global_step == data.updates() == expected
    falling = [1e-3 * (expected - update) / expected for update in range(7, expected)]
    assert rates.used == pytest.approx(falling, rel=1e-9)


def test_run_without_a_limit_is_refused(folder: Path) -> None:
    data = hotel_data(folder)
    trainer = quiet_trainer(folder, max_epochs=-1)
    with pytest.raises(InputError, match=r"trainer\.max_epochs: -1"):
        trainer.fit(small_module(data), datamodule=data)


def test_changing_accumulation_is_refused(folder: Path) -> None:
    recorder = RowRecorder()
    with pytest.raises(InputError, match="GradientAccumulationScheduler"):
        train(
            folder, recorder, settings={}, callbacks=[GradientAccumulationScheduler({0: 1, 1: 2})]
        )
    assert recorder.train == []
