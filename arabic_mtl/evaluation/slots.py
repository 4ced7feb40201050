"""A model's answers scored slot by slot, as SemEval-2016 Task 5 scores any system."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from arabic_mtl.data import MultiTaskData
from arabic_mtl.decoders import LAYERS
from arabic_mtl.documents import Opinion
from arabic_mtl.evaluation.answer import Answer
from arabic_mtl.evaluation.opinions import OpinionTasks
from arabic_mtl.formats import SemEval2016, Split
from arabic_mtl.scoring import Overlap, Slot, judge, polarity_scores, slot_overlap
from arabic_mtl.tasks import Task

Gold = Mapping[tuple[str, str], list[Opinion]]
"""Corpus and id of a text to the opinions on it, in the order of the file."""

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
    """Reads the opinions of a split from the XML, of every corpus whose texts have some.

    Args:
        data: Whose files and held-out reviews count.
        split: What to read.
    """
    gold: dict[tuple[str, str], list[Opinion]] = {}
    for name, corpus in data.store.corpora.items():
        path = data.store.source(name, split)
        if path and isinstance(corpus, SemEval2016) and corpus.unit != "opinion":
            for text, opinions in corpus.texts(path):
                if data.store.is_in(split, name, text.group):
                    gold[name, text.id] = opinions
    return gold


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
        (answer, gold[answer.corpus, answer.id], of_corpora[answer.corpus])
        for answer in answers
        if (answer.corpus, answer.id) in gold
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
            reasons[slot] = f"needs {' and '.join(tasks_needed)}, of a SemEval2016 corpus"
    return reasons


def _tasks(gold: Gold, tasks: Mapping[str, Task]) -> dict[str, OpinionTasks]:
    """Corpus to the tasks that tell its opinions."""
    return {corpus: OpinionTasks(corpus, tasks) for corpus in {corpus for corpus, _ in gold}}


def _named(slot: str, scores: Mapping[str, float]) -> dict[str, float]:
    return {f"{slot}/{name}": value for name, value in scores.items()}
