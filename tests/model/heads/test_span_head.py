"""The features of a span: windows, distances, condition; computed by hand."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from arabic_mtl.decoders import UNKNOWN
from arabic_mtl.model.heads.base import masked_max, masked_mean
from arabic_mtl.model.heads.span import SpanAttention, SpanHead
from arabic_mtl.model.tokens import Tokens
from support.tokens import blank

SIZE = 3
NULL = (0, 0)


def make_tokens(*lengths: int) -> Tokens:
    """Returns padded rows with these numbers of tokens."""
    width = max(lengths, default=1)
    mask = (torch.arange(width) < torch.tensor(lengths)[:, None]).long().view(-1, width)
    return Tokens(**{**vars(blank(len(lengths), width)), "attention_mask": mask})


def make_targets(
    *spans: tuple[int, tuple[int, int], tuple[int, int]], conditions: Any = None
) -> dict[str, Tensor]:
    """Returns the table of spans (row, raw offsets, tokens); raw offsets only matter for NULL."""
    table = [[row, *raw, *tokens] for row, raw, tokens in spans]
    ids = [UNKNOWN] * len(spans) if conditions is None else conditions
    return {
        "spans": torch.tensor(table, dtype=torch.long).view(-1, 5),
        "conditions": torch.tensor(ids, dtype=torch.long),
    }


def head_features(head: SpanHead, hidden: Tensor, tokens: Tokens, targets: Any) -> Tensor:
    """Returns the input of the hidden layer."""
    inputs_seen: list[Tensor] = []
    hook = head.hidden.register_forward_pre_hook(lambda _, inputs: inputs_seen.append(inputs[0]))
    head(hidden, tokens, targets)
    hook.remove()
    return inputs_seen[0]


def make_head(**options: Any) -> SpanHead:
    torch.manual_seed(0)
    return SpanHead(SIZE, 2, 0.0, **options).eval()


HIDDEN = torch.tensor(
    [
        [[1.0, 0, 0], [2, 0, 0], [4, 0, 0], [8, 0, 0], [16, 0, 0], [32, 0, 0]],
        [[0.0, 1, 0], [0, 2, 0], [0, 4, 0], [0, 99, 0], [0, 99, 0], [0, 99, 0]],
    ]
)
TOKENS = make_tokens(6, 3)


@pytest.mark.parametrize(
    ("span", "span_mean", "left_mean", "right_mean"),
    [
        ((0, (5, 9), (2, 3)), 4.0, 1.5, 12.0),
        ((0, (5, 9), (1, 3)), 3.0, 1.0, 12.0),  # only one token precedes it
        ((0, (5, 9), (3, 5)), 12.0, 3.0, 32.0),
        ((0, NULL, (0, 6)), 10.5, 0.0, 0.0),
        ((0, (5, 9), (0, 6)), 10.5, 0.0, 0.0),  # a span without tokens has the whole input
        ((1, (5, 9), (1, 2)), 2.0, 1.0, 4.0),  # padding is not included
        ((1, NULL, (0, 3)), 7 / 3, 0.0, 0.0),
    ],
    ids=["two each", "at the start", "at the end", "NULL", "whole", "padded", "padded NULL"],
)
def test_windows_are_means_of_neighbouring_tokens(
    span: Any, span_mean: float, left_mean: float, right_mean: float
) -> None:
    (features,) = head_features(make_head(window=2), HIDDEN, TOKENS, make_targets(span))
    row = span[0]
    windows = features[: 3 * SIZE].view(3, SIZE)
    assert windows[:, row].tolist() == pytest.approx([span_mean, left_mean, right_mean])
    assert windows.sum().item() == pytest.approx(span_mean + left_mean + right_mean)
    assert features[-1].item() == float(span[1] == NULL)


def test_summary_and_null_flag_follow_the_pooled_vectors() -> None:
    spans = make_targets((0, (5, 9), (2, 3)), (1, NULL, (0, 3)))
    features = head_features(make_head(), HIDDEN, TOKENS, spans)
    mask = TOKENS.attention_mask
    summary = [HIDDEN[:, 0], masked_mean(HIDDEN, mask), masked_max(HIDDEN, mask)]
    pooled = torch.tensor([[4.0, 0, 0], [0, 7 / 3, 0]])
    expected = torch.cat([pooled, *summary, torch.tensor([[0.0], [1.0]])], dim=1)
    torch.testing.assert_close(features, expected)


SPANS = [(2, 4), (0, 1), (5, 6), (0, 6)]


@pytest.mark.parametrize(("first", "last"), SPANS)
def test_distance_is_measured_from_the_nearest_end_of_a_span(first: int, last: int) -> None:
    """With keys of zero, attention depends only on the distance."""
    attention = SpanAttention(SIZE)
    torch.nn.init.zeros_(attention.key.weight)
    torch.nn.init.zeros_(attention.key.bias)
    with torch.no_grad():
        attention.distance.weight.copy_(torch.arange(21.0)[:, None])
    spans = make_targets((0, (5, 9), (first, last)))["spans"]
    (attended,) = attention(torch.zeros(1, SIZE), HIDDEN, TOKENS.attention_mask, spans)
    distances = [min(position - first, 0) + max(position - last + 1, 0) for position in range(6)]
    expected = torch.tensor([distance + 10.0 for distance in distances]).softmax(dim=0)
    torch.testing.assert_close(attended, expected)


def test_large_distances_share_one_bias() -> None:
    attention, tokens = SpanAttention(SIZE), make_tokens(40)
    torch.nn.init.zeros_(attention.key.weight)
    torch.nn.init.zeros_(attention.key.bias)
    torch.nn.init.normal_(attention.distance.weight)
    spans = make_targets((0, (5, 9), (20, 21)))["spans"]
    hidden = torch.randn(1, 40, SIZE)
    (attended,) = attention(torch.zeros(1, SIZE), hidden, tokens.attention_mask, spans)
    assert len(set(attended[:11].tolist())) == len(set(attended[30:].tolist())) == 1
    assert len(set(attended[10:31].tolist())) == 21


def test_attention_depends_on_the_spans_own_tokens() -> None:
    head = make_head(attention=True)
    attention = head.attention
    assert attention is not None
    spans = make_targets((0, (5, 9), (2, 4)), (1, NULL, (0, 3)))
    features = head_features(head, HIDDEN, TOKENS, spans)
    for number, (row, length, pooled) in enumerate([(0, 6, [6.0, 0, 0]), (1, 3, [0, 7 / 3, 0])]):
        scores = attention.query(torch.tensor(pooled)) @ attention.key(HIDDEN[row, :length]).T / 8
        expected = scores.softmax(dim=0) @ HIDDEN[row, :length]
        torch.testing.assert_close(features[number, SIZE : 2 * SIZE], expected)


def test_condition_has_its_own_vector() -> None:
    head = make_head(conditions=4)
    assert head.condition is not None
    spans = [(0, (5, 9), (2, 3))] * 3
    features = head_features(head, HIDDEN, TOKENS, make_targets(*spans, conditions=[3, UNKNOWN, 0]))
    assert torch.equal(features[:, -64:], head.condition.weight[[4, 0, 1]])
    logits = head(HIDDEN, TOKENS, make_targets(*spans, conditions=[3, 3, 0]))["logits"]
    torch.testing.assert_close(logits[0], logits[1])
    assert not torch.allclose(logits[0], logits[2])


def test_conditions_are_dropped_at_random_in_training() -> None:
    head = make_head(conditions=4).train()
    assert head.condition is not None
    spans = make_targets(*[(0, (5, 9), (2, 3))] * 2000, conditions=[2] * 2000)
    conditions = head_features(head, HIDDEN, TOKENS, spans)[:, -64:]
    dropped = (conditions == head.condition.weight[0]).all(dim=1)
    assert torch.equal(dropped, ~(conditions == head.condition.weight[3]).all(dim=1))
    assert 0.07 < dropped.float().mean() < 0.13
    assert (
        head_features(head.eval(), HIDDEN, TOKENS, spans)[:, -64:] == head.condition.weight[3]
    ).all()
    assert spans["conditions"].tolist() == [2] * 2000


ALL: dict[str, Any] = {"window": 2, "attention": True, "conditions": 4}


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[int], list[Any], list[int]]:
    """Draws the lengths of rows, their spans, and the conditions of the spans."""
    lengths = draw(st.lists(st.integers(1, 6), min_size=1, max_size=4))
    spans = []
    for row, length in enumerate(lengths):
        for _ in range(draw(st.integers(0, 3))):
            first = draw(st.integers(0, length - 1))
            last = draw(st.integers(first + 1, length))
            null = draw(st.booleans())
            spans.append((row, NULL, (0, length)) if null else (row, (5, 9), (first, last)))
    conditions = draw(st.lists(st.integers(-1, 3), min_size=len(spans), max_size=len(spans)))
    return lengths, spans, conditions


@given(case=cases())
def test_padding_and_other_rows_have_no_effect(case: Any) -> None:
    lengths, spans, conditions = case
    head, tokens = make_head(**ALL), make_tokens(*lengths)
    hidden = torch.randn(len(lengths), max(lengths), SIZE)
    together = head(hidden, tokens, make_targets(*spans, conditions=conditions))["logits"]
    for number, ((row, raw, token_range), condition) in enumerate(
        zip(spans, conditions, strict=True)
    ):
        length = lengths[row]
        targets = make_targets((0, raw, token_range), conditions=[condition])
        single = head(hidden[row : row + 1, :length], make_tokens(length), targets)
        torch.testing.assert_close(single["logits"][0], together[number], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("rows", [0, 2])
def test_without_spans_every_parameter_has_a_gradient_of_zero(rows: int) -> None:
    """Processes without a task's spans stay synchronized with the other processes."""
    head = make_head(**ALL).train()
    hidden = torch.randn(rows, 6, SIZE, requires_grad=True)
    logits = head(hidden, TOKENS[:rows], make_targets())["logits"]
    assert logits.shape == (0, 2)
    logits.sum().backward()
    gradients = {name: value.grad for name, value in head.named_parameters()}
    assert len(gradients) == 4 + 2 + 2 + 1 + 1  # layers, query and key, distance, condition
    for name, gradient in gradients.items():
        assert gradient is not None, name
        assert not gradient.any(), name


def test_with_spans_every_parameter_has_a_gradient() -> None:
    head = make_head(**ALL).train()
    spans = make_targets((0, (5, 9), (2, 3)), (1, NULL, (0, 3)), conditions=[1, UNKNOWN])
    head(HIDDEN, TOKENS, spans)["logits"].square().sum().backward()
    for name, value in head.named_parameters():
        assert value.grad is not None, name
        assert value.grad.any() or name == "attention.key.bias", name  # softmax is invariant to it
