"""Saved pipelines are loaded unchanged: by Hugging Face, by pickle, by another process."""

from __future__ import annotations

import multiprocessing
import os
import pickle
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pytest
from tokenizers import Tokenizer
from torch.utils.data import DataLoader, Dataset
from transformers import PreTrainedTokenizerFast

from arabic_mtl.errors import InputError
from arabic_mtl.text import Encoding, TextPipeline, TextSettings
from arabic_mtl.text.presets import PRESETS
from support.messages import assert_names
from support.oracles import strings
from support.tokenizers import TEXTS, bert_folder, encode, hugging_face, pipeline

KNOWN = {word for text in TEXTS for word in text.split()} - {"[SEP]"}
WORDS = [*sorted(KNOWN), "[رابط]", "[", "]"]
RAW = [
    *("والغُرفَةُ نظيـفة", "الغرفة ٣ نجوم", "[SEP] فندق [CLS]", "", "جميييل http://a.bc/d @me #حلو"),
    *("ﻻ ﷺ quot;abc&quot;", "پاک <br> 😀!", "أإآؤئىة"),
]


class Encodings(Dataset[Encoding]):
    """A dataset that encodes in the process that reads it."""

    def __init__(self, pipeline: TextPipeline) -> None:
        self._pipeline = pipeline

    def __len__(self) -> int:
        return len(RAW)

    def __getitem__(self, number: int) -> Encoding:
        return encode(self._pipeline, RAW[number], "فندق" if number % 2 else None)


@pytest.fixture(scope="module", params=[False, True], ids=["cased", "uncased"])
def source(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("source") / "bert"
    return bert_folder(folder, WORDS, lowercase=request.param)


@pytest.mark.parametrize("preset", PRESETS)
def test_hugging_face_keeps_the_cleaning(source: Path, tmp_path: Path, preset: str) -> None:
    text_pipeline = pipeline(tmp_path / "text", pretrained=str(source), cleaning=preset)
    raw = Tokenizer.from_file(str(tmp_path / "text" / "tokenizer.json")).to_str()
    hf_tokenizer = hugging_face(tmp_path / "text")
    assert hf_tokenizer.backend_tokenizer.to_str() == raw
    hf_tokenizer.save_pretrained(tmp_path / "again")
    reloaded = hugging_face(tmp_path / "again")
    assert reloaded.backend_tokenizer.to_str() == raw
    assert Tokenizer.from_file(str(tmp_path / "again" / "tokenizer.json")).to_str() == raw
    for text in (*RAW, *strings(40, seed=7)):
        ids = encode(text_pipeline, text).input_ids
        assert (text, hf_tokenizer(text)["input_ids"]) == (text, ids)
        assert reloaded(text)["input_ids"] == ids
        pair = encode(text_pipeline, text, "فندق")
        assert hf_tokenizer(text, "فندق")["input_ids"] == pair.input_ids
        assert hf_tokenizer(text, "فندق")["token_type_ids"] == pair.token_type_ids


@pytest.mark.parametrize("learned", [False, True])
def test_typed_special_tokens_are_plain_text(source: Path, tmp_path: Path, learned: bool) -> None:
    settings = {} if learned else {"pretrained": str(source)}
    text_pipeline = pipeline(tmp_path / "text", **settings)
    hf_tokenizer = hugging_face(tmp_path / "text")
    ids = hf_tokenizer("[SEP] [CLS] [PAD] [MASK]")["input_ids"]
    special = {
        hf_tokenizer.sep_token_id,
        hf_tokenizer.cls_token_id,
        hf_tokenizer.pad_token_id,
        hf_tokenizer.mask_token_id,
    }
    assert special.isdisjoint(ids[1:-1])
    assert len(ids) == 2 + 4 * 3
    assert ids == encode(text_pipeline, "[SEP] [CLS] [PAD] [MASK]").input_ids


def test_hugging_face_loads_a_learned_tokenizer_unchanged(tmp_path: Path) -> None:
    text_pipeline = pipeline(tmp_path / "text")
    hf_tokenizer = hugging_face(tmp_path / "text")
    raw = Tokenizer.from_file(str(tmp_path / "text" / "tokenizer.json"))
    assert hf_tokenizer.backend_tokenizer.to_str() == raw.to_str()
    assert hf_tokenizer.pad_token_id == text_pipeline.pad_id == 0
    assert set(hf_tokenizer("الغرفة")) == {"input_ids", "token_type_ids", "attention_mask"}
    for text in chain(RAW, strings(200, seed=8)):
        assert hf_tokenizer(text)["input_ids"] == encode(text_pipeline, text).input_ids


@pytest.mark.parametrize("stemming", ["none", "snowball", "lemma", "isri"])
@pytest.mark.parametrize("pretrained", [False, True])
def test_a_loaded_pipeline_encodes_like_the_saved_one(
    tmp_path: Path, source: Path, stemming: str, pretrained: bool
) -> None:
    settings = {"pretrained": str(source)} if pretrained else {}
    text_pipeline = pipeline(tmp_path / "made", stemming=stemming, cleaning=["tatweel"], **settings)
    text_pipeline.save(tmp_path / "saved")
    loaded = TextPipeline.load(tmp_path / "saved", 9)  # other settings come from the folder
    assert loaded.settings == replace(text_pipeline.settings, max_length=9)
    assert (loaded.settings.cleaning, loaded.settings.stemming) == (["tatweel"], stemming)
    pairs = ["الغرفة" if len(text) % 2 else None for text in RAW]
    assert loaded.encode(RAW, pairs) == text_pipeline.encode(RAW, pairs)


@pytest.mark.parametrize("stemming", ["none", "snowball"])
def test_a_pickled_pipeline_encodes_alike(source: Path, tmp_path: Path, stemming: str) -> None:
    text_pipeline = pipeline(
        tmp_path / "text", pretrained=str(source), cleaning="arabert", stemming=stemming
    )
    unpickled = pickle.loads(pickle.dumps(text_pipeline))
    assert (unpickled.settings, unpickled.left_out, unpickled.cleaning) == (
        text_pipeline.settings,
        text_pipeline.left_out,
        text_pipeline.cleaning,
    )
    assert unpickled.encode(RAW, [None] * len(RAW)) == text_pipeline.encode(RAW, [None] * len(RAW))


def test_settings_can_be_pickled(tmp_path: Path) -> None:
    settings = TextSettings(vocab_size=70, cleaning=["tatweel"], saved=tmp_path)
    assert pickle.loads(pickle.dumps(settings)) == settings


def test_a_pickle_of_a_relative_folder_works_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    pickled = pickle.dumps(pipeline(Path("text"), max_length=9))
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    unpickled = pickle.loads(pickled)
    assert (unpickled.folder, unpickled.max_length) == (tmp_path / "text", 9)
    assert unpickled.encode(RAW, [None] * len(RAW))


def encodings(text_pipeline: TextPipeline) -> list[Encoding]:
    return text_pipeline.encode(RAW, [None] * len(RAW))


def test_spawned_process_in_another_folder_encodes_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text_pipeline = pipeline(Path("text"), stemming="snowball")
    (tmp_path / "other").mkdir()
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        pool.submit(os.chdir, tmp_path / "other").result()
        result = pool.submit(encodings, text_pipeline).result()
    assert result == text_pipeline.encode(RAW, [None] * len(RAW))


@pytest.mark.slow
@pytest.mark.parametrize("source", [False], indirect=True)
def test_spawned_worker_encodes_alike(source: Path, tmp_path: Path) -> None:
    text_pipeline = pipeline(tmp_path / "text", pretrained=str(source), cleaning="arabert")
    data = Encodings(text_pipeline)
    loader = DataLoader(data, batch_size=None, num_workers=1, multiprocessing_context="spawn")
    assert list(loader) == [data[number] for number in range(len(data))]


def test_existing_folder_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "text"
    pipeline(folder)
    initial = {path.name: path.read_bytes() for path in folder.iterdir()}
    TextPipeline.create(folder, TextSettings(vocab_size=50), lambda: ["other"])
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == initial


def test_failed_creation_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: PreTrainedTokenizerFast, folder: Path) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(PreTrainedTokenizerFast, "save_pretrained", fail)
    with pytest.raises(OSError, match="disk full"):
        TextPipeline.create(tmp_path / "cache" / "text", TextSettings(), lambda: TEXTS)
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.parametrize("damage", ["missing", "no text.json", "bad text.json", "bad tokenizer"])
def test_folder_that_is_no_pipeline_is_refused(tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "text"
    if damage != "missing":
        pipeline(folder)
    if damage == "no text.json":
        (folder / "text.json").unlink()
    elif damage == "bad text.json":
        (folder / "text.json").write_text("{")
    elif damage == "bad tokenizer":
        (folder / "tokenizer.json").write_text("{}")
    with pytest.raises(InputError) as caught:
        TextPipeline.load(folder)
    assert_names(caught.value.rule, "text.json", "tokenizer.json")
    assert str(caught.value.found).startswith(str(folder))
