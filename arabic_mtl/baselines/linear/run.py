"""The linear baseline of a configuration: learned, scored and written down."""

import time
from collections.abc import Callable, Mapping
from copy import copy
from pathlib import Path

from arabic_mtl.baselines.linear.learn import can_learn
from arabic_mtl.baselines.linear.system import Linear
from arabic_mtl.baselines.majority import Majority
from arabic_mtl.data import MultiTaskData
from arabic_mtl.errors import InputError
from arabic_mtl.evaluation import evaluate, write_answers
from arabic_mtl.evaluation.record import Record, write_record
from arabic_mtl.evaluation.slots import gold_opinions, slot_scores
from arabic_mtl.formats import Split
from arabic_mtl.tasks import Task

Scores = dict[str, float]
"""``task/metric`` to its value."""

_SPLITS: tuple[Split, ...] = ("validation", "test")


def learn_and_score(
    data: MultiTaskData, folder: Path, notify: Callable[[Mapping[str, str]], None]
) -> Record:
    """Learns the tasks, scores them, and writes figures and answers into a folder.

    Args:
        data: Set up; tasks that cannot be learned are left out.
        folder: For ``metrics.json`` and ``answers-SPLIT.jsonl``.
        notify: Is called with each task and how long it took to learn, or why it is left out.

    Raises:
        InputError: If the packages are not installed, or no task can be learned.
    """
    data = copy(data)  # whose tasks are those that can be learned
    data.tasks = _known(data.tasks, notify)
    start, began = time.process_time(), time.monotonic()
    linear, majority = Linear(data), Majority(data)
    for name, seconds in linear.cpu_seconds.items():
        kind = type(data.tasks[name]).__name__
        notify({name: f"{kind}, learned in {seconds:.1f} CPU seconds"})
    folder.mkdir(parents=True, exist_ok=True)
    scores: dict[str, Scores] = {}
    beside: dict[str, Scores] = {}
    for split in _SPLITS:
        path = folder / f"answers-{split}.jsonl"
        path.unlink(missing_ok=True)  # of an earlier call
        if split in data.tables:
            gold = gold_opinions(data, split)
            beside[split], of_majority = evaluate(majority, data, split)
            beside[split] |= slot_scores(of_majority, gold, data.tasks)
            scores[split], answers = evaluate(linear, data, split)
            scores[split] |= slot_scores(answers, gold, data.tasks)
            write_answers(path, answers)
    record = Record(
        system="linear",
        seed=data.seed,
        scores=scores,
        majority=beside,
        cpu_seconds=round(time.process_time() - start, 1),
        wall_seconds=round(time.monotonic() - began, 1),
        data=data.store.statistics(),
    )
    write_record(folder, record)
    return record


def _known(tasks: dict[str, Task], notify: Callable[[Mapping[str, str]], None]) -> dict[str, Task]:
    """Returns the tasks that can be learned."""
    known = {name: task for name, task in tasks.items() if can_learn(task)}
    for name, task in tasks.items():
        if name not in known:
            notify({name: f"left out: the linear baseline knows no {type(task).__name__}"})
    if not known:
        raise InputError(
            "the linear baseline knows how one of the tasks is learned",
            found=", ".join(type(task).__name__ for task in tasks.values()),
            expected="a kind that docs/baseline.md names",
        )
    return known
