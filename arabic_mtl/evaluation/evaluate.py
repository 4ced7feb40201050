"""Scores any system on a split, without a Trainer, and returns its predictions."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

import torch

from arabic_mtl.data import MultiTaskData
from arabic_mtl.data.rows import row_lengths
from arabic_mtl.documents import Prediction
from arabic_mtl.evaluation.predicted import PredictedExample
from arabic_mtl.formats import Split
from arabic_mtl.model.batch import Batch, Origin
from arabic_mtl.tasks import Logits
from arabic_mtl.tasks.batch import CorpusRows
from arabic_mtl.tasks.scores import Scores, TaskRows

LogitsSource = Callable[[Batch], Mapping[str, Logits]]
"""Returns the logits of every task for a batch, in the shapes of the tasks' heads."""


class RowPrediction(NamedTuple):
    """A system's prediction for one row of a table and one task.

    Args:
        origin: The row's corpus and its number in the table.
        task: The name of the task.
        gold: The gold prediction; None if the row is not labelled.
        predicted: The system's prediction.
    """

    origin: Origin
    task: str
    gold: Prediction | None
    predicted: Prediction


def row_predictions(decoded: Mapping[str, TaskRows]) -> list[RowPrediction]:
    """Returns the predictions of a decoded batch, task by task."""
    return [
        RowPrediction(origin, name, gold, predicted)
        for name, rows in decoded.items()
        for origin, gold, predicted in zip(*rows, strict=True)
    ]


def join_texts(
    rows: Iterable[RowPrediction], data: MultiTaskData, split: Split
) -> list[PredictedExample]:
    """Joins the predictions of all tasks with their texts, in the order of the files.

    Args:
        rows: The predictions, in any order.
        data: The data, set up, with the split among its tables.
        split: The split of the rows.
    """
    by_origin: dict[Origin, dict[str, RowPrediction]] = {}
    for row in rows:
        by_origin.setdefault(row.origin, {})[row.task] = row
    examples = []
    for corpus, table in data.tables[split].items():
        columns = {name: table[name][:] for name in ("id", "group", "text", "pair")}
        slices = data.slice_values(corpus, split)
        for number, facts in enumerate(zip(*columns.values(), strict=True)):
            if task_rows := by_origin.get(Origin(corpus, number)):
                tasks = [name for name in data.tasks if name in task_rows]
                examples.append(
                    PredictedExample(
                        corpus=corpus,
                        number=number,
                        **dict(zip(columns, facts, strict=True)),
                        gold={name: task_rows[name].gold for name in tasks},
                        predicted={name: task_rows[name].predicted for name in tasks},
                        slices=slices.get(facts[0], {}),
                    )
                )
    return examples


def evaluate(
    source: LogitsSource,
    data: MultiTaskData,
    split: Split,
    device: torch.device | str = "cpu",
) -> tuple[dict[str, float], list[PredictedExample]]:
    """Scores a system on a split, and returns its predictions next to the gold labels.

    Args:
        source: The system, as a function from a batch to logits.
        data: The data, set up, with the split among its tables.
        split: The split to score.
        device: The device of the metrics, which all processes must be able to reduce.

    Returns:
        ``task/metric`` to its value, including ``mean``; and the examples with predictions.
    """
    rows: list[RowPrediction] = []

    def collect(decoded: Mapping[str, TaskRows]) -> None:
        rows.extend(row_predictions(decoded))

    values = score(source, data, split, device, collect=collect)
    return values, join_texts(rows, data, split)


@torch.no_grad()
def score(
    source: LogitsSource,
    data: MultiTaskData,
    split: Split,
    device: torch.device | str = "cpu",
    title: str = "Scoring",
    collect: Callable[[Mapping[str, TaskRows]], None] | None = None,
) -> dict[str, float]:
    """Scores a system on a split.

    With several processes, each of them scores the whole split. Reducing their equal counts
    leaves the scores unchanged.

    Args:
        source: The system, as a function from a batch to logits.
        data: The data, set up, with the split among its tables.
        split: The split to score.
        device: The device of the metrics, which all processes must be able to reduce.
        title: The title of the progress bar.
        collect: A function that is called with each decoded batch.

    Returns:
        ``task/metric`` to its value, including ``mean``.
    """
    scores = Scores(data.tasks).to(device)
    for batch in batches(data, split, title):
        batch = batch.to(device)
        decoded = scores.update(source(batch), batch)
        if collect is not None:
            collect(decoded)
    return {name: float(value) for name, value in scores.compute().items()}


def batches(data: MultiTaskData, split: Split, title: str = "Reading") -> Iterator[Batch]:
    """Yields batches with every row of a split once, in the order of validation.

    Args:
        data: The data, set up, with the split among its tables.
        split: The split to read.
        title: The title of the progress bar.
    """
    tables = data.tables[split]
    steps = list(data.plan.evaluation_steps(row_lengths(tables)))
    for step in data.store.track(steps, title):
        parts = {corpus: CorpusRows(tables[corpus][rows]) for corpus, rows in step.items()}
        yield data.collate(parts)
