"""The word encoder: letters of unseen words, dropout, padding, and its folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from arabic_mtl.errors import InputError
from arabic_mtl.model.encoders import WordEncoder
from arabic_mtl.model.encoders.bilstm import BiLSTM
from arabic_mtl.model.encoders.word import WordNetwork
from arabic_mtl.model.tokens import Tokens
from arabic_mtl.tasks.batch import CorpusRows, collate
from arabic_mtl.text import TextPipeline, TextSettings
from support.closeness import assert_same
from support.semeval import sample_texts
from support.tokens import pad

TINY = WordEncoder(size=8, buckets=100, hidden=6, layers=2)
NO_DROPOUT = replace(TINY, dropout=0.0, word_dropout=0.0, token_dropout=0.0)
TEXTS = ["غرفة نظيفة جدا", "", "فندق بعيد عن البحر والمطعم قريب", "http://a.bc/d ً ــ 👍", "جميل"]


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> TextPipeline:
    """Returns a pipeline of whole words, learned from the first texts of the sample."""
    folder = tmp_path_factory.mktemp("words") / "text"
    return TextPipeline.create(
        folder, TextSettings(form="words", vocab_size=300), lambda: sample_texts()[:60]
    )


def network(words: TextPipeline, encoder: WordEncoder = NO_DROPOUT) -> WordNetwork:
    torch.manual_seed(0)
    encoder_network = encoder.build(words)
    assert isinstance(encoder_network, WordNetwork)
    return encoder_network.eval()


def tokens(words: TextPipeline, *texts: str) -> Tokens:
    return pad(words.encode(texts, [None] * len(texts)), words.pad_id)


def test_states_have_the_declared_hidden_size(words: TextPipeline) -> None:
    encoder_network, batch = network(words), tokens(words, *TEXTS)
    assert encoder_network.hidden_size == 8 + 2 * 6
    assert encoder_network(batch).shape == (*batch.input_ids.shape, 20)


@given(texts=st.permutations(TEXTS), number=st.integers(1, 5))
def test_padding_and_other_rows_have_no_effect(
    words: TextPipeline, texts: list[str], number: int
) -> None:
    encoder_network = network(words)
    with torch.no_grad():
        together = encoder_network(tokens(words, *texts[:number]))
        for row, text in enumerate(texts[:number]):
            (expected,) = encoder_network(tokens(words, text))
            actual = together[row, : len(expected)]
            assert_same({text: actual}, {text: expected}, rtol=1e-6, floor=1.0)


def own_vectors(encoder_network: WordNetwork, batch: Tokens) -> Tensor:
    """Returns the words' own vectors in the first row, without the LSTM's states."""
    vectors: Tensor = encoder_network(batch)[0, :, -encoder_network.options["size"] :]
    return vectors


def test_unseen_words_differ_by_their_letters(words: TextPipeline) -> None:
    encoder_network, batch = network(words), tokens(words, "زقزقة شقشقة زقزقة")
    (ids,) = batch.input_ids.tolist()
    assert ids[1:4] == [words.unknown_id] * 3
    first, second, repeated = own_vectors(encoder_network, batch)[1:4]
    assert not torch.allclose(first, second, atol=0.1)
    torch.testing.assert_close(first, repeated)


def test_known_word_differs_from_its_letters(words: TextPipeline) -> None:
    encoder_network, batch = network(words), tokens(words, "الفندق")
    assert batch.input_ids[0, 1] != words.unknown_id
    unknown = Tokens(**{**vars(batch), "input_ids": torch.full_like(batch.input_ids, 1)})
    assert words.unknown_id == 1
    word_vector, letter_vector = (
        own_vectors(encoder_network, batch)[1],
        own_vectors(encoder_network, unknown)[1],
    )
    assert not torch.allclose(word_vector, letter_vector, atol=0.1)


def test_words_with_equal_cleaned_spelling_have_equal_vectors(words: TextPipeline) -> None:
    encoder_network = network(words)
    states = encoder_network(tokens(words, "غُرْفَــةٌ نظيفهْ", "غرفه نظيفة"))
    torch.testing.assert_close(states[0], states[1])


def test_dropout_applies_only_in_training(words: TextPipeline) -> None:
    encoder_network, batch = network(words, TINY), tokens(words, *TEXTS)
    assert torch.equal(encoder_network(batch), encoder_network(batch))
    encoder_network.train()
    assert not torch.equal(encoder_network(batch), encoder_network(batch))
    without_dropout = network(words).train()
    assert torch.equal(without_dropout(batch), without_dropout(batch))


def test_word_dropout_keeps_the_letters(words: TextPipeline) -> None:
    batch = tokens(words, *TEXTS)
    unknown = torch.full_like(batch.input_ids, words.unknown_id)
    expected = network(words)(Tokens(**{**vars(batch), "input_ids": unknown}))
    encoder_network = network(words, replace(NO_DROPOUT, word_dropout=1.0))
    assert not torch.allclose(encoder_network(batch), expected, atol=0.1)
    torch.testing.assert_close(encoder_network.train()(batch), expected)


def test_token_dropout_drops_whole_words(words: TextPipeline) -> None:
    batch = tokens(words, *sample_texts()[:40])
    encoder_network = network(words, replace(NO_DROPOUT, token_dropout=0.25)).train()
    embedded = encoder_network(batch)[..., -8:]
    dropped = (embedded == 0).all(dim=-1)
    assert 0.2 < dropped.float().mean() < 0.3
    expected = network(words)(batch)[..., -8:]
    torch.testing.assert_close(embedded[~dropped], expected[~dropped])


def test_word_dropout_has_the_configured_rate(words: TextPipeline) -> None:
    batch = tokens(words, *sample_texts()[:40])
    encoder_network = network(words, replace(NO_DROPOUT, word_dropout=0.25)).train()
    ids = torch.full_like(batch.input_ids, words.unknown_id)
    unknown = Tokens(**{**vars(batch), "input_ids": ids})
    trained, evaluated = encoder_network(batch)[..., -8:], encoder_network.eval()(batch)[..., -8:]
    letters = encoder_network(unknown)[..., -8:]
    is_distinct = (evaluated - letters).abs().amax(dim=-1) > 1e-6
    replaced = (trained - letters).abs().amax(dim=-1) < 1e-6
    assert replaced[is_distinct].float().mean().item() == pytest.approx(0.25, abs=0.05)
    torch.testing.assert_close(trained[~replaced], evaluated[~replaced])


def test_network_is_rebuilt_from_its_folder(words: TextPipeline, tmp_path: Path) -> None:
    encoder_network, batch = network(words), tokens(words, *TEXTS)
    encoder_network.save(tmp_path / "encoder")
    rebuilt = network(words, WordEncoder(saved=tmp_path / "encoder", size=99))
    assert rebuilt.options == encoder_network.options
    rebuilt.load_state_dict(encoder_network.state_dict())
    assert torch.equal(rebuilt(batch), encoder_network(batch))
    assert [path.name for path in (tmp_path / "encoder").iterdir()] == ["config.json"]


def test_parameters_are_counted(words: TextPipeline) -> None:
    encoder_network, vocabulary = network(words), words.tokenizer.get_vocab_size()
    lstms = [2 * 4 * 6 * (inputs + 6 + 2) for inputs in (8, 12)]  # two biases each
    expected = vocabulary * 8 + 100 * 8 + 2 * 8 + sum(lstms)
    assert sum(value.numel() for value in encoder_network.parameters()) == expected
    assert [type(block) for block in encoder_network.blocks()] == [BiLSTM, BiLSTM]
    single_layer = replace(NO_DROPOUT, layers=1)
    assert (
        sum(value.numel() for value in network(words, single_layer).parameters())
        == expected - lstms[1]
    )


def test_every_parameter_is_used(words: TextPipeline) -> None:
    """Processes without rows stay synchronized with the other processes."""
    empty = collate({"texts": CorpusRows(None)}, {}, words.pad_id).tokens
    for batch in (tokens(words, *TEXTS), empty):
        encoder_network = network(words)
        encoder_network(batch).sum().backward()
        unused = [name for name, value in encoder_network.named_parameters() if value.grad is None]
        assert unused == []


def test_pieces_of_words_are_rejected(text: TextPipeline) -> None:
    with pytest.raises(InputError) as caught:
        TINY.build(text)
    assert "WordEncoder" in caught.value.rule
    assert caught.value.found == "data.text.form: pieces"


@pytest.mark.parametrize(
    "options", [{"size": 0}, {"buckets": 0}, {"hidden": -1}, {"layers": 0}, {"dropout": 1.5}]
)
def test_invalid_settings_are_rejected(options: dict[str, Any]) -> None:
    ((option, value),) = options.items()
    with pytest.raises(InputError) as caught:
        replace(TINY, **options)
    assert caught.value.found == f"{option}: {value}"


@pytest.mark.parametrize("content", [None, "{", '{"colour": 1}', '{"size": 0}'])
def test_folder_without_settings_is_rejected(
    words: TextPipeline, tmp_path: Path, content: str | None
) -> None:
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    with pytest.raises(InputError):
        WordEncoder(saved=tmp_path).build(words)


def test_settings_missing_in_a_folder_get_their_defaults(
    words: TextPipeline, tmp_path: Path
) -> None:
    (tmp_path / "config.json").write_text('{"size": 8, "buckets": 100, "hidden": 6}')
    encoder_network = network(words, WordEncoder(saved=tmp_path))
    assert (
        encoder_network.options
        == network(words, WordEncoder(size=8, buckets=100, hidden=6)).options
    )


def random_rows(lengths: list[int]) -> tuple[Tensor, Tensor]:
    """Returns random inputs (rows, words, size) and their mask."""
    torch.manual_seed(0)
    mask = (torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]).long()
    return torch.randn(*mask.shape, 5), mask


@given(lengths=st.lists(st.integers(1, 7), min_size=1, max_size=5))
def test_states_equal_those_of_a_packed_lstm(lengths: list[int]) -> None:
    inputs, mask = random_rows(lengths)
    bilstm, lstm = BiLSTM(5, 3), nn.LSTM(5, 3, batch_first=True, bidirectional=True)
    weights = dict(bilstm.ahead.named_parameters())
    weights |= {f"{name}_reverse": value for name, value in bilstm.back.named_parameters()}
    lstm.load_state_dict(weights)
    packed = pack_padded_sequence(
        inputs, torch.tensor(lengths), batch_first=True, enforce_sorted=False
    )
    expected, _ = pad_packed_sequence(lstm(packed)[0], batch_first=True)
    actual = bilstm(inputs, mask)
    for row, length in enumerate(lengths):
        torch.testing.assert_close(actual[row, :length], expected[row, :length])
