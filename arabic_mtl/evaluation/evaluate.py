"""Any system's scores and answers, without a Trainer."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

import torch

from arabic_mtl.data import MultiTaskData
from arabic_mtl.data.rows import lengths_of
from arabic_mtl.documents import Prediction
from arabic_mtl.evaluation.answer import Answer
from arabic_mtl.formats import Split
from arabic_mtl.model.batch import Batch, Origin
from arabic_mtl.tasks import Logits
from arabic_mtl.tasks.batch import Part, unite
from arabic_mtl.tasks.scores import Scores, TaskRows

LogitsSource = Callable[[Batch], Mapping[str, Logits]]
"""Returns the logits of every task for a batch, in the shapes of the tasks' heads."""


class RowAnswer(NamedTuple):
    """A system's prediction for a row, for one task.

    Args:
        origin: The row's corpus and its number in the table.
        task: The task.
        gold: The right prediction, None where the row is not labelled.
        predicted: The system's.
    """

    origin: Origin
    task: str
    gold: Prediction | None
    predicted: Prediction


def row_answers(found: Mapping[str, TaskRows]) -> list[RowAnswer]:
    """Returns the answers of a batch, task by task."""
    return [
        RowAnswer(origin, name, gold, predicted)
        for name, rows in found.items()
        for origin, gold, predicted in zip(*rows, strict=True)
    ]


def with_texts(rows: Iterable[RowAnswer], data: MultiTaskData, split: Split) -> list[Answer]:
    """Joins answers with their texts, in the order of the files.

    Args:
        rows: The answers, in any order.
        data: Set up, with the split among its tables.
        split: The split of the rows.
    """
    places: dict[Origin, dict[str, RowAnswer]] = {}
    for row in rows:
        places.setdefault(row.origin, {})[row.task] = row
    answers = []
    for corpus, table in data.tables[split].items():
        columns = {name: table[name][:] for name in ("id", "group", "text", "pair")}
        for number, facts in enumerate(zip(*columns.values(), strict=True)):
            if found := places.get(Origin(corpus, number)):
                tasks = [name for name in data.tasks if name in found]
                answers.append(
                    Answer(
                        corpus=corpus,
                        number=number,
                        **dict(zip(columns, facts, strict=True)),
                        gold={name: found[name].gold for name in tasks},
                        predicted={name: found[name].predicted for name in tasks},
                    )
                )
    return answers


def evaluate(
    source: LogitsSource,
    data: MultiTaskData,
    split: Split,
    device: torch.device | str = "cpu",
) -> tuple[dict[str, float], list[Answer]]:
    """Scores a system on a split, and joins its answers with the gold ones.

    Args:
        source: What to score.
        data: Set up, with the split among its tables.
        split: The texts.
        device: Where to count: where the processes can add up.

    Returns:
        ``task/metric`` to its value, ``mean`` among them; and the answers.
    """
    rows: list[RowAnswer] = []

    def collect(found: Mapping[str, TaskRows]) -> None:
        rows.extend(row_answers(found))

    values = score(source, data, split, device, collect=collect)
    return values, with_texts(rows, data, split)


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

    Every process, if there are several, scores the whole split: adding up their equal counts
    changes no score.

    Args:
        source: What to score.
        data: Set up, with the split among its tables.
        split: The texts.
        device: Where to count: where the processes can add up.
        title: What the progress bar is called.
        collect: Is called with each decoded batch.

    Returns:
        ``task/metric`` to its value, ``mean`` among them.
    """
    scores = Scores(data.tasks).to(device)
    for batch in batches(data, split, title):
        batch = batch.to(device)
        found = scores.update(source(batch), batch)
        if collect is not None:
            collect(found)
    return {name: float(value) for name, value in scores.compute().items()}


def batches(data: MultiTaskData, split: Split, title: str = "Reading") -> Iterator[Batch]:
    """Every row of a split once, as validation reads them.

    Args:
        data: Set up, with the split among its tables.
        split: The texts.
        title: What the progress bar is called.
    """
    tables = data.tables[split]
    steps = list(data.plan.evaluation_steps(lengths_of(tables)))
    for step in data.store.track(steps, title):
        parts = {corpus: Part(tables[corpus][rows]) for corpus, rows in step.items()}
        yield unite(parts, data.tasks, data.text.pad_id)
