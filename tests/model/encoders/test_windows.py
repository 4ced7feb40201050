"""Long rows in windows: each token is encoded once, in the window with most context."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, pairwise
from math import ceil
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from arabic_mtl.model.encoders import TransformerEncoder
from arabic_mtl.model.encoders.windows import Windows
from arabic_mtl.model.tokens import Tokens
from arabic_mtl.text import Encoding, TextPipeline, TextSettings
from support.configurations import TINY
from support.models import save_model
from support.semeval import sample_texts
from support.tokens import pad

Row = tuple[int, int, int]
"""Numbers of tokens before, in and after the text of a row (such as a pair's second text)."""


def row_tokens(row: Row, ids: Iterator[int]) -> Encoding:
    """Returns a row with distinct ids; the tokens after its text have token type 1."""
    prefix, inside, suffix = row
    length = prefix + inside + suffix
    return Encoding(
        input_ids=[next(ids) for _ in range(length)],
        token_type_ids=[0] * (prefix + inside) + [1] * suffix,
        starts=[0] * length,
        ends=[0] * length,
        word_ids=[-1] * prefix + [number // 2 for number in range(inside)] + [-1] * suffix,
        mark_offsets=[],
    )


def make_batch(*rows: Row) -> Tokens:
    ids = count(1)  # 0 is padding
    return pad([row_tokens(row, ids) for row in rows])


@st.composite
def batches(draw: st.DrawFn) -> tuple[list[Row], int]:
    """Draws rows and a window length, of which at least a half is left for the text."""
    longest = draw(st.integers(8, 40))
    rows = []
    for _ in range(draw(st.integers(1, 4))):
        prefix = draw(st.integers(0, 3))
        suffix = draw(st.integers(0, longest // 2 - prefix))
        rows.append((prefix, draw(st.integers(1, 150)), suffix))
    return rows, longest


class ContextFree(nn.Module):
    """A network whose states depend only on the token and its type."""

    def __init__(self, size: int) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.vectors = nn.Parameter(torch.randn(size, 3, generator=generator))
        self.passes: list[tuple[int, int]] = []

    def forward(self, ids: Tensor, mask: Tensor, types: Tensor) -> Tensor:
        self.passes.append((ids.shape[0], ids.shape[1]))
        return (self.vectors[ids] + 10 * types[..., None]) * mask[..., None]


def make_network(tokens: Tokens) -> ContextFree:
    return ContextFree(int(tokens.input_ids.max()) + 1)


def read(windows: Windows, row: int) -> list[list[int]]:
    """Returns the tokens of a row in each of its windows."""
    row_windows = windows.index[windows.row == row]
    return [[token for token in tokens.tolist() if token >= 0] for tokens in row_windows]


@given(case=batches())
def test_states_are_those_of_one_pass(case: tuple[list[Row], int]) -> None:
    rows, longest = case
    tokens = make_batch(*rows)
    network = make_network(tokens)
    expected = network(tokens.input_ids, tokens.attention_mask, tokens.token_type_ids)
    actual = Windows.cut(tokens, longest).encode(tokens, network)
    assert actual.shape == expected.shape
    real = tokens.attention_mask.bool()
    assert torch.equal(actual[real], expected[real])


@given(case=batches())
def test_windows_have_the_special_tokens_around_a_stretch(case: tuple[list[Row], int]) -> None:
    rows, longest = case
    windows = Windows.cut(make_batch(*rows), longest)
    assert sorted(windows.row.tolist()) == windows.row.tolist()
    assert set(windows.row.tolist()) == set(range(len(rows)))
    for number, (prefix, inside, suffix) in enumerate(rows):
        length, room = prefix + inside + suffix, longest - prefix - suffix
        head, tail = list(range(prefix)), list(range(prefix + inside, length))
        row_windows = read(windows, number)
        if length <= longest:
            assert row_windows == [list(range(length))]
            continue
        assert all(len(window) == longest for window in row_windows)
        assert all(window[:prefix] == head for window in row_windows)
        assert all(window[prefix + room :] == tail for window in row_windows)
        stretches = [window[prefix : prefix + room] for window in row_windows]
        for stretch in stretches:
            assert stretch == list(range(stretch[0], stretch[0] + room))
        assert (stretches[0][0], stretches[-1][-1]) == (prefix, prefix + inside - 1)
        overlaps = [len(set(first) & set(second)) for first, second in pairwise(stretches)]
        assert overlaps[:-1] == [room // 4] * (len(overlaps) - 1)
        assert room // 4 <= overlaps[-1] < room
        assert len(row_windows) == 1 + ceil((inside - room) / (room - room // 4))


@given(case=batches())
def test_tokens_come_from_the_window_with_most_context(
    case: tuple[list[Row], int],
) -> None:
    rows, longest = case
    windows = Windows.cut(make_batch(*rows), longest)
    width = windows.index.shape[1]
    for number, (prefix, inside, suffix) in enumerate(rows):
        text = range(prefix, prefix + inside)
        sources = []
        for token in range(prefix + inside + suffix):
            window, position = divmod(int(windows.source[number, token]), width)
            assert int(windows.row[window]) == number
            assert int(windows.index[window, position]) == token
            sources.append(window)
            if token in text:
                margins = {
                    candidate: margin(windows.index[candidate].tolist(), text, token)
                    for candidate in (windows.row == number).nonzero().flatten().tolist()
                    if token in windows.index[candidate].tolist()
                }
                assert margins[window] == max(margins.values())
        assert sources == sorted(sources)
        assert set(sources[:prefix]) <= {sources[prefix]}  # special tokens: first window
        assert set(sources[prefix + inside :]) <= {sources[prefix + inside - 1]}  # and last window
        assert set(sources) == set((windows.row == number).nonzero().flatten().tolist())


def margin(window: list[int], text: range, token: int) -> int:
    """Returns the smaller number of the text's tokens on either side of a token in a window."""
    stretch = [text_token for text_token in window if text_token in text]
    return min(stretch.index(token), len(stretch) - 1 - stretch.index(token))


@given(case=batches())
def test_gradient_reaches_every_token_once(case: tuple[list[Row], int]) -> None:
    rows, longest = case
    tokens = make_batch(*rows)
    network = make_network(tokens)
    states = Windows.cut(tokens, longest).encode(tokens, network)
    (states * tokens.attention_mask[..., None]).sum().backward()
    assert network.vectors.grad is not None
    assert network.vectors.grad[1:].tolist() == [[1.0] * 3] * (len(network.vectors) - 1)
    assert network.vectors.grad[0].tolist() == [0.0] * 3  # padding


def test_windows_by_hand() -> None:
    """[CLS] and twelve tokens, three of a second text: windows of four text tokens share one."""
    windows = Windows.cut(make_batch((1, 12, 3), (1, 2, 0)), 8)
    assert windows.row.tolist() == [0, 0, 0, 0, 1]
    assert windows.index.tolist() == [
        [0, 1, 2, 3, 4, 13, 14, 15],
        [0, 4, 5, 6, 7, 13, 14, 15],
        [0, 7, 8, 9, 10, 13, 14, 15],
        [0, 9, 10, 11, 12, 13, 14, 15],
        [0, 1, 2, -1, -1, -1, -1, -1],
    ]
    first = [0, 1, 2, 3]  # [CLS] and three tokens
    assert windows.source[0].tolist() == [
        *first,
        *(8 + position for position in (1, 2, 3)),
        *(16 + position for position in (1, 2, 3)),
        *(24 + position for position in (2, 3, 4)),
        *(24 + position for position in (5, 6, 7)),
    ]
    assert windows.source[1, :3].tolist() == [32, 33, 34]


@pytest.mark.parametrize("rows", [[(3, 0, 0)], [(3, 0, 2), (1, 30, 1)], [(2, 0, 6), (2, 7, 0)]])
def test_rows_without_words(rows: list[Row]) -> None:
    tokens = make_batch(*rows)
    network = make_network(tokens)
    windows = Windows.cut(tokens, 8)
    assert read(windows, 0) == [list(range(sum(rows[0])))]
    expected = network(tokens.input_ids, tokens.attention_mask, tokens.token_type_ids)
    real = tokens.attention_mask.bool()
    assert torch.equal(windows.encode(tokens, network)[real], expected[real])


@pytest.mark.parametrize(
    ("inside", "windows"), [(6, 1), (7, 2), (11, 2), (12, 3), (321, 64), (322, 65), (646, 129)]
)
def test_many_windows_are_encoded_in_parts(inside: int, windows: int) -> None:
    tokens = make_batch((1, inside, 1))
    network = make_network(tokens)
    actual = Windows.cut(tokens, 8).encode(tokens, network)
    parts = [64] * (windows // 64) + [windows % 64] * (windows % 64 > 0)
    assert network.passes == [(part, 8) for part in parts]
    expected = network(tokens.input_ids, tokens.attention_mask, tokens.token_type_ids)
    assert torch.equal(actual, expected)


def test_several_long_rows_share_one_pass() -> None:
    tokens = make_batch(*[(1, 100, 1)] * 5)
    network = make_network(tokens)
    Windows.cut(tokens, 16).encode(tokens, network)
    windows_per_row = 1 + ceil((100 - 14) / (14 - 3))
    assert network.passes == [(5 * windows_per_row, 16)]


# ---- a real model

LONG = " ".join(sample_texts()[:12])


def pipeline(folder: Path, max_length: int, pretrained: Path | None = None) -> TextPipeline:
    name = str(pretrained) if pretrained else None
    return TextPipeline.create(
        folder / f"text {max_length}",
        TextSettings(pretrained=name, vocab_size=300, max_length=max_length, cleaning="none"),
        lambda: sample_texts()[:50],
    )


def encoder(folder: Path, max_length: int, **config: Any) -> tuple[TextPipeline, Any]:
    """Returns a pipeline and a network; the weights do not depend on ``max_length``."""
    text = pipeline(folder, max_length)
    torch.manual_seed(3)
    network = TransformerEncoder(config={**TINY, **config}).build(text)
    return text, network.eval()


def states_by_hand(network: Any, tokens: Tokens, longest: int) -> Tensor:
    """Returns the states of windows encoded one by one; each token's window by search."""
    states = torch.zeros(*tokens.input_ids.shape, network.hidden_size)
    for number, row in enumerate(tokens.encodings()):
        text = [token for token, word in enumerate(row.word_ids) if word >= 0]
        if len(row) <= longest:
            states[number, : len(row)] = one_pass(network, row, list(range(len(row))))
            continue
        head, tail = range(text[0]), range(text[-1] + 1, len(row))
        room = longest - len(head) - len(tail)
        starts = {text[-1] + 1 - room}
        start = text[0]
        while start < text[-1] + 1 - room:
            starts.add(start)
            start += room - room // 4
        best = [-1.0] * len(row)
        for start in sorted(starts):
            window = [*head, *range(start, start + room), *tail]
            window_states = one_pass(network, row, window)
            for position, token in enumerate(window):
                context = min(token - start, start + room - 1 - token)
                if token in head:
                    context = 0 if start == text[0] else -1
                elif token in tail:
                    context = 0 if start + room == text[-1] + 1 else -1
                if context >= best[token]:  # the later of two windows with equal context
                    best[token] = context
                    states[number, token] = window_states[position]
    return states


def one_pass(network: Any, row: Encoding, window: list[int]) -> Tensor:
    ids, types = (
        torch.tensor([[column[token] for token in window]])
        for column in (row.input_ids, row.token_type_ids)
    )
    states: Tensor = network.read(ids, torch.ones_like(ids), types)[0]
    return states


@pytest.mark.parametrize("model_type", ["bert", "electra", "roberta"])
@pytest.mark.parametrize("longest", [16, 31])
def test_states_of_long_rows(tmp_path: Path, model_type: str, longest: int) -> None:
    text, network = encoder(tmp_path, longest, model_type=model_type)
    texts = ["جميل", LONG, "غرفة نظيفة جدا", LONG[:200]]
    tokens = pad(text.encode(texts, [None, None, "الغرفة", "السعر"]), text.pad_id)
    assert tokens.input_ids.shape[1] > 4 * longest
    with torch.no_grad():
        actual, expected = network(tokens), states_by_hand(network, tokens, longest)
    real = tokens.attention_mask.bool()
    torch.testing.assert_close(actual[real], expected[real])


def test_model_without_token_types(tmp_path: Path) -> None:
    folder = save_model(tmp_path / "model", "distilbert")
    text = pipeline(tmp_path, 20, folder)
    network: Any = TransformerEncoder(name=str(folder)).build(text).eval()
    tokens = pad(text.encode([LONG], [None]), text.pad_id)
    with torch.no_grad():
        torch.testing.assert_close(network(tokens), states_by_hand(network, tokens, 20))


def test_short_rows_are_encoded_without_windows(tmp_path: Path) -> None:
    text, short = encoder(tmp_path, 16)
    _, long = encoder(tmp_path, 256)
    texts = ["غرفة نظيفة جدا", "جميل", "", "فندق بعيد عن البحر"]
    tokens = pad(text.encode(texts, [None, "الغرفة", None, None]), text.pad_id)
    assert 8 < tokens.input_ids.shape[1] <= 16
    calls = []
    short.model.register_forward_hook(lambda *_: calls.append(1))
    with torch.no_grad():
        assert torch.equal(short(tokens), long(tokens))  # to the last bit
    assert calls == [1]


def test_row_of_exactly_the_longest_length_is_one_window(tmp_path: Path) -> None:
    text, network = encoder(tmp_path, 16)
    encoding = text.encode([LONG], [None])[0]
    parts = {name: getattr(encoding, name)[:15] + getattr(encoding, name)[-1:] for name in COLUMNS}
    tokens = pad([Encoding(**parts, mark_offsets=[])], text.pad_id)
    shapes = []
    network.model.register_forward_hook(
        lambda _, inputs, keywords, output: shapes.append(tuple(keywords["input_ids"].shape)),
        with_kwargs=True,
    )
    network(tokens)
    longer = {name: getattr(encoding, name)[:16] + getattr(encoding, name)[-1:] for name in COLUMNS}
    network(pad([Encoding(**longer, mark_offsets=[])], text.pad_id))
    assert shapes == [(1, 16), (2, 16)]


COLUMNS = ("input_ids", "token_type_ids", "starts", "ends", "word_ids")


def test_short_rows_beside_a_long_one(tmp_path: Path) -> None:
    text, network = encoder(tmp_path, 16)
    short = pad(text.encode(["جميل", "غرفة"], [None, None]), text.pad_id)
    mixed = pad(text.encode(["جميل", "غرفة", LONG], [None, None, None]), text.pad_id)
    width = short.input_ids.shape[1]
    with torch.no_grad():
        torch.testing.assert_close(network(mixed)[:2, :width], network(short))


def test_every_parameter_learns_from_a_long_row(tmp_path: Path) -> None:
    text, network = encoder(tmp_path, 16)
    tokens = pad(text.encode([LONG], [None]), text.pad_id)
    states = network.train()(tokens)
    (states * torch.randn(states.shape)).sum().backward()  # a plain sum would be 0
    assert [name for name, value in network.named_parameters() if value.grad is None] == []
    vectors = network.model.embeddings.word_embeddings.weight.grad
    changed_tokens = set(vectors.abs().sum(dim=1).nonzero().flatten().tolist())
    assert changed_tokens == set(tokens.input_ids.flatten().tolist()) - {text.pad_id}


def test_many_windows_of_a_model(tmp_path: Path) -> None:
    text, network = encoder(tmp_path, 8)
    tokens = pad(text.encode([LONG, LONG], [None, None]), text.pad_id)
    sizes = []
    network.model.register_forward_hook(
        lambda _, inputs, keywords, output: sizes.append(len(keywords["input_ids"])),
        with_kwargs=True,
    )
    with torch.no_grad():
        states = network(tokens)
    assert len(sizes) > 1
    assert max(sizes) == sizes[0] == 64
    assert torch.equal(states[0], states[1])
    with torch.no_grad():
        torch.testing.assert_close(states[:1], states_by_hand(network, tokens[:1], 8))
