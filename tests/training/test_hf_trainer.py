"""The recipe's model under Lightning and under Hugging Face's Trainer: the same, bit for bit.

The two share the plan, the cached rows and the heads' layers. Padding, labels, the encoder's pass,
loss, optimizer, schedule, clipping and accumulation are Hugging Face's, or written out here.
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
    "ner": [7, 4, 4],  # O, B and I of each entity; 0 to 3 letters left out at either end
}
UNLABELLED = -100

Batch = dict[str, Any]


@dataclass
class Course:
    """A training: the loss of each step, norm and rate of each update, and what came of it."""

    losses: list[float] = field(default_factory=list)
    norms: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    weights: dict[str, Tensor] = field(default_factory=dict)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> MultiTaskData:
    """The pairs of sentence and target, and the sentences.

    Each sentence ends in a number of its own: the package reads equal rows of a step once, with
    one dropout mask for all, where the recipe's model draws one for each.
    """
    folder = tmp_path_factory.mktemp("recipe")
    numbers = count(100)
    xml = re.sub("</text>", lambda end: f" {next(numbers)}{end[0]}", hotel_xml())
    (folder / "train.xml").write_text(xml, encoding="utf-8")
    name = Path("train.xml")
    made = MultiTaskData(
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
    made.prepare_data()
    made.setup()
    return made


@pytest.fixture(scope="module")
def untrained(data: MultiTaskData) -> MultiTaskModule:
    """What both sides begin with; its dropout is on."""
    torch.manual_seed(SEED)
    encoder = TransformerEncoder(config=TINY)
    rates: dict[str, float] = {"lr": LR, "weight_decay": DECAY, "warmup": WARMUP}
    made = MultiTaskModule(data.tasks, encoder, **rates)
    made.build(data.text)
    return made


def weights_of(module: nn.Module) -> dict[str, Tensor]:
    """By the names that they have in `RecipeModel`."""
    named = module.named_parameters()
    return {
        name.removeprefix("network.").replace("encoder.model.", "encoder."): value.detach()
        for name, value in named
    }


# Lightning


class Recorder(pl.Callback):
    """Notes what a Lightning run does."""

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
        """Clips, and notes what the norm was."""
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
    recorder.course.weights = weights_of(module)
    return recorder.course


# Hugging Face


class RecipeModel(nn.Module):
    """One encoder, and the model of the task that a batch names."""

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
    """Calls the other heads, too, with no rows: they get gradients of zero instead of none."""

    def answer(self, task: str, hidden: Tensor, mask: Tensor) -> list[Tensor]:
        others = [super(EveryHead, self).answer(n, hidden[:0], mask[:0]) for n in self.heads]
        nothing = sum(part.sum() for parts in others for part in parts)
        return [part + nothing for part in super().answer(task, hidden, mask)]


def padded(rows: Sequence[Sequence[int]], filler: int) -> Tensor:
    width = max(map(len, rows))
    return torch.tensor([[*row, *[filler] * (width - len(row))] for row in rows])


def word_labels(row: dict[str, Any]) -> list[list[int]]:
    """Tags, letters left out at a span's start, and at its end: three lists over the tokens."""
    numbers: list[int] = row["words"]
    first = [numbers.index(word) for word in range(max(numbers) + 1)]
    tags, before, behind = ([UNLABELLED] * len(numbers) for _ in range(3))
    for token in first:
        tags[token] = 0
    for start, end, cut_before, cut_behind, label in row["task_ner"]["words"]:
        for word in range(start, end + 1):
            tags[first[word]] = 2 * label + (1 if word == start else 2)
        before[first[start]], behind[first[end]] = cut_before, cut_behind
    return [tags, before, behind]


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
    """Takes the batches of single-task loaders in the plan's order."""

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
    """Hugging Face's, on a loader that it is given, with a mean over each task's own items."""

    loss_is_scaled_for_ga = True  # so that even an epoch's last, shorter update is a mean

    def __init__(self, loader: MultitaskDataloader, **options: Any) -> None:
        super().__init__(**options)
        self.loader, self.losses = loader, []

    def get_train_dataloader(self) -> Any:
        return self.loader

    def get_batch_samples(self, *arguments: Any) -> Any:
        """Adds each task's labelled items in the batches of an update."""
        batches, _ = super().get_batch_samples(*arguments)
        items: Counter[str] = Counter()
        for batch in batches:
            items[batch["task"]] += int((batch["labels"][0] != UNLABELLED).sum())
        return batches, items

    def seed_dropout(self) -> None:
        place = divmod(len(self.losses), len(self.loader))
        state = np.random.SeedSequence([SEED, *place, 0]).generate_state(1)
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
        """Leaves dropout to the one seed that Hugging Face sets at the beginning."""


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
    **changed: Any,
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
    made = trainer(loader, model=trained, args=TrainingArguments(**options | changed))
    made.train()
    log = [entry for entry in made.state.log_history if "grad_norm" in entry]
    norms, rates = ([entry[key] for entry in log] for key in ("grad_norm", "learning_rate"))
    return Course(made.losses, norms, rates, weights_of(trained))


# Both


def different(one: dict[str, Tensor], other: dict[str, Tensor]) -> list[str]:
    assert list(one) == list(other)
    return [name for name in one if not torch.equal(one[name], other[name])]


def assert_same(one: Course, other: Course) -> None:
    assert one.losses == other.losses
    assert one.norms == other.norms
    assert one.rates == other.rates
    assert different(one.weights, other.weights) == []


Lightning = Callable[[int], Course]


@pytest.fixture(scope="module")
def lightning(
    data: MultiTaskData, untrained: MultiTaskModule, tmp_path_factory: pytest.TempPathFactory
) -> Lightning:
    """Batches per update to what Lightning makes of it; trained once."""
    folder = tmp_path_factory.mktemp("lightning")
    return cache(lambda accumulate: train_with_lightning(data, untrained, accumulate, folder))


# 14 steps make an epoch: two per update leave none over, four leave an update of two.
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
def test_a_head_called_with_no_rows_would_go_on_moving(
    data: MultiTaskData, untrained: MultiTaskModule, lightning: Lightning, tmp_path: Path
) -> None:
    course = train_with_hugging_face(data, untrained, 1, tmp_path, model=EveryHead)
    assert different(lightning(1).weights, course.weights) != []


@pytest.mark.parametrize("accumulate", [1, *slow(2, 4)])
def test_every_weight_moves_under_warm_up_and_clipping(
    untrained: MultiTaskModule, lightning: Lightning, accumulate: int
) -> None:
    course = lightning(accumulate)
    before = weights_of(untrained)
    assert different(before, course.weights) == list(before)
    assert sum(norm > CLIP for norm in course.norms) >= 12
    assert course.rates[0] == 0.0
    assert course.rates.index(LR) == int(len(course.rates) * WARMUP)
    assert len(set(course.losses)) == 42


@pytest.mark.slow
@pytest.mark.parametrize(
    "changed",
    [{"trainer": Unseeded}, {"trainer": DecaysAll}, {"max_grad_norm": 0.0}],
    ids=["dropout not seeded", "biases decay", "not clipped"],
)
def test_any_other_training_gives_other_weights(
    data: MultiTaskData,
    untrained: MultiTaskModule,
    lightning: Lightning,
    tmp_path: Path,
    changed: dict[str, Any],
) -> None:
    course = train_with_hugging_face(data, untrained, 2, tmp_path, **changed)
    assert course.rates == lightning(2).rates
    assert different(lightning(2).weights, course.weights) != []
