"""Trains and scores the linear baseline of a configuration, and writes its run folder."""

import time
from collections.abc import Callable, Mapping
from copy import copy
from pathlib import Path

from arabic_mtl.baselines.linear.learn import can_learn
from arabic_mtl.baselines.linear.system import Linear
from arabic_mtl.baselines.majority import Majority
from arabic_mtl.data import MultiTaskData
from arabic_mtl.errors import InputError
from arabic_mtl.evaluation import evaluate, write_predictions
from arabic_mtl.evaluation.record import RunRecord, write_record
from arabic_mtl.evaluation.slots import gold_opinions, slot_scores
from arabic_mtl.formats import Split
from arabic_mtl.tasks import Task

Scores = dict[str, float]
"""``task/metric`` to its value."""

_SPLITS: tuple[Split, ...] = ("validation", "test")


def learn_and_score(
    data: MultiTaskData, folder: Path, notify: Callable[[Mapping[str, str]], None]
) -> RunRecord:
    """Trains and scores the linear baseline, and writes its scores and predictions.

    Args:
        data: The data, set up. Tasks of a kind without a linear baseline are left out.
        folder: The folder of ``metrics.json`` and ``answers-SPLIT.jsonl``.
        notify: A function that is called with each task and its training time, or the reason why
            the task is left out.

    Raises:
        InputError: If the packages are not installed, or no task has a linear baseline.
    """
    data = copy(data)  # the caller's data keep all tasks
    data.tasks = _supported_tasks(data.tasks, notify)
    cpu_start, wall_start = time.process_time(), time.monotonic()
    linear, majority = Linear(data), Majority(data)
    for name, seconds in linear.cpu_seconds.items():
        kind = type(data.tasks[name]).__name__
        notify({name: f"{kind}, trained in {seconds:.1f} CPU seconds"})
    folder.mkdir(parents=True, exist_ok=True)
    scores: dict[str, Scores] = {}
    majority_scores: dict[str, Scores] = {}
    for split in _SPLITS:
        path = folder / f"answers-{split}.jsonl"
        path.unlink(missing_ok=True)  # an earlier call may have left it
        if split in data.tables:
            gold = gold_opinions(data, split)
            majority_scores[split], examples = evaluate(majority, data, split)
            majority_scores[split] |= slot_scores(examples, gold, data.tasks)
            scores[split], examples = evaluate(linear, data, split)
            scores[split] |= slot_scores(examples, gold, data.tasks)
            write_predictions(path, examples)
    record = RunRecord(
        system="linear",
        seed=data.seed,
        scores=scores,
        majority=majority_scores,
        cpu_seconds=round(time.process_time() - cpu_start, 1),
        wall_seconds=round(time.monotonic() - wall_start, 1),
        data=data.store.statistics(),
        credits=data.credits,
    )
    write_record(folder, record)
    return record


def _supported_tasks(
    tasks: dict[str, Task], notify: Callable[[Mapping[str, str]], None]
) -> dict[str, Task]:
    """Returns the tasks of kinds with a linear baseline."""
    supported = {name: task for name, task in tasks.items() if can_learn(task)}
    for name, task in tasks.items():
        if name not in supported:
            notify({name: f"left out: the linear baseline does not support {type(task).__name__}"})
    if not supported:
        raise InputError(
            "the linear baseline must support at least one of the tasks",
            found=", ".join(type(task).__name__ for task in tasks.values()),
            expected="a kind named in docs/baseline.md",
        )
    return supported
