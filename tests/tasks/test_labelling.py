"""Per-label attention, and word-level evidence for labels."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from arabic_mtl.documents import Example, Span
from arabic_mtl.errors import InputError
from arabic_mtl.model.heads import MultiLabelHead
from arabic_mtl.model.tokens import Tokens
from arabic_mtl.tasks import MultiLabelClassification
from arabic_mtl.text import TextPipeline
from support.predictions import compute_scores, predicted_labels
from support.tokens import blank, pad

PLAIN = MultiLabelClassification(corpus="reviews", layer="category", labels=("A", "B", "C"))
TASK = replace(PLAIN, evidence="category")
RAW = "والغرفة نظيفة"
SIZE = 4


def make_tokens(*words: list[int]) -> Tokens:
    """Returns padded rows of tokens with these word ids; -1 for special tokens."""
    width = max(map(len, words), default=1)
    mask = [[1] * len(row) + [0] * (width - len(row)) for row in words]
    numbers = [row + [-1] * (width - len(row)) for row in words]
    fields = {
        "attention_mask": torch.tensor(mask, dtype=torch.long).view(-1, width),
        "word_ids": torch.tensor(numbers, dtype=torch.long).view(-1, width),
    }
    return Tokens(**{**vars(blank(len(words), width)), **fields})


TOKENS = make_tokens([-1, 0, 1, 1, -1], [-1, 0, -1], [-1, -1])


def make_target(labels: list[int], *spans: list[int]) -> dict[str, Any]:
    return {"labels": labels, "spans": list(spans)}


def softplus(value: float) -> float:
    return math.log1p(math.exp(value))


def example(labels: tuple[str, ...] | None, *spans: Span) -> Example:
    text_labels = {} if labels is None else {"category": labels}
    return Example(id="1", group="1", text=RAW, labels=text_labels, spans={"category": spans})


def test_evidence_is_each_spans_tokens_and_label(text: TextPipeline) -> None:
    (encoding,) = text.encode([RAW], [None])  # و is a separate word
    spans = (Span(1, 7, "B"), Span(1, 13, "A"), Span(0, 0, "C"))
    assert TASK.targets(example(("B", "A"), *spans), encoding) == {
        "labels": [1, 0],
        "spans": [[2, 3, 1], [2, 4, 0]],  # NULL has no tokens
    }
    assert PLAIN.targets(example(("B",), *spans), encoding) == {"labels": [1], "spans": None}
    assert TASK.targets(example(("B",)), encoding) == {"labels": [1], "spans": []}
    unknown = replace(example(("B",)), spans={})
    assert TASK.targets(unknown, encoding) == {"labels": [1], "spans": None}
    assert TASK.targets(example(None, *spans), encoding) is None


def test_span_without_tokens_is_no_evidence(text: TextPipeline) -> None:
    raw = "جميل \u064b جدا"  # a mark without a letter
    (encoding,) = text.encode([raw], [None])
    mark_example = replace(example(("B",), Span(5, 6, "B"), Span(0, 4, "B")), text=raw)
    assert TASK.targets(mark_example, encoding) == {"labels": [1], "spans": [[1, 2, 1]]}


def test_evidence_with_an_undeclared_label_is_rejected(text: TextPipeline) -> None:
    task = replace(TASK, layer="category", evidence="aspect")
    (encoding,) = text.encode([RAW], [None])
    with pytest.raises(InputError) as caught:
        task.targets(replace(example(("B",)), spans={"aspect": (Span(1, 7, "D"),)}), encoding)
    assert "'aspect'" in caught.value.rule
    assert caught.value.found == "«D»"


def test_identity_includes_the_evidence() -> None:
    assert TASK.identity != PLAIN.identity
    assert TASK.span_layers == {"evidence": "category"}
    assert PLAIN.span_layers == {}
    assert replace(PLAIN, attention=True).identity == PLAIN.identity


def test_collate_numbers_the_rows_of_evidence() -> None:
    values = [make_target([0], [1, 2, 0], [2, 4, 0]), None, make_target([1, 2], [1, 2, 2])]
    collated = TASK.collate(values, TOKENS)
    assert collated["spans"].tolist() == [[0, 1, 2, 0], [0, 2, 4, 0], [2, 1, 2, 2]]
    assert collated["labels"].tolist() == [[1, 0, 0], [-100] * 3, [0, 1, 1]]
    labelled_rows = torch.tensor([[True], [False], [True]])
    assert torch.equal(collated["words"], TOKENS.word_ids.where(labelled_rows, torch.tensor(-1)))
    unknown = [make_target([0]), {"labels": [1], "spans": None}, make_target([1])]
    words = TASK.collate(unknown, TOKENS)["words"]
    assert torch.equal(words, collated["words"])


def make_logits(rows: int = 3) -> dict[str, Tensor]:
    """Returns logits with a distinct number between -2.2 and 2.2 for each label of each token."""
    words = (torch.arange(45.0).view(3, 5, 3) - 22) / 10
    text = torch.tensor([[0.5, 2.0, -1.0], [1.0, 1.0, 1.0], [3.0, 3.0, 3.0]])
    return {"logits": text[:rows], "words": words[:rows]}


def test_loss_by_hand() -> None:
    """Row 0: tokens 1 to 3 are in words; A is gold for the first two, C for the third."""
    logits, values = (
        make_logits(),
        [make_target([0, 2], [1, 3, 0], [3, 4, 2]), make_target([]), None],
    )
    total, count = TASK.loss(logits, TASK.collate(values, TOKENS))
    text_loss = softplus(-0.5) + softplus(2.0) + softplus(1.0) + 3 * softplus(1.0)
    gold = {(1, 0), (2, 0), (3, 2)}
    first_row = 0.0
    for token in (1, 2, 3):
        for label in range(3):
            value = (3 * token + label - 22) / 10
            first_row += softplus(-value if (token, label) in gold else value)
    last_row = sum(softplus((15 + 3 + label - 22) / 10) for label in range(3))  # one word, token 1
    expected = text_loss + 2.0 * (first_row / 3 + last_row / 1)
    assert total.item() == pytest.approx(expected, rel=1e-6)
    assert count.item() == 2


def test_word_in_two_spans_of_a_label_is_gold_once() -> None:
    single = TASK.collate([make_target([0], [1, 4, 0])], TOKENS[:1])
    double = TASK.collate([make_target([0], [1, 3, 0], [2, 4, 0])], TOKENS[:1])
    assert (
        TASK.loss(make_logits(1), single)[0].item() == TASK.loss(make_logits(1), double)[0].item()
    )


@given(noise=st.floats(-30, 30))
def test_special_tokens_are_no_evidence(noise: float) -> None:
    logits, values = (
        make_logits(),
        [make_target([0], [1, 3, 0]), make_target([1], [0, 3, 1]), make_target([])],
    )
    targets = TASK.collate(values, TOKENS)  # row 1 has a whole input, as for a span without tokens
    outside = (TOKENS.word_ids == -1)[..., None]
    noisy = logits | {"words": logits["words"].masked_fill(outside, noise)}
    assert torch.equal(TASK.loss(logits, targets)[0], TASK.loss(noisy, targets)[0])


@pytest.mark.parametrize("values", [[], [None, None, None]])
def test_loss_without_labelled_rows_is_zero(values: list[None]) -> None:
    logits = make_logits(len(values))
    for part in logits.values():
        part.requires_grad_()
    total, count = TASK.loss(logits, TASK.collate(values, TOKENS[: len(values)]))
    assert (total.item(), count.item()) == (0.0, 0)
    total.backward()
    for part in logits.values():
        assert part.grad is not None
        assert not part.grad.any()


def test_unlabelled_rows_have_no_gradient() -> None:
    logits = make_logits()
    for part in logits.values():
        part.requires_grad_()
    TASK.loss(logits, TASK.collate([None, make_target([1]), None], TOKENS))[0].backward()
    for part in logits.values():
        assert part.grad is not None
        assert [bool(row.any()) for row in part.grad] == [False, True, False]


def test_words_without_evidence_layer_have_no_gradient() -> None:
    """A text may have labels, but no layer of spans; its words then have no gold labels."""
    logits = make_logits()
    for part in logits.values():
        part.requires_grad_()
    values = [{"labels": [0], "spans": None}, make_target([1]), None]
    total, count = TASK.loss(logits, TASK.collate(values, TOKENS))
    total.backward()
    assert count.item() == 2
    assert logits["logits"].grad is not None
    assert logits["words"].grad is not None
    assert [bool(row.any()) for row in logits["logits"].grad] == [True, True, False]
    assert [bool(row.any()) for row in logits["words"].grad] == [False, True, False]


def test_predictions_and_scores_are_of_the_texts() -> None:
    logits, rows = make_logits(), TOKENS.encodings()
    values = [make_target([1]), make_target([0, 1, 2]), None]
    predictions = TASK.decode(logits, rows, values)
    assert predictions == PLAIN.decode({"logits": logits["logits"]}, rows, values)
    scores = compute_scores(TASK, values, rows, predictions)
    assert scores["micro_f1"] == pytest.approx(2 * 4 / (4 + 5))


@pytest.mark.parametrize(
    ("task", "kind"),
    [
        (PLAIN, "SequenceHead"),
        (replace(PLAIN, attention=True), "MultiLabelHead"),
        (TASK, "MultiLabelHead"),
    ],
)
def test_heads_of_the_options(task: MultiLabelClassification, kind: str) -> None:
    head = task.build_head(SIZE, 0.0)
    assert type(head).__name__ == kind
    logits = head(torch.randn(3, 5, SIZE), TOKENS, {})
    assert ("words" in logits) == (task.evidence is not None)
    total, _ = task.loss(logits, task.collate([make_target([0], [1, 2, 0])] * 3, TOKENS))
    assert total.item() > 0


def make_head(*, evidence: bool) -> MultiLabelHead:
    torch.manual_seed(0)
    return MultiLabelHead(SIZE, 3, 0.0, evidence=evidence)


def test_each_label_has_its_own_attention() -> None:
    head, hidden = make_head(evidence=False), torch.randn(3, 5, SIZE)
    logits = head(hidden, TOKENS, {})["logits"]
    for row, length in enumerate([5, 3, 2]):
        inside = hidden[row, :length]
        weights = head.attention(head.keys(inside).tanh()).softmax(dim=0)  # (tokens, labels)
        for label in range(3):
            attended = weights[:, label] @ inside
            expected = attended @ head.output.weight[label] + head.output.bias[label]
            torch.testing.assert_close(logits[row, label], expected)


def test_certain_words_raise_the_logit_of_the_text() -> None:
    with_words, without = make_head(evidence=True), make_head(evidence=False)
    hidden = torch.randn(3, 5, SIZE)
    assert without.load_state_dict(with_words.state_dict(), strict=False).missing_keys == []
    logits, plain = with_words(hidden, TOKENS, {}), without(hidden, TOKENS, {})["logits"]
    assert isinstance(with_words.words, nn.Linear)
    torch.testing.assert_close(logits["words"], with_words.words(hidden))
    for row, inside in enumerate([[1, 2, 3], [1]]):
        evidence = 0.5 * logits["words"][row, inside].logsumexp(dim=0)
        torch.testing.assert_close(logits["logits"][row], plain[row] + evidence)


def test_initial_probabilities_are_low() -> None:
    logits = make_head(evidence=True)(torch.zeros(3, 5, SIZE), TOKENS, {})
    assert logits["logits"].sigmoid().max() < 0.05
    assert logits["words"].sigmoid().max() < 0.05


def random_rows(lengths: list[int]) -> list[list[int]]:
    return [[-1, *range(length), -1] for length in lengths]


@pytest.mark.parametrize("evidence", [False, True])
@given(lengths=st.lists(st.integers(0, 5), min_size=1, max_size=4))
def test_padding_and_other_rows_have_no_effect(evidence: bool, lengths: list[int]) -> None:
    head, tokens = make_head(evidence=evidence), make_tokens(*random_rows(lengths))
    hidden = torch.randn(*tokens.word_ids.shape, SIZE)
    together = head(hidden, tokens, {})["logits"]
    for row, length in enumerate(lengths):
        single = head(hidden[row : row + 1, : length + 2], make_tokens(*random_rows([length])), {})
        torch.testing.assert_close(single["logits"][0], together[row], rtol=1e-5, atol=1e-5)


def test_text_without_words_has_no_evidence() -> None:
    """The evidence for each label is 0."""
    with_words, without = make_head(evidence=True), make_head(evidence=False)
    without.load_state_dict(with_words.state_dict(), strict=False)
    hidden = torch.randn(3, 5, SIZE)
    logits = with_words(hidden, TOKENS, {})["logits"][2]
    torch.testing.assert_close(logits, without(hidden, TOKENS, {})["logits"][2])


@pytest.mark.parametrize("rows", [0, 3])
def test_every_parameter_is_used(rows: int) -> None:
    head, tokens = make_head(evidence=True), TOKENS[:rows]
    values = [make_target([0], [1, 2, 0]), make_target([1]), None][:rows]
    total, _ = TASK.loss(head(torch.randn(rows, 5, SIZE), tokens, {}), TASK.collate(values, tokens))
    total.backward()
    gradients = {name: value.grad for name, value in head.named_parameters()}
    assert len(gradients) == 4 * 2 + 1
    for name, gradient in gradients.items():
        assert gradient is not None, name
        assert bool(gradient.any()) == (rows > 0) or name == "attention.bias", name


def test_evidence_is_learned(text: TextPipeline) -> None:
    """With one vector per token and two labels, words learn the label they are evidence for."""
    torch.manual_seed(0)
    texts = {"الغرفة نظيفة": ("A", 0, 6), "الموظفون رائعون": ("B", 0, 8)}
    encodings = text.encode(list(texts), [None, None])
    tokens = pad(encodings)
    values = [
        TASK.targets(replace(example((name,), Span(start, end, name)), text=raw), encoding)
        for (raw, (name, start, end)), encoding in zip(texts.items(), encodings, strict=True)
    ]
    targets = TASK.collate(values, tokens)
    vectors, head = nn.Embedding(300, 16), MultiLabelHead(16, 3, 0.0, evidence=True)
    optimizer = torch.optim.Adam([*vectors.parameters(), *head.parameters()], lr=0.05)
    for _ in range(60):
        total, _ = TASK.loss(head(vectors(tokens.input_ids), tokens, targets), targets)
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
    with torch.no_grad():
        logits = head(vectors(tokens.input_ids), tokens, targets)
    assert predicted_labels(TASK.decode(logits, encodings, values)) == [["A"], ["B"]]
    for row, value in enumerate(values):
        assert value is not None
        ((first, last, label),) = value["spans"]
        words = slice(encodings[row].word_ids.index(0), len(encodings[row]) - 1)
        predicted = logits["words"][row, words] > 0
        expected = torch.zeros_like(predicted)
        expected[: last - first, label] = True
        assert torch.equal(predicted, expected)
