"""A model's answers scored slot by slot, as SemEval-2016 Task 5 scores any system."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from arabic_mtl.data import MultiTaskData
from arabic_mtl.decoders import LAYERS
from arabic_mtl.documents import Example, Opinion
from arabic_mtl.errors import InputError
from arabic_mtl.evaluation.answer import Answer
from arabic_mtl.evaluation.opinions import OpinionTasks, gold_opinions_of
from arabic_mtl.formats import Split
from arabic_mtl.model.batch import Origin
from arabic_mtl.scoring import Overlap, Slot, judge, polarity_scores, slot_overlap
from arabic_mtl.tasks import Task

Gold = Mapping[Origin, list[Opinion]]
"""Corpus and table row of a text to the opinions on it, by place."""

NEEDS: dict[str, set[str]] = {
    "slot1": {"category"},
    "slot2": {"target"},
    "slot12": {"category", "target"},
    "slot3": {"polarity"},
}
"""Slot to the roles of the tasks that it needs."""

_KINDS = {
    "multilabel": "MultiLabelClassification",
    "token": "TokenClassification",
    "span": "SpanClassification",
}
"""Kind to the task's class, of the kinds whose tasks can have a role here."""

_FOUND: dict[Slot, Callable[[OpinionTasks, Answer], list[Opinion]]] = {
    "slot1": OpinionTasks.categories,
    "slot2": OpinionTasks.targets,
    "slot12": OpinionTasks.aspects,
}


def gold_opinions(data: MultiTaskData, split: Split) -> Gold:
    """Reads the opinions of a split, of every corpus whose texts have some (`gold_opinions_of`).

    Args:
        data: Whose files and held-out reviews count.
        split: What to read.
    """
    gold: dict[Origin, list[Opinion]] = {}
    for corpus, table in data.tables[split].items():
        examples = data.store.examples(corpus, split)
        opinions = {
            Origin(corpus, number): gold_opinions_of(example)
            for number, example in enumerate(_in_table(examples, table["id"][:]))
        }
        if any(opinions.values()):
            gold |= opinions
    return gold


def _in_table(examples: Iterable[Example], ids: Sequence[str]) -> Iterator[Example]:
    """Yields the examples that have a row in a table; both are in the order of the file."""
    rows = iter(ids)
    expected = next(rows, None)
    for example in examples:
        if example.id == expected:
            yield example
            expected = next(rows, None)
    if expected is not None:
        raise InputError(
            "a table must hold the texts of its file, in their order",
            found=f"no text {expected} where the table has it",
            expected="the same file; or an empty folder as data.cache, for new tables",
        )


def slot_scores(
    answers: Iterable[Answer], gold: Gold, tasks: Mapping[str, Task]
) -> dict[str, float]:
    """Scores answers by the official rules, over all answered texts that have gold opinions.

    Args:
        answers: What a system says.
        gold: What is right, from `gold_opinions`.
        tasks: By name; a slot that needs others is left out (see `left_out`).

    Returns:
        ``slot1/precision``, ``slot1/recall``, ``slot1/f1``, the same of ``slot2`` and
        ``slot12``, ``slot3/accuracy`` and the others of `polarity_scores`; all in 0..1.
    """
    of_corpora = _tasks(gold, tasks)
    known = [
        (answer, gold[place], of_corpora[answer.corpus])
        for answer in answers
        if (place := Origin(answer.corpus, answer.number)) in gold
    ]
    scores: dict[str, float] = {}
    for slot, find in _FOUND.items():
        counted = [
            slot_overlap(slot, find(of, answer), right)
            for answer, right, of in known
            if NEEDS[slot] <= of.roles.keys()
        ]
        if counted:
            scores |= _named(slot, sum(counted, Overlap()).scores())
    verdicts = Counter(
        verdict
        for answer, right, of in known
        if NEEDS["slot3"] <= of.roles.keys()
        for verdict in judge(of.polarities(answer, right), right)
    )
    return scores | (_named("slot3", polarity_scores(verdicts)) if verdicts else {})


def left_out(gold: Gold, tasks: Mapping[str, Task]) -> dict[str, str]:
    """The slots that `slot_scores` leaves out, each with the tasks that it needs."""
    reasons = {}
    for slot, needed in NEEDS.items():
        if not any(needed <= of.roles.keys() for of in _tasks(gold, tasks).values()):
            tasks_needed = [
                f"a {_KINDS[kind]} on layer {' or '.join(layers)}"
                for role, kinds in LAYERS.items()
                for kind, layers in kinds.items()
                if role in needed and kind in _KINDS
            ]
            reasons[slot] = f"needs {' and '.join(tasks_needed)}, of a corpus with opinions"
    return reasons


def _tasks(gold: Gold, tasks: Mapping[str, Task]) -> dict[str, OpinionTasks]:
    """Corpus to the tasks that tell its opinions."""
    return {corpus: OpinionTasks(corpus, tasks) for corpus in {corpus for corpus, _ in gold}}


def _named(slot: str, scores: Mapping[str, float]) -> dict[str, float]:
    return {f"{slot}/{name}": value for name, value in scores.items()}
