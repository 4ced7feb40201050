"""Training runs that must give the same result in one process and in two.

``python -m support.ddp FOLDER CASE …`` trains the cases in two processes. They are forked after
the imports, which take longer than the runs.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
from lightning.pytorch import Callback, Trainer
from torch import Tensor

from arabic_mtl.callbacks import LastCheckpoint
from arabic_mtl.cli.processes import ddp
from arabic_mtl.data import MultiTaskData, SamplingPlan
from arabic_mtl.evaluation.evaluate import row_predictions
from arabic_mtl.evaluation.predicted import to_json
from arabic_mtl.model.batch import Batch, Update
from arabic_mtl.model.heads import span
from arabic_mtl.tasks import Task
from arabic_mtl.text import TextSettings
from arabic_mtl.training import module
from arabic_mtl.training.balancing import (
    Balancing,
    FixedWeights,
    GradientBalancing,
    Losses,
    UncertaintyWeights,
)
from arabic_mtl.training.losses import scale_losses, sum_losses
from support.batches import row_numbers
from support.semeval import hotel_xml, sentence
from support.training import (
    four_tasks,
    quiet_trainer,
    small_module,
    tasks_with_all_options,
    two_corpora,
)
from tools.pages.processes import free_port


@dataclass(frozen=True, kw_only=True)
class Case:
    """The settings of a run."""

    plan: SamplingPlan
    options: dict[str, Any] = field(default_factory=dict)
    balancing: Balancing = field(default_factory=FixedWeights)
    own_means: bool = False
    words: bool = False
    """True for a word encoder, and all options of the heads."""
    shared: bool = False
    """True for tasks that both corpora have, of sentences."""
    workers: int = 0
    updates: int = 20
    lr: float = 1e-3


MIXED = SamplingPlan(batch_size=3, pool=1)
CASES = {
    "mixed": Case(plan=MIXED),
    "double precision": Case(plan=MIXED, options={"precision": "64-true"}),
    "single": Case(plan=replace(MIXED, step="single")),
    "accumulation": Case(plan=MIXED, options={"accumulate_grad_batches": 2}),
    "token budget": Case(
        plan=SamplingPlan(token_budget=60, pool=2, temperature=2),
        options={"accumulate_grad_batches": 2},
        workers=1,
    ),
    "uncertainty": Case(plan=MIXED, balancing=UncertaintyWeights()),
    "pcgrad": Case(plan=MIXED, balancing=GradientBalancing(method="pcgrad")),
    "upgrad": Case(plan=MIXED, balancing=GradientBalancing(method="upgrad")),
    "words": Case(plan=MIXED, words=True),
    "shared": Case(plan=MIXED, shared=True),
    "own means": Case(plan=MIXED, own_means=True),
}
LEARNED = Case(plan=SamplingPlan(batch_size=12), updates=60, lr=1e-2)
"""A run after which some predictions are correct and others are wrong."""


def corpora(folder: Path, case: Case) -> MultiTaskData:
    """Returns data of 36 sentences for three tasks, and of 19 opinions for a fourth task.

    Validation and test split have 33 sentences and 33 opinions.
    """
    last = sentence("last:0", "سيئة للغاية", (None, "HOTEL#GENERAL", "negative"))
    pairs = hotel_xml(1).replace("</Reviews>", last_review(last))
    options: dict[str, Any] = {"others": True, "plan": case.plan, "num_workers": case.workers}
    if case.words:
        text = TextSettings(form="words", vocab_size=200)
        options |= {"tasks": tasks_with_all_options(), "text": text}
    if case.shared:
        both = {n: replace(t, corpus=("texts", "pairs")) for n, t in sentence_tasks().items()}
        options |= {"tasks": both, "unit": "sentence"}
    return two_corpora(folder, hotel_xml(2), pairs, **options)


def sentence_tasks() -> dict[str, Task]:
    """Returns the tasks of the corpus of sentences."""
    return {name: task for name, task in four_tasks().items() if task.corpora == ("texts",)}


def last_review(text: str) -> str:
    return f'<Review rid="last"><sentences>{text}</sentences></Review></Reviews>'


def train(folder: Path, name: str, case: Case, processes: int) -> None:
    """Trains a case, and saves a checkpoint in ``folder / f"{name} {processes}"``."""
    last = LastCheckpoint()
    last.dirpath = str(folder / f"{name} {processes}")
    data = corpora(folder, case)
    model = small_module(data, lr=case.lr, warmup=0.5, balancing=case.balancing)
    options = {"max_steps": case.updates, **ddp_options(processes), **case.options}
    trainer = quiet_trainer(folder, last, **options)
    # Conditions are dropped at random, for different spans in each process.
    with own_means(case.own_means), patch.object(span, "_CONDITION_DROPOUT", 0.0):
        trainer.fit(model, datamodule=data)


@contextmanager
def own_means(enabled: bool) -> Iterator[None]:
    """Makes each process use the mean over its own items as the loss, as plain DDP does."""

    def means(*args: Any) -> tuple[Tensor, Tensor]:
        sums, counts = sum_losses(*args)
        return sums / counts.clamp(min=1), counts

    def shares(sums: Tensor, tasks: dict[str, Task], update: Update, trainer: Trainer) -> Losses:
        items = sums.new_tensor([update.items[name] for name in tasks])
        return scale_losses(sums * items / trainer.world_size, tasks, update, trainer)

    functions = {"sum_losses": means, "scale_losses": shares} if enabled else {}
    with patch.multiple(module, **functions) if functions else nullcontext():
        yield


class EvaluationRecorder(Callback):
    """Records the rows that a process evaluates, and its predictions, in a JSON file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: dict[str, list[list[Any]]] = {"validate": [], "test": []}
        self.answers: list[list[Any]] = []

    def on_validation_batch_start(self, *args: Any) -> None:
        self.rows["validate"].append(batch_rows(args[2]))

    def on_test_batch_start(self, *args: Any) -> None:
        self.rows["test"].append(batch_rows(args[2]))

    def on_test_batch_end(
        self, trainer: Trainer, pl_module: Any, outputs: Any, batch: Batch, *_: Any
    ) -> None:
        for row in row_predictions(outputs):
            self.answers.append([*row.origin, row.task, to_json(row.predicted)])

    def teardown(self, trainer: Trainer, pl_module: Any, stage: str) -> None:
        path = self.folder / f"rows {trainer.global_rank}.json"
        facts = {**self.rows, "answers": self.answers}
        path.write_text(json.dumps(facts), encoding="utf-8")


def batch_rows(batch: Batch) -> list[Any]:
    return [[corpus, row] for corpus, rows in row_numbers(batch).items() for row in rows]


def evaluate(folder: Path, processes: int) -> None:
    """Validates and tests with the weights that one process has learned."""
    output_folder = folder / f"evaluation {processes}"
    output_folder.mkdir(exist_ok=True)
    data = corpora(folder, Case(plan=SamplingPlan(batch_size=8)))
    options = {"limit_val_batches": 1.0, **ddp_options(processes)}
    trainer = quiet_trainer(folder, EvaluationRecorder(output_folder), **options)
    checkpoint = {"ckpt_path": folder / "learned 1" / "last.ckpt", "weights_only": True}
    scores: dict[str, float] = {}
    for command in (trainer.validate, trainer.test):
        scores |= command(small_module(data), datamodule=data, verbose=False, **checkpoint)[0]
    if trainer.is_global_zero:
        (output_folder / "scores.json").write_text(json.dumps(scores), encoding="utf-8")


def ddp_options(number: int) -> dict[str, Any]:
    """Returns Trainer options with the DDP strategy of the commands for several processes."""
    return {"strategy": ddp(), "devices": number} if number > 1 else {}


def fork() -> int:
    """Forks the process, with the environment variables of a launcher.

    Returns:
        The id of the child process; 0 in the child.
    """
    port = str(free_port())
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "NODE_RANK": "0"}
    child = os.fork()
    os.environ["LOCAL_RANK"] = "0" if child else "1"
    return child


def main(folder: Path, *names: str) -> None:
    """Trains cases in two processes, and evaluates the weights of ``learned 1`` if it exists."""
    child = fork()
    for name in names:
        print(name, flush=True)  # shows where a run hangs
        train(folder, name, CASES[name], 2)
    if (folder / "learned 1").exists():
        evaluate(folder, 2)
    torch.distributed.destroy_process_group()
    if child:
        _, status = os.waitpid(child, 0)
        sys.exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
