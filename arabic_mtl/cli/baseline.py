"""The linear baseline from the command line: learned, scored and written down."""

import time
from collections.abc import Callable
from copy import copy
from pathlib import Path

from arabic_mtl.cli.commands import Commands
from arabic_mtl.cli.report import print_columns
from arabic_mtl.corpora import Split
from arabic_mtl.data import MultiTaskData
from arabic_mtl.errors import InputError
from arabic_mtl.evaluation import evaluate, write_answers
from arabic_mtl.evaluation.record import Record, write_record
from arabic_mtl.evaluation.slots import gold_opinions, slot_scores
from arabic_mtl.majority import Majority
from arabic_mtl.tasks import Task

Scores = dict[str, float]
"""``task/metric`` to its value."""

HELP = """\
Learns the tasks of a configuration without a network, for every network to be compared with.

  python train.py baseline --config configs/quickstart.yaml
  python train.py baseline --config configs/hotels.yaml --data.root=FOLDER

The corpora, the splits, the text pipeline and the metrics are those of `train.py fit` with the
same options. What learns are linear SVMs over TF-IDF of words and letters (one label per span or
text, or any number of them) and a CRF over the words (spans). Nothing is to be set: what has to be
chosen is chosen by cross-validation over the training reviews. The seed changes nothing.

It prints a table beside the majority baseline, and writes to runs/CONFIG/baseline/, over what an
earlier call left there:
  metrics.json              its figures, in the form that `train.py fit` leaves
  answers-validation.jsonl  what it says of each text, beside what is right, with probabilities
  answers-test.jsonl        the same, where there is a test file

It needs scikit-learn and sklearn-crfsuite: pip install 'arabic-mtl[baseline]'.
All keys of a configuration, with their meaning: python train.py fit --help
"""

_SPLITS: tuple[Split, ...] = ("validation", "test")


def baseline(arguments: list[str]) -> None:
    """Runs the command.

    Raises:
        InputError: If the packages are not installed, or no task can be learned.
    """
    if {"-h", "--help"} & set(arguments):
        print(HELP)
        return
    made = Commands(arguments, run=False, prog="train.py baseline")
    data = made.datamodule
    data.prepare_data()
    data.setup()
    record = learn_and_score(data, made.runs / "baseline")
    columns: dict[str, Scores] = {}
    for split, scores in record.scores.items():
        columns |= {f"{split} majority": record.majority[split], split: scores}
    print_columns("Linear baseline beside the majority baseline", data, columns)
    _say("CPU seconds", f"{record.cpu_seconds:.1f}, learning and scoring")
    _say("written to", str(made.runs / "baseline"))


def learn_and_score(data: MultiTaskData, folder: Path) -> Record:
    """Learns the tasks, scores them, and writes figures and answers into a folder.

    Args:
        data: Set up; tasks that cannot be learned are left out.
        folder: For ``metrics.json`` and ``answers-SPLIT.jsonl``.

    Raises:
        InputError: If the packages are not installed, or no task can be learned.
    """
    from arabic_mtl.linear import Linear, can_learn  # an extra of the installation

    data = copy(data)  # whose tasks are those that can be learned
    data.tasks = _known(data.tasks, can_learn)
    start, began = time.process_time(), time.monotonic()
    linear, majority = Linear(data), Majority(data)
    for name, seconds in linear.cpu_seconds.items():
        _say(name, f"{type(data.tasks[name]).__name__}, learned in {seconds:.1f} CPU seconds")
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


def _known(tasks: dict[str, Task], can_learn: Callable[[Task], bool]) -> dict[str, Task]:
    """The tasks that can be learned; tells of the others."""
    known = {name: task for name, task in tasks.items() if can_learn(task)}
    for name, task in tasks.items():
        if name not in known:
            _say(name, f"left out: the linear baseline knows no {type(task).__name__}")
    if not known:
        raise InputError(
            "the linear baseline knows how one of the tasks is learned",
            found=", ".join(type(task).__name__ for task in tasks.values()),
            expected="a kind that docs/baseline.md names",
        )
    return known


def _say(name: str, fact: str) -> None:
    print(f"{name:<12} {fact}")
