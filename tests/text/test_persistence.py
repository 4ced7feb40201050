"""What was saved is what is loaded: by Hugging Face, by pickle, by another process."""

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
    """Encodes in whichever process asks."""

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
    made = pipeline(tmp_path / "text", pretrained=str(source), cleaning=preset)
    raw = Tokenizer.from_file(str(tmp_path / "text" / "tokenizer.json")).to_str()
    theirs = hugging_face(tmp_path / "text")
    assert theirs.backend_tokenizer.to_str() == raw
    theirs.save_pretrained(tmp_path / "again")
    again = hugging_face(tmp_path / "again")
    assert again.backend_tokenizer.to_str() == raw
    assert Tokenizer.from_file(str(tmp_path / "again" / "tokenizer.json")).to_str() == raw
    for text in (*RAW, *strings(40, seed=7)):
        ids = encode(made, text).input_ids
        assert (text, theirs(text)["input_ids"]) == (text, ids)
        assert again(text)["input_ids"] == ids
        pair = encode(made, text, "فندق")
        assert theirs(text, "فندق")["input_ids"] == pair.input_ids
        assert theirs(text, "فندق")["token_type_ids"] == pair.token_type_ids


@pytest.mark.parametrize("learned", [False, True])
def test_typed_special_token_stays_text(source: Path, tmp_path: Path, learned: bool) -> None:
    settings = {} if learned else {"pretrained": str(source)}
    made = pipeline(tmp_path / "text", **settings)
    theirs = hugging_face(tmp_path / "text")
    ids = theirs("[SEP] [CLS] [PAD] [MASK]")["input_ids"]
    special = {theirs.sep_token_id, theirs.cls_token_id, theirs.pad_token_id, theirs.mask_token_id}
    assert special.isdisjoint(ids[1:-1])
    assert len(ids) == 2 + 4 * 3
    assert ids == encode(made, "[SEP] [CLS] [PAD] [MASK]").input_ids


def test_learned_tokenizer_is_loaded_unchanged(tmp_path: Path) -> None:
    made = pipeline(tmp_path / "text")
    theirs = hugging_face(tmp_path / "text")
    raw = Tokenizer.from_file(str(tmp_path / "text" / "tokenizer.json"))
    assert theirs.backend_tokenizer.to_str() == raw.to_str()
    assert theirs.pad_token_id == made.pad_id == 0
    assert set(theirs("الغرفة")) == {"input_ids", "token_type_ids", "attention_mask"}
    for text in chain(RAW, strings(200, seed=8)):
        assert theirs(text)["input_ids"] == encode(made, text).input_ids


@pytest.mark.parametrize("stemming", ["none", "snowball", "lemma", "isri"])
@pytest.mark.parametrize("pretrained", [False, True])
def test_loaded_pipeline_encodes_as_the_one_that_was_saved(
    tmp_path: Path, source: Path, stemming: str, pretrained: bool
) -> None:
    settings = {"pretrained": str(source)} if pretrained else {}
    made = pipeline(tmp_path / "made", stemming=stemming, cleaning=["tatweel"], **settings)
    made.save(tmp_path / "saved")
    loaded = TextPipeline.load(tmp_path / "saved", 9)  # other settings come from the folder
    assert loaded.settings == replace(made.settings, max_length=9)
    assert (loaded.settings.cleaning, loaded.settings.stemming) == (["tatweel"], stemming)
    pairs = ["الغرفة" if len(text) % 2 else None for text in RAW]
    assert loaded.encode(RAW, pairs) == made.encode(RAW, pairs)


@pytest.mark.parametrize("stemming", ["none", "snowball"])
def test_pickle(source: Path, tmp_path: Path, stemming: str) -> None:
    made = pipeline(
        tmp_path / "text", pretrained=str(source), cleaning="arabert", stemming=stemming
    )
    again = pickle.loads(pickle.dumps(made))
    assert (again.settings, again.left_out, again.cleaning) == (
        made.settings,
        made.left_out,
        made.cleaning,
    )
    assert again.encode(RAW, [None] * len(RAW)) == made.encode(RAW, [None] * len(RAW))


def test_pickled_settings(tmp_path: Path) -> None:
    settings = TextSettings(vocab_size=70, cleaning=["tatweel"], saved=tmp_path)
    assert pickle.loads(pickle.dumps(settings)) == settings


def test_a_relative_folder_is_found_from_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    pickled = pickle.dumps(pipeline(Path("text"), max_length=9))
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    again = pickle.loads(pickled)
    assert (again.folder, again.max_length) == (tmp_path / "text", 9)
    assert again.encode(RAW, [None] * len(RAW))


def encodings(made: TextPipeline) -> list[Encoding]:
    return made.encode(RAW, [None] * len(RAW))


def test_spawned_process_in_another_folder_encodes_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = pipeline(Path("text"), stemming="snowball")
    (tmp_path / "other").mkdir()
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        pool.submit(os.chdir, tmp_path / "other").result()
        found = pool.submit(encodings, made).result()
    assert found == made.encode(RAW, [None] * len(RAW))


@pytest.mark.slow
@pytest.mark.parametrize("source", [False], indirect=True)
def test_spawned_worker_encodes_alike(source: Path, tmp_path: Path) -> None:
    made = pipeline(tmp_path / "text", pretrained=str(source), cleaning="arabert")
    data = Encodings(made)
    loader = DataLoader(data, batch_size=None, num_workers=1, multiprocessing_context="spawn")
    assert list(loader) == [data[number] for number in range(len(data))]


def test_existing_folder_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "text"
    pipeline(folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    TextPipeline.create(folder, TextSettings(vocab_size=50), lambda: ["other"])
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


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
