"""A network of one encoder and several heads: the output of `forward` for each task."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from arabic_mtl.model.batch import Batch
from arabic_mtl.model.encoders import EncoderNetwork
from arabic_mtl.model.network import Network
from arabic_mtl.model.tokens import Tokens
from arabic_mtl.tasks import (
    MultiLabelClassification,
    SequenceClassification,
    SpanClassification,
    Task,
    TokenClassification,
)
from arabic_mtl.tasks.batch import CorpusRows, collate
from arabic_mtl.text.encoding import FIELDS

SIZE = 4
LABELS = ("a", "b", "c")
TASKS: dict[str, Task] = {
    "polarity": SequenceClassification(corpus=("one", "three"), layer="polarity", labels=LABELS),
    "category": MultiLabelClassification(
        corpus="one", layer="category", labels=LABELS, evidence="category"
    ),
    "ner": TokenClassification(corpus="two", layer="entity", labels=LABELS, crf=True),
    "sentiment": SpanClassification(corpus="two", layer="polarity", labels=LABELS),
    "absent": SequenceClassification(corpus="four", layer="polarity", labels=LABELS),
}


class Vectors(EncoderNetwork):
    """An encoder with one vector per token, which counts the rows that it encodes."""

    def __init__(self) -> None:
        super().__init__(SIZE)
        self.vectors = nn.Embedding(30, SIZE)
        self.rows: list[int] = []

    def save(self, folder: Path) -> None:
        raise NotImplementedError

    def forward(self, tokens: Tokens) -> Tensor:
        self.rows.append(len(tokens))
        hidden: Tensor = self.vectors(tokens.input_ids)
        return hidden


def part(*rows: list[int], **values: list[Any]) -> CorpusRows:
    """Returns rows of a corpus with token ids and the values of tasks."""
    columns: dict[str, list[Any]] = {
        name: [[filler] * len(row) for row in rows] for name, filler in FIELDS.items()
    }
    columns |= {"input_ids": list(rows), "word_ids": [list(range(len(row))) for row in rows]}
    columns |= {"mark_offsets": [[] for _ in rows], "char_codes": [[] for _ in rows]}
    return CorpusRows({**columns, "number": list(range(len(rows))), **values})


def make_batch(*corpora: str) -> Batch:
    """Returns a batch of some of three corpora, which share one row."""
    spans = [[[0, 1, 0, 1, 2, -1], [0, 0, 0, 3, 0, -1]], None, [[0, 2, 1, 2, 1, -1]]]
    parts = {
        "one": part([5, 6, 7], [8, 9], task_polarity=[0, None], task_category=[None, None]),
        "two": part([5, 6, 7], [10], [8, 9, 9], task_ner=[None] * 3, task_sentiment=spans),
        "three": part([11], [5, 6, 7], task_polarity=[1, 2]),
    }
    return collate({name: parts[name] for name in corpora}, TASKS, 0)


@pytest.fixture
def network() -> Network:
    torch.manual_seed(0)
    heads = {name: task.build_head(SIZE, 0.0) for name, task in TASKS.items()}
    return Network(Vectors(), heads).eval()


def assert_equal(actual: Any, expected: Any) -> None:
    assert list(actual) == list(expected)
    for name, values in actual.items():
        torch.testing.assert_close(values, expected[name], rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    "corpora", [("one", "two", "three"), ("one",), ("two",), ("one", "three"), ("three", "two")]
)
def test_forward_is_encode_and_ask(network: Network, corpora: tuple[str, ...]) -> None:
    batch = make_batch(*corpora)
    outputs = network(batch)
    hidden = network.encode(batch.tokens)
    assert torch.equal(hidden, network.encode(batch.tokens, batch.unique_rows, batch.inverse))
    assert list(outputs) == list(TASKS)
    for name, rows in batch.rows.items():
        expected = network.ask(name, hidden[rows], batch.tokens[rows], batch.targets[name])
        assert_equal(outputs[name], expected)
    assert len(outputs["absent"]["logits"]) == 0
    spans = 3 if "two" in corpora else 0
    assert outputs["sentiment"]["logits"].shape == (spans, 3)
    assert len(outputs["ner"]["tags"]) == spans  # rows, as many as spans
    assert outputs["ner"]["transitions"].shape == (7, 7)
    assert set(outputs["category"]) == {"logits", "words"}


def test_equal_rows_are_encoded_once(network: Network) -> None:
    batch = make_batch("one", "two", "three")
    network(batch)
    network.encode(batch.tokens)
    encoder = network.encoder
    assert isinstance(encoder, Vectors)
    assert encoder.rows == [5, 7]


def test_rows_have_the_logits_of_their_own_text(network: Network) -> None:
    """The rows of a task on two corpora are not consecutive in the batch."""
    batch = make_batch("one", "two", "three")
    logits = network(batch)["polarity"]["logits"]
    for row, ids in enumerate([[5, 6, 7], [8, 9], [11], [5, 6, 7]]):
        single = collate({"one": part(ids, task_polarity=[0], task_category=[None])}, TASKS, 0)
        torch.testing.assert_close(logits[row], network(single)["polarity"]["logits"][0])
    assert torch.equal(logits[0], logits[3])


def test_gate_maps_the_states_of_each_task(network: Network) -> None:
    batch, gated = make_batch("one", "two"), {}

    def gate(task: str, hidden: Tensor) -> Tensor:
        gated[task] = hidden
        return 2 * hidden

    outputs = network(batch, gate)
    hidden = network.encode(batch.tokens)
    assert list(gated) == list(TASKS)
    for name, rows in batch.rows.items():
        assert torch.equal(gated[name], hidden[rows])
        expected = network.ask(name, 2 * hidden[rows], batch.tokens[rows], batch.targets[name])
        assert_equal(outputs[name], expected)


@pytest.mark.parametrize("corpora", [("one",), ("one", "two", "three")])
def test_every_parameter_has_a_gradient(network: Network, corpora: tuple[str, ...]) -> None:
    """Heads without rows have gradients, too, so that processes stay synchronized."""
    batch = make_batch(*corpora)
    logits = network(batch)
    torch.stack(
        [values.sum() for outputs in logits.values() for values in outputs.values()]
    ).sum().backward()
    for name, weights in network.named_parameters():
        assert weights.grad is not None, name
    for name, weights in network.heads["absent"].named_parameters():
        assert not weights.grad.any(), name  # type: ignore[union-attr]
