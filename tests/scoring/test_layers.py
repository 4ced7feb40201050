"""The comparison of layers: which texts count, layers of other names, layers of one side."""

from __future__ import annotations

from collections.abc import Mapping

from arabic_mtl.documents import Example, Span
from arabic_mtl.scoring import ExamplePair, Layer, LayerComparison, Overlap

Names = Mapping[str, str] | None


def text(spans: str | None = None, **labels: str) -> Example:
    """Returns a text with one-character spans of the given labels, and with labels."""
    items = [(n, label) for n, label in enumerate(spans or "") if label != " "]
    layers = {} if spans is None else {"ner": tuple(Span(n, n + 1, label) for n, label in items)}
    return Example(
        id="1", text="abc", spans=layers, labels={k: tuple(v) for k, v in labels.items()}
    )


def compare(*pairs: tuple[Example | None, Example], names: Names = None) -> LayerComparison:
    comparison = LayerComparison(names)
    for predicted, gold in pairs:
        comparison.add(ExamplePair(predicted, gold))
    return comparison


def test_all_layers_of_both_sides_are_compared() -> None:
    comparison = compare((text("A B", mood="x"), text("A", mood="y", topic="z")))
    assert {item.gold: item.counts.total for item in comparison.shared} == {
        Layer("spans", "ner"): Overlap(1, 2, 1),
        Layer("labels", "mood"): Overlap(0, 1, 1),
    }
    assert set(comparison.gold_layers) - set(comparison.system_layers) == {Layer("labels", "topic")}


def test_a_text_without_the_gold_layer_is_not_counted_but_an_empty_layer_is() -> None:
    comparison = compare((text("A"), text()), (text("A"), text("")), (text("A"), text("A")))
    (item,) = comparison.shared
    assert item.counts.texts == 2
    assert item.counts.total == Overlap(1, 2, 1)
    assert (item.missing, comparison.unlabelled(item)) == (0, 1)


def test_a_text_or_layer_that_the_system_lacks_has_no_predictions() -> None:
    comparison = compare((None, text("A")), (text(), text("AB")), (text(""), text("C")))
    (item,) = comparison.shared
    assert (item.counts.total, item.missing) == (Overlap(0, 0, 4), 2)


def test_names_select_layers_and_rename_those_of_the_system() -> None:
    pair = (text("A", feeling="x", topic="z"), text("A", mood="x", topic="z"))
    (item,) = compare(pair, names={"mood": "feeling"}).shared
    assert (item.gold, item.system) == (Layer("labels", "mood"), Layer("labels", "feeling"))
    assert item.counts.scores() == {"accuracy": 1.0, "macro_f1": 1.0}


def test_labels_are_not_compared_with_spans_of_the_same_name() -> None:
    comparison = compare((text(ner="A"), text("A")))
    assert comparison.shared == []
    assert (*comparison.gold_layers, *comparison.system_layers) == (
        Layer("spans", "ner"),
        Layer("labels", "ner"),
    )
