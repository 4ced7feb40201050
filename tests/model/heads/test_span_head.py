"""What a span looks at: windows, distances, its condition; worked out by hand."""

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


def tokens_of(*lengths: int) -> Tokens:
    """Rows of so many tokens, padded."""
    width = max(lengths, default=1)
    mask = (torch.arange(width) < torch.tensor(lengths)[:, None]).long().view(-1, width)
    return Tokens(**{**vars(blank(len(lengths), width)), "attention_mask": mask})


def targets_of(
    *spans: tuple[int, tuple[int, int], tuple[int, int]], given: Any = None
) -> dict[str, Tensor]:
    """Spans: row, raw places (of no account but for NULL), tokens."""
    table = [[row, *raw, *tokens] for row, raw, tokens in spans]
    conditions = [UNKNOWN] * len(spans) if given is None else given
    return {
        "spans": torch.tensor(table, dtype=torch.long).view(-1, 5),
        "given": torch.tensor(conditions, dtype=torch.long),
    }


def features_of(head: SpanHead, hidden: Tensor, tokens: Tokens, targets: Any) -> Tensor:
    """What goes into the hidden layer."""
    seen: list[Tensor] = []
    hook = head.hidden.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    head(hidden, tokens, targets)
    hook.remove()
    return seen[0]


def head_of(**options: Any) -> SpanHead:
    torch.manual_seed(0)
    return SpanHead(SIZE, 2, 0.0, **options).eval()


HIDDEN = torch.tensor(
    [
        [[1.0, 0, 0], [2, 0, 0], [4, 0, 0], [8, 0, 0], [16, 0, 0], [32, 0, 0]],
        [[0.0, 1, 0], [0, 2, 0], [0, 4, 0], [0, 99, 0], [0, 99, 0], [0, 99, 0]],
    ]
)
TOKENS = tokens_of(6, 3)


@pytest.mark.parametrize(
    ("span", "own", "before", "behind"),
    [
        ((0, (5, 9), (2, 3)), 4.0, 1.5, 12.0),
        ((0, (5, 9), (1, 3)), 3.0, 1.0, 12.0),  # one token before it is left
        ((0, (5, 9), (3, 5)), 12.0, 3.0, 32.0),
        ((0, NULL, (0, 6)), 10.5, 0.0, 0.0),
        ((0, (5, 9), (0, 6)), 10.5, 0.0, 0.0),  # no token of its own: the whole input
        ((1, (5, 9), (1, 2)), 2.0, 1.0, 4.0),  # padding is no neighbour
        ((1, NULL, (0, 3)), 7 / 3, 0.0, 0.0),
    ],
    ids=["two each", "at the start", "at the end", "NULL", "whole", "padded", "padded NULL"],
)
def test_windows_are_means_of_the_neighbours(
    span: Any, own: float, before: float, behind: float
) -> None:
    (found,) = features_of(head_of(window=2), HIDDEN, TOKENS, targets_of(span))
    row = span[0]
    looks = found[: 3 * SIZE].view(3, SIZE)
    assert looks[:, row].tolist() == pytest.approx([own, before, behind])
    assert looks.sum().item() == pytest.approx(own + before + behind)
    assert found[-1].item() == float(span[1] == NULL)


def test_summary_and_flag_follow_what_a_span_looks_at() -> None:
    spans = targets_of((0, (5, 9), (2, 3)), (1, NULL, (0, 3)))
    found = features_of(head_of(), HIDDEN, TOKENS, spans)
    mask = TOKENS.attention_mask
    summary = [HIDDEN[:, 0], masked_mean(HIDDEN, mask), masked_max(HIDDEN, mask)]
    own = torch.tensor([[4.0, 0, 0], [0, 7 / 3, 0]])
    expected = torch.cat([own, *summary, torch.tensor([[0.0], [1.0]])], dim=1)
    torch.testing.assert_close(found, expected)


SPANS = [(2, 4), (0, 1), (5, 6), (0, 6)]


@pytest.mark.parametrize(("first", "last"), SPANS)
def test_distance_is_counted_from_the_nearest_end_of_a_span(first: int, last: int) -> None:
    """With keys of zero, attention is by distance alone."""
    attention = SpanAttention(SIZE)
    torch.nn.init.zeros_(attention.key.weight)
    torch.nn.init.zeros_(attention.key.bias)
    with torch.no_grad():
        attention.distance.weight.copy_(torch.arange(21.0)[:, None])
    spans = targets_of((0, (5, 9), (first, last)))["spans"]
    (found,) = attention(torch.zeros(1, SIZE), HIDDEN, TOKENS.attention_mask, spans)
    away = [min(place - first, 0) + max(place - last + 1, 0) for place in range(6)]
    expected = torch.tensor([distance + 10.0 for distance in away]).softmax(dim=0)
    torch.testing.assert_close(found, expected)


def test_far_distances_are_alike() -> None:
    attention, tokens = SpanAttention(SIZE), tokens_of(40)
    torch.nn.init.zeros_(attention.key.weight)
    torch.nn.init.zeros_(attention.key.bias)
    torch.nn.init.normal_(attention.distance.weight)
    spans = targets_of((0, (5, 9), (20, 21)))["spans"]
    hidden = torch.randn(1, 40, SIZE)
    (found,) = attention(torch.zeros(1, SIZE), hidden, tokens.attention_mask, spans)
    assert len(set(found[:11].tolist())) == len(set(found[30:].tolist())) == 1
    assert len(set(found[10:31].tolist())) == 21


def test_attention_looks_where_a_spans_meaning_asks() -> None:
    head = head_of(attention=True)
    attention = head.attention
    assert attention is not None
    spans = targets_of((0, (5, 9), (2, 4)), (1, NULL, (0, 3)))
    found = features_of(head, HIDDEN, TOKENS, spans)
    for number, (row, length, own) in enumerate([(0, 6, [6.0, 0, 0]), (1, 3, [0, 7 / 3, 0])]):
        asked = attention.query(torch.tensor(own)) @ attention.key(HIDDEN[row, :length]).T / 8
        expected = asked.softmax(dim=0) @ HIDDEN[row, :length]
        torch.testing.assert_close(found[number, SIZE : 2 * SIZE], expected)


def test_a_condition_is_a_vector_of_its_own() -> None:
    head = head_of(given=4)
    assert head.given is not None
    spans = [(0, (5, 9), (2, 3))] * 3
    found = features_of(head, HIDDEN, TOKENS, targets_of(*spans, given=[3, UNKNOWN, 0]))
    assert torch.equal(found[:, -64:], head.given.weight[[4, 0, 1]])
    logits = head(HIDDEN, TOKENS, targets_of(*spans, given=[3, 3, 0]))["logits"]
    torch.testing.assert_close(logits[0], logits[1])
    assert not torch.allclose(logits[0], logits[2])


def test_conditions_are_withheld_now_and_then_in_training() -> None:
    head = head_of(given=4).train()
    assert head.given is not None
    spans = targets_of(*[(0, (5, 9), (2, 3))] * 2000, given=[2] * 2000)
    conditions = features_of(head, HIDDEN, TOKENS, spans)[:, -64:]
    withheld = (conditions == head.given.weight[0]).all(dim=1)
    assert torch.equal(withheld, ~(conditions == head.given.weight[3]).all(dim=1))
    assert 0.07 < withheld.float().mean() < 0.13
    assert (features_of(head.eval(), HIDDEN, TOKENS, spans)[:, -64:] == head.given.weight[3]).all()
    assert spans["given"].tolist() == [2] * 2000


ALL: dict[str, Any] = {"window": 2, "attention": True, "given": 4}


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[int], list[Any], list[int]]:
    """Lengths of rows; spans in them, row by row; and the conditions of these."""
    lengths = draw(st.lists(st.integers(1, 6), min_size=1, max_size=4))
    spans = []
    for row, length in enumerate(lengths):
        for _ in range(draw(st.integers(0, 3))):
            first = draw(st.integers(0, length - 1))
            last = draw(st.integers(first + 1, length))
            null = draw(st.booleans())
            spans.append((row, NULL, (0, length)) if null else (row, (5, 9), (first, last)))
    given = draw(st.lists(st.integers(-1, 3), min_size=len(spans), max_size=len(spans)))
    return lengths, spans, given


@given(case=cases())
def test_padding_and_other_rows_change_nothing(case: Any) -> None:
    lengths, spans, conditions = case
    head, tokens = head_of(**ALL), tokens_of(*lengths)
    hidden = torch.randn(len(lengths), max(lengths), SIZE)
    together = head(hidden, tokens, targets_of(*spans, given=conditions))["logits"]
    for number, ((row, raw, place), of_span) in enumerate(zip(spans, conditions, strict=True)):
        length = lengths[row]
        own = targets_of((0, raw, place), given=[of_span])
        alone = head(hidden[row : row + 1, :length], tokens_of(length), own)
        torch.testing.assert_close(alone["logits"][0], together[number], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("rows", [0, 2])
def test_without_spans_every_parameter_has_a_gradient_of_zero(rows: int) -> None:
    """Processes that lack a task's spans stay in step with those that have some."""
    head = head_of(**ALL).train()
    hidden = torch.randn(rows, 6, SIZE, requires_grad=True)
    logits = head(hidden, TOKENS[:rows], targets_of())["logits"]
    assert logits.shape == (0, 2)
    logits.sum().backward()
    gradients = {name: value.grad for name, value in head.named_parameters()}
    assert len(gradients) == 4 + 2 + 2 + 1 + 1  # layers, query and key, distance, given
    for name, gradient in gradients.items():
        assert gradient is not None, name
        assert not gradient.any(), name


def test_with_spans_every_parameter_has_a_gradient() -> None:
    head = head_of(**ALL).train()
    spans = targets_of((0, (5, 9), (2, 3)), (1, NULL, (0, 3)), given=[1, UNKNOWN])
    head(HIDDEN, TOKENS, spans)["logits"].square().sum().backward()
    for name, value in head.named_parameters():
        assert value.grad is not None, name
        assert value.grad.any() or name == "attention.key.bias", name  # which softmax takes out
