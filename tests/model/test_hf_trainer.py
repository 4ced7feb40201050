"""The recipe's model, trained by Lightning and by Hugging Face's Trainer: the same, bit for bit."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from datasets import Dataset
from lightning.pytorch import Callback, LightningModule
from lightning.pytorch import Trainer as LightningTrainer
from local_models import POLARITIES, TINY, hotel_xml
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import Optimizer
from torch.utils.data import DataLoader
from transformers import Trainer, TrainingArguments

from arabic_mtl.callbacks import StepSeed
from arabic_mtl.corpora import SemEval2016
from arabic_mtl.data import MultiTaskData
from arabic_mtl.data.plan import SamplingPlan
from arabic_mtl.encoders import TransformerEncoder
from arabic_mtl.model import MultiTaskModule
from arabic_mtl.tasks import SequenceClassification, Task, TokenClassification
from arabic_mtl.text import TextPipeline

SEED = 5
EPOCHS = 3
LR = 1e-2
DECAY = 0.1
WARMUP = 0.25
CLIP = 1.0
CORPORA = {"sentiment": "opinions", "ner": "sentences"}
ENTITIES = ("ROOMS", "SERVICE", "LOCATION")
TAGS = 1 + 2 * len(ENTITIES)


@dataclass
class Course:
    """What happened in a training, step by step, and what came of it."""

    losses: list[float] = field(default_factory=list)
    norms: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    weights: list[Tensor] = field(default_factory=list)


def tasks() -> dict[str, Task]:
    polarities = tuple(POLARITIES)
    return {
        "sentiment": SequenceClassification(
            corpus="opinions", layer="polarity", labels=polarities
        ),
        "ner": TokenClassification(corpus="sentences", layer="entity", labels=ENTITIES),
    }


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a training file, no two texts of which are the same."""
    folder = tmp_path_factory.mktemp("recipe")
    numbers = count(100)
    xml = re.sub("</text>", lambda end: f" {next(numbers)}{end[0]}", hotel_xml(4))
    (folder / "train.xml").write_text(xml, encoding="utf-8")
    return folder


def load(files: Path) -> MultiTaskData:
    name = Path("train.xml")
    return MultiTaskData(
        {
            "opinions": SemEval2016(train=name, unit="opinion"),
            "sentences": SemEval2016(train=name),
        },
        tasks(),
        text=TextPipeline(vocab_size=200),
        plan=SamplingPlan(batch_size=8, step="single"),
        root=files,
        seed=SEED,
        cache=files / "cache",
    )


def build(data: MultiTaskData) -> MultiTaskModule:
    torch.manual_seed(SEED)
    made = MultiTaskModule(
        data.tasks,
        data.text,
        TransformerEncoder(config=TINY),
        lr=LR,
        weight_decay=DECAY,
        warmup=WARMUP,
    )
    made.configure_model()
    return made


class Recorder(Callback):
    def __init__(self, course: Course) -> None:
        self.course = course

    def on_train_batch_end(
        self,
        trainer: LightningTrainer,
        pl_module: LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        self.course.losses.append(outputs["loss"].item())

    def on_before_optimizer_step(
        self, trainer: LightningTrainer, pl_module: LightningModule, optimizer: Optimizer
    ) -> None:
        gradients = [p.grad for p in pl_module.parameters() if p.grad is not None]
        self.course.norms.append(nn.utils.get_total_norm(gradients).item())
        self.course.rates.append(optimizer.param_groups[0]["lr"])


def train_with_lightning(files: Path, accumulate: int) -> Course:
    course = Course()
    trainer = LightningTrainer(
        accelerator="cpu",
        max_epochs=EPOCHS,
        accumulate_grad_batches=accumulate,
        gradient_clip_val=CLIP,
        callbacks=[StepSeed(SEED), Recorder(course)],
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        limit_val_batches=0,
        default_root_dir=files,
    )
    data = load(files)
    data.prepare_data()
    data.setup()
    module = build(data)
    trainer.fit(module, datamodule=data)
    course.weights = [*module.parameters()]
    return course


class RecipeModel(nn.Module):
    """The shared encoder, and the head that the batch's task asks for."""

    def __init__(self, encoder: nn.Module, heads: nn.ModuleDict, all_heads: bool = False) -> None:
        super().__init__()
        self.encoder, self.heads = encoder, heads
        self.all_heads = all_heads

    def forward(
        self, task: str, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor
    ) -> Tensor:
        output = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        )
        hidden = output.last_hidden_state
        res = self.heads[task](hidden, SimpleNamespace(attention_mask=attention_mask), {})
        if self.all_heads:
            for h in self.heads:
                if h != task:
                    self.idle = self.heads[h](hidden[:0], SimpleNamespace(attention_mask=attention_mask[:0]), {})
                    res = res + 0 * self.idle.sum()
        return res


def padded(rows: list[list[int]], filler: int) -> Tensor:
    width = max(len(row) for row in rows)
    return torch.tensor([row + [filler] * (width - len(row)) for row in rows])


def tag_labels(row: dict[str, Any]) -> list[list[int]]:
    """Per token: the tag, and the letters left out at a span's start and at its end."""
    words = row["words"]
    first = [n for n, word in enumerate(words) if word >= 0 and word != words[n - 1]]
    labels = [[-100] * 3 for _ in words]
    for token in first:
        labels[token][0] = 0
    for start, end, before, behind, label in row["task_ner"]["words"]:
        for word in range(start, end + 1):
            labels[first[word]][0] = 2 * label + (1 if word == start else 2)
        labels[first[start]][1] = before
        labels[first[end]][2] = behind
    return labels


def collate(task: str, pad_id: int, rows: list[dict[str, Any]]) -> dict[str, Any]:
    ids = [row["input_ids"] for row in rows]
    if task == "sentiment":
        labels = torch.tensor([row["task_sentiment"] for row in rows])
    else:
        columns = [[*zip(*tag_labels(row), strict=True)] for row in rows]
        labels = torch.stack(
            [padded([list(row[kind]) for row in columns], -100) for kind in range(3)], dim=-1
        )
    return {
        "task": task,
        "input_ids": padded(ids, pad_id),
        "attention_mask": padded([[1] * len(row) for row in ids], 0),
        "token_type_ids": padded([row["token_type_ids"] for row in rows], 0),
        "labels": labels,
    }


class MultitaskDataloader:
    """Several single-task loaders, whose batches come in the plan's order."""

    def __init__(self, data: MultiTaskData) -> None:
        self.data, self.epoch = data, 0

    def set_epoch(self, epoch: int) -> None:
        self.epoch = epoch

    def steps(self) -> list[dict[str, list[int]]]:
        return self.data.plan.steps(self.data.lengths("train"), SEED, self.epoch)

    def __len__(self) -> int:
        return len(self.steps())

    def __iter__(self) -> Iterator[dict[str, Any]]:
        steps = self.steps()
        loaders = {corpus: iter(self.loader(task, steps)) for task, corpus in CORPORA.items()}
        for (corpus,) in steps:
            yield next(loaders[corpus])

    def loader(self, task: str, steps: list[dict[str, list[int]]]) -> DataLoader[Any]:
        corpus = CORPORA[task]
        table: Any = self.data.tables["train"][corpus]
        return DataLoader(
            table,
            batch_sampler=[step[corpus] for step in steps if corpus in step],
            collate_fn=lambda rows: collate(task, self.data.text.pad_id, rows),
        )


class MultitaskTrainer(Trainer):
    loss_is_scaled_for_ga = True

    def __init__(self, loader: MultitaskDataloader, course: Course, **options: Any) -> None:
        super().__init__(**options)
        self.loader, self.course = loader, course

    def get_train_dataloader(self) -> Any:
        return self.loader

    def get_batch_samples(self, *arguments: Any) -> tuple[list[Any], Any]:
        batches, _ = super().get_batch_samples(*arguments)
        items: Counter[str] = Counter()
        for batch in batches:
            labels = batch["labels"]
            tags = labels if batch["task"] == "sentiment" else labels[..., 0]
            items[batch["task"]] += int((tags != -100).sum())
        return batches, items

    def training_step(self, model: nn.Module, inputs: Any, num_items_in_batch: Any = None) -> Tensor:
        place = divmod(len(self.course.losses), len(self.loader))
        state = np.random.SeedSequence([SEED, *place, 0]).generate_state(1)
        torch.manual_seed(int(state[0]))
        loss = super().training_step(model, inputs, num_items_in_batch)
        self.course.losses.append(loss.item())
        return loss

    def compute_loss(
        self,
        model: nn.Module,
        inputs: Any,
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        labels = inputs.pop("labels")
        logits = model(**inputs)
        if inputs["task"] == "sentiment":
            total = cross_entropy(logits, labels)
        else:
            tags, before, behind = logits.tensor_split([TAGS, (TAGS + logits.shape[-1]) // 2], -1)
            total = cross_entropy(tags, labels[..., 0])
            total = total + cross_entropy(before, labels[..., 1])
            total = total + cross_entropy(behind, labels[..., 2])
        return total / num_items_in_batch[inputs["task"]]


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    rows = logits.reshape(-1, logits.shape[-1])
    return functional.cross_entropy(rows, labels.reshape(-1), reduction="sum")


def train_with_hugging_face(files: Path, accumulate: int, all_heads: bool) -> Course:
    data = load(files)
    data.prepare_data()
    data.setup()
    start = build(data)
    course, loader = Course(), MultitaskDataloader(data)
    model = RecipeModel(start.encoder.model, start.heads, all_heads)
    updates = EPOCHS * -(-len(loader) // accumulate)
    trainer = MultitaskTrainer(
        loader,
        course,
        model=model,
        args=TrainingArguments(
            output_dir=str(files / "hugging_face"),
            num_train_epochs=EPOCHS,
            gradient_accumulation_steps=accumulate,
            optim="adamw_torch_fused",
            learning_rate=LR,
            weight_decay=DECAY,
            lr_scheduler_type="linear",
            warmup_steps=int(updates * WARMUP),
            max_grad_norm=CLIP,
            logging_steps=1,
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
            use_cpu=True,
        ),
    )
    trainer.train()
    steps = [entry for entry in trainer.state.log_history if "grad_norm" in entry]
    course.norms = [entry["grad_norm"] for entry in steps]
    course.rates = [entry["learning_rate"] for entry in steps]
    course.weights = [*model.parameters()]
    return course


@pytest.mark.parametrize("all_heads", [False, True])
@pytest.mark.parametrize("accumulate", [1, 2, 3])
def test_both(files: Path, accumulate: int, all_heads: bool) -> None:
    a = train_with_lightning(files, accumulate)
    b = train_with_hugging_face(files, accumulate, all_heads)
    print(len(a.losses), len(a.norms), len(b.losses), len(b.norms))
    print([x == y for x, y in zip(a.losses, b.losses)])
    print([x == y for x, y in zip(a.norms, b.norms)], a.norms)
    print([x == y for x, y in zip(a.rates, b.rates)], a.rates)
    print([float((x - y).abs().max()) for x, y in zip(a.weights, b.weights)])
    assert 0
