"""The tables of a comparison, as data frames."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from statistics import mean, stdev

import pandas as pd

from arabic_mtl.evaluation.significance import difference, holm
from arabic_mtl.evaluation.system import System
from arabic_mtl.markdown import score_text
from arabic_mtl.tasks import Task
from arabic_mtl.tasks.metrics import AdditiveMetric
from arabic_mtl.tasks.scores import is_share

_VALID = {"validation": "valid", "test": "test"}
"""What the recipe's table calls a split."""


def scores_table(
    systems: Sequence[System], tasks: Mapping[str, Task], splits: Sequence[str]
) -> pd.DataFrame:
    """A row per split and metric, then time and size; a column per system: mean ± sd over seeds.

    Args:
        systems: Their names head the columns.
        tasks: Whose metrics to show.
        splits: Which to show.
    """
    names = [f"{n}/{metric}" for n, task in tasks.items() for metric in _shown(task)]
    known = [set(of_split) for s in systems for of_split in _all_scores(s, splits)]
    slots = sorted({name for of_split in known for name in of_split if name.startswith("slot")})
    rows = {
        (split, name): [
            _mean(system.values(split, name), is_share=is_share(name, tasks)) for system in systems
        ]
        for split in splits
        for name in [*names, *slots]
    }
    rows[("", "seeds")] = [str(len(s.runs) or "") for s in systems]
    rows[("", "CPU seconds")] = [_number([r.cpu_seconds for r in s.runs]) for s in systems]
    rows[("", "parameters")] = [_number([r.parameters for r in s.runs]) for s in systems]
    index = pd.MultiIndex.from_tuples(rows, names=["split", "metric"])
    return pd.DataFrame(list(rows.values()), index=index, columns=[s.name for s in systems])


def differences_table(
    systems: Sequence[System], tasks: Mapping[str, Task], split: str
) -> pd.DataFrame:
    """A row per task and pair of systems: the difference in points, its interval, p after Holm.

    Args:
        systems: Those without answers to a task are left out of its rows.
        tasks: Compared by their main metrics; without those that `not_compared` names.
        split: The texts.
    """
    columns = ["task", "metric", "system", "minus", "points", "95 % interval", "p (Holm)"]
    rows: list[list[object]] = []
    for name, task in tasks.items():
        metric = task.metrics()[task.main_metric]
        if not isinstance(metric, AdditiveMetric):
            continue  # as `not_compared` has it
        compared = [system for system in systems if system.answers_to(split, name)]
        sums = {system.name: system.sums(split, name, metric) for system in compared}
        pairs = list(combinations(compared, 2))
        found = [difference(sums[a.name], sums[b.name], metric.value) for a, b in pairs]
        adjusted = holm([each.p for each in found])
        for (one, other), each, p in zip(pairs, found, adjusted, strict=True):
            low, high, points = (
                score_text(value, is_share=metric.is_share, sign="+")
                for value in (each.low, each.high, each.value)
            )
            rows.append(
                [
                    name,
                    task.main_metric,
                    one.name,
                    other.name,
                    points,
                    f"{low} to {high}",
                    "< 0.001" if p < 0.001 else f"{p:.3f}",
                ]
            )
    return pd.DataFrame(rows, columns=columns)


def not_compared(tasks: Mapping[str, Task]) -> str:
    """Which tasks `differences_table` leaves out, and why; nothing if it has them all."""
    left_out = [
        f"{name} ({task.main_metric})"
        for name, task in tasks.items()
        if not isinstance(task.metrics()[task.main_metric], AdditiveMetric)
    ]
    if not left_out:
        return ""
    names = ", ".join(left_out)
    return f"Left out, for the main metric is not a function of sums over texts: {names}."


def recipe_table(
    systems: Sequence[System], tasks: Mapping[str, Task], splits: Sequence[str]
) -> pd.DataFrame:
    """The recipe's table: a row per system, the accuracy of each task on each split."""
    with_accuracy = [name for name, task in tasks.items() if "accuracy" in task.metrics()]
    return pd.DataFrame(
        [
            {"model_name": system.name}
            | {
                f"{name}_{_VALID[split]}_accuracy": mean(values) if values else None
                for name in with_accuracy
                for split in splits
                for values in [system.values(split, f"{name}/accuracy")]
            }
            for system in systems
        ]
    )


def _shown(task: Task) -> list[str]:
    """A task's metrics, its main one first."""
    return sorted(task.metrics(), key=lambda name: name != task.main_metric)


def _all_scores(system: System, splits: Sequence[str]) -> list[dict[str, float]]:
    of_runs = [run.scores for run in system.runs] or [system.known]
    return [scores.get(split, {}) for scores in of_runs for split in splits]


def _mean(values: Sequence[float], *, is_share: bool) -> str:
    shown = [mean(values), stdev(values)] if len(values) > 1 else values
    return " ± ".join(score_text(value, is_share=is_share) for value in shown)


def _number(values: Sequence[float]) -> str:
    return f"{mean(values):,.0f}" if any(values) else ""
