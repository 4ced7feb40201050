"""Scores of a run by slice: the texts with one value of a column, or of a length."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from arabic_mtl.evaluation.classes import per_text_sums
from arabic_mtl.evaluation.predicted import PredictedExample
from arabic_mtl.evaluation.significance import interval
from arabic_mtl.markdown import score_text
from arabic_mtl.scoring import length_slice, lengths_order
from arabic_mtl.tasks import Task
from arabic_mtl.tasks.metrics import AdditiveMetric

_MOST = 20  # values of a column that are shown, the most frequent ones


def slices_table(examples: Sequence[PredictedExample], tasks: Mapping[str, Task]) -> pd.DataFrame:
    """Returns a row for each task and slice: its texts, its score and the interval.

    Args:
        examples: The predictions for a split.
        tasks: The tasks, scored by their selection metrics. A task whose metric is no function of
            sums over texts is left out.
    """
    rows: list[list[object]] = []
    for name, task in tasks.items():
        metric = task.metrics()[task.selection_metric]
        labelled = [example for example in examples if example.gold.get(name) is not None]
        if isinstance(metric, AdditiveMetric) and labelled:
            for column, value, own in _slices(labelled):
                row = [f"{name}/{task.selection_metric}", column, value, len(own)]
                rows.append([*row, *score_cells(own, name, metric)])
    return pd.DataFrame(
        rows, columns=["metric", "slice", "value", "texts", "score", "95 % interval"]
    )


def score_cells(
    examples: Sequence[PredictedExample], name: str, metric: AdditiveMetric
) -> tuple[str, str]:
    """Returns the score of some texts and its 95 % confidence interval, as they are printed.

    Args:
        examples: The predictions.
        name: The task's name in the examples.
        metric: A metric of the task.
    """
    summands = per_text_sums(examples, name, metric)
    low, high = interval(summands, metric.value)
    score = float(metric.value(summands.sum(axis=0)))
    shown = [score_text(value, is_share=metric.is_share) for value in (score, low, high)]
    return shown[0], f"{shown[1]} to {shown[2]}"


def _slices(
    examples: Sequence[PredictedExample],
) -> Iterator[tuple[str, str, list[PredictedExample]]]:
    """Yields column, value and texts of each slice: the columns' own, then the lengths."""
    columns = list(dict.fromkeys(column for example in examples for column in example.slices))
    for column in columns:
        values = [example.slices.get(column, "") for example in examples]
        counts = Counter(values).most_common()
        for value, _ in counts[:_MOST]:
            yield column, value or "(empty)", _chosen(examples, values, {value})
        if others := {value for value, _ in counts[_MOST:]}:
            yield column, f"{len(others)} others", _chosen(examples, values, others)
    lengths = [length_slice(example.text) for example in examples]
    for value in sorted(set(lengths), key=lengths_order):
        yield "length", value, _chosen(examples, lengths, {value})


def _chosen(
    examples: Sequence[PredictedExample], values: Sequence[str], wanted: set[str]
) -> list[PredictedExample]:
    return [e for e, value in zip(examples, values, strict=True) if value in wanted]
