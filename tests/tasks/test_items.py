"""How many labelled items an example has: as many as a loss counts, for every kind of task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.documents import Example, Span
from arabic_mtl.tasks import (
    LabelTask,
    MultiLabelClassification,
    SequenceClassification,
    SpanClassification,
    Task,
    TokenClassification,
)
from arabic_mtl.text import Encoding, TextPipeline
from support.kinds import Unheard
from support.tokens import pad

LABELS = ("A", "B", "C")
TASKS: dict[str, Task] = {
    "sequence": SequenceClassification(corpus="texts", layer="polarity", labels=LABELS),
    "multilabel": MultiLabelClassification(corpus="texts", layer="category", labels=LABELS),
    "token": TokenClassification(corpus="texts", layer="entity", labels=LABELS),
    "span": SpanClassification(corpus="texts", layer="polarity", labels=LABELS),
}
WORDS = [
    *("الغرفة", "والغرفة", "نظيفة", "بالموقع", "وَالغُرفة", "نظيـــفة", "abc", "123", "!", "،"),
    *("قسطنطينية", "قوية/سريعة", "http://a.bc/d", "👍", "ـ", "\u064e"),
]
texts = st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join) | st.text(max_size=20)


@st.composite
def examples(draw: st.DrawFn) -> Example:
    """A text in which any layer may be missing."""
    text = draw(texts)
    places = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(sorted)
    spans = st.lists(st.builds(lambda at, label: Span(*at, label), places, st.sampled_from(LABELS)))
    of_layer = spans.map(tuple)
    one = st.sampled_from(LABELS).map(lambda label: (label,))
    several = st.lists(st.sampled_from(LABELS), unique=True).map(tuple)
    return Example(
        id="1",
        group="1",
        text=text,
        pair=draw(st.none() | texts),
        labels=draw(st.fixed_dictionaries({}, optional={"polarity": one, "category": several})),
        spans=draw(st.fixed_dictionaries({}, optional={"polarity": of_layer, "entity": of_layer})),
    )


def encoded(text: TextPipeline, of: Sequence[Example]) -> list[Encoding]:
    return text.encode([e.text for e in of], [e.pair for e in of])


def items(task: Task, value: Any, encoding: Encoding) -> int:
    """Of an example, as a table has it."""
    return 0 if value is None else task.items(value, encoding)


def counted(task: Task, values: Sequence[Any], encodings: Sequence[Encoding]) -> int:
    """The number that the loss of a batch gives."""
    tokens = pad(encodings)
    targets = task.collate(values, tokens)
    return int(task.loss(task.constant(task.tally(targets), targets), targets)[1])


@pytest.mark.parametrize("kind", TASKS)
@given(of=st.lists(examples(), min_size=1, max_size=4))
def test_items_are_what_the_loss_counts(kind: str, text: TextPipeline, of: list[Example]) -> None:
    task, encodings = TASKS[kind], encoded(text, of)
    values = [task.targets(e, encoding) for e, encoding in zip(of, encodings, strict=True)]
    found = [items(task, value, e) for value, e in zip(values, encodings, strict=True)]
    assert found == [
        counted(task, [value], [e]) for value, e in zip(values, encodings, strict=True)
    ]
    assert sum(found) == counted(task, values, encodings)


def test_a_kind_that_does_not_say_what_it_counts_cannot_be_made() -> None:
    hidden = {"__abstractmethods__", "_abc_impl", "__dict__", "__weakref__"}
    members = {name: value for name, value in vars(Unheard).items() if name not in hidden}
    options: Any = {"corpus": "texts", "layer": "any", "labels": ("a",)}
    type("Complete", (LabelTask,), members)(**options)
    members.pop("items")
    with pytest.raises(TypeError, match=r"\bForgetful\b.*\bitems\b"):
        type("Forgetful", (LabelTask,), members)(**options)


def test_items_of_an_example(text: TextPipeline) -> None:
    example = Example(
        id="1",
        group="1",
        text="والغرفة قسطنطينية جدا",
        labels={"polarity": ("A",), "category": ("A", "C")},
        spans={"entity": (Span(1, 7, "B"),), "polarity": (Span(0, 0, "A"), Span(1, 7, "B"))},
    )
    (encoding,) = encoded(text, [example])
    assert len(encoding) > 2 + 4  # the long name is in pieces
    found = {
        name: task.items(task.targets(example, encoding), encoding) for name, task in TASKS.items()
    }
    assert found == {"sequence": 1, "multilabel": 1, "token": 4, "span": 2}


def test_example_with_empty_layers(text: TextPipeline) -> None:
    example = Example(
        id="1",
        group="1",
        text="نظيفة",
        labels={"category": ()},
        spans={"entity": (), "polarity": ()},
    )
    (encoding,) = encoded(text, [example])
    values = {name: task.targets(example, encoding) for name, task in TASKS.items()}
    found = {name: items(task, values[name], encoding) for name, task in TASKS.items()}
    assert found == {"sequence": 0, "multilabel": 1, "token": 1, "span": 0}


@pytest.mark.parametrize("kind", TASKS)
def test_unlabelled_example_counts_nothing(kind: str, text: TextPipeline) -> None:
    task, bare = TASKS[kind], Example(id="1", group="1", text="الغرفة نظيفة")
    (encoding,) = encoded(text, [bare])
    assert task.targets(bare, encoding) is None
    assert counted(task, [None], [encoding]) == 0
    assert counted(task, [None, None], [encoding, encoding]) == 0
