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
from arabic_mtl.tasks.batch import Part, unite
from arabic_mtl.text import TextPipeline, TextSettings
from support.closeness import assert_same
from support.semeval import sample_texts
from support.tokens import pad

TINY = WordEncoder(size=8, buckets=100, hidden=6, layers=2)
STILL = replace(TINY, dropout=0.0, word_dropout=0.0, token_dropout=0.0)
TEXTS = ["غرفة نظيفة جدا", "", "فندق بعيد عن البحر والمطعم قريب", "http://a.bc/d ً ــ 👍", "جميل"]


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> TextPipeline:
    """Whole words, of the sample's first texts."""
    folder = tmp_path_factory.mktemp("words") / "text"
    return TextPipeline.create(
        folder, TextSettings(form="words", vocab_size=300), lambda: sample_texts()[:60]
    )


def network(words: TextPipeline, encoder: WordEncoder = STILL) -> WordNetwork:
    torch.manual_seed(0)
    made = encoder.build(words)
    assert isinstance(made, WordNetwork)
    return made.eval()


def tokens(words: TextPipeline, *texts: str) -> Tokens:
    return pad(words.encode(texts, [None] * len(texts)), words.pad_id)


def test_states_are_as_wide_as_is_said(words: TextPipeline) -> None:
    made, batch = network(words), tokens(words, *TEXTS)
    assert made.hidden_size == 8 + 2 * 6
    assert made(batch).shape == (*batch.input_ids.shape, 20)


@given(texts=st.permutations(TEXTS), number=st.integers(1, 5))
def test_padding_and_other_rows_change_nothing(
    words: TextPipeline, texts: list[str], number: int
) -> None:
    made = network(words)
    with torch.no_grad():
        together = made(tokens(words, *texts[:number]))
        for row, text in enumerate(texts[:number]):
            (alone,) = made(tokens(words, text))
            found = together[row, : len(alone)]
            assert_same({text: found}, {text: alone}, within=1e-6, floor=1.0)


def own_vectors(made: WordNetwork, batch: Tokens) -> Tensor:
    """What stands beside the LSTM's states: the vectors of the first row's words alone."""
    own: Tensor = made(batch)[0, :, -made.options["size"] :]
    return own


def test_unseen_words_differ_by_their_letters(words: TextPipeline) -> None:
    made, batch = network(words), tokens(words, "زقزقة شقشقة زقزقة")
    (ids,) = batch.input_ids.tolist()
    assert ids[1:4] == [words.unknown_id] * 3
    one, other, again = own_vectors(made, batch)[1:4]
    assert not torch.allclose(one, other, atol=0.1)
    torch.testing.assert_close(one, again)


def test_a_known_word_is_more_than_its_letters(words: TextPipeline) -> None:
    made, batch = network(words), tokens(words, "الفندق")
    assert batch.input_ids[0, 1] != words.unknown_id
    unknown = Tokens(**{**vars(batch), "input_ids": torch.full_like(batch.input_ids, 1)})
    assert words.unknown_id == 1
    known, by_letters = own_vectors(made, batch)[1], own_vectors(made, unknown)[1]
    assert not torch.allclose(known, by_letters, atol=0.1)


def test_what_is_written_alike_once_cleaned_is_one_word(words: TextPipeline) -> None:
    made = network(words)
    found = made(tokens(words, "غُرْفَــةٌ نظيفهْ", "غرفه نظيفة"))
    torch.testing.assert_close(found[0], found[1])


def test_dropout_is_of_training_alone(words: TextPipeline) -> None:
    made, batch = network(words, TINY), tokens(words, *TEXTS)
    assert torch.equal(made(batch), made(batch))
    made.train()
    assert not torch.equal(made(batch), made(batch))
    still = network(words).train()
    assert torch.equal(still(batch), still(batch))


def test_word_dropout_leaves_the_letters(words: TextPipeline) -> None:
    batch = tokens(words, *TEXTS)
    unknown = torch.full_like(batch.input_ids, words.unknown_id)
    expected = network(words)(Tokens(**{**vars(batch), "input_ids": unknown}))
    made = network(words, replace(STILL, word_dropout=1.0))
    assert not torch.allclose(made(batch), expected, atol=0.1)
    torch.testing.assert_close(made.train()(batch), expected)


def test_token_dropout_leaves_out_whole_words(words: TextPipeline) -> None:
    batch = tokens(words, *sample_texts()[:40])
    made = network(words, replace(STILL, token_dropout=0.25)).train()
    embedded = made(batch)[..., -8:]
    gone = (embedded == 0).all(dim=-1)
    assert 0.2 < gone.float().mean() < 0.3
    expected = network(words)(batch)[..., -8:]
    torch.testing.assert_close(embedded[~gone], expected[~gone])


def test_word_dropout_is_as_frequent_as_is_said(words: TextPipeline) -> None:
    batch = tokens(words, *sample_texts()[:40])
    made = network(words, replace(STILL, word_dropout=0.25)).train()
    ids = torch.full_like(batch.input_ids, words.unknown_id)
    unknown = Tokens(**{**vars(batch), "input_ids": ids})
    found, known = made(batch)[..., -8:], made.eval()(batch)[..., -8:]
    letters = made(unknown)[..., -8:]
    differ = (known - letters).abs().amax(dim=-1) > 1e-6
    replaced = (found - letters).abs().amax(dim=-1) < 1e-6
    assert replaced[differ].float().mean().item() == pytest.approx(0.25, abs=0.05)
    torch.testing.assert_close(found[~replaced], known[~replaced])


def test_a_folder_makes_the_network_again(words: TextPipeline, tmp_path: Path) -> None:
    made, batch = network(words), tokens(words, *TEXTS)
    made.save(tmp_path / "encoder")
    again = network(words, WordEncoder(saved=tmp_path / "encoder", size=99))
    assert again.options == made.options
    again.load_state_dict(made.state_dict())
    assert torch.equal(again(batch), made(batch))
    assert [path.name for path in (tmp_path / "encoder").iterdir()] == ["config.json"]


def test_parameters_are_counted(words: TextPipeline) -> None:
    made, vocabulary = network(words), words.tokenizer.get_vocab_size()
    lstms = [2 * 4 * 6 * (inputs + 6 + 2) for inputs in (8, 12)]  # two biases each
    expected = vocabulary * 8 + 100 * 8 + 2 * 8 + sum(lstms)
    assert sum(value.numel() for value in made.parameters()) == expected
    assert [type(block) for block in made.blocks()] == [BiLSTM, BiLSTM]
    one = replace(STILL, layers=1)
    assert sum(value.numel() for value in network(words, one).parameters()) == expected - lstms[1]


def test_every_parameter_is_used(words: TextPipeline) -> None:
    """Also where a process has no row at all."""
    nothing = unite({"texts": Part(None)}, {}, words.pad_id).tokens
    for batch in (tokens(words, *TEXTS), nothing):
        made = network(words)
        made(batch).sum().backward()
        unused = [name for name, value in made.named_parameters() if value.grad is None]
        assert unused == []


def test_pieces_of_words_are_refused(text: TextPipeline) -> None:
    with pytest.raises(InputError) as caught:
        TINY.build(text)
    assert "WordEncoder" in caught.value.rule
    assert caught.value.found == "data.text.form: pieces"


@pytest.mark.parametrize(
    "options", [{"size": 0}, {"buckets": 0}, {"hidden": -1}, {"layers": 0}, {"dropout": 1.5}]
)
def test_settings_that_cannot_be(options: dict[str, Any]) -> None:
    ((option, value),) = options.items()
    with pytest.raises(InputError) as caught:
        replace(TINY, **options)
    assert caught.value.found == f"{option}: {value}"


@pytest.mark.parametrize("content", [None, "{", '{"colour": 1}', '{"size": 0}'])
def test_a_folder_without_settings_is_refused(
    words: TextPipeline, tmp_path: Path, content: str | None
) -> None:
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    with pytest.raises(InputError):
        WordEncoder(saved=tmp_path).build(words)


def test_settings_that_an_older_folder_lacks_are_the_defaults(
    words: TextPipeline, tmp_path: Path
) -> None:
    (tmp_path / "config.json").write_text('{"size": 8, "buckets": 100, "hidden": 6}')
    made = network(words, WordEncoder(saved=tmp_path))
    assert made.options == network(words, WordEncoder(size=8, buckets=100, hidden=6)).options


def random_rows(lengths: list[int]) -> tuple[Tensor, Tensor]:
    """Inputs, and their mask."""
    torch.manual_seed(0)
    mask = (torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]).long()
    return torch.randn(*mask.shape, 5), mask


@given(lengths=st.lists(st.integers(1, 7), min_size=1, max_size=5))
def test_both_directions_are_those_of_a_packed_lstm(lengths: list[int]) -> None:
    inputs, mask = random_rows(lengths)
    own, theirs = BiLSTM(5, 3), nn.LSTM(5, 3, batch_first=True, bidirectional=True)
    weights = dict(own.ahead.named_parameters())
    weights |= {f"{name}_reverse": value for name, value in own.back.named_parameters()}
    theirs.load_state_dict(weights)
    packed = pack_padded_sequence(
        inputs, torch.tensor(lengths), batch_first=True, enforce_sorted=False
    )
    expected, _ = pad_packed_sequence(theirs(packed)[0], batch_first=True)
    found = own(inputs, mask)
    for row, length in enumerate(lengths):
        torch.testing.assert_close(found[row, :length], expected[row, :length])
