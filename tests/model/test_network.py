"""One encoder under all heads: what `forward` returns, task by task."""

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
from arabic_mtl.tasks.batch import Part, unite
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
    """A vector of each token; counts the rows that it encodes."""

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


def part(*rows: list[int], **values: list[Any]) -> Part:
    """Rows of token ids, with the values of tasks."""
    columns: dict[str, list[Any]] = {
        name: [[filler] * len(row) for row in rows] for name, filler in FIELDS.items()
    }
    columns |= {"input_ids": list(rows), "words": [list(range(len(row))) for row in rows]}
    columns |= {"marks": [[] for _ in rows], "letters": [[] for _ in rows]}
    return Part({**columns, "number": list(range(len(rows))), **values})


def batch_of(*corpora: str) -> Batch:
    """Rows of some of three corpora, one of which stands in each of them."""
    spans = [[[0, 1, 0, 1, 2, -1], [0, 0, 0, 3, 0, -1]], None, [[0, 2, 1, 2, 1, -1]]]
    parts = {
        "one": part([5, 6, 7], [8, 9], task_polarity=[0, None], task_category=[None, None]),
        "two": part([5, 6, 7], [10], [8, 9, 9], task_ner=[None] * 3, task_sentiment=spans),
        "three": part([11], [5, 6, 7], task_polarity=[1, 2]),
    }
    return unite({name: parts[name] for name in corpora}, TASKS, 0)


@pytest.fixture
def network() -> Network:
    torch.manual_seed(0)
    heads = {name: task.build_head(SIZE, 0.0) for name, task in TASKS.items()}
    return Network(Vectors(), heads).eval()


def assert_equal(one: Any, other: Any) -> None:
    assert list(one) == list(other)
    for name, values in one.items():
        torch.testing.assert_close(values, other[name], rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    "corpora", [("one", "two", "three"), ("one",), ("two",), ("one", "three"), ("three", "two")]
)
def test_forward_is_encode_and_ask(network: Network, corpora: tuple[str, ...]) -> None:
    batch = batch_of(*corpora)
    found = network(batch)
    hidden = network.encode(batch.tokens)
    assert torch.equal(hidden, network.encode(batch.tokens, batch.unique_rows, batch.inverse))
    assert list(found) == list(TASKS)
    for name, rows in batch.rows.items():
        own = network.ask(name, hidden[rows], batch.tokens[rows], batch.targets[name])
        assert_equal(found[name], own)
    assert len(found["absent"]["logits"]) == 0
    spans = 3 if "two" in corpora else 0
    assert found["sentiment"]["logits"].shape == (spans, 3)
    assert len(found["ner"]["tags"]) == spans  # rows, as many as spans
    assert found["ner"]["transitions"].shape == (7, 7)
    assert set(found["category"]) == {"logits", "words"}


def test_equal_rows_are_encoded_once(network: Network) -> None:
    batch = batch_of("one", "two", "three")
    network(batch)
    network.encode(batch.tokens)
    encoder = network.encoder
    assert isinstance(encoder, Vectors)
    assert encoder.rows == [5, 7]


def test_each_row_has_the_logits_of_its_own_text(network: Network) -> None:
    """Rows of a task on two corpora, which are not neighbours in the batch."""
    batch = batch_of("one", "two", "three")
    logits = network(batch)["polarity"]["logits"]
    for row, ids in enumerate([[5, 6, 7], [8, 9], [11], [5, 6, 7]]):
        alone = unite({"one": part(ids, task_polarity=[0], task_category=[None])}, TASKS, 0)
        torch.testing.assert_close(logits[row], network(alone)["polarity"]["logits"][0])
    assert torch.equal(logits[0], logits[3])


def test_a_gate_passes_the_states_of_each_task_on(network: Network) -> None:
    batch, seen = batch_of("one", "two"), {}

    def gate(task: str, hidden: Tensor) -> Tensor:
        seen[task] = hidden
        return 2 * hidden

    found = network(batch, gate)
    hidden = network.encode(batch.tokens)
    assert list(seen) == list(TASKS)
    for name, rows in batch.rows.items():
        assert torch.equal(seen[name], hidden[rows])
        own = network.ask(name, 2 * hidden[rows], batch.tokens[rows], batch.targets[name])
        assert_equal(found[name], own)


@pytest.mark.parametrize("corpora", [("one",), ("one", "two", "three")])
def test_every_parameter_has_a_gradient(network: Network, corpora: tuple[str, ...]) -> None:
    """Heads without rows, too: processes stay in step."""
    batch = batch_of(*corpora)
    logits = network(batch)
    torch.stack([values.sum() for of in logits.values() for values in of.values()]).sum().backward()
    for name, weights in network.named_parameters():
        assert weights.grad is not None, name
    for name, weights in network.heads["absent"].named_parameters():
        assert not weights.grad.any(), name  # type: ignore[union-attr]
