"""Padded batches of rows of several corpora, with targets for every task."""

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
from arabic_mtl.tasks.batch import Columns, CorpusRows, collate
from arabic_mtl.text import Encoding
from support.predictions import compute_scores

TASKS: dict[str, Task] = {
    "polarity": SequenceClassification(corpus="one", layer="polarity", labels=("p", "n")),
    "category": MultiLabelClassification(corpus="one", layer="category", labels=("A", "B")),
    "ner": TokenClassification(corpus="two", layer="entity", labels=("E",)),
    "sentiment": SpanClassification(corpus="two", layer="polarity", labels=("p", "n")),
}
PAD = 9
UPDATE = Update(2, {"polarity": 3, "ner": 5})


Input = tuple[tuple[int, ...], int]
"""The token ids of a row, and their token type."""
some_inputs = st.lists(
    st.tuples(st.lists(st.integers(8, 10), min_size=1, max_size=2).map(tuple), st.integers(0, 1)),
    max_size=8,
)


def inputs(*lengths: int) -> dict[str, Any]:
    """Returns rows with these numbers of tokens; ids start at 10 in the first row, at 20 next."""
    rows = list(enumerate(lengths, start=1))
    return {
        "number": [100 + row for row, _ in rows],
        "input_ids": [[10 * row + n for n in range(length)] for row, length in rows],
        "token_type_ids": [[1] * length for length in lengths],
        "starts": [list(range(length)) for length in lengths],
        "ends": [list(range(1, length + 1)) for length in lengths],
        "word_ids": [[-1, *range(length - 2), -1] for length in lengths],
        "mark_offsets": [list(range(row)) for row, _ in rows],
        "word_lengths": [[row] + [0] * (length - 1) for row, length in rows],
        "char_codes": [list(range(97, 97 + row)) for row, _ in rows],
    }


def first_part() -> CorpusRows:
    category = {"labels": [1], "spans": []}
    labels = {"task_polarity": [1, None], "task_category": [None, category]}
    return CorpusRows(inputs(2, 4) | labels, UPDATE)


def second_part() -> CorpusRows:
    spans = {"words": [[0, 0, 1, 0, 0]], "gold": [[0, 1, 0]]}
    labels = {"task_ner": [spans], "task_sentiment": [[[0, 1, 1, 2, 1, -1]]]}
    return CorpusRows(inputs(3) | labels, UPDATE)


def unlabelled(corpus: str, rows: list[Input]) -> CorpusRows:
    """Returns unlabelled rows with these token ids and token types."""
    columns: Columns = {
        **inputs(*[len(ids) for ids, _ in rows]),
        "input_ids": [list(ids) for ids, _ in rows],
        "token_type_ids": [[segment] * len(ids) for ids, segment in rows],
        "word_lengths": [[0] * len(ids) for ids, _ in rows],
        "char_codes": [[] for _ in rows],
    }
    blank = {f"task_{n}": [None] * len(rows) for n, task in TASKS.items() if task.corpus == corpus}
    return CorpusRows(columns | blank, UPDATE)


class Reader(EncoderNetwork):
    """An encoder that returns its inputs as states, and records them."""

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
    """An encoder with fixed states.

    Args:
        states: The states (inputs, tokens, hidden_size).
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
    batch = collate({"one": first_part(), "two": second_part()}, TASKS, PAD)
    assert batch.tokens.input_ids.tolist() == [[10, 11, 9, 9], [20, 21, 22, 23], [10, 11, 12, 9]]
    assert batch.tokens.attention_mask.tolist() == [[1, 1, 0, 0], [1, 1, 1, 1], [1, 1, 1, 0]]
    assert batch.tokens.token_type_ids.tolist() == batch.tokens.attention_mask.tolist()
    assert batch.tokens.starts.tolist()[2] == [0, 1, 2, 0]
    assert batch.tokens.ends.tolist()[2] == [1, 2, 3, 0]
    assert batch.tokens.word_ids.tolist() == [[-1, -1, -1, -1], [-1, 0, 1, -1], [-1, 0, -1, -1]]
    assert batch.tokens.mark_offsets.tolist() == [[0, -1], [0, 1], [0, -1]]
    assert batch.tokens.word_lengths.tolist() == [[1, 0, 0, 0], [2, 0, 0, 0], [1, 0, 0, 0]]
    assert batch.tokens.char_codes.tolist() == [[97, 0], [97, 98], [97, 0]]
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


@pytest.mark.parametrize(
    "parts", [{"one": CorpusRows(None, UPDATE), "two": second_part()}, {"two": second_part()}]
)
def test_corpus_without_rows_has_targets(parts: dict[str, CorpusRows]) -> None:
    batch = collate(parts, TASKS, PAD)
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
    batch = collate({corpus: CorpusRows(None, UPDATE) for corpus in corpora}, TASKS, PAD)
    assert batch.update == UPDATE
    assert (batch.unique_rows.tolist(), batch.inverse.tolist()) == ([0], [0])
    assert batch.tokens.attention_mask.tolist() == [[1]]
    assert batch.tokens.word_ids.tolist() == [[-1]]
    assert batch.tokens.encodings()[0].mark_offsets == []
    assert batch.tokens.word_lengths.tolist() == [[0]]
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


def test_losses_and_metrics_of_a_mixed_batch_use_their_rows() -> None:
    batch = collate({"one": first_part(), "two": second_part()}, TASKS, PAD)
    hidden = torch.randn(3, 4, 8)
    counts = {}
    for name, task in TASKS.items():
        rows, targets = batch.rows[name], batch.targets[name]
        logits = task.build_head(8, 0.0)(hidden[rows], batch.tokens[rows], targets)
        total, counts[name] = task.loss(logits, targets)
        assert total.item() > 0
        encodings = batch.tokens[rows].encodings()
        predictions = task.decode(logits, encodings, batch.values[name])
        assert task.main_metric in compute_scores(task, batch.values[name], encodings, predictions)
    assert {name: int(count) for name, count in counts.items()} == dict.fromkeys(TASKS, 1)


def test_moved_batch_is_equal() -> None:
    batch = collate({"one": first_part(), "two": second_part()}, TASKS, PAD)
    copy = batch.to("cpu")
    assert isinstance(copy, Batch)
    assert (copy.rows, copy.values, copy.origin) == (batch.rows, batch.values, batch.origin)
    assert copy.update == batch.update == UPDATE
    assert torch.equal(copy.unique_rows, batch.unique_rows)
    assert torch.equal(copy.inverse, batch.inverse)
    for name in vars(batch.tokens):
        assert torch.equal(getattr(copy.tokens, name), getattr(batch.tokens, name))
    for name, targets in batch.targets.items():
        assert all(torch.equal(copy.targets[name][key], targets[key]) for key in targets)
    elsewhere = batch.to("meta")
    tensors = [elsewhere.tokens.word_ids, elsewhere.unique_rows, elsewhere.inverse]
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


def make_parts(**values: list[int | None]) -> dict[str, CorpusRows]:
    """Returns rows of two tokens for each corpus, with one value for all its tasks."""
    return {
        corpus: CorpusRows(
            {
                **inputs(*[2] * len(row_values)),
                **{f"task_{n}": row_values for n, task in BOTH.items() if corpus in task.corpora},
            }
        )
        for corpus, row_values in values.items()
    }


def test_rows_of_a_task_on_several_corpora() -> None:
    """Rows are indices if they are not consecutive; they have the order of the batch."""
    batch = collate(make_parts(one=[1, None], two=[0], three=[0, 1, 1]), BOTH, PAD)
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
    origin = [
        Origin(corpus, n) for corpus, corpus_numbers in numbers.items() for n in corpus_numbers
    ]
    assert batch.origin == origin
    assert batch.origin_of("both") == [*origin[:2], *origin[3:]]
    assert batch.origin_of("neighbours") == origin[:3]
    assert batch.origin_of("middle") == [Origin("two", 101)]
    assert batch.origin_of("absent") == []
    assert (
        batch.tokens[indices].input_ids.tolist() == batch.tokens.input_ids[[0, 1, 3, 4, 5]].tolist()
    )
    meta_rows = batch.to("meta").rows
    assert isinstance(meta_rows["both"], Tensor)
    assert meta_rows["both"].device.type == "meta"
    assert meta_rows["neighbours"] == slice(0, 3)


@pytest.mark.parametrize(
    ("values", "both"),
    [
        ({"one": [1], "three": [0]}, slice(0, 2)),
        ({"two": [1], "three": [0]}, slice(1, 2)),
        ({"one": [1], "two": [1]}, slice(0, 1)),
        ({"two": [1]}, slice(0, 0)),
    ],
)
def test_consecutive_rows_are_a_slice(values: dict[str, list[int | None]], both: slice) -> None:
    assert collate(make_parts(**values), BOTH, PAD).rows["both"] == both


def test_equal_rows_are_encoded_once() -> None:
    a, b, c = ((5, 6), 0), ((5, 6, 7), 0), ((5, 6), 1)
    parts = {"one": unlabelled("one", [a, b, a]), "two": unlabelled("two", [c, b, a])}
    batch, reader = collate(parts, TASKS, PAD), Reader()
    assert (batch.unique_rows.tolist(), batch.inverse.tolist()) == ([0, 1, 3], [0, 1, 0, 2, 1, 0])
    hidden = encoded(batch, reader)
    (read,) = reader.calls
    assert read.input_ids.tolist() == [[5, 6, PAD], [5, 6, 7], [5, 6, PAD]]
    assert read.token_type_ids.tolist() == [[0, 0, 0], [0, 0, 0], [1, 1, 0]]
    assert hidden[..., 0].tolist() == batch.tokens.input_ids.tolist()
    assert hidden[3, 0].tolist() == [5, 1, 1]


def test_unknown_words_with_other_letters_are_distinct() -> None:
    part = unlabelled("one", [((5, 8), 0)] * 4)
    assert part.columns is not None
    part.columns["word_lengths"] = [[0, 2], [0, 2], [1, 1], [0, 2]]
    part.columns["char_codes"] = [[97, 98], [97, 99], [97, 98], [97, 98]]
    batch = collate({"one": part}, TASKS, PAD)
    assert (batch.unique_rows.tolist(), batch.inverse.tolist()) == ([0, 1, 2], [0, 1, 2, 0])


@given(first_part=some_inputs, second_part=some_inputs)
def test_states_go_to_their_rows(first_part: list[Input], second_part: list[Input]) -> None:
    assume(first_part or second_part)
    parts = {"one": unlabelled("one", first_part), "two": unlabelled("two", second_part)}
    batch, reader = collate(parts, TASKS, PAD), Reader()
    hidden = encoded(batch, reader)
    assert [len(tokens) for tokens in reader.calls] == [
        len(dict.fromkeys([*first_part, *second_part]))
    ]
    assert torch.equal(hidden, Reader()(batch.tokens))
    for row, (ids, segment) in enumerate([*first_part, *second_part]):
        assert hidden[row, : len(ids)].tolist() == [[token, segment, 1] for token in ids]


@given(rows=some_inputs.map(dict.fromkeys).map(list).filter(bool))
def test_distinct_rows_are_encoded_in_order(rows: list[Input]) -> None:
    batch, reader = collate({"one": unlabelled("one", rows)}, TASKS, PAD), Reader()
    encoded(batch, reader)
    (read,) = reader.calls
    assert read is batch.tokens


def test_gradients_of_equal_rows_add_up() -> None:
    batch = collate({"one": unlabelled("one", [((5,), 0), ((6,), 0), ((5,), 0)])}, TASKS, PAD)
    states = torch.zeros(2, 1, 4, requires_grad=True)
    encoded(batch, Constant(states))[2].sum().backward()
    encoded(batch, Constant(states))[0].sum().backward()
    assert states.grad is not None
    assert states.grad[:, 0, 0].tolist() == [2.0, 0.0]


def test_tokens_return_their_encodings() -> None:
    tokens = Tokens.pad(inputs(2, 4), PAD)
    encoding, second = tokens.encodings()
    assert encoding.input_ids == [10, 11]
    assert (encoding.starts, encoding.ends, encoding.word_ids) == ([0, 1], [1, 2], [-1, -1])
    assert encoding.mark_offsets == [0]
    assert (encoding.word_lengths, encoding.char_codes) == ([1, 0], [97])
    assert second == Encoding(
        input_ids=[20, 21, 22, 23],
        token_type_ids=[1, 1, 1, 1],
        starts=[0, 1, 2, 3],
        ends=[1, 2, 3, 4],
        word_ids=[-1, 0, 1, -1],
        mark_offsets=[0, 1],
        word_lengths=[2, 0, 0, 0],
        char_codes=[97, 98],
    )
    assert len(tokens[1:2]) == 1
    assert tokens[1:2].encodings() == tokens.encodings()[1:2]
