"""The number of labelled items of an example, as the loss of each kind of task counts them."""

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
from support.kinds import CustomTask
from support.tokens import pad

LABELS = ("A", "B", "C")
TASKS: dict[str, Task] = {
    "sequence": SequenceClassification(corpus="texts", layer="polarity", labels=LABELS),
    "multilabel": MultiLabelClassification(corpus="texts", layer="category", labels=LABELS),
    "token": TokenClassification(corpus="texts", layer="entity", labels=LABELS, overlaps="first"),
    "span": SpanClassification(corpus="texts", layer="polarity", labels=LABELS),
}
WORDS = [
    *("الغرفة", "والغرفة", "نظيفة", "بالموقع", "وَالغُرفة", "نظيـــفة", "abc", "123", "!", "،"),
    *("قسطنطينية", "قوية/سريعة", "http://a.bc/d", "👍", "ـ", "\u064e"),
]
texts = st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join) | st.text(max_size=20)


@st.composite
def examples(draw: st.DrawFn) -> Example:
    """Draws an example in which any layer may be missing."""
    text = draw(texts)
    offset_pairs = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(sorted)
    spans = st.lists(
        st.builds(
            lambda offsets, label: Span(*offsets, label), offset_pairs, st.sampled_from(LABELS)
        )
    )
    layer_spans = spans.map(tuple)
    single = st.sampled_from(LABELS).map(lambda label: (label,))
    several = st.lists(st.sampled_from(LABELS), unique=True).map(tuple)
    return Example(
        id="1",
        group="1",
        text=text,
        pair=draw(st.none() | texts),
        labels=draw(st.fixed_dictionaries({}, optional={"polarity": single, "category": several})),
        spans=draw(
            st.fixed_dictionaries({}, optional={"polarity": layer_spans, "entity": layer_spans})
        ),
    )


def encoded(text: TextPipeline, rows: Sequence[Example]) -> list[Encoding]:
    return text.encode([row.text for row in rows], [row.pair for row in rows])


def items(task: Task, value: Any, encoding: Encoding) -> int:
    """Returns the items of an example, 0 without a label."""
    return 0 if value is None else task.items(value, encoding)


def loss_count(task: Task, values: Sequence[Any], encodings: Sequence[Encoding]) -> int:
    """Returns the count of items from the loss of a batch."""
    tokens = pad(encodings)
    targets = task.collate(values, tokens)
    return int(task.loss(task.constant(task.tally(targets), targets), targets)[1])


@pytest.mark.parametrize("kind", TASKS)
@given(rows=st.lists(examples(), min_size=1, max_size=4))
def test_items_equal_the_count_of_the_loss(
    kind: str, text: TextPipeline, rows: list[Example]
) -> None:
    task, encodings = TASKS[kind], encoded(text, rows)
    values = [task.targets(e, encoding) for e, encoding in zip(rows, encodings, strict=True)]
    counts = [items(task, value, e) for value, e in zip(values, encodings, strict=True)]
    assert counts == [
        loss_count(task, [value], [e]) for value, e in zip(values, encodings, strict=True)
    ]
    assert sum(counts) == loss_count(task, values, encodings)


def test_kind_without_items_cannot_be_created() -> None:
    hidden = {"__abstractmethods__", "_abc_impl", "__dict__", "__weakref__"}
    members = {name: value for name, value in vars(CustomTask).items() if name not in hidden}
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
    assert len(encoding) > 2 + 4  # the long name is split into several tokens
    counts = {
        name: task.items(task.targets(example, encoding), encoding) for name, task in TASKS.items()
    }
    assert counts == {"sequence": 1, "multilabel": 1, "token": 4, "span": 2}


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
    counts = {name: items(task, values[name], encoding) for name, task in TASKS.items()}
    assert counts == {"sequence": 0, "multilabel": 1, "token": 1, "span": 0}


@pytest.mark.parametrize("kind", TASKS)
def test_unlabelled_example_has_no_items(kind: str, text: TextPipeline) -> None:
    task, bare = TASKS[kind], Example(id="1", group="1", text="الغرفة نظيفة")
    (encoding,) = encoded(text, [bare])
    assert task.targets(bare, encoding) is None
    assert loss_count(task, [None], [encoding]) == 0
    assert loss_count(task, [None, None], [encoding, encoding]) == 0
