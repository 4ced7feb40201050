"""The DataModule: from files to collated batches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import pytest
import torch
from lightning.pytorch import Trainer

from arabic_mtl.data import MultiTaskData, SamplingPlan
from arabic_mtl.data.rows import PlanSampler
from arabic_mtl.errors import InputError
from arabic_mtl.formats import SemEval2016
from arabic_mtl.model.batch import Batch, Update
from arabic_mtl.model.tokens import Targets
from arabic_mtl.tasks import (
    SequenceClassification,
    SpanClassification,
    Task,
    TokenClassification,
)
from arabic_mtl.text import TextSettings
from support.batches import row_numbers

Kind = Literal["mixed", "single"]
LABELS = ("positive", "negative")
TASKS: dict[str, Task] = {
    "pair": SequenceClassification(corpus="opinions", layer="polarity", labels=LABELS),
    "ner": TokenClassification(corpus="sentences", layer="entity", labels=("HOTEL", "ROOMS")),
    "sentiment": SpanClassification(corpus="sentences", layer="polarity", labels=LABELS),
}
WORDS = ["الغرفة", "نظيفة", "والفندق", "جميل", "جدا", "ولكن", "الموقع", "بعيد"]
OPINIONS = [("الغرفة", "ROOMS#GENERAL", "negative"), ("NULL", "HOTEL#PRICES", "positive")]
REVIEWS = {
    str(rid): [(" ".join(WORDS[: 1 + rid % 8]), OPINIONS[: 1 + rid % 2])] for rid in range(30)
}


def make(root: Path, **settings: Any) -> MultiTaskData:
    train, validation, test = Path("train.xml"), Path("validation.xml"), Path("other.xml")
    corpora = {
        "opinions": SemEval2016(train=train, validation=validation, unit="opinion"),
        "sentences": SemEval2016(train=train, validation=validation, test=test),
        "unused": SemEval2016(train=Path("none.xml")),
    }
    defaults: dict[str, Any] = {
        "text": TextSettings(vocab_size=100),
        "plan": SamplingPlan(batch_size=8),
        "root": root,
        "cache": root / "cache",
    }
    return MultiTaskData(corpora, TASKS, **(defaults | settings))


def ready(root: Path, stages: tuple[str | None, ...] = (None,), **settings: Any) -> MultiTaskData:
    module = make(root, **settings)
    module.prepare_data()
    for stage in stages:
        module.setup(stage)
    return module


def batches(module: MultiTaskData, loader: Any) -> list[Batch]:
    return [module.on_before_batch_transfer(parts, 0) for parts, _, _ in iter(loader)]


def numbers(loaded: list[Batch]) -> dict[str, list[int]]:
    return {
        corpus: sorted(n for batch in loaded for n in row_numbers(batch).get(corpus, []))
        for corpus in ("opinions", "sentences")
    }


@pytest.fixture
def root(tmp_path: Path, write_semeval: Callable[..., Path]) -> Path:
    write_semeval(REVIEWS)
    for name in ("validation", "other"):
        reviews = {f"{name}-{rid}": REVIEWS[rid] for rid in ("3", "4", "5")}
        write_semeval(reviews, name=f"{name}.xml")
    return tmp_path


@pytest.mark.parametrize("kind", ["mixed", "single"])
def test_epoch_has_every_training_row_once(root: Path, kind: Kind) -> None:
    module = ready(root, plan=SamplingPlan(batch_size=8, step=kind))
    loaded = batches(module, module.train_dataloader())
    assert numbers(loaded) == {"opinions": list(range(45)), "sentences": list(range(30))}
    assert len(loaded) == (10 if kind == "mixed" else 6 + 4)
    assert all(len(batch.tokens) <= 8 for batch in loaded)
    corpora = [len(row_numbers(batch)) for batch in loaded]
    assert max(corpora) == (2 if kind == "mixed" else 1)


@pytest.mark.parametrize("kind", ["mixed", "single"])
def test_batch_holds_the_rows_of_its_numbers(root: Path, kind: Kind) -> None:
    module = ready(root, plan=SamplingPlan(batch_size=8, step=kind))
    tables = module.tables["train"]
    for batch in batches(module, module.train_dataloader()):
        for task in TASKS:
            rows, corpus = batch.rows[task], TASKS[task].corpus
            expected = [tables[corpus][n]["input_ids"] for n in row_numbers(batch).get(corpus, [])]
            assert [e.input_ids for e in batch.tokens[rows].encodings()] == expected
        pairs = [tables["opinions"][n]["task_pair"] for n in row_numbers(batch).get("opinions", [])]
        assert batch.targets["pair"]["labels"].tolist() == pairs
        width = batch.tokens.input_ids.shape[1]
        assert width == int(batch.tokens.attention_mask.sum(dim=1).max())


@pytest.mark.parametrize("kind", ["mixed", "single"])
def test_every_head_gets_its_rows_of_a_batch(root: Path, kind: Kind) -> None:
    module = ready(root, plan=SamplingPlan(batch_size=8, step=kind))
    heads = {name: task.build_head(4, 0.0) for name, task in TASKS.items()}
    counts: Counter[str] = Counter()
    for batch in batches(module, module.train_dataloader()):
        hidden = torch.randn(*batch.tokens.input_ids.shape, 4)
        items = {}
        for name, task in TASKS.items():
            rows, targets = batch.rows[name], batch.targets[name]
            logits = heads[name](hidden[rows], batch.tokens[rows], targets)
            total, count = task.loss(logits, targets)
            assert (total.item() > 0) == (count.item() > 0)
            items[name] = int(count)
        assert batch.update == Update(1, items)
        counts.update(items)
    words = sum(len([n for n in row if n >= 0]) for row in firsts(module))
    assert counts == {"pair": 45, "sentiment": 45, "ner": words}


def count_items(task: Task, targets: Targets) -> int:
    """Returns the number of items that a loss counts."""
    return int(task.loss(task.constant(task.tally(targets), targets), targets)[1])


@pytest.mark.parametrize("plan", [SamplingPlan(batch_size=8), SamplingPlan(token_budget=60)])
def test_update_counts_the_items_of_all_its_batches(root: Path, plan: SamplingPlan) -> None:
    module = make(root, plan=plan)
    module.trainer = Trainer(accelerator="cpu", accumulate_grad_batches=7, logger=False)
    module.prepare_data()
    module.setup("fit")
    loaded = batches(module, module.train_dataloader())
    assert len(loaded) % 7 != 0
    for start in range(0, len(loaded), 7):
        window = loaded[start : start + 7]
        items = {
            name: sum(count_items(task, batch.targets[name]) for batch in window)
            for name, task in TASKS.items()
        }
        assert [batch.update for batch in window] == [Update(len(window), items)] * len(window)


def firsts(module: MultiTaskData) -> list[list[int]]:
    """Returns the distinct word indices of each training sentence."""
    return [sorted(set(row)) for row in module.tables["train"]["sentences"]["word_ids"]]


def test_order_follows_seed_and_epoch(root: Path) -> None:
    module = ready(root, seed=3)

    def order(module: MultiTaskData, epoch: int) -> list[dict[str, list[int]]]:
        loader = module.train_dataloader()
        for corpus_loader in loader.flattened:
            assert isinstance(corpus_loader.sampler, PlanSampler)
            corpus_loader.sampler.set_epoch(epoch)
        return [row_numbers(batch) for batch in batches(module, loader)]

    assert order(module, 0) == order(ready(root, seed=3), 0)
    assert order(module, 0) != order(module, 1)
    assert order(module, 0) != order(ready(root, seed=4), 0)
    assert order(module, 0) == [
        {corpus: rows for corpus, rows in step.items() if rows}
        for step in module.plan.steps(module.lengths("train"), 3, 0)
    ]


def test_workers_load_the_same_batches(root: Path) -> None:
    in_process, helped = ready(root), ready(root, num_workers=1)
    expected = batches(in_process, in_process.train_dataloader())
    actual = batches(helped, helped.train_dataloader())
    assert [row_numbers(batch) for batch in actual] == [row_numbers(batch) for batch in expected]
    for expected_batch, actual_batch in zip(expected, actual, strict=True):
        assert torch.equal(expected_batch.tokens.input_ids, actual_batch.tokens.input_ids)


def test_evaluation_reads_every_row_once(root: Path) -> None:
    module = ready(root)
    validation = batches(module, module.val_dataloader())
    assert numbers(validation) == {"opinions": [0, 1, 2, 3, 4], "sentences": [0, 1, 2]}
    test = batches(module, module.test_dataloader())
    assert numbers(test) == {"opinions": [], "sentences": [0, 1, 2]}
    assert test[0].targets["pair"]["labels"].shape == (0,)


def test_longest_rows_are_evaluated_first(root: Path) -> None:
    module = ready(root, plan=SamplingPlan(batch_size=1))
    widths = [
        batch.tokens.input_ids.shape[1]
        for batch in batches(module, module.val_dataloader())
        if "sentences" in row_numbers(batch)
    ]
    assert widths == sorted(module.lengths("validation")["sentences"], reverse=True)


def test_lengths_count_tokens(root: Path) -> None:
    module = ready(root)
    lengths = module.lengths("train")["sentences"]
    table = module.tables["train"]["sentences"]
    assert lengths.tolist() == [len(row) for row in table["input_ids"]]


def test_unused_corpus_is_not_opened(root: Path) -> None:
    assert set(ready(root).tables["train"]) == {"opinions", "sentences"}


@pytest.mark.parametrize("stage", ["fit", "validate", "test"])
def test_stage_without_a_file_is_refused(root: Path, stage: str) -> None:
    split = {"fit": "train", "validate": "validation"}.get(stage, stage)
    module = MultiTaskData(
        {"sentences": SemEval2016()},
        {"ner": TASKS["ner"]},
        text=TextSettings(saved=root),
        cache=root / "cache",
    )
    module.trainer = SimpleNamespace(state=SimpleNamespace(fn=stage))  # type: ignore[assignment]
    with pytest.raises(InputError, match=f"data.corpora.sentences.{split}=FILE"):
        module.prepare_data()


def test_bad_task_is_refused_at_once(root: Path) -> None:
    with pytest.raises(InputError, match=r"data\.tasks"):
        MultiTaskData({}, {}, TextSettings())
