"""Heads are rebuilt from their options, as stored in a trained model's description."""

from __future__ import annotations

import json
from dataclasses import replace
from inspect import isabstract
from typing import Any

import pytest
import torch

from arabic_mtl.model import heads
from arabic_mtl.model.heads import (
    FirstTokenHead,
    Head,
    MultiLabelHead,
    SequenceHead,
    SpanHead,
    TokenHead,
    span_targets,
)
from support.tokens import blank

SIZE = 4
TOKENS = replace(blank(2, 5), word_ids=torch.tensor([[-1, 0, 1, 1, -1], [-1, 0, -1, -1, -1]]))
SPANS = span_targets(
    torch.tensor([[0, 1, 7, 1, 2, 3], [0, 0, 0, 0, 5, -1], [1, 8, 13, 1, 3, 0]])
)  # row, start, end, first token, last + 1, condition

CASES: list[tuple[type[Head], dict[str, Any]]] = [
    (SequenceHead, {"outputs": 3}),
    (FirstTokenHead, {"outputs": 3}),
    (MultiLabelHead, {"labels": 3, "evidence": False}),
    (MultiLabelHead, {"labels": 3, "evidence": True}),
    (TokenHead, {"tags": 5, "trim": 2, "chain": False}),
    (TokenHead, {"tags": 5, "trim": 2, "chain": True}),
    (SpanHead, {"outputs": 3}),
    (SpanHead, {"outputs": 3, "window": 2}),
    (SpanHead, {"outputs": 3, "attention": True}),
    (SpanHead, {"outputs": 3, "conditions": 4}),
    (SpanHead, {"outputs": 3, "window": 1, "attention": True, "conditions": 4}),
]


def test_every_kind_of_head_is_tested() -> None:
    kinds = [getattr(heads, name) for name in heads.__all__]
    classes = {kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Head)}
    assert {kind for kind, _ in CASES} == {kind for kind in classes if not isabstract(kind)}


@pytest.mark.parametrize(("kind", "options"), CASES)
def test_rebuilt_head_has_the_same_logits(kind: type[Head], options: dict[str, Any]) -> None:
    """A head is rebuilt from its options; this also holds in training, with dropout."""
    head = kind(hidden_size=SIZE, dropout=0.25, **options)
    for weights in head.parameters():
        torch.nn.init.normal_(weights)  # some weights are initialized with zeros
    rebuilt = type(head)(**json.loads(json.dumps(head.options)))
    rebuilt.load_state_dict(head.state_dict(), strict=True)
    hidden = torch.randn(2, 5, SIZE)
    for training in (False, True):
        expected, actual = (
            compute_logits(module.train(training), hidden) for module in (head, rebuilt)
        )
        assert list(actual) == list(expected)
        for name, logits in expected.items():
            assert torch.equal(actual[name], logits), name
    assert rebuilt.options == head.options


@pytest.mark.parametrize(("kind", "options"), CASES)
def test_options_hold_every_argument_of_a_head(kind: type[Head], options: dict[str, Any]) -> None:
    head = kind(hidden_size=SIZE, dropout=0.25, **options)
    assert options.items() | {"hidden_size": SIZE, "dropout": 0.25}.items() <= head.options.items()


def compute_logits(head: Head, hidden: torch.Tensor) -> dict[str, torch.Tensor]:
    torch.manual_seed(7)  # for dropout of states and conditions
    return dict(head(hidden, TOKENS, SPANS))


@pytest.mark.parametrize(
    ("head", "names"),
    [
        (SequenceHead(SIZE, 3, 0.0), ["logits"]),
        (MultiLabelHead(SIZE, 3, 0.0, evidence=False), ["logits"]),
        (MultiLabelHead(SIZE, 3, 0.0, evidence=True), ["logits", "words"]),
        (TokenHead(SIZE, 5, 2, 0.0, chain=False), ["tags", "trim_start", "trim_end"]),
        (TokenHead(SIZE, 5, 2, 0.0, chain=True), ["tags", "trim_start", "trim_end", "transitions"]),
        (SpanHead(SIZE, 3, 0.0), ["logits"]),
    ],
)
def test_logits_have_the_names_that_decoders_read(head: Head, names: list[str]) -> None:
    assert list(compute_logits(head, torch.randn(2, 5, SIZE))) == names
