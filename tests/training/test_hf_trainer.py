"""The recipe's model, trained by Lightning and by Hugging Face's Trainer, is equal bit for bit.

Both share the plan, the cached rows and the layers of the heads. For the reference, padding,
labels, encoder pass, loss, optimizer, schedule, clipping and accumulation are those of
Hugging Face, or are written out in this file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import lightning.pytorch as pl
import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_
from torch.optim import Optimizer
from torch.utils.data import DataLoader
from transformers import AutoConfig, BertModel, Trainer, TrainingArguments

from arabic_mtl.callbacks import StepSeed
from arabic_mtl.data import MultiTaskData, SamplingPlan
from arabic_mtl.formats import SemEval2016
from arabic_mtl.model.encoders import TransformerEncoder
from arabic_mtl.tasks import SequenceClassification, TokenClassification
from arabic_mtl.text import TextSettings
from arabic_mtl.training import MultiTaskModule
from support.cases import slow
from support.configurations import POLARITIES, TINY
from support.semeval import hotel_xml

pytestmark = pytest.mark.runs

SEED, EPOCHS, CLIP, LR, DECAY, WARMUP = 5, 3, 1.0, 1e-2, 0.1, 0.25
CORPORA = {"sentiment": "opinions", "ner": "sentences"}
ENTITIES = ("ROOMS", "SERVICE", "LOCATION")
OUTPUTS = {
    "sentiment": [3],
    "ner": [7, 4, 4],  # O, B and I of each entity; trims of 0 to 3 letters at both ends
}
UNLABELLED = -100

Batch = dict[str, Any]


@dataclass
class Course:
    """A training run: loss of each batch, gradient norm and rate of each step, final weights."""

    losses: list[float] = field(default_factory=list)
    norms: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    weights: dict[str, Tensor] = field(default_factory=dict)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> MultiTaskData:
    """Returns the data of the recipe: pairs of sentence and target, and sentences.

    Each sentence ends in a unique number. The package encodes equal rows of a step once, with one
    dropout mask, while the recipe's model draws a mask for each row.
    """
    folder = tmp_path_factory.mktemp("recipe")
    numbers = count(100)
    xml = re.sub("</text>", lambda end: f" {next(numbers)}{end[0]}", hotel_xml())
    (folder / "train.xml").write_text(xml, encoding="utf-8")
    name = Path("train.xml")
    data_module = MultiTaskData(
        {
            "opinions": SemEval2016(train=name, unit="opinion"),
            "sentences": SemEval2016(train=name),
        },
        {
            "sentiment": SequenceClassification(
                corpus="opinions", layer="polarity", labels=tuple(POLARITIES)
            ),
            "ner": TokenClassification(corpus="sentences", layer="entity", labels=ENTITIES),
        },
        text=TextSettings(vocab_size=200),
        plan=SamplingPlan(batch_size=8, step="single"),
        root=folder,
        seed=SEED,
        cache=folder / "cache",
    )
    data_module.prepare_data()
    data_module.setup()
    return data_module


@pytest.fixture(scope="module")
def untrained(data: MultiTaskData) -> MultiTaskModule:
    """Returns the initial model of both trainings, with dropout."""
    torch.manual_seed(SEED)
    encoder = TransformerEncoder(config=TINY)
    rates: dict[str, float] = {"lr": LR, "weight_decay": DECAY, "warmup": WARMUP}
    module = MultiTaskModule(data.tasks, encoder, **rates)
    module.build(data.text)
    return module


def recipe_weights(module: nn.Module) -> dict[str, Tensor]:
    """Returns the weights of a model by their names in `RecipeModel`."""
    named_parameters = module.named_parameters()
    return {
        name.removeprefix("network.").replace("encoder.model.", "encoder."): value.detach()
        for name, value in named_parameters
    }


# Lightning


class Recorder(pl.Callback):
    """Records losses, gradient norms and rates of a Lightning run."""

    def __init__(self) -> None:
        self.course = Course()

    def on_train_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        self.course.losses.append(outputs["loss"].item())

    def on_before_optimizer_step(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, optimizer: Optimizer
    ) -> None:
        self.course.rates.append(optimizer.param_groups[0]["lr"])

    def clip(self, *arguments: Any) -> None:
        """Clips the gradients, and records their norm."""
        self.course.norms.append(clip_grad_norm_(*arguments).item())


def train_with_lightning(
    data: MultiTaskData, untrained: MultiTaskModule, accumulate: int, folder: Path
) -> Course:
    module, recorder = deepcopy(untrained), Recorder()
    trainer = pl.Trainer(
        accelerator="cpu",
        max_epochs=EPOCHS,
        accumulate_grad_batches=accumulate,
        gradient_clip_val=CLIP,
        callbacks=[StepSeed(SEED), recorder],
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        limit_val_batches=0,
        default_root_dir=folder,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nn.utils, "clip_grad_norm_", recorder.clip)
        trainer.fit(module, datamodule=data)
    recorder.course.weights = recipe_weights(module)
    return recorder.course


# Hugging Face


class RecipeModel(nn.Module):
    """One encoder with a head per task, as in the recipe; each batch is of one task."""

    def __init__(self, untrained: MultiTaskModule, vocabulary: int, pad_id: int) -> None:
        super().__init__()
        config = AutoConfig.for_model(**TINY, vocab_size=vocabulary, pad_token_id=pad_id)
        self.encoder = BertModel(config, add_pooling_layer=False)
        self.encoder.load_state_dict(untrained.network.encoder.model.state_dict())
        self.heads = deepcopy(untrained.network.heads)

    def forward(
        self, task: str, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor
    ) -> list[Tensor]:
        read = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        )
        return self.answer(task, read.last_hidden_state, attention_mask)

    def answer(self, task: str, hidden: Tensor, mask: Tensor) -> list[Tensor]:
        logits = self.heads[task](hidden, SimpleNamespace(attention_mask=mask), {})
        return list(logits.values())


class EveryHead(RecipeModel):
    """Calls the other heads with no rows, so that their gradients are zero instead of None."""

    def answer(self, task: str, hidden: Tensor, mask: Tensor) -> list[Tensor]:
        other_logits = [super(EveryHead, self).answer(n, hidden[:0], mask[:0]) for n in self.heads]
        zero = sum(part.sum() for parts in other_logits for part in parts)
        return [part + zero for part in super().answer(task, hidden, mask)]


def padded(rows: Sequence[Sequence[int]], filler: int) -> Tensor:
    width = max(map(len, rows))
    return torch.tensor([[*row, *[filler] * (width - len(row))] for row in rows])


def word_labels(row: dict[str, Any]) -> list[list[int]]:
    """Returns the tags of the tokens, and the trims at the starts and ends of spans."""
    numbers: list[int] = row["word_ids"]
    first = [numbers.index(word) for word in range(max(numbers) + 1)]
    tags, starts, ends = ([UNLABELLED] * len(numbers) for _ in range(3))
    for token in first:
        tags[token] = 0
    for start, end, cut_start, cut_end, label in row["task_ner"]["words"]:
        for word in range(start, end + 1):
            tags[first[word]] = 2 * label + (1 if word == start else 2)
        starts[first[start]], ends[first[end]] = cut_start, cut_end
    return [tags, starts, ends]


def collate(task: str, pad_id: int, rows: list[dict[str, Any]]) -> Batch:
    if task == "sentiment":
        labels = [torch.tensor([row["task_sentiment"] for row in rows])]
    else:
        kinds = zip(*map(word_labels, rows), strict=True)
        labels = [padded(kind, UNLABELLED) for kind in kinds]
    ids = [row["input_ids"] for row in rows]
    return {
        "task": task,
        "labels": labels,
        "input_ids": padded(ids, pad_id),
        "attention_mask": padded([[1] * len(row) for row in ids], 0),
        "token_type_ids": padded([row["token_type_ids"] for row in rows], 0),
    }


class MultitaskDataloader:
    """A loader of the batches of single-task loaders, in the order of the plan."""

    def __init__(self, data: MultiTaskData) -> None:
        self.data, self.epoch = data, 0

    def set_epoch(self, epoch: int) -> None:
        self.epoch = epoch

    def __len__(self) -> int:
        return len(self._steps())

    def __iter__(self) -> Iterator[Batch]:
        steps = self._steps()
        loaders = {corpus: iter(self._loader(task, steps)) for task, corpus in CORPORA.items()}
        for (corpus,) in steps:
            yield next(loaders[corpus])

    def _steps(self) -> list[dict[str, list[int]]]:
        return self.data.plan.steps(self.data.lengths("train"), SEED, self.epoch)

    def _loader(self, task: str, steps: list[dict[str, list[int]]]) -> DataLoader[Any]:
        table: Any = self.data.tables["train"][CORPORA[task]]
        batches = [step[CORPORA[task]] for step in steps if CORPORA[task] in step]
        join = partial(collate, task, self.data.text.pad_id)
        return DataLoader(table, batch_sampler=batches, collate_fn=join)


class MultitaskTrainer(Trainer):
    """Hugging Face's Trainer on a given loader, with a mean over the items of each task."""

    loss_is_scaled_for_ga = True  # makes the last, shorter update of an epoch a mean, too

    def __init__(self, loader: MultitaskDataloader, **options: Any) -> None:
        super().__init__(**options)
        self.loader, self.losses = loader, []

    def get_train_dataloader(self) -> Any:
        return self.loader

    def get_batch_samples(self, *arguments: Any) -> Any:
        """Returns the batches of an update, and its number of labelled items by task."""
        batches, _ = super().get_batch_samples(*arguments)
        items: Counter[str] = Counter()
        for batch in batches:
            items[batch["task"]] += int((batch["labels"][0] != UNLABELLED).sum())
        return batches, items

    def seed_dropout(self) -> None:
        position = divmod(len(self.losses), len(self.loader))
        state = np.random.SeedSequence([SEED, *position, 0]).generate_state(1)
        torch.manual_seed(int(state[0]))

    def training_step(self, *arguments: Any) -> Tensor:
        self.seed_dropout()
        loss = super().training_step(*arguments)
        self.losses.append(loss.item())
        return loss

    def compute_loss(
        self,
        model: nn.Module,
        inputs: Batch,
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        parts = model(**{name: value for name, value in inputs.items() if name != "labels"})
        assert [part.shape[-1] for part in parts] == OUTPUTS[inputs["task"]]
        pairs = zip(parts, inputs["labels"], strict=True)
        total = sum(summed_entropy(part, labels) for part, labels in pairs)
        return total / num_items_in_batch[inputs["task"]]


def summed_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    flat = logits.reshape(-1, logits.shape[-1])
    return functional.cross_entropy(flat, labels.view(-1), reduction="sum")


class Unseeded(MultitaskTrainer):
    def seed_dropout(self) -> None:
        """Keeps the seed that Hugging Face sets at the start of the training."""


class DecaysAll(MultitaskTrainer):
    def get_decay_parameter_names(self, model: nn.Module) -> list[str]:
        return [name for name, _ in model.named_parameters()]


def train_with_hugging_face(
    data: MultiTaskData,
    untrained: MultiTaskModule,
    accumulate: int,
    folder: Path,
    *,
    model: type[RecipeModel] = RecipeModel,
    trainer: type[MultitaskTrainer] = MultitaskTrainer,
    **overrides: Any,
) -> Course:
    loader = MultitaskDataloader(data)
    updates = EPOCHS * -(-len(loader) // accumulate)
    options: dict[str, Any] = {
        "output_dir": str(folder),
        "num_train_epochs": EPOCHS,
        "gradient_accumulation_steps": accumulate,
        "optim": "adamw_torch_fused",
        "learning_rate": LR,
        "weight_decay": DECAY,
        "lr_scheduler_type": "linear",
        "warmup_steps": int(updates * WARMUP),
        "max_grad_norm": CLIP,
        "logging_steps": 1,
        "save_strategy": "no",
        "report_to": "none",
        "disable_tqdm": True,
        "use_cpu": True,
    }
    vocabulary = data.text.tokenizer.get_vocab_size()
    trained = model(untrained, vocabulary, data.text.pad_id)
    hf_trainer = trainer(loader, model=trained, args=TrainingArguments(**options | overrides))
    hf_trainer.train()
    log = [entry for entry in hf_trainer.state.log_history if "grad_norm" in entry]
    norms, rates = ([entry[key] for entry in log] for key in ("grad_norm", "learning_rate"))
    return Course(hf_trainer.losses, norms, rates, recipe_weights(trained))


# Both


def changed_weights(first: dict[str, Tensor], second: dict[str, Tensor]) -> list[str]:
    assert list(first) == list(second)
    return [name for name in first if not torch.equal(first[name], second[name])]


def assert_same(first: Course, second: Course) -> None:
    assert first.losses == second.losses
    assert first.norms == second.norms
    assert first.rates == second.rates
    assert changed_weights(first.weights, second.weights) == []


Lightning = Callable[[int], Course]


@pytest.fixture(scope="module")
def lightning(
    data: MultiTaskData, untrained: MultiTaskModule, tmp_path_factory: pytest.TempPathFactory
) -> Lightning:
    """Returns a cached function from batches per update to the run under Lightning."""
    folder = tmp_path_factory.mktemp("lightning")
    return cache(lambda accumulate: train_with_lightning(data, untrained, accumulate, folder))


# An epoch has 14 batches: 7 updates of two batches, or 3 updates of four and one of two.
@pytest.mark.parametrize(
    ("accumulate", "updates"),
    [
        (1, 42),
        *slow((2, 21), (4, 12)),
    ],
)
def test_lightning_trains_the_recipe_as_hugging_face_does(
    data: MultiTaskData,
    untrained: MultiTaskModule,
    lightning: Lightning,
    tmp_path: Path,
    accumulate: int,
    updates: int,
) -> None:
    course = train_with_hugging_face(data, untrained, accumulate, tmp_path)
    assert (len(course.losses), len(course.norms)) == (42, updates)
    assert_same(lightning(accumulate), course)


@pytest.mark.slow
def test_head_without_rows_would_keep_moving(
    data: MultiTaskData, untrained: MultiTaskModule, lightning: Lightning, tmp_path: Path
) -> None:
    course = train_with_hugging_face(data, untrained, 1, tmp_path, model=EveryHead)
    assert changed_weights(lightning(1).weights, course.weights) != []


@pytest.mark.parametrize("accumulate", [1, *slow(2, 4)])
def test_every_weight_moves_under_warm_up_and_clipping(
    untrained: MultiTaskModule, lightning: Lightning, accumulate: int
) -> None:
    course = lightning(accumulate)
    initial = recipe_weights(untrained)
    assert changed_weights(initial, course.weights) == list(initial)
    assert sum(norm > CLIP for norm in course.norms) >= 12
    assert course.rates[0] == 0.0
    assert course.rates.index(LR) == int(len(course.rates) * WARMUP)
    assert len(set(course.losses)) == 42


@pytest.mark.slow
@pytest.mark.parametrize(
    "overrides",
    [{"trainer": Unseeded}, {"trainer": DecaysAll}, {"max_grad_norm": 0.0}],
    ids=["dropout not seeded", "biases decay", "not clipped"],
)
def test_any_other_training_gives_other_weights(
    data: MultiTaskData,
    untrained: MultiTaskModule,
    lightning: Lightning,
    tmp_path: Path,
    overrides: dict[str, Any],
) -> None:
    course = train_with_hugging_face(data, untrained, 2, tmp_path, **overrides)
    assert course.rates == lightning(2).rates
    assert changed_weights(lightning(2).weights, course.weights) != []
