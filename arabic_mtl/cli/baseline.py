"""The linear baseline from the command line: learned, scored and written down."""

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from arabic_mtl.cli.commands import Commands
from arabic_mtl.cli.report import print_columns
from arabic_mtl.corpora import Split
from arabic_mtl.data import MultiTaskData
from arabic_mtl.errors import InputError
from arabic_mtl.evaluation import Answer, evaluate, write_answers
from arabic_mtl.files import replacing
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
  metrics.json              {"system": "linear", "scores": {SPLIT: {TASK/METRIC: value}},
                            "cpu_seconds": of learning and scoring}
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
    from arabic_mtl.linear import Linear, can_learn  # an extra of the installation

    made = Commands(arguments, run=False, prog="train.py baseline")
    data = made.datamodule
    data.prepare_data()
    data.setup()
    data.tasks = _known(data.tasks, can_learn)
    start = time.process_time()
    linear = Linear(data)
    for name, seconds in linear.cpu_seconds.items():
        _say(name, f"{type(data.tasks[name]).__name__}, learned in {seconds:.1f} CPU seconds")
    results = {split: evaluate(linear, data, split) for split in _SPLITS if split in data.tables}
    taken = time.process_time() - start
    _print(data, {split: scores for split, (scores, _) in results.items()})
    folder = made.runs / "baseline"
    _write(folder, results, taken)
    _say("CPU seconds", f"{taken:.1f}, learning and scoring")
    _say("written to", str(folder))


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


def _print(data: MultiTaskData, scores: Mapping[Split, Scores]) -> None:
    majority = Majority(data)
    columns: dict[str, Scores] = {}
    for split, linear in scores.items():
        columns[f"{split} majority"], _ = evaluate(majority, data, split)
        columns[split] = linear
    print_columns("Linear baseline beside the majority baseline", data, columns)


def _write(
    folder: Path, results: Mapping[Split, tuple[Scores, list[Answer]]], cpu_seconds: float
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for split in _SPLITS:
        path = folder / f"answers-{split}.jsonl"
        if split in results:
            write_answers(path, results[split][1])
        else:
            path.unlink(missing_ok=True)  # of an earlier call
    scores = {split: of_split for split, (of_split, _) in results.items()}
    facts = {"system": "linear", "scores": scores, "cpu_seconds": round(cpu_seconds, 1)}
    with replacing(folder / "metrics.json") as unfinished:
        unfinished.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


def _say(name: str, fact: str) -> None:
    print(f"{name:<12} {fact}")
