"""Metrics from sums of tables, compared with scikit-learn and seqeval."""

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
from arabic_mtl.tasks.batch import CorpusRows, collate
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
from support.predictions import gold_text

LABELS = ("X", "Y", "Z")
NAMES = ["O", "B-X", "I-X", "B-Y", "I-Y"]
Triples = list[tuple[int, int, str]]

sequences = st.integers(0, 8).flatmap(
    lambda n: st.tuples(*[st.lists(st.integers(0, 4), min_size=n, max_size=n)] * 2)
)
texts = st.lists(st.sampled_from(LABELS), unique=True).map(lambda names: gold_text(*names))
spans = st.lists(
    st.tuples(st.integers(0, 3), st.integers(4, 6), st.sampled_from(LABELS)), max_size=4
).map(lambda triples: spans_prediction(*triples))
pairs = st.lists(st.tuples(st.integers(0, 2), spans, spans), max_size=6)


def spans_prediction(*triples: tuple[int, int, str], tags: Sequence[int] = ()) -> SpansPrediction:
    return SpansPrediction(tuple(SpanPrediction(*triple) for triple in triples), tuple(tags))


def tags_prediction(tags: Sequence[int]) -> SpansPrediction:
    triples = [(first, last + 1, LABELS[label]) for first, last, label in bio.decode(tags)]
    return spans_prediction(*triples, tags=tags)


def metric_value(
    metric: TaskMetric, gold: Sequence[Prediction], predicted: Sequence[Prediction]
) -> float:
    metric.update([0] * len(gold), gold, predicted)
    return metric.compute()[0].item()


@pytest.mark.parametrize(
    ("predicted", "gold", "with_labels", "bare"),
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
def test_f1_of_predicted_spans(
    predicted: Triples, gold: Triples, with_labels: float, bare: float
) -> None:
    for labels, expected in ((LABELS, with_labels), ((), bare)):
        metric = MicroF1(labels, "predicted spans")
        assert metric_value(
            metric, [spans_prediction(*gold)], [spans_prediction(*predicted)]
        ) == pytest.approx(expected)


def test_spans_of_other_texts_are_distinct() -> None:
    prediction, empty = spans_prediction((1, 4, "X")), spans_prediction()
    assert (
        metric_value(MicroF1(LABELS, "predicted spans"), [prediction, empty], [empty, prediction])
        == 0.0
    )


def test_gold_spans_are_matched_by_index() -> None:
    """Several spans may be NULL; each is an item of its own."""
    gold = spans_prediction((0, 0, "X"), (0, 0, "Y"), (0, 0, "X"))
    predicted = spans_prediction((0, 0, "X"), (0, 0, "X"), (0, 0, "X"))
    assert metric_value(Accuracy(LABELS, "gold spans"), [gold], [predicted]) == pytest.approx(2 / 3)
    macro = metric_value(MacroF1(LABELS, "gold spans"), [gold], [predicted])
    assert macro == pytest.approx((2 * 2 / (3 + 2) + 0) / 2)


def test_table_counts_correct_predicted_and_gold_items() -> None:
    metric = MicroF1(LABELS, "texts")
    table = metric.observe(gold_text("X", "Y"), gold_text("Y", "Z"))
    assert table.tolist() == [[0, 0, 1], [1, 1, 1], [0, 1, 0]]
    assert metric.observe(ValuePrediction(1.0), ValuePrediction(1.0)).tolist() == [[0] * 3] * 3


def test_values_of_stacks_of_tables() -> None:
    """The bootstrap computes values of stacked tables."""
    tables = np.array([[[1, 1, 1], [0, 0, 0]], [[1, 2, 1], [0, 1, 1]]], dtype=np.float64)
    names = ("a", "b")
    assert MicroF1(names, "texts").value(tables).tolist() == pytest.approx([1.0, 0.4])
    assert MacroF1(names, "texts").value(tables).tolist() == pytest.approx([1.0, 1 / 3])
    assert Accuracy(names, "texts").value(tables).tolist() == pytest.approx([1.0, 0.5])


@settings(max_examples=30)
@given(rows=st.lists(sequences, min_size=1, max_size=6))
def test_spans_of_tags_equal_seqeval(rows: list[tuple[list[int], list[int]]]) -> None:
    predicted, gold = [row[0] for row in rows], [row[1] for row in rows]
    predictions = (
        [tags_prediction(tags) for tags in gold],
        [tags_prediction(tags) for tags in predicted],
    )
    micro = metric_value(MicroF1(LABELS, "predicted spans"), *predictions)
    macro = metric_value(MacroF1(LABELS, "predicted spans"), *predictions)
    tag_names = [[[NAMES[tag] for tag in row] for row in tags] for tags in (gold, predicted)]
    if any(tag for tags in (predicted, gold) for row in tags for tag in row):
        assert micro == pytest.approx(seqeval_f1(*tag_names, zero_division=0))
        assert macro == pytest.approx(seqeval_f1(*tag_names, average="macro", zero_division=0))
    else:
        assert (micro, macro) == (0.0, 0.0)


@given(rows=st.lists(sequences, min_size=1, max_size=6))
def test_word_accuracy_equals_sklearn(rows: list[tuple[list[int], list[int]]]) -> None:
    gold, predicted = ([tag for row in rows for tag in row[n]] for n in (1, 0))
    value = metric_value(
        WordAccuracy(), [tags_prediction(r[1]) for r in rows], [tags_prediction(r[0]) for r in rows]
    )
    assert value == pytest.approx(accuracy_score(gold, predicted) if gold else 0.0)


@given(rows=st.lists(st.tuples(*[st.sampled_from(LABELS)] * 2), min_size=1, max_size=12))
def test_single_labels_equal_sklearn(rows: list[tuple[str, str]]) -> None:
    gold, predicted = [row[0] for row in rows], [row[1] for row in rows]
    occurring = sorted({*gold, *predicted})
    macro = f1_score(gold, predicted, labels=occurring, average="macro", zero_division=0)
    texts = [gold_text(label) for label in gold], [gold_text(label) for label in predicted]
    gold_spans, predicted_spans = (
        spans_prediction(*((0, 0, label) for label in labels)) for labels in (gold, predicted)
    )
    cases: dict[Counted, tuple[Sequence[Prediction], Sequence[Prediction]]] = {
        "texts": texts,
        "gold spans": ([gold_spans], [predicted_spans]),  # all spans are in one text
    }
    for items, predictions in cases.items():
        accuracy = metric_value(Accuracy(LABELS, items), *predictions)
        assert accuracy == pytest.approx(accuracy_score(gold, predicted))
        assert metric_value(MacroF1(LABELS, items), *predictions) == pytest.approx(macro)


@given(rows=st.lists(st.tuples(texts, texts), min_size=1, max_size=8))
def test_label_sets_equal_sklearn_and_torchmetrics(
    rows: list[tuple[TextPrediction, TextPrediction]],
) -> None:
    gold, predicted = ([row[n] for row in rows] for n in (0, 1))
    bits = [
        [[label in label_names(item) for label in LABELS] for item in part]
        for part in (gold, predicted)
    ]
    micro = metric_value(MicroF1(LABELS, "texts"), gold, predicted)
    assert micro == pytest.approx(f1_score(*bits, average="micro", zero_division=0))
    target, preds = (torch.tensor(part).int() for part in bits)
    reference = multilabel_f1_score(preds, target, num_labels=3, average="micro")
    assert micro == pytest.approx(reference.item())
    occurring = [n for n in range(3) if any(row[n] for part in bits for row in part)]
    macro = metric_value(MacroF1(LABELS, "texts"), gold, predicted)
    if occurring:
        expected = f1_score(*bits, labels=occurring, average="macro", zero_division=0)
        assert macro == pytest.approx(expected)
    else:
        assert macro == 0.0


def label_names(prediction: TextPrediction) -> set[str]:
    return {item.label for item in prediction.labels}


@pytest.mark.parametrize(
    ("items", "gold"),
    [
        ("texts", [gold_text("X"), gold_text("Y"), gold_text("X")]),
        ("texts", [gold_text("X", "Y"), gold_text(), gold_text("Y")]),
        ("gold spans", [spans_prediction((0, 0, "X"), (1, 4, "Y")), spans_prediction()]),
        ("predicted spans", [spans_prediction((0, 2, "X"), (1, 4, "Y")), spans_prediction()]),
    ],
    ids=["sequence", "multi-label", "gold spans", "predicted spans"],
)
def test_macro_f1_ignores_labels_that_never_occur(items: Any, gold: Any) -> None:
    assert metric_value(MacroF1(LABELS, items), gold, gold) == 1.0
    assert metric_value(MacroF1(LABELS, items), [], []) == 0.0


def all_metrics() -> list[TaskMetric]:
    """Returns a metric of each kind, for a task on three corpora."""
    return [
        MicroF1(LABELS, "predicted spans", 3),
        MicroF1((), "predicted spans", 3),
        MacroF1(LABELS, "predicted spans", 3),
        Accuracy(LABELS, "predicted spans", 3),
        WordAccuracy(3),
    ]


def update_metric(metric: TaskMetric, rows: Sequence[tuple[int, Any, Any]]) -> TaskMetric:
    metric.update(*zip(*rows, strict=True) if rows else ((), (), ()))
    return metric


@given(batches=st.lists(pairs, max_size=3))
def test_tables_add_up_over_batches_and_corpora(
    batches: list[list[tuple[int, SpansPrediction, SpansPrediction]]],
) -> None:
    """Values are equal for several updates, a single update, and updates of each corpus."""
    rows = [row for batch_rows in batches for row in batch_rows]
    for in_batches, all_rows in zip(all_metrics(), all_metrics(), strict=True):
        for batch_rows in batches:
            update_metric(in_batches, batch_rows)
        values = update_metric(all_rows, rows).compute()
        assert torch.equal(in_batches.compute(), values)
        assert values.shape == (4,)
        assert isinstance(in_batches, AdditiveMetric)
        total = sum((in_batches.observe(g, p) for _, g, p in rows), np.zeros(in_batches.shape))
        assert values[0].item() == pytest.approx(float(in_batches.value(total)))
    for number, metric in enumerate(all_metrics()):
        values = update_metric(metric, rows).compute()
        for corpus in range(3):
            single = update_metric(
                all_metrics()[number], [row for row in rows if row[0] == corpus]
            ).compute()
            assert single[0] == single[1 + corpus] == values[1 + corpus]


def test_reset_clears_the_sums() -> None:
    metric = MicroF1(LABELS, "predicted spans")
    prediction = spans_prediction((1, 4, "X"))
    metric.update([0], [prediction], [prediction])
    metric.update(
        [0], [spans_prediction((2, 4, "X"))], [spans_prediction((1, 4, "X"), (5, 6, "X"))]
    )
    assert metric.compute()[0].item() == pytest.approx(2 * 1 / (3 + 2))
    metric.reset()
    assert metric.compute().tolist() == [0.0, 0.0]
    metric.update([0], [prediction], [prediction])
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


def make_batch(*rows: Row) -> Batch:
    parts = {}
    for corpus in dict.fromkeys(row.corpus for row in rows):
        corpus_rows = [row for row in rows if row.corpus == corpus]
        columns: dict[str, list[Any]] = {name: [[0] * 4 for _ in corpus_rows] for name in FIELDS}
        columns |= {
            "word_ids": [[0, 1, 2, 3] for _ in corpus_rows],
            "char_codes": [[] for _ in corpus_rows],
        }
        columns |= {
            "starts": [[0, 2, 4, 6] for _ in corpus_rows],
            "ends": [[1, 3, 5, 7] for _ in corpus_rows],
        }
        columns |= {
            "mark_offsets": [[] for _ in corpus_rows],
            "number": list(range(len(corpus_rows))),
        }
        tasks = [name for name, task in TASKS.items() if corpus in task.corpora]
        columns |= {f"task_{name}": [getattr(row, name) for row in corpus_rows] for name in tasks}
        parts[corpus] = CorpusRows(columns)
    return collate(parts, TASKS, 0)


def tagged(*spans: tuple[int, int]) -> dict[str, Any]:
    """Returns the target of single words, each with a label."""
    words = [(word, word, 0, 0, label) for word, label in spans]
    return {"words": words, "gold": [[2 * word, 2 * word + 1, label] for word, label in spans]}


def make_logits(batch: Batch, **gold: Any) -> dict[str, dict[str, Tensor]]:
    """Returns logits of probabilities near 1 for the given gold labels.

    Args:
        batch: The batch.
        gold: Task name to a label, labels or (word, label) spans for each row or query.
    """
    sequence = torch.full((len(gold["polarity"]), 3), -9.0)
    for row, label in enumerate(gold["polarity"]):
        sequence[row, label] = 9.0
    category = torch.full((len(gold["category"]), 3), -9.0)
    for row, labels in enumerate(gold["category"]):
        category[row, labels] = 9.0
    tags = torch.zeros(len(gold["ner"]), 4, 7)
    for row, spans in enumerate(gold["ner"]):
        for word, label in spans:
            tags[row, word, 1 + 2 * label] = 9.0
    sentiment = torch.full((len(gold["sentiment"]), 3), -9.0)
    for span, label in enumerate(gold["sentiment"]):
        sentiment[span, label] = 9.0
    letters = torch.tensor([9.0, 0.0, 0.0, 0.0]).expand(len(tags), 4, 4)
    return {
        "polarity": {"logits": sequence},
        "category": {"logits": category},
        "ner": {"tags": tags, "trim_start": letters, "trim_end": letters},
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
    return {name: value for name, value in rounded(scores).items() if not name.endswith("/loss")}


def test_perfect_predictions_have_perfect_scores_though_a_label_never_occurs() -> None:
    scores, batch = Scores(TASKS), make_batch(FULL)
    scores.update(make_logits(batch, **PERFECT), batch)
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
    """Predictions for unlabelled rows of any kind of task are ignored."""
    labelled, both = Scores(TASKS), Scores(TASKS)
    batch = make_batch(FULL)
    labelled.update(make_logits(batch, **PERFECT), batch)
    batch = make_batch(FULL, Row("reviews"))
    wrong = {"polarity": [0, 2], "category": [[0, 1], [2]], "ner": [[(1, 0)], [(0, 1), (2, 2)]]}
    updates = both.update(make_logits(batch, **{**wrong, "sentiment": [1, 0]}), batch)
    assert isinstance(updates["ner"].predicted[1], SpansPrediction)
    assert len(updates["ner"].predicted[1].spans) == 2
    assert updates["ner"].gold[1] is None
    assert rounded(both) == rounded(labelled)


def test_task_without_labelled_items_has_no_scores() -> None:
    scores, batch = (
        Scores(TASKS),
        make_batch(FULL._replace(category=None, sentiment=[], polarity=1)),
    )
    predictions = {"polarity": [2], "category": [[0]], "ner": [[(1, 0)]], "sentiment": []}
    scores.update(make_logits(batch, **predictions), batch)
    values = rounded(scores)
    assert {name.split("/")[0].split("@")[0] for name in values} == {"polarity", "ner", "mean"}
    assert values["mean"] == (0.0 + 1.0) / 2


def test_values_of_each_corpus_of_a_task_on_two() -> None:
    scores, news = Scores(TASKS), Row("news", ner=tagged((0, 1), (3, 2)))
    batch = make_batch(FULL, news)
    scores.update(make_logits(batch, **PERFECT | {"ner": [[(1, 0)], [(0, 1), (2, 2)]]}), batch)
    values = without_losses(scores)
    assert {name: value for name, value in values.items() if name.startswith("ner")} == {
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
    """Micro- and macro-F1 share one table; unlabelled spans and words have their own."""
    updates: list[TaskMetric] = []
    update = AdditiveMetric.update

    def noted(self: AdditiveMetric, *rows: Any) -> None:
        updates.append(self)
        update(self, *rows)

    monkeypatch.setattr(AdditiveMetric, "update", noted)
    scores, batch = Scores(TASKS), make_batch(FULL)
    for _ in range(2):
        for _ in range(3):
            updates.clear()
            scores.update(make_logits(batch, **PERFECT), batch)
            assert len(updates) == len(set(updates)) == 1 + 1 + 3 + 1
        assert without_losses(scores)["mean"] == 1.0


def test_grouped_metrics_are_correct_in_every_epoch() -> None:
    """Alternating epochs of correct and wrong predictions, with several batches each."""
    scores, batch = Scores(TASKS), make_batch(FULL)
    wrong: dict[str, Any] = {
        "polarity": [1],
        "category": [[0, 2]],
        "ner": [[(1, 1)]],
        "sentiment": [1, 1],
    }
    wrong_scores = {
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
        for predicted, expected in (
            (PERFECT, dict.fromkeys(wrong_scores, 1.0)),
            (wrong, wrong_scores),
        ):
            for _ in range(2):
                scores.update(make_logits(batch, **predicted), batch)
            values = without_losses(scores)
            assert {name: values[name] for name in wrong_scores} == expected
    partial_scores = {
        "polarity/accuracy": 0.5,
        "category/micro_f1": 0.75,
        "category/macro_f1": 0.5556,
    }
    for predicted in (PERFECT, wrong):
        scores.update(make_logits(batch, **predicted), batch)
    values = without_losses(scores)
    assert {name: values[name] for name in partial_scores} == partial_scores
