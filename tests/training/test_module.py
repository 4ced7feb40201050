"""The LightningModule: one encoder pass, every head, the weighted sum of mean losses."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from lightning.pytorch import Trainer
from lightning.pytorch.loggers.logger import DummyLogger
from torch import Tensor
from torch.nn import functional

from arabic_mtl.callbacks import StepSeed
from arabic_mtl.data import MultiTaskData
from arabic_mtl.data.plan import SamplingPlan, Step
from arabic_mtl.errors import InputError
from arabic_mtl.formats import SemEval2016
from arabic_mtl.model.batch import Batch, Update
from arabic_mtl.model.encoders import TransformerEncoder
from arabic_mtl.tasks.batch import CorpusRows, collate
from arabic_mtl.text import TextSettings
from arabic_mtl.training import MultiTaskModule
from support.configurations import TINY
from support.semeval import hotel_xml
from support.training import ENTITIES, four_tasks, hotel_data, quiet_trainer, small_module

WEIGHTS = {"span": 0.5, "ner": 2.0, "category": 1.0, "pair": 3.0}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> MultiTaskData:
    """Returns the data of two corpora of one file, encoded."""
    folder = tmp_path_factory.mktemp("module")
    (folder / "train.xml").write_text(hotel_xml(2), encoding="utf-8")
    name = Path("train.xml")
    data_module = MultiTaskData(
        {
            "texts": SemEval2016(train=name),
            "pairs": SemEval2016(train=name, unit="opinion"),
        },
        four_tasks(),
        text=TextSettings(vocab_size=200),
        plan=SamplingPlan(batch_size=12),
        root=folder,
        cache=folder / "cache",
    )
    data_module.prepare_data()
    data_module.setup()
    return data_module


@pytest.fixture
def module(data: MultiTaskData) -> MultiTaskModule:
    """Returns an untrained model with its parameters."""
    torch.manual_seed(0)
    multi_task_module = MultiTaskModule(data.tasks, TransformerEncoder(config=TINY), lr=1e-2)
    multi_task_module.build(data.text)
    return multi_task_module


def rows(
    data: MultiTaskData, texts: int, pairs: int, *, batches: int = 1, other_items: int = 0
) -> Batch:
    """Returns the first rows of each corpus as a batch.

    Args:
        data: The corpora.
        texts: The number of rows of the first corpus.
        pairs: The number of rows of the second corpus.
        batches: The number of batches in the update.
        other_items: The items of each task in the other batches, and in other processes.
    """
    sizes = {"texts": texts, "pairs": pairs}
    tables = data.tables["train"]
    columns = {name: tables[name][:size] if size else None for name, size in sizes.items()}
    items = dict.fromkeys(data.tasks, other_items)
    for name, task in data.tasks.items():
        items[name] += sum((columns[task.corpus] or {}).get(f"items_{name}", []))
    parts = {
        name: CorpusRows(columns_of_corpus, Update(batches, items))
        for name, columns_of_corpus in columns.items()
    }
    return collate(parts, data.tasks, data.text.pad_id)


def attach(module: MultiTaskModule, *, world_size: int = 1, accumulate: int = 1) -> Any:
    """Attaches a minimal Trainer, which records what is reduced over processes."""
    messages: list[Tensor] = []

    def reduce(tensor: Tensor, reduce_op: str) -> Tensor:
        assert reduce_op == "sum"
        messages.append(tensor)
        return tensor.mul_(world_size)  # in place, as if all processes had the same

    trainer = SimpleNamespace(
        strategy=SimpleNamespace(reduce=reduce),
        messages=messages,
        world_size=world_size,
        is_global_zero=True,
        accumulate_grad_batches=accumulate,
        global_step=1,
        log_every_n_steps=1000,
    )
    module._trainer = trainer  # type: ignore[assignment]
    return trainer


def distinct(batch: Batch) -> int:
    """Returns the number of distinct inputs of a batch."""
    return len({(*e.input_ids, *e.token_type_ids) for e in batch.tokens.encodings()})


def expected_losses(module: MultiTaskModule, batch: Batch) -> dict[str, tuple[Tensor, int]]:
    """Returns the summed loss and the number of items per task, computed directly."""
    logits, sums = module(batch), {}
    for name in ("span", "pair"):
        sums[name] = cross_entropy(logits[name]["logits"], batch.targets[name]["labels"])
    assert list(logits["ner"]) == ["tags", "trim_start", "trim_end"]
    parts = logits["ner"].values()
    assert [part.shape[-1] for part in parts] == [1 + 2 * len(ENTITIES), 4, 4]
    labels = batch.targets["ner"]["labels"].unbind(dim=-1)
    tagged, start_losses, end_losses = map(cross_entropy, parts, labels)
    sums["ner"] = (tagged[0] + start_losses[0] + end_losses[0], tagged[1])  # a mean over the words
    gold = batch.targets["category"]["labels"].float()
    category_logits = logits["category"]["logits"]
    entropies = functional.softplus(category_logits) - gold * category_logits
    return {**sums, "category": (entropies.sum(), len(gold))}


def cross_entropy(logits: Tensor, labels: Tensor) -> tuple[Tensor, int]:
    """Returns the sum over labelled items, and their number."""
    flat = logits.flatten(0, -2).log_softmax(-1)
    item_losses = [-flat[i, n] for i, n in enumerate(labels.flatten().tolist()) if n != -100]
    return torch.stack(item_losses).sum(), len(item_losses)


def test_loss_is_the_weighted_sum_of_means(data: MultiTaskData, module: MultiTaskModule) -> None:
    batch = rows(data, 6, 5)
    module.eval()
    parts = expected_losses(module, batch)
    assert parts["category"][1] == 6
    assert parts["pair"][1] == 5
    expected = sum(WEIGHTS[name] * total / count for name, (total, count) in parts.items())
    trainer = attach(module)
    torch.testing.assert_close(module.training_step(batch, 0), expected)
    assert trainer.messages == []


def test_means_are_over_all_processes(data: MultiTaskData, module: MultiTaskModule) -> None:
    batch = rows(data, 6, 5, other_items=7)
    module.eval()
    parts = expected_losses(module, batch)
    expected = 2 * sum(WEIGHTS[n] * total / (count + 7) for n, (total, count) in parts.items())
    trainer = attach(module, world_size=2)
    torch.testing.assert_close(module.training_step(batch, 0), expected)
    assert trainer.messages == []  # the number of items is the plan's


def test_means_are_over_all_batches_of_an_update(
    data: MultiTaskData, module: MultiTaskModule
) -> None:
    batch = rows(
        data, 6, 5, batches=3, other_items=7
    )  # the last update of an epoch has fewer than 4
    module.eval()
    parts = expected_losses(module, batch)
    expected = sum(WEIGHTS[n] * total / (count + 7) for n, (total, count) in parts.items())
    trainer = attach(module, world_size=2, accumulate=4)
    torch.testing.assert_close(module.training_step(batch, 0), 2 * 4 * expected)
    assert trainer.messages == []


@pytest.mark.parametrize(("texts", "pairs"), [(6, 5), (6, 0), (0, 5), (0, 0)])
def test_one_encoder_pass_and_every_head(
    data: MultiTaskData, module: MultiTaskModule, texts: int, pairs: int
) -> None:
    batch, pass_sizes, heads = rows(data, texts, pairs), [], {}
    module.network.encoder.register_forward_pre_hook(
        lambda _, inputs: pass_sizes.append(len(inputs[0]))
    )
    for name, head in module.network.heads.items():
        head.register_forward_hook(
            lambda _, inputs, output, name=name: heads.update({name: len(inputs[0])})
        )
    trainer = attach(module)
    module.training_step(batch, 0).backward()
    assert pass_sizes == [distinct(batch)]
    assert heads == {"span": texts, "ner": texts, "category": texts, "pair": pairs}
    missing = [name for name, value in module.named_parameters() if value.grad is None]
    assert missing == []
    has_gradient = any(
        float(value.grad.abs().sum()) > 0 for value in module.network.encoder.parameters()
    )
    assert has_gradient == (texts + pairs > 0)
    assert trainer.messages == []


def fit(data: MultiTaskData, module: MultiTaskModule, folder: Path, epochs: int) -> Trainer:
    trainer = Trainer(
        accelerator="cpu",
        max_epochs=epochs,
        callbacks=[StepSeed(0)],
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        limit_val_batches=0,
        default_root_dir=folder,
    )
    trainer.fit(module, datamodule=data)
    return trainer


def test_one_encoder_pass_per_step_with_all_inputs_once(
    data: MultiTaskData, module: MultiTaskModule, tmp_path: Path
) -> None:
    sizes: list[int] = []
    module.network.encoder.register_forward_pre_hook(lambda _, inputs: sizes.append(len(inputs[0])))
    trainer = fit(data, module, tmp_path, 2)
    tables = {
        name: list(zip(table["input_ids"], table["token_type_ids"], strict=True))
        for name, table in data.tables["train"].items()
    }
    steps = [step for n in (0, 1) for step in data.plan.steps(data.lengths("train"), data.seed, n)]
    inputs = [[str(tables[name][n]) for name in step for n in step[name]] for step in steps]
    assert sizes == [len(set(step_inputs)) for step_inputs in inputs]
    assert trainer.global_step == len(steps) == 2 * -(-sum(map(len, tables.values())) // 12)
    assert sum(sizes) < sum(map(len, inputs)) == 2 * sum(map(len, tables.values()))


@pytest.mark.runs
def test_every_task_is_learned(
    data: MultiTaskData, module: MultiTaskModule, tmp_path: Path
) -> None:
    batch = rows(data, 12, 12)
    initial = {name: float(total) for name, (total, _) in losses(module, batch).items()}
    fit(data, module, tmp_path, 12)
    final = {name: float(total) for name, (total, _) in losses(module, batch).items()}
    assert {name: final[name] < 0.7 * initial[name] for name in initial} == dict.fromkeys(
        initial, True
    )


def losses(module: MultiTaskModule, batch: Batch) -> dict[str, tuple[Tensor, int]]:
    module.eval()
    with torch.no_grad():
        expected = expected_losses(module, batch)
    module.train()
    return expected


def test_gradients_are_clipped_to_the_given_norm(
    data: MultiTaskData, module: MultiTaskModule, tmp_path: Path
) -> None:
    norms: list[float] = []

    def measure(*_: object) -> None:
        grads = [p.grad for p in module.parameters() if p.grad is not None]
        norms.append(sum(float(grad.square().sum()) for grad in grads) ** 0.5)

    module.on_before_zero_grad = measure  # type: ignore[method-assign]
    trainer = Trainer(
        accelerator="cpu",
        precision="bf16-mixed",  # as the configurations of AraBERT, MARBERT and QARiB have it
        gradient_clip_val=0.01,
        max_steps=3,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        limit_val_batches=0,
        default_root_dir=tmp_path,
    )
    trainer.fit(module, datamodule=data)
    clipped = [norm for norm in norms if norm > 0]
    assert len(clipped) >= 2
    assert clipped == [pytest.approx(0.01, rel=1e-2)] * len(clipped)


def test_optimiser_of_a_run(data: MultiTaskData, module: MultiTaskModule, tmp_path: Path) -> None:
    trainer = fit(data, module, tmp_path, 2)
    groups = trainer.optimizers[0].param_groups
    assert [group["weight_decay"] for group in groups] == [0.01, 0.0]
    assert {p.ndim for p in groups[0]["params"]} == {2}
    assert {p.ndim for p in groups[1]["params"]} == {1}
    assert [group["lr"] for group in groups] == [0.0, 0.0]  # the end of the decay
    config = trainer.lr_scheduler_configs[0]
    assert (config.interval, config.scheduler.last_epoch) == ("step", trainer.global_step)


@pytest.mark.parametrize(("position", "same"), [((1, 2), True), ((1, 3), False), ((2, 2), False)])
def test_dropout_is_a_function_of_the_step(
    data: MultiTaskData, module: MultiTaskModule, position: tuple[int, int], same: bool
) -> None:
    batch, trainer, results = rows(data, 4, 4), attach(module), []
    for epoch, step in ((1, 2), position):
        trainer.current_epoch, trainer.global_rank = epoch, 0
        StepSeed(5).on_train_batch_start(trainer, module, batch, step)
        results.append(float(module.training_step(batch, step)))
        torch.rand(7)
    assert (results[0] == results[1]) is same


def test_checkpoint_has_its_labels(module: MultiTaskModule) -> None:
    saved: dict[str, Any] = {}
    attach(module)
    module.on_save_checkpoint(saved)
    assert saved["outputs"]["ner"] == list(ENTITIES)
    assert list(saved["outputs"]) == list(WEIGHTS)


def changed_checkpoint(module: MultiTaskModule, **labels: list[str] | None) -> dict[str, Any]:
    """Returns a checkpoint of the model with other labels or without some tasks."""
    saved: dict[str, Any] = {"state_dict": module.state_dict()}
    attach(module)
    module.on_save_checkpoint(saved)
    for name, value in labels.items():
        saved["outputs"].pop(name, None)
        if value is not None:
            saved["outputs"][name] = value
    return saved


CHANGES: list[dict[str, list[str] | None]] = [
    {"pair": ["negative", "positive", "neutral"]},
    {"pair": ["positive", "negative"]},
    {"pair": None},
    {"emotion": ["joy"]},
]


@pytest.mark.parametrize("labels", CHANGES)
def test_checkpoint_of_other_labels_is_refused(
    module: MultiTaskModule, labels: dict[str, list[str] | None]
) -> None:
    with pytest.raises(InputError) as error:
        module.on_load_checkpoint(changed_checkpoint(module, **labels))
    ((name, value),) = labels.items()
    assert str(error.value.found).startswith(f"{name} ")
    assert str(error.value.expected).startswith(f"data.tasks.{name}: ")
    lists = (str(error.value.found) + str(error.value.expected)).count("[")
    assert lists == (1 if value is None or name == "emotion" else 2)
    assert str(value or "") in str(error.value.found)


def test_own_checkpoint_is_accepted(module: MultiTaskModule) -> None:
    saved = changed_checkpoint(module)
    module.on_load_checkpoint(saved)
    module.load_state_dict(saved["state_dict"])
    assert not [name for name in saved["state_dict"] if name.startswith(("metrics", "scores"))]


def test_checkpoint_keeps_unlogged_losses(data: MultiTaskData, module: MultiTaskModule) -> None:
    attach(module, world_size=2)
    sums, counts = torch.tensor([1.0, 2.0, 3.0, 4.0]), torch.tensor([5.0, 6.0, 7.0, 8.0])
    module.meter.update(sums, counts)
    saved = changed_checkpoint(module)
    attach(module, world_size=2)
    module.on_save_checkpoint(saved)
    assert saved["unlogged"].tolist() == [[2.0, 4.0, 6.0, 8.0], [10.0, 12.0, 14.0, 16.0]]
    assert module.meter.totals.tolist() == torch.stack([sums, counts]).tolist()  # unchanged
    restored = MultiTaskModule(data.tasks, TransformerEncoder(config=TINY))
    restored.on_load_checkpoint(saved)
    assert restored.meter.totals.tolist() == saved["unlogged"].tolist()


def test_unlogged_losses_are_reduced_on_the_model_device(module: MultiTaskModule) -> None:
    trainer = attach(module)
    module.on_save_checkpoint({})  # before the first batch, which moves the totals to the device
    module.to("meta")
    module.on_save_checkpoint({})
    assert [message.device.type for message in trainer.messages] == ["cpu", "meta"]


@pytest.mark.parametrize(("first", "remaining"), [(True, 3.0), (False, 0.0)])
def test_only_the_first_process_restores_unlogged_losses(
    module: MultiTaskModule, first: bool, remaining: float
) -> None:
    attach(module).is_global_zero = first
    module.rates = SimpleNamespace(restore=lambda: None)  # type: ignore[assignment]
    module.meter.totals += 3
    module.on_train_start()
    assert module.meter.totals.tolist() == [[remaining] * 4] * 2


class Memory(DummyLogger):
    """A logger that keeps its values."""

    def __init__(self) -> None:
        super().__init__()
        self.logged: dict[int, dict[str, float]] = {}

    def log_metrics(self, metrics: dict[str, float], step: int | None = None) -> None:
        self.logged[step or 0] = metrics


def test_logged_losses_are_means_over_all_items_since_the_last_log(tmp_path: Path) -> None:
    data, logger = hotel_data(tmp_path), Memory()
    module = small_module(data, lr=0.0)  # the same at every step
    options: dict[str, Any] = {"accumulate_grad_batches": 3, "log_every_n_steps": 2}
    trainer = quiet_trainer(tmp_path, logger=logger, max_epochs=2, **options)
    trainer.fit(module, datamodule=data)
    steps = [data.epochs.steps(epoch) for epoch in (0, 1)]
    assert [len(epoch_steps) for epoch_steps in steps] == [7, 7]  # updates of 3, 3 and 1
    planned_steps = [planned.step for epoch_steps in steps for planned in epoch_steps]
    assert list(logger.logged) == [1, 3, 5]
    for step, window in zip(
        logger.logged, (planned_steps[:6], planned_steps[6:10], planned_steps[10:]), strict=True
    ):
        window_losses = losses(module, make_batch(data, window))
        means = {name: float(total) / count for name, (total, count) in window_losses.items()}
        counts = {name: count for name, (_, count) in window_losses.items()}
        expected = {f"train/{name}/loss": mean for name, mean in means.items()}
        every = sum(counts.values())
        expected |= {f"train/{name}/share": count / every for name, count in counts.items()}
        expected["train/loss"] = sum(WEIGHTS[name] * mean for name, mean in means.items())
        logged = {key: value for key, value in logger.logged[step].items() if key in expected}
        assert logged == pytest.approx(expected, rel=1e-5)


def make_batch(data: MultiTaskData, steps: list[Step]) -> Batch:
    """Returns a batch of the rows of several steps."""
    parts = {
        name: CorpusRows(table[[row for step in steps for row in step.get(name, [])]])
        for name, table in data.tables["train"].items()
    }
    return collate(parts, data.tasks, data.text.pad_id)
