"""Runs that should come out the same in one process and in two.

``python -m support.ddp FOLDER CASE …`` makes some of them in two processes, which are forked
after the imports: these take longer than the runs.
"""

from __future__ import annotations

import json
import os
import socket
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
from arabic_mtl.evaluation.answer import to_json
from arabic_mtl.evaluation.evaluate import row_answers
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
from arabic_mtl.training.losses import shares_of_update, summed
from support.batches import numbers_of
from support.semeval import hotel_xml, sentence
from support.training import every_option, quiet_trainer, still_module, two_corpora


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is special about a run."""

    plan: SamplingPlan
    options: dict[str, Any] = field(default_factory=dict)
    balancing: Balancing = field(default_factory=FixedWeights)
    own_means: bool = False
    words: bool = False
    """Whole words, and every option of the heads."""
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
    "own means": Case(plan=MIXED, own_means=True),
}
LEARNED = Case(plan=SamplingPlan(batch_size=12), updates=60, lr=1e-2)
"""Enough to know some things and to err in others."""


def corpora(folder: Path, case: Case) -> MultiTaskData:
    """36 sentences, with three tasks, and 19 opinions, with one; 33 of each in other splits."""
    last = sentence("last:0", "سيئة للغاية", (None, "HOTEL#GENERAL", "negative"))
    pairs = hotel_xml(1).replace("</Reviews>", last_review(last))
    options: dict[str, Any] = {"others": True, "plan": case.plan, "num_workers": case.workers}
    if case.words:
        text = TextSettings(form="words", vocab_size=200)
        options |= {"tasks": every_option(), "text": text}
    return two_corpora(folder, hotel_xml(2), pairs, **options)


def last_review(text: str) -> str:
    return f'<Review rid="last"><sentences>{text}</sentences></Review></Reviews>'


def train(folder: Path, name: str, case: Case, processes: int) -> None:
    """Makes the updates of a case; the checkpoint is in the folder of its name."""
    last = LastCheckpoint()
    last.dirpath = str(folder / f"{name} {processes}")
    data = corpora(folder, case)
    model = still_module(data, lr=case.lr, warmup=0.5, balancing=case.balancing)
    options = {"max_steps": case.updates, **in_processes(processes), **case.options}
    trainer = quiet_trainer(folder, last, **options)
    # What is told of spans is withheld at random, from other spans in each process.
    with own_means(case.own_means), patch.object(span, "_WITHHELD", 0.0):
        trainer.fit(model, datamodule=data)


@contextmanager
def own_means(on: bool) -> Iterator[None]:
    """Each process takes means over its own items, as a loss with a mean in it does."""

    def means(*args: Any) -> tuple[Tensor, Tensor]:
        sums, counts = summed(*args)
        return sums / counts.clamp(min=1), counts

    def shares(sums: Tensor, tasks: dict[str, Task], update: Update, trainer: Trainer) -> Losses:
        items = sums.new_tensor([update.items[name] for name in tasks])
        return shares_of_update(sums * items / trainer.world_size, tasks, update, trainer)

    others = {"summed": means, "shares_of_update": shares} if on else {}
    with patch.multiple(module, **others) if others else nullcontext():
        yield


class Seen(Callback):
    """Writes down which rows a process has evaluated, and what it said of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: dict[str, list[list[Any]]] = {"validate": [], "test": []}
        self.answers: list[list[Any]] = []

    def on_validation_batch_start(self, *args: Any) -> None:
        self.rows["validate"].append(rows_of(args[2]))

    def on_test_batch_start(self, *args: Any) -> None:
        self.rows["test"].append(rows_of(args[2]))

    def on_test_batch_end(
        self, trainer: Trainer, pl_module: Any, outputs: Any, batch: Batch, *_: Any
    ) -> None:
        for row in row_answers(outputs):
            self.answers.append([*row.origin, row.task, to_json(row.predicted)])

    def teardown(self, trainer: Trainer, pl_module: Any, stage: str) -> None:
        path = self.folder / f"rows {trainer.global_rank}.json"
        facts = {**self.rows, "answers": self.answers}
        path.write_text(json.dumps(facts), encoding="utf-8")


def rows_of(batch: Batch) -> list[Any]:
    return [[corpus, row] for corpus, rows in numbers_of(batch).items() for row in rows]


def evaluate(folder: Path, processes: int) -> None:
    """Validates and tests with what one process has learned."""
    own = folder / f"evaluation {processes}"
    own.mkdir(exist_ok=True)
    data = corpora(folder, Case(plan=SamplingPlan(batch_size=8)))
    options = {"limit_val_batches": 1.0, **in_processes(processes)}
    trainer = quiet_trainer(folder, Seen(own), **options)
    learned = {"ckpt_path": folder / "learned 1" / "last.ckpt", "weights_only": True}
    scores: dict[str, float] = {}
    for command in (trainer.validate, trainer.test):
        scores |= command(still_module(data), datamodule=data, verbose=False, **learned)[0]
    if trainer.is_global_zero:
        (own / "scores.json").write_text(json.dumps(scores), encoding="utf-8")


def in_processes(number: int) -> dict[str, Any]:
    """The Trainer's options: ``ddp`` as commands have it, which finds no unused parameters."""
    return {"strategy": ddp(), "devices": number} if number > 1 else {}


def fork() -> int:
    """Makes two processes of one, known to Lightning as if a launcher had; gives the other's."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "NODE_RANK": "0"}
    child = os.fork()
    os.environ["LOCAL_RANK"] = "0" if child else "1"
    return child


def main(folder: Path, *names: str) -> None:
    """Makes runs in two processes, and evaluates what one has learned, if there is such a one."""
    child = fork()
    for name in names:
        print(name, flush=True)  # the last one is where a run hangs
        train(folder, name, CASES[name], 2)
    if (folder / "learned 1").exists():
        evaluate(folder, 2)
    torch.distributed.destroy_process_group()
    if child:
        _, status = os.waitpid(child, 0)
        sys.exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
