"""The private members of Lightning that the package needs are there, and do what it needs."""

from __future__ import annotations

import ast
import inspect
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning
import pytest
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.cli import LightningCLI
from lightning.pytorch.loops import fit_loop
from lightning.pytorch.strategies import DDPStrategy, SingleDeviceStrategy
from lightning.pytorch.trainer.states import TrainerFn
from packaging.requirements import Requirement
from packaging.version import Version

import arabic_mtl
from arabic_mtl.callbacks import LastCheckpoint
from arabic_mtl.cli.processes import ddp
from arabic_mtl.data.lightning_compat import (
    consumed_batches,
    reload_train_loaders,
    resume_by_epochs,
)
from arabic_mtl.model import checkpoint
from arabic_mtl.training.lightning_compat import (
    ConfiguredCLI,
    is_epoch_done,
    last_saved_step,
    must_not_save,
    save,
    use_bucket_views,
    validates_next,
)
from support.private import COMPAT, LOOPS, foreign, is_private

PACKAGE = Path(arabic_mtl.__file__).parent
ROOT = PACKAGE.parent


@dataclass(frozen=True)
class Member:
    """A private member: what needs it, where it is, the parameters of a method."""

    needed_by: Callable[..., object]
    owner: Callable[[Trainer], object]
    name: str
    parameters: tuple[str, ...] | None = None


MEMBERS = [
    Member(reload_train_loaders, lambda trainer: trainer.fit_loop, "_combined_loader"),
    Member(resume_by_epochs, lambda trainer: trainer.fit_loop, "_iteration_based_training", ()),
    Member(ConfiguredCLI, lambda _: LightningCLI, "_parse_ckpt_path", ("self",)),
    Member(use_bucket_views, lambda _: DDPStrategy(), "_ddp_kwargs"),
    Member(
        must_not_save, lambda _: ModelCheckpoint(), "_should_skip_saving_checkpoint", ("trainer",)
    ),
    Member(
        save,
        lambda _: ModelCheckpoint(),
        "_save_topk_checkpoint",
        ("trainer", "monitor_candidates"),
    ),
    Member(save, lambda _: ModelCheckpoint(), "_monitor_candidates", ("trainer",)),
    Member(last_saved_step, lambda _: ModelCheckpoint(), "_last_global_step_saved"),
    Member(validates_next, lambda trainer: trainer.fit_loop, "_data_fetcher"),
    Member(
        validates_next,
        lambda trainer: trainer.fit_loop.epoch_loop,
        "_should_check_val_fx",
        ("data_fetcher",),
    ),
]


class Module(LightningModule):
    """Counts how often it is asked for its training loader; trains nothing."""

    asked = 0

    def training_step(self, batch: Any) -> None: ...

    def validation_step(self, batch: Any) -> None: ...

    def train_dataloader(self) -> list[int]:
        self.asked += 1
        return list(range(6))

    def val_dataloader(self) -> list[int]:
        return [0]


def trainer_of(module: Module, **options: Any) -> Trainer:
    """A Trainer that knows the module as in `fit`, before its first batch."""
    quiet = {"enable_progress_bar": False, "enable_model_summary": False}
    trainer = Trainer(accelerator="cpu", devices=1, logger=False, **quiet, **options)
    trainer.strategy.connect(module)
    trainer._data_connector.attach_data(module)
    trainer.state.fn = TrainerFn.FITTING
    return trainer


@pytest.fixture
def trainer() -> Trainer:
    return trainer_of(Module(), max_epochs=1)


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: str(member.name))
def test_lightning_has_the_member(member: Member, trainer: Trainer) -> None:
    owner, function = member.owner(trainer), member.needed_by
    needed = f"{function.__module__}.{function.__name__} needs {member.name} of {owner!r}"
    version = f"Lightning {lightning.__version__}"
    assert hasattr(owner, member.name), f"{needed}, which {version} does not have"
    found = getattr(owner, member.name)
    if member.parameters is None:
        assert not callable(found), f"{needed} as an attribute; a method in {version}"
    else:
        parameters = tuple(inspect.signature(found).parameters)
        assert parameters == member.parameters, f"{needed}, with other parameters in {version}"


def test_every_private_member_in_use_is_tested() -> None:
    paths = list(PACKAGE.rglob(COMPAT))
    used = {name for path in paths for name in foreign(ast.parse(path.read_text("utf-8")))}
    listed = {member.name for member in MEMBERS}
    assert used - LOOPS == listed - {"_parse_ckpt_path"}
    overridden = set(vars(ConfiguredCLI)) & set(dir(LightningCLI))
    assert set(filter(is_private, overridden)) == {"_parse_ckpt_path"}
    assert len(paths) == 2


def test_consumed_batches_are_those_whose_step_is_done(trainer: Trainer) -> None:
    assert consumed_batches(trainer) == 0
    progress = trainer.fit_loop.epoch_loop.batch_progress
    for increment, expected in (
        (progress.increment_ready, 0),
        (progress.increment_started, 0),
        (progress.increment_processed, 1),
        (progress.increment_completed, 1),
    ):
        increment()
        assert consumed_batches(trainer) == expected


def test_reload_train_loaders_makes_the_trainer_ask_again() -> None:
    module = Module()
    trainer = trainer_of(module, max_epochs=1)
    for _ in range(2):
        trainer.fit_loop.setup_data()
    assert module.asked == 1
    reload_train_loaders(trainer)
    trainer.fit_loop.setup_data()
    assert module.asked == 2


def test_resume_by_epochs_knows_a_finished_epoch() -> None:
    trainer = trainer_of(Module(), max_steps=4)
    trainer.fit_loop.restarting = True
    assert trainer.fit_loop.restarting
    resume_by_epochs(trainer)
    trainer.fit_loop.restarting = True
    assert not trainer.fit_loop.restarting
    uses = inspect.getsource(fit_loop).count("_iteration_based_training()")
    assert uses == 2, "resume_by_epochs: the method serves `restarting` and `on_run_start` alone"


def test_checkpoints_are_saved_once_a_step(
    tmp_path: Path, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: list[str] = []
    monkeypatch.setattr(trainer, "save_checkpoint", lambda path, *_: saved.append(Path(path).name))
    last = LastCheckpoint()
    last.dirpath = str(tmp_path)
    last.setup(trainer, trainer.lightning_module, "fit")
    last._last_global_step_saved = -1
    assert not must_not_save(last, trainer)
    save(last, trainer)
    assert saved == ["last.ckpt"]
    assert last_saved_step(last) == trainer.global_step
    assert must_not_save(last, trainer)
    last._last_global_step_saved = -1
    trainer.state.fn = TrainerFn.TESTING
    assert must_not_save(last, trainer)


def test_the_state_of_a_checkpoint_callback_has_the_paths_that_are_replaced() -> None:
    paths = {"dirpath", "best_model_path", "kth_best_model_path", "last_model_path"}
    assert paths | {"best_k_models"} <= LastCheckpoint().state_dict().keys()


@pytest.mark.parametrize("limit", [1.0, 4])
def test_epoch_is_done_and_gradients_wait_where_lightning_says_so(limit: float) -> None:
    trainer = trainer_of(
        Module(), max_epochs=1, limit_train_batches=limit, accumulate_grad_batches=2
    )
    trainer.fit_loop.setup_data()
    loop, batches = trainer.fit_loop.epoch_loop, int(trainer.num_training_batches)
    assert batches == (4 if limit == 4 else 6)
    for batch_idx in range(batches):
        loop.batch_progress.increment_ready()
        assert trainer.fit_loop.batch_idx == batch_idx
        assert is_epoch_done(trainer) == loop._num_ready_batches_reached()
        assert is_epoch_done(trainer) == (batch_idx + 1 == batches)
        waits = (batch_idx + 1) % trainer.accumulate_grad_batches > 0
        assert waits == loop._should_accumulate() or is_epoch_done(trainer)


def test_validates_next_follows_the_options() -> None:
    trainer = trainer_of(Module(), max_epochs=1, val_check_interval=2)
    assert not validates_next(trainer)  # no batch was read
    trainer.fit_loop.setup_data()
    found = []
    for _ in range(6):
        trainer.fit_loop.epoch_loop.batch_progress.increment_ready()
        found.append(validates_next(trainer))
    assert found == [False, True] * 3


def test_nothing_but_ddp_itself_gets_bucket_views() -> None:
    class Other(DDPStrategy):
        pass

    chosen, other = DDPStrategy(), Other()
    for strategy in (chosen, other, SingleDeviceStrategy("cpu")):
        use_bucket_views(strategy)
    assert chosen._ddp_kwargs == ddp()._ddp_kwargs == {"gradient_as_bucket_view": True}
    assert other._ddp_kwargs == {}
    assert chosen._start_method == ddp()._start_method == "popen"


def test_lightning_asks_the_hook_that_takes_no_options_from_a_checkpoint() -> None:
    assert "self._parse_ckpt_path()" in inspect.getsource(LightningCLI.__init__)


def test_the_version_is_bounded_and_installed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = {r.name: r.specifier for r in map(Requirement, project["dependencies"])}["lightning"]
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pinned = next(line for line in lines if line.startswith("lightning=="))
    assert lightning.__version__ in needed
    assert pinned.removeprefix("lightning==") in needed
    assert {bound.operator for bound in needed} == {">=", "<"}
    assert Version("2.7") not in needed
    assert str(checkpoint._OLDEST) in needed
