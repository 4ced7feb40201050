"""One encoder pass, every head, the weighted sum of mean losses."""

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
from arabic_mtl.tasks.batch import Part, unite
from arabic_mtl.text import TextSettings
from arabic_mtl.training import MultiTaskModule
from support.configurations import TINY
from support.semeval import hotel_xml
from support.training import ENTITIES, four_tasks, hotel_data, quiet_trainer, still_module

WEIGHTS = {"span": 0.5, "ner": 2.0, "category": 1.0, "pair": 3.0}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> MultiTaskData:
    """Two corpora of one file, encoded."""
    folder = tmp_path_factory.mktemp("module")
    (folder / "train.xml").write_text(hotel_xml(2), encoding="utf-8")
    name = Path("train.xml")
    made = MultiTaskData(
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
    made.prepare_data()
    made.setup()
    return made


@pytest.fixture
def module(data: MultiTaskData) -> MultiTaskModule:
    """An untrained model, its parameters made."""
    torch.manual_seed(0)
    made = MultiTaskModule(data.tasks, TransformerEncoder(config=TINY), lr=1e-2)
    made.build(data.text)
    return made


def rows(
    data: MultiTaskData, texts: int, pairs: int, *, batches: int = 1, others: int = 0
) -> Batch:
    """The first rows of each corpus, as a batch.

    Args:
        data: The corpora.
        texts: How many rows of the one.
        pairs: How many of the other.
        batches: How many batches the batch's update takes.
        others: How many items of each task are in the others, and on other processes.
    """
    sizes = {"texts": texts, "pairs": pairs}
    tables = data.tables["train"]
    columns = {name: tables[name][:size] if size else None for name, size in sizes.items()}
    items = dict.fromkeys(data.tasks, others)
    for name, task in data.tasks.items():
        items[name] += sum((columns[task.corpus] or {}).get(f"items_{name}", []))
    parts = {name: Part(found, Update(batches, items)) for name, found in columns.items()}
    return unite(parts, data.tasks, data.text.pad_id)


def attach(module: MultiTaskModule, *, world_size: int = 1, accumulate: int = 1) -> Any:
    """As much of a Trainer as a step needs; it remembers what it was to tell other processes."""
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
    """How many different inputs a batch has."""
    return len({(*e.input_ids, *e.token_type_ids) for e in batch.tokens.encodings()})


def expected_losses(module: MultiTaskModule, batch: Batch) -> dict[str, tuple[Tensor, int]]:
    """Summed loss and number of items per task, written out."""
    logits, sums = module(batch), {}
    for name in ("span", "pair"):
        sums[name] = cross_entropy(logits[name]["logits"], batch.targets[name]["labels"])
    assert list(logits["ner"]) == ["tags", "before", "behind"]
    parts = logits["ner"].values()
    assert [part.shape[-1] for part in parts] == [1 + 2 * len(ENTITIES), 4, 4]
    labels = batch.targets["ner"]["labels"].unbind(dim=-1)
    tagged, before, behind = map(cross_entropy, parts, labels)
    sums["ner"] = (tagged[0] + before[0] + behind[0], tagged[1])  # a mean over the words
    wanted = batch.targets["category"]["labels"].float()
    found = logits["category"]["logits"]
    entropies = functional.softplus(found) - wanted * found
    return {**sums, "category": (entropies.sum(), len(wanted))}


def cross_entropy(logits: Tensor, labels: Tensor) -> tuple[Tensor, int]:
    """Its sum over what is labelled, and how much that is."""
    flat = logits.flatten(0, -2).log_softmax(-1)
    chosen = [-flat[i, n] for i, n in enumerate(labels.flatten().tolist()) if n != -100]
    return torch.stack(chosen).sum(), len(chosen)


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
    batch = rows(data, 6, 5, others=7)
    module.eval()
    parts = expected_losses(module, batch)
    expected = 2 * sum(WEIGHTS[n] * total / (count + 7) for n, (total, count) in parts.items())
    trainer = attach(module, world_size=2)
    torch.testing.assert_close(module.training_step(batch, 0), expected)
    assert trainer.messages == []  # the plan has told the number of items


def test_means_are_over_all_batches_of_an_update(
    data: MultiTaskData, module: MultiTaskModule
) -> None:
    batch = rows(data, 6, 5, batches=3, others=7)  # the last update of an epoch has fewer than 4
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
    batch, seen, heads = rows(data, texts, pairs), [], {}
    module.network.encoder.register_forward_pre_hook(lambda _, inputs: seen.append(len(inputs[0])))
    for name, head in module.network.heads.items():
        head.register_forward_hook(
            lambda _, inputs, output, name=name: heads.update({name: len(inputs[0])})
        )
    trainer = attach(module)
    module.training_step(batch, 0).backward()
    assert seen == [distinct(batch)]
    assert heads == {"span": texts, "ner": texts, "category": texts, "pair": pairs}
    missing = [name for name, value in module.named_parameters() if value.grad is None]
    assert missing == []
    moved = any(float(value.grad.abs().sum()) > 0 for value in module.network.encoder.parameters())
    assert moved == (texts + pairs > 0)
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
    assert sizes == [len(set(of_step)) for of_step in inputs]
    assert trainer.global_step == len(steps) == 2 * -(-sum(map(len, tables.values())) // 12)
    assert sum(sizes) < sum(map(len, inputs)) == 2 * sum(map(len, tables.values()))


@pytest.mark.runs
def test_every_task_is_learned(
    data: MultiTaskData, module: MultiTaskModule, tmp_path: Path
) -> None:
    batch = rows(data, 12, 12)
    before = {name: float(total) for name, (total, _) in losses(module, batch).items()}
    fit(data, module, tmp_path, 12)
    after = {name: float(total) for name, (total, _) in losses(module, batch).items()}
    assert {name: after[name] < 0.7 * before[name] for name in before} == dict.fromkeys(
        before, True
    )


def losses(module: MultiTaskModule, batch: Batch) -> dict[str, tuple[Tensor, int]]:
    module.eval()
    with torch.no_grad():
        found = expected_losses(module, batch)
    module.train()
    return found


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
    assert [group["lr"] for group in groups] == [0.0, 0.0]  # all the way down
    config = trainer.lr_scheduler_configs[0]
    assert (config.interval, config.scheduler.last_epoch) == ("step", trainer.global_step)


@pytest.mark.parametrize(("place", "same"), [((1, 2), True), ((1, 3), False), ((2, 2), False)])
def test_dropout_is_a_function_of_the_step(
    data: MultiTaskData, module: MultiTaskModule, place: tuple[int, int], same: bool
) -> None:
    batch, trainer, results = rows(data, 4, 4), attach(module), []
    for epoch, step in ((1, 2), place):
        trainer.current_epoch, trainer.global_rank = epoch, 0
        StepSeed(5).on_train_batch_start(trainer, module, batch, step)
        results.append(float(module.training_step(batch, step)))
        torch.rand(7)
    assert (results[0] == results[1]) is same


def test_checkpoint_tells_its_labels(module: MultiTaskModule) -> None:
    saved: dict[str, Any] = {}
    attach(module)
    module.on_save_checkpoint(saved)
    assert saved["outputs"]["ner"] == list(ENTITIES)
    assert list(saved["outputs"]) == list(WEIGHTS)


def changed(module: MultiTaskModule, **labels: list[str] | None) -> dict[str, Any]:
    """A checkpoint of the model in which some tasks have other labels, or are not there."""
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
        module.on_load_checkpoint(changed(module, **labels))
    ((name, value),) = labels.items()
    assert str(error.value.found).startswith(f"{name} ")
    assert str(error.value.expected).startswith(f"data.tasks.{name}: ")
    known = (str(error.value.found) + str(error.value.expected)).count("[")
    assert known == (1 if value is None or name == "emotion" else 2)
    assert str(value or "") in str(error.value.found)


def test_checkpoint_of_its_own_is_accepted(module: MultiTaskModule) -> None:
    saved = changed(module)
    module.on_load_checkpoint(saved)
    module.load_state_dict(saved["state_dict"])
    assert not [name for name in saved["state_dict"] if name.startswith(("metrics", "scores"))]


def test_checkpoint_keeps_what_is_not_logged_yet(
    data: MultiTaskData, module: MultiTaskModule
) -> None:
    attach(module, world_size=2)
    sums, counts = torch.tensor([1.0, 2.0, 3.0, 4.0]), torch.tensor([5.0, 6.0, 7.0, 8.0])
    module.meter.update(sums, counts)
    saved = changed(module)
    attach(module, world_size=2)
    module.on_save_checkpoint(saved)
    assert saved["unlogged"].tolist() == [[2.0, 4.0, 6.0, 8.0], [10.0, 12.0, 14.0, 16.0]]
    assert module.meter.totals.tolist() == torch.stack([sums, counts]).tolist()  # left as it is
    other = MultiTaskModule(data.tasks, TransformerEncoder(config=TINY))
    other.on_load_checkpoint(saved)
    assert other.meter.totals.tolist() == saved["unlogged"].tolist()


def test_what_is_not_logged_is_added_up_where_the_model_is(module: MultiTaskModule) -> None:
    trainer = attach(module)
    module.on_save_checkpoint({})  # before the first batch: nothing has met the device yet
    module.to("meta")
    module.on_save_checkpoint({})
    assert [message.device.type for message in trainer.messages] == ["cpu", "meta"]


@pytest.mark.parametrize(("first", "left"), [(True, 3.0), (False, 0.0)])
def test_first_process_alone_goes_on_with_what_was_not_logged(
    module: MultiTaskModule, first: bool, left: float
) -> None:
    attach(module).is_global_zero = first
    module.rates = SimpleNamespace(restore=lambda: None)  # type: ignore[assignment]
    module.meter.totals += 3
    module.on_train_start()
    assert module.meter.totals.tolist() == [[left] * 4] * 2


class Memory(DummyLogger):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[int, dict[str, float]] = {}

    def log_metrics(self, metrics: dict[str, float], step: int | None = None) -> None:
        self.found[step or 0] = metrics


def test_logged_losses_are_means_over_all_items_since_the_last(tmp_path: Path) -> None:
    data, logger = hotel_data(tmp_path), Memory()
    module = still_module(data, lr=0.0)  # the same at every step
    options: dict[str, Any] = {"accumulate_grad_batches": 3, "log_every_n_steps": 2}
    trainer = quiet_trainer(tmp_path, logger=logger, max_epochs=2, **options)
    trainer.fit(module, datamodule=data)
    steps = [data.epochs.steps(epoch) for epoch in (0, 1)]
    assert [len(of_epoch) for of_epoch in steps] == [7, 7]  # updates of 3, 3 and 1
    taken = [planned.step for of_epoch in steps for planned in of_epoch]
    assert list(logger.found) == [1, 3, 5]
    for step, window in zip(logger.found, (taken[:6], taken[6:10], taken[10:]), strict=True):
        of_window = losses(module, batch_of(data, window))
        means = {name: float(total) / count for name, (total, count) in of_window.items()}
        counts = {name: count for name, (_, count) in of_window.items()}
        expected = {f"train/{name}/loss": mean for name, mean in means.items()}
        every = sum(counts.values())
        expected |= {f"train/{name}/share": count / every for name, count in counts.items()}
        expected["train/loss"] = sum(WEIGHTS[name] * mean for name, mean in means.items())
        found = {key: value for key, value in logger.found[step].items() if key in expected}
        assert found == pytest.approx(expected, rel=1e-5)


def batch_of(data: MultiTaskData, steps: list[Step]) -> Batch:
    """The rows of several steps."""
    parts = {
        name: Part(table[[row for step in steps for row in step.get(name, [])]])
        for name, table in data.tables["train"].items()
    }
    return unite(parts, data.tasks, data.text.pad_id)
