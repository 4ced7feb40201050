"""Slot scores of a model's predictions, by the rules of SemEval-2016 Task 5."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from arabic_mtl.data import MultiTaskData
from arabic_mtl.decoders import LAYERS
from arabic_mtl.documents import Example, Opinion
from arabic_mtl.errors import InputError
from arabic_mtl.evaluation.opinions import OpinionTasks, example_opinions
from arabic_mtl.evaluation.predicted import PredictedExample
from arabic_mtl.formats import Split
from arabic_mtl.model.batch import Origin
from arabic_mtl.scoring import Overlap, Slot, judge, polarity_scores, slot_overlap
from arabic_mtl.tasks import Task

Gold = Mapping[Origin, list[Opinion]]
"""The origin of a text (corpus, row of the table) to its gold opinions, sorted by offset."""

REQUIRED_ROLES: dict[str, set[str]] = {
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
"""The kind of decoder to the task class, for the kinds that can have a role in slots."""

_PREDICTED_OPINIONS: dict[Slot, Callable[[OpinionTasks, PredictedExample], list[Opinion]]] = {
    "slot1": OpinionTasks.categories,
    "slot2": OpinionTasks.targets,
    "slot12": OpinionTasks.aspects,
}


def gold_opinions(data: MultiTaskData, split: Split) -> Gold:
    """Reads the gold opinions of a split (`example_opinions`), for corpora that have opinions.

    Args:
        data: The data, which define the files and the held-out reviews.
        split: The split to read.
    """
    gold: dict[Origin, list[Opinion]] = {}
    for corpus, table in data.tables[split].items():
        examples = data.store.examples(corpus, split)
        opinions = {
            Origin(corpus, number): example_opinions(example)
            for number, example in enumerate(_in_table(examples, table["id"][:]))
        }
        if any(opinions.values()):
            gold |= opinions
    return gold


def _in_table(examples: Iterable[Example], ids: Sequence[str]) -> Iterator[Example]:
    """Yields the examples that have a row in a table; both follow the order of the file."""
    rows = iter(ids)
    expected = next(rows, None)
    for example in examples:
        if example.id == expected:
            yield example
            expected = next(rows, None)
    if expected is not None:
        raise InputError(
            "a cached table must hold the texts of its file, in their order",
            found=f"text {expected} of the table is missing or misplaced in the file",
            expected="the unchanged file; or an empty folder for `data.cache`",
        )


def slot_scores(
    examples: Iterable[PredictedExample], gold: Gold, tasks: Mapping[str, Task]
) -> dict[str, float]:
    """Scores predictions by the official rules, over all examples that have gold opinions.

    Args:
        examples: The system's predictions.
        gold: The gold opinions, from `gold_opinions`.
        tasks: The tasks by name. A slot without its tasks is left out (see `skipped_slots`).

    Returns:
        ``slot1/precision``, ``slot1/recall``, ``slot1/f1``, the same scores of ``slot2`` and
        ``slot12``, ``slot3/accuracy`` and the other scores of `polarity_scores`; all in 0..1.
    """
    opinion_tasks = _opinion_tasks(gold, tasks)
    scorable = [
        (example, gold[origin], opinion_tasks[example.corpus])
        for example in examples
        if (origin := Origin(example.corpus, example.number)) in gold
    ]
    scores: dict[str, float] = {}
    for slot, predict in _PREDICTED_OPINIONS.items():
        overlaps = [
            slot_overlap(slot, predict(own_tasks, example), opinions)
            for example, opinions, own_tasks in scorable
            if REQUIRED_ROLES[slot] <= own_tasks.roles.keys()
        ]
        if overlaps:
            scores |= _with_prefix(slot, sum(overlaps, Overlap()).scores())
    verdicts = Counter(
        verdict
        for example, opinions, own_tasks in scorable
        if REQUIRED_ROLES["slot3"] <= own_tasks.roles.keys()
        for verdict in judge(own_tasks.polarities(example, opinions), opinions)
    )
    return scores | (_with_prefix("slot3", polarity_scores(verdicts)) if verdicts else {})


def skipped_slots(gold: Gold, tasks: Mapping[str, Task]) -> dict[str, str]:
    """Returns the slots that `slot_scores` leaves out, each with the tasks that it needs."""
    available = [own_tasks.roles.keys() for own_tasks in _opinion_tasks(gold, tasks).values()]
    reasons = {}
    for slot, required in REQUIRED_ROLES.items():
        if not any(required <= roles for roles in available):
            missing = [
                f"a {_KINDS[kind]} on layer {' or '.join(layers)}"
                for role, kinds in LAYERS.items()
                for kind, layers in kinds.items()
                if role in required and kind in _KINDS
            ]
            reasons[slot] = f"needs {' and '.join(missing)}, of a corpus with opinions"
    return reasons


def _opinion_tasks(gold: Gold, tasks: Mapping[str, Task]) -> dict[str, OpinionTasks]:
    """Returns, for each corpus with gold opinions, the tasks that predict opinions."""
    return {corpus: OpinionTasks(corpus, tasks) for corpus in {corpus for corpus, _ in gold}}


def _with_prefix(slot: str, scores: Mapping[str, float]) -> dict[str, float]:
    return {f"{slot}/{name}": value for name, value in scores.items()}
