"""What a comparison knows of a system: its runs, their figures and their answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from arabic_mtl.errors import InputError
from arabic_mtl.evaluation.answer import Answer, read_answers
from arabic_mtl.evaluation.classes import sums_of
from arabic_mtl.evaluation.record import Record, read_record
from arabic_mtl.tasks.metrics import AdditiveMetric, Floats
from arabic_mtl.tasks.scores import task_of

Key = tuple[str, int]
"""A text: its corpus and its row in the corpus's table."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One training of a system, or several that stand for one.

    Args:
        scores: Split to ``task/metric`` to value.
        answers: Split to text to answer.
        cpu_seconds: What it took.
        parameters: How many numbers it has learned.
    """

    scores: dict[str, dict[str, float]]
    answers: dict[str, dict[Key, Answer]]
    cpu_seconds: float
    parameters: int

    @classmethod
    def read(cls, folder: Path) -> "Run":
        """That of a run's folder."""
        record = read_record(folder)
        answers = {
            split: {
                (a.corpus, a.number): a for a in read_answers(folder / f"answers-{split}.jsonl")
            }
            for split in record.scores
        }
        return cls(
            scores=record.scores,
            answers=answers,
            cpu_seconds=record.cpu_seconds,
            parameters=record.parameters,
        )


@dataclass(frozen=True, kw_only=True)
class System:
    """A system and its runs, one per seed.

    Args:
        name: As the table calls it.
        runs: Those of all seeds; none for the majority baseline, of which only scores are known.
        known: Split to ``task/metric`` to value, where there are no runs.
    """

    name: str
    runs: list[Run] = field(default_factory=list)
    known: dict[str, dict[str, float]] = field(default_factory=dict)

    def values(self, split: str, metric: str) -> list[float]:
        """A metric's value for each seed that has one."""
        of_split = [run.scores.get(split, {}) for run in self.runs] or [self.known.get(split, {})]
        return [scores[metric] for scores in of_split if metric in scores]

    def answers_to(self, split: str, task: str) -> bool:
        """Returns whether each run has answers for texts that are labelled for a task."""
        of_runs = [run.answers.get(split, {}).values() for run in self.runs]
        return bool(of_runs) and all(
            any(a.gold.get(task) is not None for a in own) for own in of_runs
        )

    def sums(self, split: str, name: str, metric: AdditiveMetric) -> Floats:
        """Returns a metric's summands (seeds, texts, *shape), the texts by corpus and row."""
        tables = []
        for run in self.runs:
            answers = [run.answers[split][key] for key in sorted(run.answers[split])]
            own = [answer for answer in answers if answer.gold.get(name) is not None]
            tables.append(sums_of(own, name, metric))
        return np.stack(tables)


def joined(runs: Mapping[str, Run]) -> Run:
    """Runs of single tasks as one run of all of them.

    Args:
        runs: Task to its run.
    """
    scores: dict[str, dict[str, float]] = {}
    answers: dict[str, dict[Key, Answer]] = {}
    for task, run in runs.items():
        for split, of_split in run.scores.items():
            own = {name: v for name, v in of_split.items() if task_of(name) == task}
            scores.setdefault(split, {}).update(own)
        for split, of_texts in run.answers.items():
            together = answers.setdefault(split, {})
            for key, answer in of_texts.items():
                together[key] = _both(together[key], answer) if key in together else answer
    return Run(
        scores=scores,
        answers=answers,
        cpu_seconds=sum(run.cpu_seconds for run in runs.values()),
        parameters=sum(run.parameters for run in runs.values()),
    )


def require_same_texts(systems: Sequence[System]) -> None:
    """Refuses to compare systems that were scored on different texts.

    Raises:
        InputError: Naming the systems.
    """
    with_runs = [system for system in systems if system.runs]
    for system in with_runs[1:]:
        for split, expected in with_runs[0].runs[0].answers.items():
            for run in system.runs:
                if run.answers.get(split, {}).keys() != expected.keys():
                    raise InputError(
                        "systems are compared on the same texts",
                        found=f"{split}: {len(run.answers.get(split, {}))} texts of {system.name}",
                        expected=f"the {len(expected)} of {with_runs[0].name}",
                    )


def require_data(record: Record, data: Mapping[str, object], folder: Path) -> None:
    """Refuses figures of files that have changed since.

    Args:
        record: Of a finished run.
        data: What is known of the files now, as in a record.
        folder: Of the comparison.

    Raises:
        InputError: Naming the system.
    """
    if not record.is_of(data):
        raise InputError(
            "finished runs are of the files as they are now",
            found=f"{record.system}, seed {record.seed}: of other bytes, or of other splits",
            expected=f"the same files; or another --output, or no {folder}",
        )


def _both(one: Answer, other: Answer) -> Answer:
    return replace(
        one,
        gold=one.gold | other.gold,
        predicted=one.predicted | other.predicted,
    )
