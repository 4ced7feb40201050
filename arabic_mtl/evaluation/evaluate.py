"""Any system's scores and answers, without a Trainer."""

from collections.abc import Callable, Iterator, Mapping

import torch

from arabic_mtl.corpora import Split
from arabic_mtl.data import MultiTaskData
from arabic_mtl.data.rows import lengths_of
from arabic_mtl.evaluation.answer import Answer
from arabic_mtl.evaluation.rows import RowAnswer, row_answers, with_gold
from arabic_mtl.model.scores import Scores
from arabic_mtl.tasks import Batch, Logits
from arabic_mtl.tasks.batch import Part, unite

LogitsSource = Callable[[Batch], Mapping[str, Logits]]
"""Gives the logits of every task for a batch, in the shapes of the tasks' heads."""


@torch.no_grad()
def evaluate(
    source: LogitsSource,
    data: MultiTaskData,
    split: Split,
    device: torch.device | str = "cpu",
    title: str = "Scoring",
) -> tuple[dict[str, float], list[Answer]]:
    """Scores a system on a split.

    Every process, if there are several, scores the whole split: adding up their equal counts
    changes no score.

    Args:
        source: What to score.
        data: Set up, with the split among its tables.
        split: The texts.
        device: Where to count: where the processes can add up.
        title: What the progress bar is called.

    Returns:
        ``task/metric`` to its value, ``mean`` among them; and the answers.
    """
    scores = Scores(data.tasks).to(device)
    rows: list[RowAnswer] = []
    for batch in batches(data, split, title):
        batch = batch.to(device)
        logits = source(batch)
        scores.update(logits, batch)
        rows += row_answers(batch, logits, data.tasks)
    values = {name: float(value) for name, value in scores.compute().items()}
    return values, with_gold(rows, data, split)


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
