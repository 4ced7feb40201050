"""The systems of a comparison: their runs, scores and predictions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from arabic_mtl.errors import InputError
from arabic_mtl.evaluation.classes import per_text_sums
from arabic_mtl.evaluation.predicted import PredictedExample, read_predictions
from arabic_mtl.evaluation.record import RunRecord, read_record
from arabic_mtl.tasks.metrics import AdditiveMetric, Floats
from arabic_mtl.tasks.scores import task_of

Key = tuple[str, int]
"""The identity of a text: its corpus and its row in the corpus's table."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One training of a system, or the single-task trainings that are compared with it.

    Args:
        scores: Split to ``task/metric`` to value.
        predictions: Split to text to its predictions.
        cpu_seconds: The CPU time of the training.
        parameters: The number of trained parameters.
    """

    scores: dict[str, dict[str, float]]
    predictions: dict[str, dict[Key, PredictedExample]]
    cpu_seconds: float
    parameters: int

    @classmethod
    def read(cls, folder: Path) -> "Run":
        """Reads a run from its run folder."""
        record = read_record(folder)
        predictions = {
            split: {
                (example.corpus, example.number): example
                for example in read_predictions(folder / f"answers-{split}.jsonl")
            }
            for split in record.scores
        }
        return cls(
            scores=record.scores,
            predictions=predictions,
            cpu_seconds=record.cpu_seconds,
            parameters=record.parameters,
        )


@dataclass(frozen=True, kw_only=True)
class System:
    """A system and its runs, one per seed.

    Args:
        name: The system's name in the tables.
        runs: The runs of all seeds; empty for the majority baseline, which has scores alone.
        fixed_scores: Split to ``task/metric`` to value, for a system without runs.
    """

    name: str
    runs: list[Run] = field(default_factory=list)
    fixed_scores: dict[str, dict[str, float]] = field(default_factory=dict)

    def values(self, split: str, metric: str) -> list[float]:
        """Returns the values of a metric, one for each seed that has it."""
        runs = [run.scores for run in self.runs] or [self.fixed_scores]
        split_scores = [scores.get(split, {}) for scores in runs]
        return [scores[metric] for scores in split_scores if metric in scores]

    def has_predictions(self, split: str, task: str) -> bool:
        """Returns whether each run has predictions for texts that are labelled for a task."""
        runs = [run.predictions.get(split, {}).values() for run in self.runs]
        return bool(runs) and all(
            any(example.gold.get(task) is not None for example in examples) for examples in runs
        )

    def sums(self, split: str, name: str, metric: AdditiveMetric) -> Floats:
        """Returns a metric's summands (seeds, texts, *shape); texts sorted by corpus and row."""
        tables = []
        for run in self.runs:
            examples = [run.predictions[split][key] for key in sorted(run.predictions[split])]
            labelled = [example for example in examples if example.gold.get(name) is not None]
            tables.append(per_text_sums(labelled, name, metric))
        return np.stack(tables)


def merge_runs(runs: Mapping[str, Run]) -> Run:
    """Merges single-task runs into one run of all their tasks.

    Args:
        runs: Task to the run that was trained on it alone.
    """
    scores: dict[str, dict[str, float]] = {}
    predictions: dict[str, dict[Key, PredictedExample]] = {}
    for task, run in runs.items():
        for split, values in run.scores.items():
            own = {name: value for name, value in values.items() if task_of(name) == task}
            scores.setdefault(split, {}).update(own)
        for split, examples in run.predictions.items():
            merged = predictions.setdefault(split, {})
            for key, example in examples.items():
                merged[key] = _merge_tasks(merged[key], example) if key in merged else example
    return Run(
        scores=scores,
        predictions=predictions,
        cpu_seconds=sum(run.cpu_seconds for run in runs.values()),
        parameters=sum(run.parameters for run in runs.values()),
    )


def require_same_texts(systems: Sequence[System]) -> None:
    """Raises `InputError` if systems were scored on different texts.

    Raises:
        InputError: Names the systems.
    """
    with_runs = [system for system in systems if system.runs]
    for system in with_runs[1:]:
        for split, expected in with_runs[0].runs[0].predictions.items():
            for run in system.runs:
                examples = run.predictions.get(split, {})
                if examples.keys() != expected.keys():
                    raise InputError(
                        "compared systems must be scored on the same texts",
                        found=f"{split}: {len(examples)} texts of {system.name}",
                        expected=f"the {len(expected)} texts of {with_runs[0].name}",
                    )


def require_data(record: RunRecord, data: Mapping[str, object], folder: Path) -> None:
    """Raises `InputError` if a finished run used other data files or splits.

    Args:
        record: The record of the finished run.
        data: The statistics of the current files, in the form of `RunRecord.data`.
        folder: The folder of the comparison.

    Raises:
        InputError: Names the system.
    """
    if not record.matches_data(data):
        raise InputError(
            "the data files and splits must not change between runs of a comparison",
            found=f"{record.system}, seed {record.seed}: other files or other splits",
            expected=f"the same files; or another --output; or remove {folder}",
        )


def _merge_tasks(one: PredictedExample, other: PredictedExample) -> PredictedExample:
    return replace(
        one,
        gold=one.gold | other.gold,
        predicted=one.predicted | other.predicted,
    )
