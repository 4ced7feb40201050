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
from arabic_mtl.tasks.scores import is_share, metric_names

_VALID = {"validation": "valid", "test": "test"}
"""Split to its name in the recipe's table."""


def scores_table(
    systems: Sequence[System], tasks: Mapping[str, Task], splits: Sequence[str]
) -> pd.DataFrame:
    """Returns the scores of all systems: mean ± standard deviation over seeds.

    It has a row for each split and metric, then rows for time and size, and a column per system.

    Args:
        systems: The systems, whose names head the columns.
        tasks: The tasks whose metrics are shown, by name.
        splits: The splits to show.
    """
    names = [f"{n}/{metric}" for n, task in tasks.items() for metric in metric_names(task)]
    scored = {name for s in systems for scores in _all_scores(s, splits) for name in scores}
    slots = sorted(name for name in scored if name.startswith("slot"))
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
    systems: Sequence[System], tasks: Mapping[str, Task], splits: Sequence[str]
) -> pd.DataFrame:
    """Returns the differences between all pairs of systems, for each task.

    Each row has the difference in percentage points, its 95 % interval and its p-value after
    Holm's correction.

    Args:
        systems: The systems. A system without predictions for a task is left out of its rows.
        tasks: The tasks by name, compared by their main metrics, without `uncompared_tasks`.
        splits: The splits; each task is compared on the last one that is labelled for it.
    """
    columns = ["task", "metric", "split", "system", "minus", "points", "95 % interval", "p (Holm)"]
    rows: list[list[object]] = []
    for name, task in tasks.items():
        metric = task.metrics()[task.selection_metric]
        if not isinstance(metric, AdditiveMetric):
            continue  # `uncompared_tasks` names the task
        labelled = [s for s in splits if any(system.has_predictions(s, name) for system in systems)]
        if not labelled:
            continue  # no system is compared
        split = labelled[-1]
        compared = [system for system in systems if system.has_predictions(split, name)]
        sums = {system.name: system.sums(split, name, metric) for system in compared}
        pairs = list(combinations(compared, 2))
        results = [difference(sums[a.name], sums[b.name], metric.value) for a, b in pairs]
        adjusted = holm([result.p for result in results])
        for (one, other), result, p in zip(pairs, results, adjusted, strict=True):
            low, high, points = (
                score_text(value, is_share=metric.is_share, sign="+")
                for value in (result.low, result.high, result.value)
            )
            rows.append(
                [
                    name,
                    task.selection_metric,
                    split,
                    one.name,
                    other.name,
                    points,
                    f"{low} to {high}",
                    "< 0.001" if p < 0.001 else f"{p:.3f}",
                ]
            )
    return pd.DataFrame(rows, columns=columns)


def uncompared_tasks(tasks: Mapping[str, Task]) -> str:
    """Returns a note on the tasks that `differences_table` leaves out; empty if there are none."""
    names = [
        f"{name} ({task.selection_metric})"
        for name, task in tasks.items()
        if not isinstance(task.metrics()[task.selection_metric], AdditiveMetric)
    ]
    if not names:
        return ""
    reason = "their main metrics are not computed from sums over texts"
    return f"Tasks without a comparison, as {reason}: {', '.join(names)}."


def recipe_table(
    systems: Sequence[System], tasks: Mapping[str, Task], splits: Sequence[str]
) -> pd.DataFrame:
    """Returns the recipe's table: a row per system, the accuracy of each task on each split."""
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


def _all_scores(system: System, splits: Sequence[str]) -> list[dict[str, float]]:
    runs = [run.scores for run in system.runs] or [system.fixed_scores]
    return [scores.get(split, {}) for scores in runs for split in splits]


def _mean(values: Sequence[float], *, is_share: bool) -> str:
    figures = [mean(values), stdev(values)] if len(values) > 1 else values
    return " ± ".join(score_text(value, is_share=is_share) for value in figures)


def _number(values: Sequence[float]) -> str:
    return f"{mean(values):,.0f}" if any(values) else ""
