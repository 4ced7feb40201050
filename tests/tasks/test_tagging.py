"""Tags of words: later tokens of a word are ignored, with and without a chain."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from arabic_mtl.decoders import chain as chains
from arabic_mtl.decoders.base import Floats
from arabic_mtl.decoders.token import decide, first_tokens
from arabic_mtl.documents import Example, Span
from arabic_mtl.model.heads.token import Transitions
from arabic_mtl.tasks import TokenClassification, losses
from arabic_mtl.tasks.base import arrays
from arabic_mtl.tasks.token import tag_loss
from arabic_mtl.text import TextPipeline
from arabic_mtl.text.ragged import Integers
from support.predictions import compute_scores, predicted_spans
from support.tokens import pad

TAGS, TRIM = 5, 3
LABELS: dict[str, Any] = {"corpus": "reviews", "layer": "entity", "labels": ("HOTEL", "ROOMS")}
CHAINED = TokenClassification(**LABELS, crf=True)
WORDS = torch.tensor(
    [
        [-1, 0, 0, 1, 2, 2, 2, -1],
        [-1, 0, -1, -1, -1, -1, -1, -1],
        [-1, -1, -1, -1, -1, -1, -1, -1],  # no words
        [-1, -1, 0, 1, 1, 2, 3, -1],  # after a first text
    ]
)
FIRST = [[1, 3, 4], [1], [], [2, 3, 5, 6]]
BEGINS = first_tokens(WORDS.numpy())


def tagging(seed: int, *, chain: bool, words: Tensor = WORDS) -> dict[str, Tensor]:
    random = torch.Generator().manual_seed(seed)

    def values(*shape: int) -> Tensor:
        return 2 * torch.randn(shape, generator=random)

    transitions = {"transitions": Transitions(TAGS)() + values(TAGS, TAGS)} if chain else {}
    sizes = {"tags": TAGS, "trim_start": TRIM + 1, "trim_end": TRIM + 1}
    return {name: values(*words.shape, size) for name, size in sizes.items()} | transitions


def labels(seed: int, *, rows: tuple[int, ...] = (0, 1, 2, 3)) -> Tensor:
    """Returns random tags of the words in some rows, in the form of collated targets."""
    random = torch.Generator().manual_seed(seed)
    tags = torch.full_like(WORDS, -100)
    for row in rows:
        tags[row, FIRST[row]] = torch.randint(TAGS, (len(FIRST[row]),), generator=random)
    return tags


def add_noise(logits: dict[str, Tensor], noise: float) -> dict[str, Tensor]:
    """Returns the same logits with noise at the later tokens of words."""
    first = torch.from_numpy(BEGINS)[..., None]
    return logits | {"tags": logits["tags"].where(first, logits["tags"] * noise + noise)}


def decide_tags(logits: dict[str, Tensor]) -> tuple[Integers, Floats]:
    """Returns the tag of each token and its probability."""
    return decide(arrays(logits), WORDS.numpy())


def test_first_tokens_of_words() -> None:
    assert [np.flatnonzero(row).tolist() for row in BEGINS] == FIRST
    assert first_tokens(WORDS[:0].numpy()).shape == (0, 8)


@pytest.mark.parametrize("chain", [False, True])
@given(seed=st.integers(0, 1000), noise=st.floats(-50, 50))
def test_later_tokens_of_words_are_ignored(chain: bool, seed: int, noise: float) -> None:
    logits, gold = tagging(seed, chain=chain), labels(seed)
    noisy = add_noise(logits, noise)
    assert torch.equal(tag_loss(logits, gold), tag_loss(noisy, gold))
    for expected, actual in zip(decide_tags(logits), decide_tags(noisy), strict=True):
        assert (expected[BEGINS] == actual[BEGINS]).all()


@given(seed=st.integers(0, 1000))
def test_the_chain_is_over_the_words_of_each_text(seed: int) -> None:
    logits, gold = tagging(seed, chain=True), labels(seed)
    transitions = logits["transitions"]
    best, scores = decide_tags(logits)
    total = 0.0
    for row, first in enumerate(FIRST):
        if first:
            row_logits, length = logits["tags"][row : row + 1, first], torch.tensor([len(first)])
            row_gold = gold[row : row + 1, first]
            total += losses.negative_log_likelihood(
                row_logits, transitions, row_gold, length
            ).item()
            chain = (
                row_logits.double().numpy(),
                transitions.detach().double().numpy(),
                length.numpy(),
            )
            path, marginals = chains.best_path(*chain), chains.marginals(*chain)
            assert (best[row, first] == path[0]).all()
            np.testing.assert_allclose(scores[row, first], marginals[0][range(len(first)), path[0]])
    assert tag_loss(logits, gold).item() == pytest.approx(total, rel=1e-5)


def test_tags_are_returned_at_their_tokens() -> None:
    """The later tokens of words are O and do not lower the score of a span."""
    best, scores = decide_tags(tagging(3, chain=True))
    assert best.dtype == np.int64
    assert (best[BEGINS] > 0).any()
    assert (best[~BEGINS] == 0).all()
    assert (scores[~BEGINS] == 1).all()
    assert ((scores[BEGINS] > 0) & (scores[BEGINS] < 1)).all()


@given(seed=st.integers(0, 1000))
def test_spans_have_one_label(seed: int) -> None:
    best, _ = decide_tags(tagging(seed, chain=True))
    for row, first in enumerate(FIRST):
        tags = best[row, first].tolist()
        for previous, tag in zip([0, *tags], tags, strict=False):
            assert tag not in (2, 4) or previous in (tag - 1, tag)


def test_words_are_independent_without_a_chain() -> None:
    logits = tagging(0, chain=False)
    best, scores = decide_tags(logits)
    assert (best == logits["tags"].argmax(dim=-1).numpy()).all()
    np.testing.assert_allclose(scores, logits["tags"].double().softmax(dim=-1).amax(dim=-1))


@pytest.mark.parametrize("chain", [False, True])
def test_unlabelled_rows_have_no_gradient(chain: bool) -> None:
    logits = tagging(1, chain=chain)
    tags = logits["tags"].requires_grad_()
    tag_loss(logits, labels(1, rows=(0, 2))).backward()
    assert tags.grad is not None
    has_gradient = tags.grad.abs().sum(dim=-1) > 0
    assert [row.nonzero()[:, 0].tolist() for row in has_gradient] == [FIRST[0], [], [], []]
    assert tag_loss(logits, labels(1, rows=())).item() == 0.0


@pytest.mark.parametrize("rows", [0, 4])
def test_every_parameter_of_a_chained_head_is_used(text: TextPipeline, rows: int) -> None:
    tokens = pad(text.encode(["الغرفة نظيفة جدا"] * 4, [None] * 4))[:rows]
    head = CHAINED.build_head(8, 0.0)
    spans = {"words": [(0, 1, 0, 0, 1)], "gold": [[0, 12, 1]]}
    targets = CHAINED.collate([spans] * rows, tokens)
    hidden = torch.randn(rows, tokens.input_ids.shape[1], 8)
    total, count = CHAINED.loss(head(hidden, tokens, targets), targets)
    assert count.item() == 3 * rows
    total.backward()
    gradients = {name: value.grad for name, value in head.named_parameters()}
    assert gradients.keys() == {"output.weight", "output.bias", "transitions.scores"}
    for gradient in gradients.values():
        assert gradient is not None
        assert bool(gradient.any()) == (rows > 0)
    logits = head(hidden, tokens, targets)
    assert len(CHAINED.decode(logits, tokens.encodings(), [spans] * rows)) == rows


def test_identity_does_not_include_the_chain() -> None:
    assert CHAINED.identity == TokenClassification(**LABELS).identity


TEXTS = {
    "الغرفة رائعتان والموقع": [Span(0, 6, "ROOMS"), Span(16, 22, "HOTEL")],
    "قسطنطينية نظيفة جدا": [Span(0, 15, "HOTEL")],
    "جدا": [],
}


def test_chain_is_learned_over_words_in_pieces(text: TextPipeline) -> None:
    """The head reads one vector per token, and predicts names of several tokens as spans."""
    torch.manual_seed(0)
    encodings = text.encode(list(TEXTS), [None] * len(TEXTS))
    assert len(encodings[1]) > 2 + 3  # more tokens than its three words
    tokens = pad(encodings)
    values = [
        CHAINED.targets(Example(id="1", group="1", text=raw, spans={"entity": tuple(spans)}), e)
        for (raw, spans), e in zip(TEXTS.items(), encodings, strict=True)
    ]
    targets = CHAINED.collate(values, tokens)
    vectors, head = nn.Embedding(300, 16), CHAINED.build_head(16, 0.0)
    optimizer = torch.optim.Adam([*vectors.parameters(), *head.parameters()], lr=0.05)
    losses = []
    for _ in range(30):
        total, _ = CHAINED.loss(head(vectors(tokens.input_ids), tokens, targets), targets)
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        losses.append(total.item())
    assert losses[-1] < 0.1 * losses[0]
    with torch.no_grad():
        logits = head(vectors(tokens.input_ids), tokens, targets)
    predictions = CHAINED.decode(logits, encodings, values)
    assert predicted_spans(predictions) == list(TEXTS.values())
    perfect = {"f1": 1.0, "span_f1": 1.0, "accuracy": 1.0}
    assert compute_scores(CHAINED, values, encodings, predictions) == perfect
