"""Metrics as tables that add up, beside scikit-learn and seqeval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from seqeval.metrics import f1_score as seqeval_f1
from sklearn.metrics import accuracy_score, f1_score
from torch import Tensor
from torchmetrics.functional.classification import multilabel_f1_score

from arabic_mtl.decoders import bio
from arabic_mtl.documents import (
    Prediction,
    SpanPrediction,
    SpansPrediction,
    TextPrediction,
    ValuePrediction,
)
from arabic_mtl.model.batch import Batch
from arabic_mtl.tasks import (
    MultiLabelClassification,
    SequenceClassification,
    SpanClassification,
    Task,
    TokenClassification,
)
from arabic_mtl.tasks.batch import Part, unite
from arabic_mtl.tasks.metrics import (
    Accuracy,
    AdditiveMetric,
    Counted,
    MacroF1,
    MicroF1,
    TaskMetric,
    WordAccuracy,
)
from arabic_mtl.tasks.scores import Scores
from arabic_mtl.text.encoding import FIELDS
from support.predictions import labelled

LABELS = ("X", "Y", "Z")
NAMES = ["O", "B-X", "I-X", "B-Y", "I-Y"]
Places = list[tuple[int, int, str]]

sequences = st.integers(0, 8).flatmap(
    lambda n: st.tuples(*[st.lists(st.integers(0, 4), min_size=n, max_size=n)] * 2)
)
texts = st.lists(st.sampled_from(LABELS), unique=True).map(lambda names: labelled(*names))
spans = st.lists(
    st.tuples(st.integers(0, 3), st.integers(4, 6), st.sampled_from(LABELS)), max_size=4
).map(lambda places: of_spans(*places))
pairs = st.lists(st.tuples(st.integers(0, 2), spans, spans), max_size=6)


def of_spans(*places: tuple[int, int, str], tags: Sequence[int] = ()) -> SpansPrediction:
    return SpansPrediction(tuple(SpanPrediction(*place) for place in places), tuple(tags))


def of_tags(tags: Sequence[int]) -> SpansPrediction:
    places = [(first, last + 1, LABELS[label]) for first, last, label in bio.decode(tags)]
    return of_spans(*places, tags=tags)


def value_of(
    metric: TaskMetric, gold: Sequence[Prediction], predicted: Sequence[Prediction]
) -> float:
    metric.update([0] * len(gold), gold, predicted)
    return metric.compute()[0].item()


@pytest.mark.parametrize(
    ("found", "gold", "with_labels", "bare"),
    [
        ([], [], 0.0, 0.0),
        ([(1, 4, "X")], [], 0.0, 0.0),
        ([], [(1, 4, "X")], 0.0, 0.0),
        ([(1, 4, "X")], [(1, 4, "X")], 1.0, 1.0),
        ([(1, 4, "Y")], [(1, 4, "X")], 0.0, 1.0),  # another label
        ([(1, 3, "X")], [(1, 4, "X")], 0.0, 0.0),  # another end
        ([(1, 4, "X")] * 3, [(1, 4, "X")], 1.0, 1.0),  # a set
        ([(1, 4, "X"), (6, 8, "Y")], [(1, 4, "X"), (6, 8, "X"), (9, 11, "X")], 0.4, 0.8),
        ([(1, 4, "X"), (1, 4, "Y")], [(1, 4, "X")], 2 / 3, 1.0),
    ],
)
def test_f1_of_found_spans(found: Places, gold: Places, with_labels: float, bare: float) -> None:
    for labels, expected in ((LABELS, with_labels), ((), bare)):
        metric = MicroF1(labels, "found spans")
        assert value_of(metric, [of_spans(*gold)], [of_spans(*found)]) == pytest.approx(expected)


def test_spans_of_other_texts_are_others() -> None:
    one, nothing = of_spans((1, 4, "X")), of_spans()
    assert value_of(MicroF1(LABELS, "found spans"), [one, nothing], [nothing, one]) == 0.0


def test_given_spans_count_by_their_order() -> None:
    """Several spans may be NULL; each is an item of its own."""
    gold = of_spans((0, 0, "X"), (0, 0, "Y"), (0, 0, "X"))
    found = of_spans((0, 0, "X"), (0, 0, "X"), (0, 0, "X"))
    assert value_of(Accuracy(LABELS, "given spans"), [gold], [found]) == pytest.approx(2 / 3)
    macro = value_of(MacroF1(LABELS, "given spans"), [gold], [found])
    assert macro == pytest.approx((2 * 2 / (3 + 2) + 0) / 2)


def test_a_table_has_right_predicted_and_gold_items_of_each_label() -> None:
    metric = MicroF1(LABELS, "texts")
    table = metric.observe(labelled("X", "Y"), labelled("Y", "Z"))
    assert table.tolist() == [[0, 0, 1], [1, 1, 1], [0, 1, 0]]
    assert metric.observe(ValuePrediction(1.0), ValuePrediction(1.0)).tolist() == [[0] * 3] * 3


def test_values_of_stacks_of_tables() -> None:
    """As the bootstrap computes them."""
    tables = np.array([[[1, 1, 1], [0, 0, 0]], [[1, 2, 1], [0, 1, 1]]], dtype=np.float64)
    names = ("a", "b")
    assert MicroF1(names, "texts").value(tables).tolist() == pytest.approx([1.0, 0.4])
    assert MacroF1(names, "texts").value(tables).tolist() == pytest.approx([1.0, 1 / 3])
    assert Accuracy(names, "texts").value(tables).tolist() == pytest.approx([1.0, 0.5])


@settings(max_examples=30)
@given(rows=st.lists(sequences, min_size=1, max_size=6))
def test_spans_of_tags_equal_seqeval(rows: list[tuple[list[int], list[int]]]) -> None:
    found, gold = [row[0] for row in rows], [row[1] for row in rows]
    predictions = [of_tags(tags) for tags in gold], [of_tags(tags) for tags in found]
    micro = value_of(MicroF1(LABELS, "found spans"), *predictions)
    macro = value_of(MacroF1(LABELS, "found spans"), *predictions)
    named = [[[NAMES[tag] for tag in row] for row in tags] for tags in (gold, found)]
    if any(tag for tags in (found, gold) for row in tags for tag in row):
        assert micro == pytest.approx(seqeval_f1(*named, zero_division=0))
        assert macro == pytest.approx(seqeval_f1(*named, average="macro", zero_division=0))
    else:
        assert (micro, macro) == (0.0, 0.0)


@given(rows=st.lists(sequences, min_size=1, max_size=6))
def test_word_accuracy_equals_sklearn(rows: list[tuple[list[int], list[int]]]) -> None:
    gold, found = ([tag for row in rows for tag in row[n]] for n in (1, 0))
    value = value_of(WordAccuracy(), [of_tags(r[1]) for r in rows], [of_tags(r[0]) for r in rows])
    assert value == pytest.approx(accuracy_score(gold, found) if gold else 0.0)


@given(rows=st.lists(st.tuples(*[st.sampled_from(LABELS)] * 2), min_size=1, max_size=12))
def test_single_labels_equal_sklearn(rows: list[tuple[str, str]]) -> None:
    gold, found = [row[0] for row in rows], [row[1] for row in rows]
    occurring = sorted({*gold, *found})
    macro = f1_score(gold, found, labels=occurring, average="macro", zero_division=0)
    texts = [labelled(label) for label in gold], [labelled(label) for label in found]
    one, other = (of_spans(*((0, 0, label) for label in labels)) for labels in (gold, found))
    cases: dict[Counted, tuple[Sequence[Prediction], Sequence[Prediction]]] = {
        "texts": texts,
        "given spans": ([one], [other]),  # all of one text
    }
    for counted, predictions in cases.items():
        accuracy = value_of(Accuracy(LABELS, counted), *predictions)
        assert accuracy == pytest.approx(accuracy_score(gold, found))
        assert value_of(MacroF1(LABELS, counted), *predictions) == pytest.approx(macro)


@given(rows=st.lists(st.tuples(texts, texts), min_size=1, max_size=8))
def test_label_sets_equal_sklearn_and_torchmetrics(
    rows: list[tuple[TextPrediction, TextPrediction]],
) -> None:
    gold, found = ([row[n] for row in rows] for n in (0, 1))
    bits = [
        [[label in names_of(each) for label in LABELS] for each in part] for part in (gold, found)
    ]
    micro = value_of(MicroF1(LABELS, "texts"), gold, found)
    assert micro == pytest.approx(f1_score(*bits, average="micro", zero_division=0))
    target, preds = (torch.tensor(part).int() for part in bits)
    reference = multilabel_f1_score(preds, target, num_labels=3, average="micro")
    assert micro == pytest.approx(reference.item())
    occurring = [n for n in range(3) if any(row[n] for part in bits for row in part)]
    macro = value_of(MacroF1(LABELS, "texts"), gold, found)
    if occurring:
        expected = f1_score(*bits, labels=occurring, average="macro", zero_division=0)
        assert macro == pytest.approx(expected)
    else:
        assert macro == 0.0


def names_of(prediction: TextPrediction) -> set[str]:
    return {each.label for each in prediction.labels}


@pytest.mark.parametrize(
    ("counted", "gold"),
    [
        ("texts", [labelled("X"), labelled("Y"), labelled("X")]),
        ("texts", [labelled("X", "Y"), labelled(), labelled("Y")]),
        ("given spans", [of_spans((0, 0, "X"), (1, 4, "Y")), of_spans()]),
        ("found spans", [of_spans((0, 2, "X"), (1, 4, "Y")), of_spans()]),
    ],
    ids=["sequence", "multi-label", "given spans", "found spans"],
)
def test_a_label_that_never_occurs_is_no_part_of_macro_f1(counted: Any, gold: Any) -> None:
    assert value_of(MacroF1(LABELS, counted), gold, gold) == 1.0
    assert value_of(MacroF1(LABELS, counted), [], []) == 0.0


def made() -> list[TaskMetric]:
    """A metric of each kind, for a task on three corpora."""
    return [
        MicroF1(LABELS, "found spans", 3),
        MicroF1((), "found spans", 3),
        MacroF1(LABELS, "found spans", 3),
        Accuracy(LABELS, "found spans", 3),
        WordAccuracy(3),
    ]


def updated(metric: TaskMetric, rows: Sequence[tuple[int, Any, Any]]) -> TaskMetric:
    metric.update(*zip(*rows, strict=True) if rows else ((), (), ()))
    return metric


@given(batches=st.lists(pairs, max_size=3))
def test_tables_add_up_over_batches_and_corpora(
    batches: list[list[tuple[int, SpansPrediction, SpansPrediction]]],
) -> None:
    """One by one, all at once, and corpus by corpus."""
    rows = [row for of_batch in batches for row in of_batch]
    for one_by_one, at_once in zip(made(), made(), strict=True):
        for of_batch in batches:
            updated(one_by_one, of_batch)
        values = updated(at_once, rows).compute()
        assert torch.equal(one_by_one.compute(), values)
        assert values.shape == (4,)
        assert isinstance(one_by_one, AdditiveMetric)
        total = sum((one_by_one.observe(g, p) for _, g, p in rows), np.zeros(one_by_one.shape))
        assert values[0].item() == pytest.approx(float(one_by_one.value(total)))
    for number, whole in enumerate(made()):
        values = updated(whole, rows).compute()
        for corpus in range(3):
            alone = updated(made()[number], [row for row in rows if row[0] == corpus]).compute()
            assert alone[0] == alone[1 + corpus] == values[1 + corpus]


def test_a_reset_starts_anew() -> None:
    metric = MicroF1(LABELS, "found spans")
    one = of_spans((1, 4, "X"))
    metric.update([0], [one], [one])
    metric.update([0], [of_spans((2, 4, "X"))], [of_spans((1, 4, "X"), (5, 6, "X"))])
    assert metric.compute()[0].item() == pytest.approx(2 * 1 / (3 + 2))
    metric.reset()
    assert metric.compute().tolist() == [0.0, 0.0]
    metric.update([0], [one], [one])
    assert metric.compute().tolist() == [1.0, 1.0]


TASKS: dict[str, Task] = {
    "polarity": SequenceClassification(corpus="reviews", layer="polarity", labels=LABELS),
    "category": MultiLabelClassification(corpus="reviews", layer="category", labels=LABELS),
    "ner": TokenClassification(corpus=("reviews", "news"), layer="entity", labels=LABELS),
    "sentiment": SpanClassification(corpus="reviews", layer="polarity", labels=LABELS),
}


class Row(NamedTuple):
    """The targets of a text of four words."""

    corpus: str
    polarity: int | None = None
    category: Any = None
    ner: Any = None
    sentiment: Any = None


def batch_of(*rows: Row) -> Batch:
    parts = {}
    for corpus in dict.fromkeys(row.corpus for row in rows):
        own = [row for row in rows if row.corpus == corpus]
        columns: dict[str, list[Any]] = {name: [[0] * 4 for _ in own] for name in FIELDS}
        columns |= {"words": [[0, 1, 2, 3] for _ in own], "letters": [[] for _ in own]}
        columns |= {"starts": [[0, 2, 4, 6] for _ in own], "ends": [[1, 3, 5, 7] for _ in own]}
        columns |= {"marks": [[] for _ in own], "number": list(range(len(own)))}
        tasks = [name for name, task in TASKS.items() if corpus in task.corpora]
        columns |= {f"task_{name}": [getattr(row, name) for row in own] for name in tasks}
        parts[corpus] = Part(columns)
    return unite(parts, TASKS, 0)


def tagged(*spans: tuple[int, int]) -> dict[str, Any]:
    """The target of single words, each with a label."""
    words = [(word, word, 0, 0, label) for word, label in spans]
    return {"words": words, "gold": [[2 * word, 2 * word + 1, label] for word, label in spans]}


def logits_of(batch: Batch, **right: Any) -> dict[str, dict[str, Tensor]]:
    """Certain logits: a label, labels or (word, label) spans for each row or query of a task."""
    sequence = torch.full((len(right["polarity"]), 3), -9.0)
    for row, label in enumerate(right["polarity"]):
        sequence[row, label] = 9.0
    category = torch.full((len(right["category"]), 3), -9.0)
    for row, labels in enumerate(right["category"]):
        category[row, labels] = 9.0
    tags = torch.zeros(len(right["ner"]), 4, 7)
    for row, spans in enumerate(right["ner"]):
        for word, label in spans:
            tags[row, word, 1 + 2 * label] = 9.0
    sentiment = torch.full((len(right["sentiment"]), 3), -9.0)
    for span, label in enumerate(right["sentiment"]):
        sentiment[span, label] = 9.0
    letters = torch.tensor([9.0, 0.0, 0.0, 0.0]).expand(len(tags), 4, 4)
    return {
        "polarity": {"logits": sequence},
        "category": {"logits": category},
        "ner": {"tags": tags, "before": letters, "behind": letters},
        "sentiment": {"logits": sentiment},
    }


def categories(*labels: int) -> dict[str, Any]:
    return {"labels": list(labels), "spans": None}


GIVEN = [[2, 3, 1, 2, 1, -1], [0, 0, 0, 4, 0, -1]]
FULL = Row("reviews", 0, categories(0, 1), tagged((1, 0)), GIVEN)
PERFECT: dict[str, Any] = {
    "polarity": [0],
    "category": [[0, 1]],
    "ner": [[(1, 0)]],
    "sentiment": [1, 0],
}


def rounded(scores: Scores) -> dict[str, float]:
    return {name: round(float(value), 4) for name, value in scores.compute().items()}


def without_losses(scores: Scores) -> dict[str, float]:
    return {name: of for name, of in rounded(scores).items() if not name.endswith("/loss")}


def test_perfect_predictions_have_perfect_scores_though_a_label_never_occurs() -> None:
    scores, batch = Scores(TASKS), batch_of(FULL)
    scores.update(logits_of(batch, **PERFECT), batch)
    assert without_losses(scores) == {
        "polarity/accuracy": 1.0,
        "polarity/macro_f1": 1.0,
        "category/micro_f1": 1.0,
        "category/macro_f1": 1.0,
        "ner/f1": 1.0,
        "ner/span_f1": 1.0,
        "ner/accuracy": 1.0,
        **{f"ner@reviews/{name}": 1.0 for name in ("f1", "span_f1", "accuracy")},
        "sentiment/accuracy": 1.0,
        "sentiment/macro_f1": 1.0,
        "mean": 1.0,
    }


def test_only_labelled_rows_count() -> None:
    """Whatever is predicted in a row that is not labelled, of texts, labels or spans."""
    alone, both = Scores(TASKS), Scores(TASKS)
    batch = batch_of(FULL)
    alone.update(logits_of(batch, **PERFECT), batch)
    batch = batch_of(FULL, Row("reviews"))
    wrong = {"polarity": [0, 2], "category": [[0, 1], [2]], "ner": [[(1, 0)], [(0, 1), (2, 2)]]}
    found = both.update(logits_of(batch, **{**wrong, "sentiment": [1, 0]}), batch)
    assert isinstance(found["ner"].predicted[1], SpansPrediction)
    assert len(found["ner"].predicted[1].spans) == 2
    assert found["ner"].gold[1] is None
    assert rounded(both) == rounded(alone)


def test_a_task_without_labelled_items_has_no_score_and_no_part_in_the_mean() -> None:
    scores, batch = Scores(TASKS), batch_of(FULL._replace(category=None, sentiment=[], polarity=1))
    found = {"polarity": [2], "category": [[0]], "ner": [[(1, 0)]], "sentiment": []}
    scores.update(logits_of(batch, **found), batch)
    values = rounded(scores)
    assert {name.split("/")[0].split("@")[0] for name in values} == {"polarity", "ner", "mean"}
    assert values["mean"] == (0.0 + 1.0) / 2


def test_values_of_each_corpus_of_a_task_on_two() -> None:
    scores, news = Scores(TASKS), Row("news", ner=tagged((0, 1), (3, 2)))
    batch = batch_of(FULL, news)
    scores.update(logits_of(batch, **PERFECT | {"ner": [[(1, 0)], [(0, 1), (2, 2)]]}), batch)
    values = without_losses(scores)
    assert {name: of for name, of in values.items() if name.startswith("ner")} == {
        "ner/f1": round(2 * 2 / (3 + 3), 4),
        "ner/span_f1": round(2 * 2 / (3 + 3), 4),
        "ner/accuracy": 6 / 8,
        "ner@reviews/f1": 1.0,
        "ner@reviews/span_f1": 1.0,
        "ner@reviews/accuracy": 1.0,
        "ner@news/f1": 0.5,
        "ner@news/span_f1": 0.5,
        "ner@news/accuracy": 0.5,
    }
    assert not any("@" in name for name in values if not name.startswith("ner"))


def test_metrics_with_the_same_sums_are_updated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Micro- and macro-F1 have one table; those of bare spans and of words are others."""
    updates: list[TaskMetric] = []
    update = AdditiveMetric.update

    def noted(self: AdditiveMetric, *rows: Any) -> None:
        updates.append(self)
        update(self, *rows)

    monkeypatch.setattr(AdditiveMetric, "update", noted)
    scores, batch = Scores(TASKS), batch_of(FULL)
    for _ in range(2):
        for _ in range(3):
            updates.clear()
            scores.update(logits_of(batch, **PERFECT), batch)
            assert len(updates) == len(set(updates)) == 1 + 1 + 3 + 1
        assert without_losses(scores)["mean"] == 1.0


def test_metrics_of_one_group_are_right_epoch_after_epoch() -> None:
    """Alternating epochs of right and wrong predictions, with several batches each."""
    scores, batch = Scores(TASKS), batch_of(FULL)
    wrong: dict[str, Any] = {
        "polarity": [1],
        "category": [[0, 2]],
        "ner": [[(1, 1)]],
        "sentiment": [1, 1],
    }
    of_wrong = {
        "polarity/accuracy": 0.0,
        "polarity/macro_f1": 0.0,
        "category/micro_f1": 0.5,
        "category/macro_f1": 0.3333,
        "ner/f1": 0.0,
        "ner/span_f1": 1.0,
        "ner/accuracy": 0.75,
        "sentiment/accuracy": 0.5,
        "sentiment/macro_f1": 0.3333,
    }
    for _ in range(3):
        for predicted, expected in ((PERFECT, dict.fromkeys(of_wrong, 1.0)), (wrong, of_wrong)):
            for _ in range(2):
                scores.update(logits_of(batch, **predicted), batch)
            values = without_losses(scores)
            assert {name: values[name] for name in of_wrong} == expected
    half = {"polarity/accuracy": 0.5, "category/micro_f1": 0.75, "category/macro_f1": 0.5556}
    for predicted in (PERFECT, wrong):
        scores.update(logits_of(batch, **predicted), batch)
    values = without_losses(scores)
    assert {name: values[name] for name in half} == half
