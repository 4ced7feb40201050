"""Texts that lack layers: they do not count for the layers' tasks; an empty layer does count."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pytest
import torch

from arabic_mtl.baselines.linear import Linear
from arabic_mtl.baselines.majority import Majority
from arabic_mtl.data import MultiTaskData
from arabic_mtl.documents import Example, Span, SpansPrediction, TextPrediction
from arabic_mtl.errors import InputError
from arabic_mtl.evaluation import evaluate
from arabic_mtl.evaluation.classes import class_scores
from arabic_mtl.evaluation.decisions import decisions
from arabic_mtl.evaluation.evaluate import batches
from arabic_mtl.evaluation.predicted import PredictedExample
from arabic_mtl.formats import Format, Layers, Notices, Record
from arabic_mtl.formats.lines import Line, lines
from arabic_mtl.tasks import (
    MultiLabelClassification,
    SequenceClassification,
    SpanClassification,
    Task,
    TokenClassification,
)
from arabic_mtl.text import TextPipeline, TextSettings
from support.tokens import pad

TASKS: dict[str, Task] = {
    "mood": SequenceClassification(corpus="all", layer="mood", labels=("good", "bad")),
    "topic": MultiLabelClassification(corpus="all", layer="topic", labels=("ROOMS", "SERVICE")),
    "ner": TokenClassification(corpus="all", layer="ner", labels=("ROOMS", "SERVICE")),
    "polarity": SpanClassification(corpus="all", layer="polarity", labels=("good", "bad")),
}
NOUNS = {"الغرفة": "ROOMS", "الخدمة": "SERVICE", "الليلة": ""}
ADJECTIVES = {"جميلة": "good", "سيئة": "bad"}


@dataclass(frozen=True, kw_only=True)
class Layered(Format[Line]):
    """JSON lines with the layers of each text."""

    @property
    def layers(self) -> Layers:
        return Layers(frozenset({"mood", "topic"}), frozenset({"ner", "polarity"}))

    def parts(self, file: BinaryIO, notices: Notices) -> Iterator[Line]:
        return lines(file)

    def records(self, part: Line, notices: Notices, *, gold: bool) -> list[Record]:
        fields = json.loads(part.text())
        labels = {layer: tuple(names) for layer, names in fields["labels"].items()}
        spans = {
            layer: tuple(Span(*item) for item in items) for layer, items in fields["spans"].items()
        }
        example = Example(
            id=fields["id"], group=fields["id"], text=fields["text"], labels=labels, spans=spans
        )
        return [Record(example=example, line=part.line)]


def row(number: int, noun: str, adjective: str) -> dict[str, Any]:
    """Returns a text with all layers; texts without an entity have three empty ones."""
    text, entity, mood = f"كانت {noun} {adjective}", NOUNS[noun], ADJECTIVES[adjective]
    start, end = text.index(noun), text.index(noun) + len(noun)
    spans = {"ner": [[start, end, entity]], "polarity": [[start, end, mood]]}
    return {
        "id": str(number),
        "text": text,
        "labels": {"mood": [mood], "topic": [entity] if entity else []},
        "spans": spans if entity else {"ner": [], "polarity": []},
    }


def without(fields: dict[str, Any], layer: str) -> dict[str, Any]:
    """Returns a text without a layer."""
    kinds = {kind: {k: v for k, v in fields[kind].items() if k != layer} for kind in KINDS}
    return {**fields, **kinds}


KINDS = ("labels", "spans")
PAIRS = [(noun, adjective) for noun in NOUNS for adjective in ADJECTIVES]
COMPLETE = [row(n, *PAIRS[n % len(PAIRS)]) for n in range(24)]
PARTIAL = [without(fields, list(TASKS)[n % 5 % 4]) for n, fields in enumerate(COMPLETE)]
"""Each text lacks one layer, in turns that meet every kind of text."""


def ready(folder: Path, rows: list[dict[str, Any]], tasks: dict[str, Task]) -> MultiTaskData:
    folder.mkdir()
    for name in ("train", "validation"):
        own = [{**fields, "id": f"{name} {fields['id']}"} for fields in rows]
        content = "".join(json.dumps(fields) + "\n" for fields in own)
        (folder / f"{name}.jsonl").write_text(content, encoding="utf-8")
    corpus = Layered(train=Path("train.jsonl"), validation=Path("validation.jsonl"))
    data = MultiTaskData(
        {"all": corpus},
        tasks,
        text=TextSettings(vocab_size=200),
        root=folder,
        cache=folder / "cache",
    )
    data.prepare_data()
    data.setup()
    return data


@pytest.fixture(scope="module")
def partial(tmp_path_factory: pytest.TempPathFactory) -> MultiTaskData:
    return ready(tmp_path_factory.mktemp("partial") / "data", PARTIAL, TASKS)


def labelled(name: str) -> list[dict[str, Any]]:
    """Returns the texts that have a task's layer."""
    return [fields for fields in PARTIAL if any(name in fields[kind] for kind in KINDS)]


@pytest.mark.parametrize("name", TASKS)
@pytest.mark.parametrize("system", [Majority, Linear])
def test_texts_without_a_layer_change_no_score(
    partial: MultiTaskData, tmp_path: Path, system: type[Majority | Linear], name: str
) -> None:
    alone = ready(tmp_path / "alone", labelled(name), {name: TASKS[name]})
    assert 0 < len(alone.tables["train"]["all"]) < len(partial.tables["train"]["all"])
    expected, own = evaluate(system(alone), alone, "validation")
    scores, examples = evaluate(system(partial), partial, "validation")
    compared = [key for key in expected if key.startswith(f"{name}/") and "loss" not in key]
    assert {key: scores[key] for key in compared} == {key: expected[key] for key in compared}
    assert scores[f"{name}/loss"] == pytest.approx(expected[f"{name}/loss"], rel=1e-4)
    task = TASKS[name]
    assert class_scores(examples, name, task) == class_scores(own, name, task)
    assert len(decisions(task, name, examples)) == len(decisions(task, name, own)) > 0


def gold(example: PredictedExample, name: str) -> list[str] | None:
    """Returns the gold labels of a text; None without the layer."""
    prediction = example.gold[name]
    if prediction is None:
        return None
    if isinstance(prediction, TextPrediction):
        return [label.label for label in prediction.labels]
    assert isinstance(prediction, SpansPrediction)
    return [span.label for span in prediction.spans]


@pytest.mark.parametrize("name", TASKS)
def test_gold_is_absent_without_a_layer_and_empty_with_an_empty_one(
    partial: MultiTaskData, name: str
) -> None:
    _, examples = evaluate(Majority(partial), partial, "validation")
    found = [gold(example, name) for example in examples]
    assert found == [
        (fields["labels"] | {k: [s[2] for s in v] for k, v in fields["spans"].items()}).get(name)
        for fields in PARTIAL
    ]
    assert None in found
    assert ([] in found) == (name != "mood")


def test_items_of_a_batch_are_those_of_labelled_texts(partial: MultiTaskData) -> None:
    counts = dict.fromkeys(TASKS, 0)
    for batch in batches(partial, "train"):
        for name, task in TASKS.items():
            logits = task.constant(task.tally(batch.targets[name]), batch.targets[name])
            counts[name] += int(task.loss(logits, batch.targets[name])[1])
    assert counts == {
        "mood": len(labelled("mood")),
        "topic": len(labelled("topic")),
        "ner": sum(len(fields["text"].split()) for fields in labelled("ner")),
        "polarity": sum(len(fields["spans"]["polarity"]) for fields in labelled("polarity")),
    }


@pytest.mark.parametrize("name", TASKS)
def test_texts_without_a_layer_have_no_gradient(text: TextPipeline, name: str) -> None:
    task = TASKS[name]
    rows = [Example(id="1", text="كانت الغرفة جميلة"), Example(id="2", text="الغرفة سيئة")]
    encodings = text.encode([example.text for example in rows], [None, None])
    values = [task.targets(e, encoding) for e, encoding in zip(rows, encodings, strict=True)]
    assert values == [None, None]
    targets = task.collate(values, pad(encodings))
    logits = {
        key: value.clone().requires_grad_()
        for key, value in task.constant(task.tally(targets), targets).items()
    }
    total, items = task.loss(logits, targets)
    assert (total.item(), int(items)) == (0.0, 0)
    if total.requires_grad:
        total.backward()
        assert all(v.grad is None or not torch.any(v.grad) for v in logits.values())


def test_an_empty_layer_of_single_labels_is_refused(text: TextPipeline) -> None:
    (encoding,) = text.encode(["الغرفة"], [None])
    with pytest.raises(InputError) as caught:
        TASKS["mood"].targets(Example(id="1", text="الغرفة", labels={"mood": ()}), encoding)
    assert caught.value.found == []
    assert caught.value.expected.startswith("one label, or no layer")
