"""The slots as metrics: what the plain functions say, over any number of processes."""

from __future__ import annotations

import json
import random
from dataclasses import astuple
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.metrics import PolarityScores, SlotF1
from arabic_mtl.opinion import Opinion
from arabic_mtl.scoring import SLOTS, Overlap, judge, polarity_scores, slot_overlap
from support.ddp_metrics import computed, metrics
from support.processes import process

Text = tuple[list[Opinion], list[Opinion]]


def opinion(category: str, end: int, polarity: str) -> Opinion:
    return Opinion("كلمة" if end else "NULL", category, polarity, 0, end)


few = st.builds(
    opinion, st.sampled_from("AB"), st.integers(0, 2), st.sampled_from(["positive", "neutral"])
)
many = st.lists(st.tuples(st.lists(few, max_size=4), st.lists(few, max_size=4)), max_size=6)


def plain(texts: list[Text]) -> dict[str, float]:
    """The scores by the plain functions, under the names of the metrics."""
    scores: dict[str, float] = {}
    for slot in SLOTS:
        total = sum((slot_overlap(slot, *text) for text in texts), Overlap())
        scores |= {f"{slot}/{name}": value for name, value in total.scores().items()}
    verdicts = [verdict for text in texts for verdict in judge(*text)]
    counts = {verdict: verdicts.count(verdict) for verdict in verdicts}
    found = polarity_scores(counts) if counts else {}
    return scores | {f"slot3/{name}": value for name, value in found.items()}


@given(texts=many)
def test_scores_are_those_of_the_plain_functions(texts: list[Text]) -> None:
    counted = metrics()
    for text in texts:
        for metric in counted.values():
            metric.update(*text)
    assert computed(counted) == pytest.approx(plain(texts))


@given(texts=many, share=st.integers(0, 6))
def test_states_of_two_processes_add_up(texts: list[Text], share: int) -> None:
    halves = [metrics(), metrics()]
    for number, text in enumerate(texts):
        for metric in halves[number >= share].values():
            metric.update(*text)
    for name, metric in halves[0].items():
        metric.counts = metric.counts + halves[1][name].counts  # what "sum" does
    assert computed(halves[0]) == pytest.approx(plain(texts))


def test_known_scores() -> None:
    gold = [opinion("A", 4, "positive"), opinion("B", 0, "neutral")]
    slot, polarity = SlotF1("slot12"), PolarityScores()
    for metric in (slot, polarity):
        metric.update([opinion("A", 4, "negative"), opinion("B", 0, "neutral")], gold)
        metric.update([], gold)
    values = {name: float(value) for name, value in slot.compute().items()}
    assert values == pytest.approx({"precision": 1.0, "recall": 0.5, "f1": 2 / 3})
    assert float(polarity.compute()["accuracy"]) == 1 / 4
    slot.reset()
    assert float(slot.compute()["f1"]) == 0.0


def test_an_undeclared_polarity_is_refused() -> None:
    with pytest.raises(ValueError, match="conflict"):
        PolarityScores(["positive"]).update([], [opinion("A", 4, "conflict")])


@pytest.mark.runs
def test_two_real_processes(tmp_path: Path) -> None:
    drawn = random.Random(0)
    kinds = [opinion(c, end, p) for c in "AB" for end in (0, 2) for p in ("positive", "neutral")]
    texts = [(drawn.choices(kinds, k=3), drawn.choices(kinds, k=3)) for _ in range(41)]
    raw = [[[astuple(of) for of in side] for side in text] for text in texts]
    (tmp_path / "texts.json").write_text(json.dumps(raw), encoding="utf-8")
    done = process(["-m", "support.ddp_metrics", str(tmp_path)], tmp_path, 120)
    assert done.returncode == 0, done.stderr[-3000:]
    ranks = [json.loads((tmp_path / f"{rank}.json").read_text("utf-8")) for rank in (0, 1)]
    assert ranks[0] == ranks[1]
    assert len(ranks[0]) == 3 * 3 + 3 + 3  # three of each F1; three accuracies, three F1 of slot 3
    assert ranks[0] == pytest.approx(plain(texts))
