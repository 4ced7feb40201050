"""Encodings, and padded batches of encodings."""

from __future__ import annotations

from dataclasses import asdict

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.model.tokens import Tokens
from arabic_mtl.text import Encoding, TextPipeline
from arabic_mtl.text.encoding import FIELDS
from support.tokenizers import encode

LONG = Encoding(
    input_ids=[2, 7, 8, 3],
    token_type_ids=[0, 0, 0, 1],
    starts=[0, 0, 3, 0],
    ends=[0, 2, 5, 0],
    word_ids=[-1, 0, 0, -1],
    mark_offsets=[2],
    word_lengths=[0, 2, 1, 0],
    char_codes=[97, 98, 99],
)
SHORT = Encoding(
    input_ids=[2, 3],
    token_type_ids=[0, 0],
    starts=[0, 0],
    ends=[0, 0],
    word_ids=[-1, -1],
    mark_offsets=[0, 1, 2],
    word_lengths=[0, 0],
)
BATCH = Tokens.pad({name: [getattr(LONG, name), getattr(SHORT, name)] for name in FIELDS}, 9)


def test_shorter_encodings_are_padded() -> None:
    assert {name: value.tolist() for name, value in vars(BATCH).items()} == {
        "input_ids": [[2, 7, 8, 3], [2, 3, 9, 9]],
        "attention_mask": [[1, 1, 1, 1], [1, 1, 0, 0]],
        "token_type_ids": [[0, 0, 0, 1], [0, 0, 0, 0]],
        "starts": [[0, 0, 3, 0], [0, 0, 0, 0]],
        "ends": [[0, 2, 5, 0], [0, 0, 0, 0]],
        "word_ids": [[-1, 0, 0, -1], [-1, -1, -1, -1]],
        "mark_offsets": [[2, -1, -1], [0, 1, 2]],
        "word_lengths": [[0, 2, 1, 0], [0, 0, 0, 0]],
        "char_codes": [[97, 98, 99], [0, 0, 0]],
    }
    assert {value.dtype for value in vars(BATCH).values()} == {torch.long}


def test_fields_lists_the_fields_of_an_encoding() -> None:
    assert set(FIELDS) == set(asdict(LONG))
    assert (len(LONG), len(BATCH)) == (4, 2)


@given(
    rows=st.lists(
        st.tuples(
            st.lists(st.integers(0, 3), min_size=1, max_size=6),
            st.lists(st.integers(0, 50), max_size=4),
        ),
        min_size=1,
    )
)
def test_a_batch_returns_its_encodings(rows: list[tuple[list[int], list[int]]]) -> None:
    encodings = [
        Encoding(
            input_ids=[n + 10 for n in range(len(sizes))],
            token_type_ids=[n % 2 for n in range(len(sizes))],
            starts=list(range(len(sizes))),
            ends=[n + 1 for n in range(len(sizes))],
            word_ids=[n - 1 for n in range(len(sizes))],
            mark_offsets=marks,
            word_lengths=sizes,
            char_codes=list(range(sum(sizes))),
        )
        for sizes, marks in rows
    ]
    batch = Tokens.pad({name: [getattr(e, name) for e in encodings] for name in FIELDS}, 0)
    assert batch.encodings() == encodings


def test_slicing_and_moving_a_batch() -> None:
    last = BATCH[1:]
    assert last.encodings() == [SHORT]
    meta_batch = BATCH.to("meta")
    assert {value.device.type for value in vars(meta_batch).values()} == {"meta"}
    assert torch.equal(BATCH.to("cpu").mark_offsets, BATCH.mark_offsets)


@pytest.mark.parametrize(
    ("start", "end", "tokens"),
    [(0, 6, (1, 2)), (7, 13, (2, 4)), (8, 9, (3, 4)), (0, 13, (1, 4)), (0, 0, (0, 6))],
)
def test_tokens_within(text: TextPipeline, start: int, end: int, tokens: tuple[int, int]) -> None:
    encoding = encode(text, "الغرفة والغرفة جدا")
    assert len(encoding) == 6
    assert encoding.tokens_within(start, end) == tokens


def test_a_span_without_tokens_gets_the_whole_input(text: TextPipeline) -> None:
    encoding = encode(text, "الغرفة  جدا", "فندق")
    assert encoding.tokens_within(6, 8) == encoding.tokens_within(90, 96) == (0, len(encoding))


def test_tokens_of_a_second_text_are_never_within_a_span(text: TextPipeline) -> None:
    assert encode(text, "الغرفة", "جدا الغرفة فندق").tokens_within(0, 99) == (1, 2)
