"""Decisions counted: gold by found."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import singledispatch
from itertools import zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arabic_mtl.evaluation.answer import Answer
from arabic_mtl.tasks import (
    MultiLabelClassification,
    SequenceClassification,
    SpanClassification,
    Task,
    TokenClassification,
)

Place = tuple[int, int]
"""Where a span starts and ends in its text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a system says at one place of a text, and what is right there.

    Args:
        answer: The text's.
        gold: The right label; None where nothing is to be found.
        found: The system's; None where it finds nothing.
        score: The probability of what it says, if it is known.
        place: The span, if it is about one.
    """

    answer: Answer
    gold: str | None
    found: str | None
    score: float | None = None
    place: Place | None = None

    @property
    def is_right(self) -> bool:
        """Whether the system is."""
        return self.gold == self.found


@singledispatch
def decisions(task: Task, name: str, answers: Sequence[Answer]) -> list[Decision]:
    """All decisions that matter to a task; a kind of task that is not known here has none.

    Of several labels per text these are the labels that are gold or found; of spans that are to
    be found, the gold and the found ones, paired where both ends are equal.

    Args:
        task: What to decide; its kind says how.
        name: What it is called in the answers.
        answers: Those without gold are passed over.
    """
    return []


@decisions.register
def _(task: SequenceClassification, name: str, answers: Sequence[Answer]) -> list[Decision]:
    return [
        Decision(answer=a, gold=gold["label"], found=found["label"], score=found["score"])
        for a, gold, found in _labelled(name, answers)
    ]


@decisions.register
def _(task: SpanClassification, name: str, answers: Sequence[Answer]) -> list[Decision]:
    return [
        _at((gold["start"], gold["end"]), a, gold["label"], found)
        for a, golds, founds in _labelled(name, answers)
        for gold, found in zip(golds, founds, strict=True)
    ]


@decisions.register
def _(task: MultiLabelClassification, name: str, answers: Sequence[Answer]) -> list[Decision]:
    made = []
    for a, golds, founds in _labelled(name, answers):
        gold, found = ({each["label"] for each in labels} for labels in (golds, founds))
        for label, probability in zip(task.labels, a.probabilities[name], strict=True):
            if label in gold | found:
                made.append(
                    Decision(
                        answer=a,
                        gold=label if label in gold else None,
                        found=label if label in found else None,
                        score=probability if label in found else 1 - probability,
                    )
                )
    return made


@decisions.register
def _(task: TokenClassification, name: str, answers: Sequence[Answer]) -> list[Decision]:
    return [
        decision
        for a, golds, founds in _labelled(name, answers)
        for decision in _spans(a, golds, founds)
    ]


def _spans(answer: Answer, golds: list[Any], founds: list[Any]) -> Iterator[Decision]:
    """Spans are sets, as in their F1: equal ones are right, those at one place are confused."""
    gold = {(s["start"], s["end"], s["label"]) for s in golds}
    found = {(s["start"], s["end"], s["label"]): s for s in founds}
    places: dict[Place, tuple[list[str], list[Any]]] = defaultdict(lambda: ([], []))
    for start, end, label in sorted(gold):
        if (start, end, label) in found:
            yield _at((start, end), answer, label, found[start, end, label])
        else:
            places[start, end][0].append(label)
    for key in sorted(found.keys() - gold):
        places[key[:2]][1].append(found[key])
    for place, (missed, spurious) in places.items():
        for label, span in zip_longest(missed, spurious):
            yield _at(place, answer, label, span)


def _at(place: Place, answer: Answer, gold: str | None, found: Any) -> Decision:
    label, score = (None, None) if found is None else (found["label"], found["score"])
    return Decision(answer=answer, gold=gold, found=label, score=score, place=place)


def _labelled(name: str, answers: Sequence[Answer]) -> Iterator[tuple[Answer, Any, Any]]:
    """The answers to texts that are labelled for a task."""
    for answer in answers:
        if answer.gold.get(name) is not None:
            yield answer, answer.gold[name], answer.found[name]


def confusion(decisions: Sequence[Decision], labels: Sequence[str]) -> NDArray[np.int64]:
    """How often each label is taken for which.

    Args:
        decisions: What to count.
        labels: All labels.

    Returns:
        Gold by found (labels + 1, labels + 1); the last row is of what is found and not gold,
        the last column of what is gold and not found.
    """
    numbers: dict[str | None, int] = {label: n for n, label in enumerate(labels)}
    numbers[None] = len(labels)
    matrix = np.zeros((len(numbers), len(numbers)), dtype=np.int64)
    for decision in decisions:
        matrix[numbers[decision.gold], numbers[decision.found]] += 1
    return matrix
