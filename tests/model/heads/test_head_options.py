"""A head is made again from its options, as a trained model's description keeps them."""

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
    of_spans,
)
from support.tokens import blank

SIZE = 4
TOKENS = replace(blank(2, 5), words=torch.tensor([[-1, 0, 1, 1, -1], [-1, 0, -1, -1, -1]]))
SPANS = of_spans(
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
    (SpanHead, {"outputs": 3, "given": 4}),
    (SpanHead, {"outputs": 3, "window": 1, "attention": True, "given": 4}),
]


def test_every_kind_of_head_is_here() -> None:
    kinds = [getattr(heads, name) for name in heads.__all__]
    classes = {kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Head)}
    assert {kind for kind, _ in CASES} == {kind for kind in classes if not isabstract(kind)}


@pytest.mark.parametrize(("kind", "options"), CASES)
def test_a_head_made_again_says_the_same(kind: type[Head], options: dict[str, Any]) -> None:
    """By the words of its description alone; in training, too, dropout and all."""
    head = kind(hidden_size=SIZE, dropout=0.25, **options)
    for weights in head.parameters():
        torch.nn.init.normal_(weights)  # those that begin with zeros, too
    again = type(head)(**json.loads(json.dumps(head.options)))
    again.load_state_dict(head.state_dict(), strict=True)
    hidden = torch.randn(2, 5, SIZE)
    for training in (False, True):
        expected, found = (logits_of(each.train(training), hidden) for each in (head, again))
        assert list(found) == list(expected)
        for name, logits in expected.items():
            assert torch.equal(found[name], logits), name
    assert again.options == head.options


@pytest.mark.parametrize(("kind", "options"), CASES)
def test_options_say_everything_a_head_was_made_with(
    kind: type[Head], options: dict[str, Any]
) -> None:
    head = kind(hidden_size=SIZE, dropout=0.25, **options)
    assert options.items() | {"hidden_size": SIZE, "dropout": 0.25}.items() <= head.options.items()


def logits_of(head: Head, hidden: torch.Tensor) -> dict[str, torch.Tensor]:
    torch.manual_seed(7)  # what dropout drops, and what is withheld
    return dict(head(hidden, TOKENS, SPANS))


@pytest.mark.parametrize(
    ("head", "names"),
    [
        (SequenceHead(SIZE, 3, 0.0), ["logits"]),
        (MultiLabelHead(SIZE, 3, 0.0, evidence=False), ["logits"]),
        (MultiLabelHead(SIZE, 3, 0.0, evidence=True), ["logits", "words"]),
        (TokenHead(SIZE, 5, 2, 0.0, chain=False), ["tags", "before", "behind"]),
        (TokenHead(SIZE, 5, 2, 0.0, chain=True), ["tags", "before", "behind", "transitions"]),
        (SpanHead(SIZE, 3, 0.0), ["logits"]),
    ],
)
def test_logits_have_the_names_that_decoders_read(head: Head, names: list[str]) -> None:
    assert list(logits_of(head, torch.randn(2, 5, SIZE))) == names
