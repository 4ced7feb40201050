"""F1 of spans: examples, and comparison with seqeval."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics import classification_report, f1_score, precision_score, recall_score

from arabic_mtl.documents import Span
from arabic_mtl.scoring import EntityCounts, Overlap
from support.tags import spans, tag_pairs

GOLD = (Span(0, 6, "ORG"), Span(6, 9, "LOC"), Span(0, 9, "ORG"), Span(0, 0, "ORG"))


def counted(*texts: tuple[tuple[Span, ...], tuple[Span, ...]]) -> EntityCounts:
    counts = EntityCounts()
    for predicted, gold in texts:
        counts.add(predicted, gold)
    return counts


@pytest.mark.parametrize(
    ("predicted", "expected"),
    [
        (GOLD, (4, 4, 4)),
        ((), (0, 0, 4)),
        (GOLD[:1] * 3, (1, 1, 4)),  # sets
        ((Span(0, 6, "LOC"),), (0, 1, 4)),  # another label
        ((Span(1, 6, "ORG"),), (0, 1, 4)),  # another start
        ((Span(0, 5, "ORG"),), (0, 1, 4)),  # another end
        ((Span(0, 0, "LOC"), Span(0, 0, "ORG")), (1, 2, 4)),  # NULL
        ((Span(0, 9, "ORG"), Span(6, 9, "LOC")), (2, 2, 4)),  # one inside the other
    ],
)
def test_counts_of_a_text(predicted: tuple[Span, ...], expected: tuple[int, int, int]) -> None:
    assert counted((predicted, GOLD)).total == Overlap(*expected)


def test_scores_of_labels_and_their_means() -> None:
    counts = counted(
        ((Span(0, 1, "A"), Span(2, 3, "B")), (Span(0, 1, "A"), Span(4, 5, "A"))),
        ((), (Span(0, 1, "C"),)),
    )
    assert counts.texts == 2
    assert counts.labels == {"A": Overlap(1, 1, 2), "B": Overlap(0, 1, 0), "C": Overlap(0, 0, 1)}
    assert counts.macro_scores() == pytest.approx(
        {"precision": 1 / 3, "recall": 1 / 6, "f1": 2 / 9}
    )
    expected = {"precision": 1 / 2, "recall": 1 / 3, "f1": 2 / 5, "macro_f1": 2 / 9}
    assert counts.scores() == pytest.approx(expected)


def test_a_span_of_another_text_is_not_correct() -> None:
    span = (Span(0, 1, "A"),)
    assert counted((span, ()), ((), span)).total == Overlap(0, 1, 1)


def test_no_spans_score_zero() -> None:
    counts = counted(((), ()))
    assert (counts.texts, counts.labels, set(counts.scores().values())) == (1, {}, {0.0})


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning")
@given(st.lists(tag_pairs, min_size=1, max_size=6))
def test_equals_seqevals_default_mode(sentences: list[tuple[list[str], list[str]]]) -> None:
    predicted, gold = ([list(side) for side in sides] for sides in zip(*sentences, strict=True))
    counts = counted(*[(spans(p), spans(g)) for p, g in sentences])
    if not counts.labels:
        assert set(counts.scores().values()) == {0.0}
        return  # seqeval returns no mean without labels
    assert counts.scores() == pytest.approx(
        {
            "precision": precision_score(gold, predicted, zero_division=0),
            "recall": recall_score(gold, predicted, zero_division=0),
            "f1": f1_score(gold, predicted, zero_division=0),
            "macro_f1": f1_score(gold, predicted, average="macro", zero_division=0),
        }
    )
    report = classification_report(gold, predicted, output_dict=True, zero_division=0)
    assert {*counts.labels} == {name for name in report if not name.endswith(" avg")}
    for label, overlap in counts.labels.items():
        assert overlap.gold == report[label]["support"]
        names = {"precision": "precision", "recall": "recall", "f1": "f1-score"}
        assert overlap.scores() == pytest.approx({n: report[label][r] for n, r in names.items()})


@pytest.mark.slow
@pytest.mark.skipif("ARABIC_MTL_DATA" not in os.environ, reason="needs the real corpora")
def test_equals_seqeval_on_a_real_corpus() -> None:
    path = Path(os.environ["ARABIC_MTL_DATA"]) / "anercorp_camel" / "ANERCorp_CamelLab_test.txt"
    blocks = path.read_text(encoding="utf-8").rstrip("\n").split("\n\n")
    gold = [[line.split(" ")[1] for line in block.split("\n")] for block in blocks]
    predicted = [["O", *tags[:-1]] if n % 3 == 0 else tags for n, tags in enumerate(gold)]
    counts = counted(*[(spans(p), spans(g)) for p, g in zip(predicted, gold, strict=True)])
    assert counts.total.gold == 2285
    assert counts.scores()["f1"] == pytest.approx(f1_score(gold, predicted), abs=1e-12)
    macro = f1_score(gold, predicted, average="macro")
    assert counts.scores()["macro_f1"] == pytest.approx(macro, abs=1e-12)
    assert 0.5 < counts.scores()["f1"] < 0.9
