"""Transformer encoders from folders and from scratch."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModel

from arabic_mtl.errors import InputError
from arabic_mtl.model.encoders import TransformerEncoder
from arabic_mtl.model.tokens import Tokens
from arabic_mtl.text import TextPipeline, TextSettings
from support.configurations import TINY
from support.models import save_model
from support.semeval import sample_texts
from support.tokens import pad


def pipeline(folder: Path, pretrained: Path | None = None) -> TextPipeline:
    """Returns a text pipeline with a model's tokenizer, or one learned from the sample."""
    name = str(pretrained) if pretrained else None
    return TextPipeline.create(
        folder / "text",
        TextSettings(pretrained=name, vocab_size=150, cleaning="none"),
        lambda: sample_texts()[:50],
    )


def tokens(text: TextPipeline, texts: list[str], pairs: list[str | None]) -> Tokens:
    return pad(text.encode(texts, pairs), text.pad_id)


@pytest.mark.parametrize("kind", ["bert", "electra", "distilbert"])
def test_states_are_those_of_the_model(tmp_path: Path, kind: str) -> None:
    folder = save_model(tmp_path / "model", kind)
    text = pipeline(tmp_path, folder)
    network = TransformerEncoder(name=str(folder)).build(text).eval()
    batch = tokens(text, ["غرفة نظيفة جدا", "جميل"], ["غرفة", None])
    inputs = {"input_ids": batch.input_ids, "attention_mask": batch.attention_mask}
    if kind != "distilbert":
        inputs["token_type_ids"] = batch.token_type_ids
    expected = AutoModel.from_pretrained(folder).eval()(**inputs).last_hidden_state
    torch.testing.assert_close(network(batch), expected)
    assert network.hidden_size == expected.shape[-1] == 16


def test_token_types_distinguish_the_texts_of_a_pair(tmp_path: Path) -> None:
    folder = save_model(tmp_path / "model")
    text = pipeline(tmp_path, folder)
    network = TransformerEncoder(name=str(folder)).build(text).eval()
    batch = tokens(text, ["غرفة"], ["جميل"])
    assert set(batch.token_type_ids.flatten().tolist()) == {0, 1}
    flat = Tokens(**{**vars(batch), "token_type_ids": torch.zeros_like(batch.token_type_ids)})
    assert not torch.allclose(network(batch), network(flat), atol=1e-3)


def test_padding_has_no_effect(tmp_path: Path) -> None:
    text = pipeline(tmp_path)
    network = TransformerEncoder(config=TINY).build(text).eval()
    short = tokens(text, ["جميل"], [None])
    padded = tokens(text, ["جميل", "غرفة نظيفة جدا في فندق بعيد"], [None, None])
    width = short.input_ids.shape[1]
    assert padded.input_ids.shape[1] > width
    torch.testing.assert_close(network(padded)[:1, :width], network(short))


@pytest.mark.parametrize("model_type", ["bert", "electra", "roberta"])
def test_from_scratch_follows_the_vocabulary(tmp_path: Path, model_type: str) -> None:
    text = pipeline(tmp_path)
    network: Any = TransformerEncoder(config={**TINY, "model_type": model_type}).build(text)
    config = network.model.config
    assert config.model_type == model_type
    assert config.vocab_size == text.tokenizer.get_vocab_size() <= 150
    assert config.pad_token_id == text.pad_id
    assert network(tokens(text, ["غرفة", "جميل جدا"], [None, None])).shape[::2] == (2, 16)


@pytest.mark.parametrize("kind", ["bert", "electra", "distilbert"])
def test_every_parameter_is_used(tmp_path: Path, kind: str) -> None:
    folder = save_model(tmp_path / "model", kind)
    text = pipeline(tmp_path, folder)
    network = TransformerEncoder(name=str(folder)).build(text)
    network(tokens(text, ["غرفة"], [None])).sum().backward()
    unused = [name for name, value in network.named_parameters() if value.grad is None]
    assert unused == []


def test_weights_are_loaded_in_single_precision(tmp_path: Path) -> None:
    folder = save_model(tmp_path / "model")
    half = AutoModel.from_pretrained(folder, dtype=torch.bfloat16)
    half.save_pretrained(folder)
    network = TransformerEncoder(name=str(folder)).build(pipeline(tmp_path, folder))
    assert {value.dtype for value in network.parameters()} == {torch.float32}
    stored = half.embeddings.word_embeddings.weight
    (first, *_) = network.parameters()
    assert torch.equal(first, stored.float())


def test_config_overrides_fields_of_a_folder(tmp_path: Path) -> None:
    folder = save_model(tmp_path / "model")
    encoder = TransformerEncoder(name=str(folder), config={"hidden_dropout_prob": 0.37})
    network: Any = encoder.build(pipeline(tmp_path, folder))
    assert network.model.config.hidden_dropout_prob == 0.37
    assert network.model.embeddings.dropout.p == 0.37


def test_model_and_tokenizer_must_fit(tmp_path: Path) -> None:
    folder = save_model(tmp_path / "model")
    text = pipeline(tmp_path, folder)
    text.tokenizer.add_tokens(["كلمة_جديدة", "وأخرى"])
    with pytest.raises(InputError) as error:
        TransformerEncoder(name=str(folder)).build(text)
    size = text.tokenizer.get_vocab_size()
    numbers = re.findall(r"\d+", str(error.value.found))
    assert numbers == [str(size - 2), str(size)]


@pytest.mark.parametrize("name", ["nobody/no-such-model", "absent/folder/of/a/model"])
def test_model_that_cannot_be_loaded_is_rejected(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"model\.encoder\.name") as error:
        TransformerEncoder(name=name).build(pipeline(tmp_path))
    assert name in str(error.value.found)
    assert "\n" not in str(error.value.found)


def test_encoder_without_name_and_config_is_rejected() -> None:
    with pytest.raises(InputError, match="TransformerEncoder") as error:
        TransformerEncoder()
    assert "model_type: bert" in str(error.value.expected)


def test_attention_implementation_can_be_chosen(tmp_path: Path) -> None:
    folder = save_model(tmp_path / "model")
    text = pipeline(tmp_path, folder)
    batch = tokens(text, ["غرفة نظيفة جدا", "جميل"], [None, None])
    states = {}
    for attention in ("eager", "sdpa"):
        network = TransformerEncoder(name=str(folder), attention=attention).build(text).eval()
        assert network.plain.config._attn_implementation == attention
        states[attention] = network(batch)
    torch.testing.assert_close(states["eager"], states["sdpa"])


def test_attention_that_is_not_installed_is_rejected(tmp_path: Path) -> None:
    text = pipeline(tmp_path)
    with pytest.raises(InputError) as caught:
        TransformerEncoder(config=TINY, attention="flash_attention_2").build(text)
    assert "model.encoder.attention" in caught.value.rule
    assert str(caught.value.found).startswith("flash_attention_2: ")
