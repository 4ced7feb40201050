"""What a plain Lightning Trainer reads: the rows of the plan, however it asks for them.

The model is a single number, so that nothing but the loaders takes time.
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
from support.training import Broken, Rows, Seen, hotel_data, quiet_trainer, still_module

pytestmark = pytest.mark.runs

EVEN = SamplingPlan(batch_size=8)
BUDGET = SamplingPlan(token_budget=65, pool=3)
"""Epochs of 8, 7, 8, 7, 7 and 8 steps."""

SIZES = {"texts": 36, "pairs": 18}
Read = list[tuple[int, Rows]]
"""The epoch and the rows of each batch."""


class Number(LightningModule):
    """A model that is quickly trained."""

    def __init__(self) -> None:
        super().__init__()
        self.number = nn.Parameter(torch.ones(()))

    def training_step(self, batch: Any, batch_idx: int) -> Tensor:
        return self.number.square()

    def validation_step(self, batch: Any, batch_idx: int) -> None:
        """Is asked for by the Trainer."""

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), lr=0.1)


class Asking(Number):
    """Wants to know how long a run is, for which Lightning makes the loaders at once."""

    def configure_optimizers(self) -> torch.optim.Optimizer:
        assert self.trainer.estimated_stepping_batches > 0
        return super().configure_optimizers()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where both corpora lie, encoded once."""
    return tmp_path_factory.mktemp("loaders")


def train(folder: Path, seen: Seen, *, settings: dict[str, Any], **options: Any) -> Trainer:
    """Trains on the two corpora, with Lightning's defaults but for these options."""
    resume, model = options.pop("resume", None), options.pop("model", Number)
    data = hotel_data(folder, **({"plan": EVEN, "seed": 3} | settings))
    callbacks = options.pop("callbacks", [])
    trainer = quiet_trainer(folder, seen, *callbacks, **({"max_epochs": 3} | options))
    with pytest.raises(Broken) if seen.stop else nullcontext():
        trainer.fit(model(), datamodule=data, ckpt_path=resume, weights_only=True)
    return trainer


def rows(folder: Path, **options: Any) -> Read:
    """The batches of three epochs."""
    seen = Seen()
    train(folder, seen, settings=options.pop("settings", {}), **options)
    return seen.train


def planned(folder: Path, plan: SamplingPlan = EVEN, epochs: int = 3) -> list[list[Rows]]:
    """What the plan says, epoch by epoch."""
    data = hotel_data(folder, plan=plan, seed=3)
    data.prepare_data()
    data.setup("fit")
    return [plan.steps(data.lengths("train"), 3, epoch) for epoch in range(epochs)]


def numbered(epochs: list[list[Rows]]) -> Read:
    return [(epoch, step) for epoch, steps in enumerate(epochs) for step in steps]


def everything(read: Read, epoch: int) -> dict[str, list[int]]:
    """The rows of an epoch, sorted."""
    return {
        corpus: sorted(n for e, rows in read if e == epoch for n in rows.get(corpus, []))
        for corpus in SIZES
    }


COMPLETE = {corpus: list(range(size)) for corpus, size in SIZES.items()}


@pytest.mark.parametrize(
    ("workers", "persistent"), [(0, True), (2, True), *slow((1, True), (1, False), (2, False))]
)
@pytest.mark.parametrize("plan", [EVEN, BUDGET], ids=["rows", "tokens"])
def test_the_rows_are_those_of_the_plan(
    folder: Path, workers: int, persistent: bool, plan: SamplingPlan
) -> None:
    settings = {"num_workers": workers, "persistent_workers": persistent, "plan": plan}
    expected = planned(folder, plan)
    assert expected[0] != expected[1]
    assert rows(folder, settings=settings) == numbered(expected)


def test_no_row_is_lost_where_epochs_differ_in_length(folder: Path) -> None:
    read = rows(folder, settings={"plan": BUDGET}, max_epochs=4)
    assert [sum(e == epoch for e, _ in read) for epoch in range(4)] == [8, 7, 8, 8]
    assert [everything(read, epoch) for epoch in range(4)] == [COMPLETE] * 4


@pytest.mark.parametrize(("every", "workers"), [(1, 0), *slow((2, 0), (1, 2), (2, 2))])
@pytest.mark.parametrize("plan", [EVEN, BUDGET], ids=["rows", "tokens"])
def test_reloading_changes_nothing(
    folder: Path, every: int, workers: int, plan: SamplingPlan
) -> None:
    settings = {"num_workers": workers, "plan": plan}
    read = rows(folder, settings=settings, reload_dataloaders_every_n_epochs=every)
    assert read == numbered(planned(folder, plan))


@pytest.mark.parametrize(("limit", "workers"), [(3, 0), *slow((0.5, 0), (0.5, 2))])
@pytest.mark.parametrize("plan", [EVEN, BUDGET], ids=["rows", "tokens"])
def test_a_limit_takes_the_first_steps(
    folder: Path, limit: float, workers: int, plan: SamplingPlan
) -> None:
    settings = {"num_workers": workers, "plan": plan}
    epochs = planned(folder, plan)
    taken = [steps[: limit if isinstance(limit, int) else len(steps) // 2] for steps in epochs]
    assert rows(folder, settings=settings, limit_train_batches=limit) == numbered(taken)


@pytest.mark.parametrize(
    ("plan", "workers"),
    [(EVEN, 0), *slow((EVEN, 2), (BUDGET, 0))],
    ids=["rows", "workers", "tokens"],
)
def test_overfitting_repeats_the_first_steps(
    folder: Path, plan: SamplingPlan, workers: int
) -> None:
    seen = Seen()
    options: dict[str, Any] = {"overfit_batches": 2, "limit_val_batches": 1.0}
    settings = {"num_workers": workers, "plan": plan}
    trainer = train(folder, seen, settings=settings, **options)
    first = planned(folder, plan)[0][:2]
    assert seen.train == numbered([first] * 3)
    data: Any = trainer.datamodule  # type: ignore[attr-defined]
    assert seen.validation == plan.evaluation_steps(data.lengths("validation"))[:2] * 3
    loaders: Any = trainer.train_dataloader
    assert [type(loader.sampler) for loader in loaders.values()] == [PlanSampler] * 2


@pytest.mark.parametrize("limit", [1.0, *slow(5)])
@pytest.mark.parametrize("plan", [EVEN, BUDGET], ids=["rows", "tokens"])
def test_accumulation_reads_the_same_rows(folder: Path, plan: SamplingPlan, limit: float) -> None:
    seen = Seen()
    options: dict[str, Any] = {"accumulate_grad_batches": 3, "limit_train_batches": limit}
    trainer = train(folder, seen, settings={"plan": plan}, **options)
    epochs = planned(folder, plan)
    taken = [steps[:limit] if isinstance(limit, int) else steps for steps in epochs]
    assert seen.train == numbered(taken)
    assert trainer.global_step == sum(-(-len(steps) // 3) for steps in taken)
    data: Any = trainer.datamodule  # type: ignore[attr-defined]
    assert data.updates() == trainer.global_step


Case = tuple[int | None, int, int]
"""After how many updates a run saves within an epoch, where it breaks off, what it has then."""


def broken_off(folder: Path, case: Case, name: str, **options: Any) -> Path:
    """The checkpoint of a run that is broken off before a batch."""
    every, stop, saved = case
    last = LastCheckpoint(every)
    last.dirpath = str(folder / name)
    train(folder, Seen(stop), callbacks=[last], **options)
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
def test_a_run_that_goes_on_reads_exactly_the_next_rows(
    folder: Path, tmp_path: Path, case: Case, plan: SamplingPlan, workers: int, options: Any
) -> None:
    given = {"settings": {"plan": plan, "num_workers": workers}, **options}
    whole = rows(folder, **{**given, "settings": {"plan": plan}})
    path = broken_off(folder, case, tmp_path.name, **given)
    assert rows(folder, resume=path, **given) == whole[case[2] :]
    assert len(whole) > case[2] + 2


@pytest.mark.parametrize("case", [(2, 13, 12), (None, 8, 7)], ids=["within", "after"])
@pytest.mark.parametrize("workers", [0, *slow(2)])
def test_loaders_that_are_made_too_early_are_made_again(
    folder: Path, tmp_path: Path, case: Case, workers: int
) -> None:
    given = {"settings": {"num_workers": workers}, "model": Asking}
    path = broken_off(folder, case, tmp_path.name, **given)
    found = rows(folder, resume=path, **given)
    assert found == numbered(planned(folder))[case[2] :]


@pytest.mark.parametrize("plan", [EVEN, BUDGET], ids=["rows", "tokens"])
@pytest.mark.parametrize(
    "first",
    [
        {"max_epochs": 1},
        *slow({"max_epochs": 2}, {"max_steps": 5}),
    ],
    ids=["one epoch", "two epochs", "five steps"],
)
def test_a_finished_run_can_be_made_longer(
    folder: Path, tmp_path: Path, plan: SamplingPlan, first: dict[str, Any]
) -> None:
    last, seen = LastCheckpoint(None), Seen()
    last.dirpath = str(tmp_path)
    train(folder, seen, callbacks=[last], settings={"plan": plan}, **first)
    again = rows(folder, settings={"plan": plan}, resume=tmp_path / "last.ckpt")
    assert seen.train + again == numbered(planned(folder, plan))
    assert seen.train
    assert again


@pytest.mark.parametrize(
    ("case", "place", "plan"),
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
            id="behind the end",
            marks=pytest.mark.slow,
        ),
        pytest.param((2, 13, 12), (1, 5), BUDGET, id="within, epochs of different lengths"),
    ],
)
@pytest.mark.parametrize("workers", [0, *slow(2)])
def test_a_run_that_goes_on_with_other_steps_does_so_in_the_same_epoch(
    folder: Path,
    tmp_path: Path,
    case: Case,
    place: tuple[int, int],
    plan: SamplingPlan,
    workers: int,
) -> None:
    path = broken_off(folder, case, tmp_path.name, settings={"num_workers": workers})
    settings = {"plan": plan, "num_workers": workers}
    epochs = numbered(planned(folder, plan))
    expected = [(e, s) for e, s in epochs if e >= place[0]][place[1] :]
    assert rows(folder, settings=settings, resume=path) == expected


class Rates(Callback):
    """Remembers the learning rate of each update."""

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
def test_the_rate_ends_at_zero(
    folder: Path, plan: SamplingPlan, options: dict[str, Any], expected: int
) -> None:
    data, rates = hotel_data(folder, plan=plan, seed=3), Rates()
    module = still_module(data, lr=1e-3, warmup=0.0)
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
def test_the_rate_of_a_run_that_goes_on_with_other_steps_ends_at_zero(
    folder: Path, tmp_path: Path, size: int, accumulate: int, expected: int
) -> None:
    last, rates = LastCheckpoint(None), Rates()
    last.dirpath = str(tmp_path)
    data = hotel_data(folder, plan=EVEN, seed=3)
    model = still_module(data, lr=1e-3, warmup=0.0)
    quiet_trainer(folder, last, max_epochs=1).fit(model, datamodule=data)
    data = hotel_data(folder, plan=SamplingPlan(batch_size=size), seed=3)
    model = still_module(data, lr=1e-3, warmup=0.0)
    trainer = quiet_trainer(folder, rates, max_epochs=3, accumulate_grad_batches=accumulate)
    path = tmp_path / "last.ckpt"
    trainer.fit(model, datamodule=data, ckpt_path=path, weights_only=True)
    assert trainer.global_step == data.updates() == expected
    falling = [1e-3 * (expected - update) / expected for update in range(7, expected)]
    assert rates.used == pytest.approx(falling, rel=1e-9)


def test_a_run_without_an_end_is_refused(folder: Path) -> None:
    data = hotel_data(folder)
    trainer = quiet_trainer(folder, max_epochs=-1)
    with pytest.raises(InputError, match=r"trainer\.max_epochs: -1"):
        trainer.fit(still_module(data), datamodule=data)


def test_windows_that_change_their_size_are_refused(folder: Path) -> None:
    seen = Seen()
    with pytest.raises(InputError, match="GradientAccumulationScheduler"):
        train(folder, seen, settings={}, callbacks=[GradientAccumulationScheduler({0: 1, 1: 2})])
    assert seen.train == []
