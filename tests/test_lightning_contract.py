"""The private members of Lightning that the package needs exist and work as assumed."""

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
from support.private import COMPAT, LOOPS, is_private, private_uses

PACKAGE = Path(arabic_mtl.__file__).parent
ROOT = PACKAGE.parent


@dataclass(frozen=True)
class Member:
    """A private member: the function that uses it, its owner, the parameters of a method."""

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
    """A model that counts how often its training loader is created; it trains nothing."""

    loader_calls = 0

    def training_step(self, batch: Any) -> None: ...

    def validation_step(self, batch: Any) -> None: ...

    def train_dataloader(self) -> list[int]:
        self.loader_calls += 1
        return list(range(6))

    def val_dataloader(self) -> list[int]:
        return [0]


def make_trainer(module: Module, **options: Any) -> Trainer:
    """Returns a Trainer attached to the module as in `fit`, before the first batch."""
    quiet = {"enable_progress_bar": False, "enable_model_summary": False}
    trainer = Trainer(accelerator="cpu", devices=1, logger=False, **quiet, **options)
    trainer.strategy.connect(module)
    trainer._data_connector.attach_data(module)
    trainer.state.fn = TrainerFn.FITTING
    return trainer


@pytest.fixture
def trainer() -> Trainer:
    return make_trainer(Module(), max_epochs=1)


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: str(member.name))
def test_lightning_has_the_member(member: Member, trainer: Trainer) -> None:
    owner, function = member.owner(trainer), member.needed_by
    requirement = f"{function.__module__}.{function.__name__} needs {member.name} of {owner!r}"
    version = f"Lightning {lightning.__version__}"
    assert hasattr(owner, member.name), f"{requirement}, which {version} does not have"
    value = getattr(owner, member.name)
    if member.parameters is None:
        assert not callable(value), f"{requirement} as an attribute; a method in {version}"
    else:
        parameters = tuple(inspect.signature(value).parameters)
        assert parameters == member.parameters, f"{requirement}, with other parameters in {version}"


def test_every_private_member_in_use_is_tested() -> None:
    paths = list(PACKAGE.rglob(COMPAT))
    used = {name for path in paths for name in private_uses(ast.parse(path.read_text("utf-8")))}
    listed = {member.name for member in MEMBERS}
    assert used - LOOPS == listed - {"_parse_ckpt_path"}
    overridden = set(vars(ConfiguredCLI)) & set(dir(LightningCLI))
    assert set(filter(is_private, overridden)) == {"_parse_ckpt_path"}
    assert len(paths) == 2


def test_consumed_batches_counts_finished_steps(trainer: Trainer) -> None:
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


def test_reload_train_loaders_recreates_loaders() -> None:
    module = Module()
    trainer = make_trainer(module, max_epochs=1)
    for _ in range(2):
        trainer.fit_loop.setup_data()
    assert module.loader_calls == 1
    reload_train_loaders(trainer)
    trainer.fit_loop.setup_data()
    assert module.loader_calls == 2


def test_resume_by_epochs_recognizes_a_finished_epoch() -> None:
    trainer = make_trainer(Module(), max_steps=4)
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


def test_checkpoint_callback_state_has_the_replaced_paths() -> None:
    paths = {"dirpath", "best_model_path", "kth_best_model_path", "last_model_path"}
    assert paths | {"best_k_models"} <= LastCheckpoint().state_dict().keys()


@pytest.mark.parametrize("limit", [1.0, 4])
def test_is_epoch_done_agrees_with_lightning(limit: float) -> None:
    trainer = make_trainer(
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
    trainer = make_trainer(Module(), max_epochs=1, val_check_interval=2)
    assert not validates_next(trainer)  # no batch was read
    trainer.fit_loop.setup_data()
    results = []
    for _ in range(6):
        trainer.fit_loop.epoch_loop.batch_progress.increment_ready()
        results.append(validates_next(trainer))
    assert results == [False, True] * 3


def test_only_plain_ddp_gets_bucket_views() -> None:
    class Other(DDPStrategy):
        pass

    plain_ddp, subclass = DDPStrategy(), Other()
    for strategy in (plain_ddp, subclass, SingleDeviceStrategy("cpu")):
        use_bucket_views(strategy)
    assert plain_ddp._ddp_kwargs == ddp()._ddp_kwargs == {"gradient_as_bucket_view": True}
    assert subclass._ddp_kwargs == {}
    assert plain_ddp._start_method == ddp()._start_method == "popen"


def test_lightning_calls_the_overridden_checkpoint_hook() -> None:
    assert "self._parse_ckpt_path()" in inspect.getsource(LightningCLI.__init__)


def test_lightning_version_is_bounded_and_installed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    specifier = {r.name: r.specifier for r in map(Requirement, project["dependencies"])}[
        "lightning"
    ]
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pinned = next(line for line in lines if line.startswith("lightning=="))
    assert lightning.__version__ in specifier
    assert pinned.removeprefix("lightning==") in specifier
    assert {bound.operator for bound in specifier} == {">=", "<"}
    assert Version("2.7") not in specifier
    assert str(checkpoint._OLDEST) in specifier
