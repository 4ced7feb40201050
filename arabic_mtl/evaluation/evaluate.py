"""Any system's scores and answers, without a Trainer."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import torch

from arabic_mtl.data import MultiTaskData
from arabic_mtl.data.rows import lengths_of
from arabic_mtl.documents import Example
from arabic_mtl.evaluation.answer import Answer
from arabic_mtl.formats import Split
from arabic_mtl.model.batch import Batch
from arabic_mtl.tasks import Logits, Task
from arabic_mtl.tasks.batch import Part, unite
from arabic_mtl.tasks.scores import Scores

LogitsSource = Callable[[Batch], Mapping[str, Logits]]
"""Gives the logits of every task for a batch, in the shapes of the tasks' heads."""


class RowAnswer(NamedTuple):
    """What a system says of a row.

    Args:
        corpus: The row's corpus.
        number: Its place in the corpus's table.
        found: Task to its answer.
        probabilities: Task to those of its labels.
    """

    corpus: str
    number: int
    found: dict[str, Any]
    probabilities: dict[str, Any]


def row_answers(
    batch: Batch, logits: Mapping[str, Logits], tasks: Mapping[str, Task]
) -> list[RowAnswer]:
    """Decodes the logits of a batch with gold targets.

    Args:
        batch: The rows.
        logits: Task to what a system says of them.
        tasks: By name.
    """
    found: dict[str, list[Any]] = {}
    probabilities: dict[str, list[Any]] = {}
    for name, task in tasks.items():
        given = logits[name], batch.tokens[batch.rows[name]], batch.targets[name]
        found[name], probabilities[name] = task.decode(*given), task.probabilities(*given)
    return [
        RowAnswer(corpus, number, *({t: of[t][i] for t in own} for of in (found, probabilities)))
        for corpus, numbers in batch.numbers.items()
        for own in [[name for name, task in tasks.items() if task.corpus == corpus]]
        for i, number in enumerate(numbers)
    ]


def with_gold(rows: Iterable[RowAnswer], data: MultiTaskData, split: Split) -> list[Answer]:
    """Joins answers with their texts and with what is right, in the order of the files.

    Args:
        rows: The answers, in any order.
        data: Set up, with the split among its tables.
        split: What the rows are of.
    """
    places = {(row.corpus, row.number): row for row in rows}
    answers = []
    for corpus, table in data.tables[split].items():
        tasks = {name: task for name, task in data.tasks.items() if task.corpus == corpus}
        examples = {example.id: example for example in data.store.examples(corpus, split)}
        for number, name in enumerate(table["id"]):
            if (row := places.get((corpus, number))) is not None:
                answers.append(_answer(row, examples[name], tasks))
    return answers


def _answer(row: RowAnswer, example: Example, tasks: Mapping[str, Task]) -> Answer:
    return Answer(
        corpus=row.corpus,
        id=example.id,
        group=example.group,
        text=example.text,
        pair=example.pair,
        gold={name: task.gold(example) for name, task in tasks.items()},
        found=row.found,
        probabilities=row.probabilities,
    )


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

    def collect(batch: Batch, logits: Mapping[str, Logits]) -> None:
        rows.extend(row_answers(batch, logits, data.tasks))

    values = score(source, data, split, device, collect=collect)
    return values, with_gold(rows, data, split)


@torch.no_grad()
def score(
    source: LogitsSource,
    data: MultiTaskData,
    split: Split,
    device: torch.device | str = "cpu",
    title: str = "Scoring",
    collect: Callable[[Batch, Mapping[str, Logits]], None] | None = None,
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
        collect: Is called with each batch and its logits.

    Returns:
        ``task/metric`` to its value, ``mean`` among them.
    """
    scores = Scores(data.tasks).to(device)
    for batch in batches(data, split, title):
        batch = batch.to(device)
        logits = source(batch)
        scores.update(logits, batch)
        if collect is not None:
            collect(batch, logits)
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
