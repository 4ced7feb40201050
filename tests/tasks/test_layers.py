"""Tasks on several layers and corpora, and annotations that tags cannot express."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from arabic_mtl.documents import Example, Span
from arabic_mtl.errors import InputError
from arabic_mtl.tasks import (
    MultiLabelClassification,
    SequenceClassification,
    SpanClassification,
    Task,
    TokenClassification,
)
from arabic_mtl.text import Encoding, TextPipeline

LABELS = ("ROOMS", "HOTEL")
RAW = "الغرفة نظيفة والموقع جميل"
BOTH = ("entity", "aspect")
TAGGER = TokenClassification(corpus="reviews", layer=BOTH, labels=LABELS)
ROOM, CLEAN, PLACE = Span(0, 6, "ROOMS"), Span(7, 12, "HOTEL"), Span(14, 20, "ROOMS")


def example(
    labels: Mapping[str, tuple[str, ...]] | None = None, **spans: tuple[Span, ...]
) -> Example:
    return Example(id="1", group="1", text=RAW, labels=labels or {}, spans=spans)


@pytest.fixture
def row(text: TextPipeline) -> Encoding:
    return text.encode([RAW], [None])[0]


@pytest.mark.parametrize(
    ("entity", "aspect"),
    [
        ((ROOM, PLACE), (CLEAN,)),
        ((CLEAN,), (ROOM, PLACE)),
        ((), (ROOM, CLEAN, PLACE)),
        ((PLACE, CLEAN), (ROOM,)),  # not sorted
    ],
)
def test_spans_of_several_layers_are_sorted_by_offset(
    row: Encoding, entity: tuple[Span, ...], aspect: tuple[Span, ...]
) -> None:
    both, single = example(entity=entity, aspect=aspect), example(entity=(ROOM, CLEAN, PLACE))
    assert TAGGER.spans_of(both) == (ROOM, CLEAN, PLACE)
    expected = replace(TAGGER, layer="entity").targets(single, row)
    assert expected is not None
    assert expected["gold"] == [[0, 6, 0], [7, 12, 1], [14, 20, 0]]
    assert TAGGER.targets(both, row) == expected
    classifier = SpanClassification(corpus="reviews", layer=BOTH, labels=LABELS)
    assert classifier.targets(both, row) == replace(classifier, layer="entity").targets(single, row)


def test_spans_of_a_single_layer_keep_their_order() -> None:
    """Layers in one order are parallel, such as targets and their polarities."""
    single = replace(TAGGER, layer=("entity",))
    assert single.spans_of(example(entity=(PLACE, ROOM))) == (PLACE, ROOM)
    assert replace(TAGGER, layer="entity").spans_of(example(entity=(PLACE, ROOM))) == (PLACE, ROOM)


def test_equal_spans_keep_the_order_of_the_layers() -> None:
    hotel = Span(0, 6, "HOTEL")
    assert TAGGER.spans_of(example(entity=(hotel,), aspect=(ROOM,))) == (hotel, ROOM)
    assert TAGGER.spans_of(example(entity=(ROOM,), aspect=(hotel,))) == (ROOM, hotel)


def test_labels_of_several_layers_are_joined(row: Encoding) -> None:
    task = MultiLabelClassification(corpus="reviews", layer=BOTH, labels=LABELS)
    both = example({"entity": ("HOTEL",), "aspect": ("ROOMS",)})
    assert task.labels_of(both) == ("HOTEL", "ROOMS")
    assert task.targets(both, row) == {"labels": [1, 0], "spans": None}
    classifier = SequenceClassification(corpus="reviews", layer=BOTH, labels=LABELS)
    assert classifier.targets(example({"entity": (), "aspect": ("HOTEL",)}), row) == 1
    with pytest.raises(InputError) as caught:
        classifier.targets(both, row)
    assert caught.value.found == ["HOTEL", "ROOMS"]


TASKS: list[Task] = [
    TAGGER,
    SpanClassification(corpus="reviews", layer=BOTH, labels=LABELS),
    MultiLabelClassification(corpus="reviews", layer=BOTH, labels=LABELS),
    SequenceClassification(corpus="reviews", layer=BOTH, labels=LABELS),
]


@pytest.mark.parametrize("task", TASKS, ids=lambda task: type(task).__name__)
def test_example_without_one_layer_is_unlabelled(task: Task, row: Encoding) -> None:
    label, empty = ("ROOMS",), ()
    complete = example({"entity": label, "aspect": empty}, entity=(ROOM,), aspect=())
    assert task.targets(complete, row) is not None
    for layer in BOTH:
        lacking = example({layer: label}, **{layer: (ROOM,)})
        assert task.targets(lacking, row) is None
        assert not task.inexpressible(lacking, row)
    assert task.targets(example(), row) is None


@pytest.mark.parametrize("task", TASKS, ids=lambda task: type(task).__name__)
def test_names_of_layers_and_corpora(task: Task) -> None:
    assert (task.layers, task.corpora) == (BOTH, ("reviews",))
    changed = replace(task, layer="entity", corpus=("reviews", "news"))
    assert (changed.layers, changed.corpora) == (("entity",), ("reviews", "news"))
    assert changed.identity != task.identity
    assert changed.identity == replace(task, layer="entity").identity


@pytest.mark.parametrize("option", ["layer", "corpus"])
@pytest.mark.parametrize("names", [(), ("entity", "entity")])
def test_names_are_distinct(option: str, names: tuple[str, ...]) -> None:
    options: dict[str, Any] = {option: names}
    with pytest.raises(InputError) as caught:
        replace(TAGGER, **options)
    assert f"`{option}`" in caught.value.rule
    assert caught.value.found == f"{option}: {list(names)}"


def levels(**spans: tuple[Span, ...]) -> tuple[Span, ...] | None:
    """Returns the spans of a task on three levels of nested spans."""
    return replace(TAGGER, layer=("ner", "ner_2", "ner_3")).spans_of(example(**spans))


def test_a_missing_deeper_level_of_nested_spans_is_empty() -> None:
    assert levels(ner=(ROOM,)) == (ROOM,)
    assert levels(ner=()) == ()
    assert levels(ner=(ROOM,), ner_3=(CLEAN,)) == (ROOM, CLEAN)
    assert levels(ner=(CLEAN,), ner_2=(ROOM,)) == (ROOM, CLEAN)
    assert levels(ner_2=(ROOM,), ner_3=()) is None
    assert levels(other=(ROOM,)) is None
    single = replace(TAGGER, layer="ner_2")
    assert single.spans_of(example(ner=(ROOM,))) == ()
    assert single.spans_of(example(ner_3=(ROOM,))) is None


@pytest.mark.parametrize("layer", ["ner_1", "ner_0", "ner_", "ner_x", "ner2", "_2", "2", "other_2"])
def test_other_names_are_no_levels(layer: str) -> None:
    task = replace(TAGGER, layer=("ner", layer))
    assert task.spans_of(example(ner=(ROOM,))) is None
    assert task.spans_of(example(ner=(ROOM,), **{layer: (CLEAN,)})) == (ROOM, CLEAN)


def test_labels_have_no_levels() -> None:
    task = MultiLabelClassification(corpus="reviews", layer=("aspect", "aspect_2"), labels=LABELS)
    assert task.labels_of(example({"aspect": ("ROOMS",)})) is None


INSIDE, OVERLAP = "beginning or ending inside a word", "overlapping or nested"
SHARED, WITHOUT = "in a word of another span", "without a token"


@pytest.mark.parametrize(
    ("spans", "reasons"),
    [
        ((), {}),
        ((ROOM, CLEAN, PLACE), {}),
        ((ROOM, ROOM), {}),  # duplicates count once
        ((Span(0, 0, "ROOMS"), Span(0, 0, "HOTEL"), ROOM), {"NULL": 2}),
        ((Span(2, 6, "ROOMS"), Span(7, 9, "HOTEL")), {}),  # trims of up to three letters
        ((Span(4, 6, "ROOMS"),), {INSIDE: 1}),
        ((Span(0, 8, "ROOMS"), Span(13, 19, "ROOMS")), {INSIDE: 1}),
        ((Span(0, 12, "ROOMS"), ROOM), {OVERLAP: 1}),  # nested
        ((Span(0, 12, "ROOMS"), Span(7, 20, "ROOMS")), {OVERLAP: 1}),
        ((ROOM, Span(0, 6, "HOTEL")), {OVERLAP: 1}),  # two labels for the same offsets
        ((Span(3, 3, "ROOMS"), CLEAN), {"NULL": 1}),  # at other offsets
        ((Span(6, 7, "ROOMS"),), {WITHOUT: 1}),  # a blank
        ((Span(6, 7, "ROOMS"), Span(7, 12, "ROOMS")), {WITHOUT: 1}),
        ((Span(0, 3, "ROOMS"), Span(3, 6, "HOTEL")), {SHARED: 1}),
        ((Span(0, 2, "ROOMS"), Span(2, 12, "HOTEL")), {INSIDE: 1, SHARED: 1}),
        ((Span(0, 3, "ROOMS"), Span(3, 9, "HOTEL"), Span(9, 12, "ROOMS")), {SHARED: 2}),
        (
            (Span(0, 0, "ROOMS"), Span(4, 6, "ROOMS"), CLEAN, Span(8, 11, "ROOMS")),
            {"NULL": 1, INSIDE: 1, OVERLAP: 1},
        ),
    ],
)
def test_inexpressible_spans_by_reason(
    row: Encoding, spans: tuple[Span, ...], reasons: dict[str, int]
) -> None:
    task = replace(TAGGER, layer="entity")
    assert dict(task.inexpressible(example(entity=spans), row)) == reasons


def test_whole_words_express_fewer_spans(row: Encoding) -> None:
    spans = (Span(1, 6, "ROOMS"), CLEAN)
    task = replace(TAGGER, layer="entity")
    assert not task.inexpressible(example(entity=spans), row)
    assert replace(task, trim=0).inexpressible(example(entity=spans), row) == {INSIDE: 1}


def test_other_tasks_express_everything(row: Encoding) -> None:
    spans = (Span(0, 0, "ROOMS"), Span(0, 12, "ROOMS"), Span(4, 6, "HOTEL"))
    labelled = example({"entity": ("ROOMS",)}, entity=spans)
    for task in TASKS[1:]:
        assert replace(task, layer="entity").inexpressible(labelled, row) == {}
