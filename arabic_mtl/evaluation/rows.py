"""The answers to the rows of a table, and the texts that they are to."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from arabic_mtl.corpora import Split
from arabic_mtl.data import MultiTaskData
from arabic_mtl.evaluation.answer import Answer
from arabic_mtl.example import Example
from arabic_mtl.tasks import Batch, Logits, Task


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
