"""Rows of several corpora become one padded batch, with targets for every task."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch import Tensor

from arabic_mtl.model.batch import Batch, Origin, Update
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
from arabic_mtl.tasks.batch import Columns, Part, unite
from arabic_mtl.text import Encoding
from support.predictions import scores_of

TASKS: dict[str, Task] = {
    "polarity": SequenceClassification(corpus="one", layer="polarity", labels=("p", "n")),
    "category": MultiLabelClassification(corpus="one", layer="category", labels=("A", "B")),
    "ner": TokenClassification(corpus="two", layer="entity", labels=("E",)),
    "sentiment": SpanClassification(corpus="two", layer="polarity", labels=("p", "n")),
}
PAD = 9
UPDATE = Update(2, {"polarity": 3, "ner": 5})


Input = tuple[tuple[int, ...], int]
"""The token ids of a row, and the segment of all of them."""
some_inputs = st.lists(
    st.tuples(st.lists(st.integers(8, 10), min_size=1, max_size=2).map(tuple), st.integers(0, 1)),
    max_size=8,
)


def inputs(*lengths: int) -> dict[str, Any]:
    """Rows of so many tokens, numbered from 10 in the first row, from 20 in the second, …"""
    rows = list(enumerate(lengths, start=1))
    return {
        "number": [100 + row for row, _ in rows],
        "input_ids": [[10 * row + n for n in range(length)] for row, length in rows],
        "token_type_ids": [[1] * length for length in lengths],
        "starts": [list(range(length)) for length in lengths],
        "ends": [list(range(1, length + 1)) for length in lengths],
        "words": [[-1, *range(length - 2), -1] for length in lengths],
        "marks": [list(range(row)) for row, _ in rows],
        "sizes": [[row] + [0] * (length - 1) for row, length in rows],
        "letters": [list(range(97, 97 + row)) for row, _ in rows],
    }


def one() -> Part:
    category = {"labels": [1], "spans": []}
    labels = {"task_polarity": [1, None], "task_category": [None, category]}
    return Part(inputs(2, 4) | labels, UPDATE)


def two() -> Part:
    spans = {"words": [[0, 0, 1, 0, 0]], "gold": [[0, 1, 0]]}
    labels = {"task_ner": [spans], "task_sentiment": [[[0, 1, 1, 2, 1, -1]]]}
    return Part(inputs(3) | labels, UPDATE)


def unlabelled(corpus: str, rows: list[Input]) -> Part:
    """Rows of some token ids and segments, which no task has a label for."""
    columns: Columns = {
        **inputs(*[len(ids) for ids, _ in rows]),
        "input_ids": [list(ids) for ids, _ in rows],
        "token_type_ids": [[segment] * len(ids) for ids, segment in rows],
        "sizes": [[0] * len(ids) for ids, _ in rows],
        "letters": [[] for _ in rows],
    }
    blank = {f"task_{n}": [None] * len(rows) for n, task in TASKS.items() if task.corpus == corpus}
    return Part(columns | blank, UPDATE)


class Reader(EncoderNetwork):
    """An encoder whose states are its tokens; it remembers those."""

    def __init__(self) -> None:
        super().__init__(3)
        self.calls: list[Tokens] = []

    def save(self, folder: Path) -> None:
        raise NotImplementedError

    def forward(self, tokens: Tokens) -> Tensor:
        self.calls.append(tokens)
        fields = (tokens.input_ids, tokens.token_type_ids, tokens.attention_mask)
        return torch.stack(fields, dim=-1)


class Constant(EncoderNetwork):
    """An encoder of given states.

    Args:
        states: For each input (inputs, tokens, hidden_size).
    """

    def __init__(self, states: Tensor) -> None:
        super().__init__(states.shape[-1])
        self.states = states

    def save(self, folder: Path) -> None:
        raise NotImplementedError

    def forward(self, tokens: Tokens) -> Tensor:
        return self.states


def encoded(batch: Batch, encoder: EncoderNetwork) -> Tensor:
    return Network(encoder, {}).encode(batch.tokens, batch.unique_rows, batch.inverse)


def test_rows_of_two_corpora() -> None:
    batch = unite({"one": one(), "two": two()}, TASKS, PAD)
    assert batch.tokens.input_ids.tolist() == [[10, 11, 9, 9], [20, 21, 22, 23], [10, 11, 12, 9]]
    assert batch.tokens.attention_mask.tolist() == [[1, 1, 0, 0], [1, 1, 1, 1], [1, 1, 1, 0]]
    assert batch.tokens.token_type_ids.tolist() == batch.tokens.attention_mask.tolist()
    assert batch.tokens.starts.tolist()[2] == [0, 1, 2, 0]
    assert batch.tokens.ends.tolist()[2] == [1, 2, 3, 0]
    assert batch.tokens.words.tolist() == [[-1, -1, -1, -1], [-1, 0, 1, -1], [-1, 0, -1, -1]]
    assert batch.tokens.marks.tolist() == [[0, -1], [0, 1], [0, -1]]
    assert batch.tokens.sizes.tolist() == [[1, 0, 0, 0], [2, 0, 0, 0], [1, 0, 0, 0]]
    assert batch.tokens.letters.tolist() == [[97, 0], [97, 98], [97, 0]]
    first, last = slice(0, 2), slice(2, 3)
    assert batch.rows == {"polarity": first, "category": first, "ner": last, "sentiment": last}
    assert batch.origin == [Origin("one", 101), Origin("one", 102), Origin("two", 101)]
    assert batch.values["polarity"] == [1, None]
    assert batch.values["category"] == [None, {"labels": [1], "spans": []}]
    assert batch.values["ner"] == [{"words": [[0, 0, 1, 0, 0]], "gold": [[0, 1, 0]]}]
    assert batch.values["sentiment"] == [[[0, 1, 1, 2, 1, -1]]]
    assert batch.targets["polarity"]["labels"].tolist() == [1, -100]
    assert batch.targets["category"]["labels"].tolist() == [[-100, -100], [0, 1]]
    assert batch.targets["ner"]["labels"].tolist() == [
        [[-100] * 3, [1, 1, 0], [-100] * 3, [-100] * 3]
    ]
    assert batch.targets["ner"]["gold"].tolist() == [[0, 0, 1, 0]]
    assert batch.targets["sentiment"]["spans"].tolist() == [[0, 0, 1, 1, 2]]
    assert (batch.unique_rows.tolist(), batch.inverse.tolist()) == ([0, 1, 2], [0, 1, 2])
    assert batch.update == UPDATE


@pytest.mark.parametrize("parts", [{"one": Part(None, UPDATE), "two": two()}, {"two": two()}])
def test_corpus_without_rows_still_has_targets(parts: dict[str, Part]) -> None:
    batch = unite(parts, TASKS, PAD)
    assert batch.rows["polarity"] == slice(0, 0)
    assert batch.rows["ner"] == slice(0, 1)
    assert batch.targets["polarity"]["labels"].shape == (0,)
    assert batch.targets["category"]["labels"].shape == (0, 2)
    assert batch.origin == [Origin("two", 101)]
    assert (batch.values["polarity"], batch.origin_of("polarity")) == ([], [])
    assert len(batch.tokens) == 1
    assert batch.update == UPDATE


@pytest.mark.parametrize("corpora", [["one"], ["one", "two"]])
def test_batch_without_rows_passes_through_the_encoder(corpora: list[str]) -> None:
    batch = unite({corpus: Part(None, UPDATE) for corpus in corpora}, TASKS, PAD)
    assert batch.update == UPDATE
    assert (batch.unique_rows.tolist(), batch.inverse.tolist()) == ([0], [0])
    assert batch.tokens.attention_mask.tolist() == [[1]]
    assert batch.tokens.words.tolist() == [[-1]]
    assert batch.tokens.encodings()[0].marks == []
    assert batch.tokens.sizes.tolist() == [[0]]
    assert all(rows == slice(0, 0) for rows in batch.rows.values())
    assert batch.origin == []
    assert batch.values == {name: [] for name in TASKS}
    hidden = torch.randn(1, 1, 8, requires_grad=True)
    for name, task in TASKS.items():
        rows = batch.rows[name]
        head = task.build_head(8, 0.1)
        logits = head(hidden[rows], batch.tokens[rows], batch.targets[name])
        total, count = task.loss(logits, batch.targets[name])
        assert [len(values) for values in logits.values()] == [0] * len(logits)
        assert (total.item(), count.item()) == (0.0, 0)
        assert task.decode(logits, [], []) == []


def test_every_loss_and_metric_of_a_mixed_batch_takes_its_rows() -> None:
    batch = unite({"one": one(), "two": two()}, TASKS, PAD)
    hidden = torch.randn(3, 4, 8)
    counts = {}
    for name, task in TASKS.items():
        rows, targets = batch.rows[name], batch.targets[name]
        logits = task.build_head(8, 0.0)(hidden[rows], batch.tokens[rows], targets)
        total, counts[name] = task.loss(logits, targets)
        assert total.item() > 0
        own = batch.tokens[rows].encodings()
        found = task.decode(logits, own, batch.values[name])
        assert task.main_metric in scores_of(task, batch.values[name], own, found)
    assert {name: int(count) for name, count in counts.items()} == dict.fromkeys(TASKS, 1)


def test_moved_batch_is_equal() -> None:
    batch = unite({"one": one(), "two": two()}, TASKS, PAD)
    moved = batch.to("cpu")
    assert isinstance(moved, Batch)
    assert (moved.rows, moved.values, moved.origin) == (batch.rows, batch.values, batch.origin)
    assert moved.update == batch.update == UPDATE
    assert torch.equal(moved.unique_rows, batch.unique_rows)
    assert torch.equal(moved.inverse, batch.inverse)
    for name in vars(batch.tokens):
        assert torch.equal(getattr(moved.tokens, name), getattr(batch.tokens, name))
    for name, targets in batch.targets.items():
        assert all(torch.equal(moved.targets[name][key], targets[key]) for key in targets)
    elsewhere = batch.to("meta")
    tensors = [elsewhere.tokens.words, elsewhere.unique_rows, elsewhere.inverse]
    tensors += [value for targets in elsewhere.targets.values() for value in targets.values()]
    assert {tensor.device.type for tensor in tensors} == {"meta"}
    assert elsewhere.update == UPDATE


BOTH: dict[str, Task] = {
    "both": SequenceClassification(corpus=("three", "one"), layer="polarity", labels=("p", "n")),
    "neighbours": SequenceClassification(
        corpus=("two", "one"), layer="polarity", labels=("p", "n")
    ),
    "middle": SequenceClassification(corpus="two", layer="polarity", labels=("p", "n")),
    "absent": SequenceClassification(corpus="four", layer="polarity", labels=("p", "n")),
}


def of_corpora(**values: list[int | None]) -> dict[str, Part]:
    """Rows of two tokens for each corpus, with one value for all of its tasks."""
    return {
        corpus: Part(
            {
                **inputs(*[2] * len(of_rows)),
                **{f"task_{n}": of_rows for n, task in BOTH.items() if corpus in task.corpora},
            }
        )
        for corpus, of_rows in values.items()
    }


def test_rows_of_a_task_on_several_corpora() -> None:
    """Indices where the rows are not neighbours; always in the order of the batch."""
    batch = unite(of_corpora(one=[1, None], two=[0], three=[0, 1, 1]), BOTH, PAD)
    indices = batch.rows["both"]
    assert isinstance(indices, Tensor)
    assert (indices.tolist(), indices.dtype) == ([0, 1, 3, 4, 5], torch.long)
    assert (batch.rows["neighbours"], batch.rows["middle"]) == (slice(0, 3), slice(2, 3))
    assert batch.rows["absent"] == slice(0, 0)
    assert batch.values == {
        "both": [1, None, 0, 1, 1],
        "neighbours": [1, None, 0],
        "middle": [0],
        "absent": [],
    }
    assert batch.targets["both"]["labels"].tolist() == [1, -100, 0, 1, 1]
    numbers = {"one": (101, 102), "two": (101,), "three": (101, 102, 103)}
    origin = [Origin(corpus, n) for corpus, of_corpus in numbers.items() for n in of_corpus]
    assert batch.origin == origin
    assert batch.origin_of("both") == [*origin[:2], *origin[3:]]
    assert batch.origin_of("neighbours") == origin[:3]
    assert batch.origin_of("middle") == [Origin("two", 101)]
    assert batch.origin_of("absent") == []
    assert (
        batch.tokens[indices].input_ids.tolist() == batch.tokens.input_ids[[0, 1, 3, 4, 5]].tolist()
    )
    moved = batch.to("meta").rows
    assert isinstance(moved["both"], Tensor)
    assert moved["both"].device.type == "meta"
    assert moved["neighbours"] == slice(0, 3)


@pytest.mark.parametrize(
    ("values", "both"),
    [
        ({"one": [1], "three": [0]}, slice(0, 2)),
        ({"two": [1], "three": [0]}, slice(1, 2)),
        ({"one": [1], "two": [1]}, slice(0, 1)),
        ({"two": [1]}, slice(0, 0)),
    ],
)
def test_rows_that_happen_to_be_neighbours_are_a_slice(
    values: dict[str, list[int | None]], both: slice
) -> None:
    assert unite(of_corpora(**values), BOTH, PAD).rows["both"] == both


def test_equal_rows_are_read_once_within_a_corpus_and_across() -> None:
    a, b, c = ((5, 6), 0), ((5, 6, 7), 0), ((5, 6), 1)
    parts = {"one": unlabelled("one", [a, b, a]), "two": unlabelled("two", [c, b, a])}
    batch, reader = unite(parts, TASKS, PAD), Reader()
    assert (batch.unique_rows.tolist(), batch.inverse.tolist()) == ([0, 1, 3], [0, 1, 0, 2, 1, 0])
    hidden = encoded(batch, reader)
    (read,) = reader.calls
    assert read.input_ids.tolist() == [[5, 6, PAD], [5, 6, 7], [5, 6, PAD]]
    assert read.token_type_ids.tolist() == [[0, 0, 0], [0, 0, 0], [1, 1, 0]]
    assert hidden[..., 0].tolist() == batch.tokens.input_ids.tolist()
    assert hidden[3, 0].tolist() == [5, 1, 1]


def test_unknown_words_of_other_letters_are_other_inputs() -> None:
    part = unlabelled("one", [((5, 8), 0)] * 4)
    assert part.columns is not None
    part.columns["sizes"] = [[0, 2], [0, 2], [1, 1], [0, 2]]
    part.columns["letters"] = [[97, 98], [97, 99], [97, 98], [97, 98]]
    batch = unite({"one": part}, TASKS, PAD)
    assert (batch.unique_rows.tolist(), batch.inverse.tolist()) == ([0, 1, 2], [0, 1, 2, 0])


@given(one=some_inputs, two=some_inputs)
def test_states_go_to_their_rows(one: list[Input], two: list[Input]) -> None:
    assume(one or two)
    parts = {"one": unlabelled("one", one), "two": unlabelled("two", two)}
    batch, reader = unite(parts, TASKS, PAD), Reader()
    hidden = encoded(batch, reader)
    assert [len(tokens) for tokens in reader.calls] == [len(dict.fromkeys([*one, *two]))]
    assert torch.equal(hidden, Reader()(batch.tokens))
    for row, (ids, segment) in enumerate([*one, *two]):
        assert hidden[row, : len(ids)].tolist() == [[token, segment, 1] for token in ids]


@given(rows=some_inputs.map(dict.fromkeys).map(list).filter(bool))
def test_rows_that_all_differ_are_read_as_they_stand(rows: list[Input]) -> None:
    batch, reader = unite({"one": unlabelled("one", rows)}, TASKS, PAD), Reader()
    encoded(batch, reader)
    (read,) = reader.calls
    assert read is batch.tokens


def test_gradients_of_equal_rows_add_up() -> None:
    batch = unite({"one": unlabelled("one", [((5,), 0), ((6,), 0), ((5,), 0)])}, TASKS, PAD)
    states = torch.zeros(2, 1, 4, requires_grad=True)
    encoded(batch, Constant(states))[2].sum().backward()
    encoded(batch, Constant(states))[0].sum().backward()
    assert states.grad is not None
    assert states.grad[:, 0, 0].tolist() == [2.0, 0.0]


def test_row_of_tokens_is_its_encoding_again() -> None:
    tokens = Tokens.pad(inputs(2, 4), PAD)
    encoding, other = tokens.encodings()
    assert encoding.input_ids == [10, 11]
    assert (encoding.starts, encoding.ends, encoding.words) == ([0, 1], [1, 2], [-1, -1])
    assert encoding.marks == [0]
    assert (encoding.sizes, encoding.letters) == ([1, 0], [97])
    assert other == Encoding(
        input_ids=[20, 21, 22, 23],
        token_type_ids=[1, 1, 1, 1],
        starts=[0, 1, 2, 3],
        ends=[1, 2, 3, 4],
        words=[-1, 0, 1, -1],
        marks=[0, 1],
        sizes=[2, 0, 0, 0],
        letters=[97, 98],
    )
    assert len(tokens[1:2]) == 1
    assert tokens[1:2].encodings() == tokens.encodings()[1:2]
