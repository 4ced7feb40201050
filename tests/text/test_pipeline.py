"""The text pipeline, from raw text to token ids and raw offsets."""

from __future__ import annotations

import json
import re
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest

from arabic_mtl.errors import InputError
from arabic_mtl.text import Encoding, TextPipeline, TextSettings
from arabic_mtl.text.presets import PRESETS
from support.messages import assert_names
from support.tokenizers import (
    TEXTS,
    bert_folder,
    encode,
    hugging_face,
    learned_folder,
    pipeline,
    tokens,
    word_texts,
)


@pytest.fixture(scope="module")
def stems(tmp_path_factory: pytest.TempPathFactory) -> TextPipeline:
    return pipeline(tmp_path_factory.mktemp("stems") / "text", stemming="snowball")


def test_encoding_of_a_sentence(text: TextPipeline) -> None:
    assert tokens(text, "والغُرفة نظيفة") == ["[CLS]", "و", "الغرفه", "نظيفه", "[SEP]"]
    encoding = encode(text, "والغُرفة نظيفة")
    assert encoding == Encoding(
        input_ids=encoding.input_ids,
        token_type_ids=[0] * 5,
        starts=[0, 0, 1, 9, 0],
        ends=[0, 1, 8, 14, 0],
        word_ids=[-1, 0, 1, 2, -1],
        mark_offsets=[4],
        word_lengths=[0] * 5,
    )


def test_encoding_of_a_pair(text: TextPipeline) -> None:
    expected = ["[CLS]", "الغرفه", "نظيفه", "[SEP]", "الغرفه", "[SEP]"]
    assert tokens(text, "الغرفة نظيفة", "الغُرفة") == expected
    encoding = encode(text, "الغرفة نظيفة", "الغُرفة")
    assert encoding == Encoding(
        input_ids=encoding.input_ids,
        token_type_ids=[0, 0, 0, 0, 1, 1],
        starts=[0, 0, 7, 0, 0, 0],
        ends=[0, 6, 12, 0, 0, 0],
        word_ids=[-1, 0, 1, -1, -1, -1],
        mark_offsets=[],  # only marks of the first text
        word_lengths=[0] * 6,
    )


def test_batch_of_single_texts_and_pairs(text: TextPipeline, stems: TextPipeline) -> None:
    texts = ["الغرفة نظيفة", "", "فندق جميل", "abc"]
    pairs = ["الغرفة", None, "", "جدا !"]
    for text_pipeline in (text, stems):
        batch = text_pipeline.encode(texts, pairs)
        assert batch == [
            encode(text_pipeline, raw, pair) for raw, pair in zip(texts, pairs, strict=True)
        ]
        assert [sum(e.token_type_ids) for e in batch] == [2, 0, 1, 3]
    assert text.encode([], []) == []


@pytest.mark.parametrize("text_", ["ُالغرفة", "ـالغرفة"])
def test_marks_at_the_start_belong_to_no_token(text: TextPipeline, text_: str) -> None:
    encoding = encode(text, text_)
    assert (encoding.starts, encoding.ends) == ([0, 1, 0], [0, 7, 0])
    assert encoding.mark_offsets == [0]


@pytest.mark.parametrize(
    ("text_", "words"),
    [
        ("الغُرْفَةُ نظيـــفةٌ.", ["الغُرْفَةُ", "نظيـــفةٌ", "."]),
        ("نظيفةـــ جدّاً!", ["نظيفةـــ", "جدّاً", "!"]),
        ("وَالغُرفة", ["وَ", "الغُرفة"]),
        ("جمييييل جدا", ["جمييييل", "جدا"]),
        ("رائعععععع جدا", ["رائعععععع", "جدا"]),
        ("رائعععِععع.", ["رائعععِععع", "."]),
        ("٣ آلاف", ["٣", "آلاف"]),
        ("الغر\u200fفة abc\u200e.", ["الغر\u200fفة", "abc\u200e", "."]),
        ("غرفةabc12", ["غرفةabc12"]),
        ("قاتِمٌ\u00a0جدا\nجميل", ["قاتِمٌ", "جدا", "جميل"]),
    ],
)
def test_offsets_count_raw_characters(text: TextPipeline, text_: str, words: list[str]) -> None:
    assert word_texts(text, text_) == words


@pytest.mark.parametrize(
    ("text_", "words"),
    [
        ("والغرفة", ["و", "الغرفة"]),
        ("وبالموقع", ["و", "ب", "الموقع"]),
        ("وللمطعم", ["و", "لل", "مطعم"]),
        ("وقت بارد", ["وقت", "بارد"]),  # too short to be a proclitic and a word
        ("نظيفة والغرفة", ["نظيفة", "و", "الغرفة"]),
    ],
)
def test_proclitics_are_separate_words(
    text: TextPipeline, stems: TextPipeline, text_: str, words: list[str]
) -> None:
    assert word_texts(text, text_) == word_texts(stems, text_) == words


@pytest.mark.parametrize("stemming", ["none", "snowball"])
def test_proclitics_can_be_left_unsplit(tmp_path: Path, stemming: str) -> None:
    text_pipeline = pipeline(tmp_path / "text", split_proclitics=False, stemming=stemming)
    assert word_texts(text_pipeline, "والغرفة بالموقع للمطعم") == ["والغرفة", "بالموقع", "للمطعم"]


def test_stems_have_the_offsets_of_their_words(stems: TextPipeline) -> None:
    text = "وَالغُرْفَةُ نظيـــفةٌ!"
    assert tokens(stems, text)[1:4] == ["و", "غرف", "نظيف"]
    words = word_texts(stems, text)
    assert words == ["وَ", "الغُرْفَةُ", "نظيـــفةٌ", "!"]
    encoding = encode(stems, text)
    for word, start, end in zip(encoding.word_ids, encoding.starts, encoding.ends, strict=True):
        assert text[start:end] == ("" if word < 0 else words[word])
    assert encoding.mark_offsets == [n for n, c in enumerate(text) if c in "َُْـٌ"]


def test_stems_of_a_pair(stems: TextPipeline) -> None:
    assert tokens(stems, "الغرفة", "نظيفة")[1:] == ["غرف", "[SEP]", "نظيف", "[SEP]"]
    assert encode(stems, "الغرفة", "نظيفة").ends == [0, 6, 0, 0, 0]


def test_clean_returns_the_text_as_looked_up_in_the_vocabulary(
    text: TextPipeline, stems: TextPipeline
) -> None:
    assert text.clean("الغُرْفَةُ إلى ٣ \ud800") == "الغرفه الي 3 \ufffd"
    assert stems.clean("الغُرْفَةُ نظيفة!") == "غرف نظيف !"


def test_a_long_text_is_not_truncated(tmp_path: Path) -> None:
    short = pipeline(tmp_path / "text", max_length=8)
    text = "الغرفة نظيفة " * 10
    encoding = encode(short, text, "جدا")
    assert (len(encoding), encoding.word_ids) == (24, [-1, *range(20), -1, -1, -1])
    assert encoding.ends[20] == len(text) - 1
    short.check(encoding)


@pytest.mark.parametrize(("words", "refused"), [(1, False), (2, True), (9, True)])
def test_a_second_text_that_leaves_no_room_is_refused(
    tmp_path: Path, words: int, refused: bool
) -> None:
    short = pipeline(tmp_path / "text", max_length=8)
    encoding = encode(short, "الغرفة", "نظيفة " * words)
    if not refused:
        short.check(encoding)
        return
    with pytest.raises(InputError) as caught:
        short.check(encoding)
    assert "data.text.max_length" in caught.value.rule
    assert_names(caught.value.found, f"{3 + words} tokens")
    assert re.findall(r"\d+", str(caught.value.expected)) == ["4"]


@pytest.mark.parametrize(("length", "refused"), [(7, True), (8, False), (0, True)])
def test_a_small_max_length_is_refused(length: int, refused: bool) -> None:
    if refused:
        with pytest.raises(InputError, match=r"data\.text\.max_length") as caught:
            TextSettings(max_length=length)
        assert caught.value.found == length
        assert_names(caught.value.expected, "8")
    else:
        assert TextSettings(max_length=length).max_length == length


@pytest.mark.parametrize(
    ("settings", "cleaning", "split"),
    [
        ({}, "recipe", True),
        ({"pretrained": "UBC-NLP/MARBERTv2"}, "marbert", False),
        ({"pretrained": "x/y", "split_proclitics": True}, "light", True),
        ({"cleaning": ["slash"], "split_proclitics": False}, ["slash"], False),
    ],
)
def test_defaults_depend_on_the_tokenizer(
    settings: dict[str, object], cleaning: object, split: bool
) -> None:
    text_settings = TextSettings(**settings)  # type: ignore[arg-type]
    assert (text_settings.cleaning_choice, text_settings.splits_proclitics) == (cleaning, split)
    assert (text_settings.identity["cleaning"], text_settings.identity["split_proclitics"]) == (
        cleaning,
        split,
    )


def test_vocabulary_is_learned_from_cleaned_text(tmp_path: Path) -> None:
    pipeline(tmp_path / "text", ["الْغُرْفَةُ"] * 5)
    stored = json.loads((tmp_path / "text" / "tokenizer.json").read_text("utf-8"))
    assert "الغرفه" in stored["model"]["vocab"]
    assert not set("ْةـ") & set("".join(stored["model"]["vocab"]))


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_works_with_a_learned_vocabulary(tmp_path: Path, preset: str) -> None:
    text_pipeline = pipeline(tmp_path / "text", cleaning=preset)
    assert text_pipeline.cleaning.steps == PRESETS[preset]
    assert word_texts(text_pipeline, "الغُرفة جدا!") == ["الغُرفة", "جدا", "!"]
    link = word_texts(text_pipeline, "جدا http://a.bc/d")[1:]
    assert link == (["http://a.bc/d"] if "links" in PRESETS[preset] else link)
    assert len(link) == 1 or not {"links", "links_latin"} & set(PRESETS[preset])


def test_a_pretrained_tokenizer_gets_light_cleaning_by_default(tmp_path: Path) -> None:
    source = learned_folder(tmp_path / "bert", TEXTS, lowercase=True)
    text_pipeline = pipeline(tmp_path / "text", pretrained=str(source))
    hf_tokenizer = hugging_face(source)
    assert text_pipeline.settings.cleaning == "light"
    assert text_pipeline.tokenizer.get_vocab() == hf_tokenizer.get_vocab()
    ids = hf_tokenizer("ABC الغرفة نظيفة")["input_ids"]
    assert encode(text_pipeline, "ABC الغرفة نظيفة").input_ids == ids
    assert encode(text_pipeline, "ABC الغُـرفة نظيفة").input_ids == ids
    assert word_texts(text_pipeline, "الغُـرفةُ نظيفة") == ["الغُـرفةُ", "نظيفة"]


def test_omitted_steps_are_recorded(tmp_path: Path) -> None:
    source = bert_folder(tmp_path / "bert", ["أين", "فندق"])
    text_pipeline = pipeline(tmp_path / "text", pretrained=str(source), cleaning="recipe")
    assert list(text_pipeline.left_out) == ["alef"]
    assert text_pipeline.cleaning.steps == tuple(
        step for step in PRESETS["recipe"] if step != "alef"
    )
    facts = json.loads((tmp_path / "text" / "text.json").read_text())
    assert (facts["left_out"], tuple(facts["steps"])) == (
        text_pipeline.left_out,
        text_pipeline.cleaning.steps,
    )


def test_files_of_a_local_tokenizer(tmp_path: Path) -> None:
    source = bert_folder(tmp_path / "bert", ["فندق"])
    (source / "model.safetensors").touch()
    files = TextSettings(pretrained=str(source)).files
    assert [path.name for path in files] == ["tokenizer_config.json", "vocab.txt"]
    assert TextSettings().files == TextSettings(pretrained="some/model").files == []


def test_unknown_pretrained_tokenizer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"model\.encoder\.name") as caught:
        pipeline(tmp_path / "text", pretrained=str(tmp_path / "none"))
    assert_names(caught.value.found, tmp_path / "none")
    assert not (tmp_path / "text").exists()


def test_bad_cleaning_is_refused_at_once() -> None:
    with pytest.raises(InputError, match=r"data\.text\.cleaning"):
        TextSettings(cleaning="heavy")


def test_settings_and_pipeline_are_immutable(text: TextPipeline) -> None:
    mutable: Any = text
    with pytest.raises(FrozenInstanceError):
        mutable.pad_id = 7
    with pytest.raises(FrozenInstanceError):
        mutable.settings.max_length = 9


@pytest.mark.parametrize("size", [-5, 0, 9])
def test_a_small_vocab_size_is_refused(size: int) -> None:
    with pytest.raises(InputError, match=r"data\.text\.vocab_size") as caught:
        TextSettings(vocab_size=size)
    assert caught.value.found == size
    assert_names(caught.value.expected, "10")


@pytest.mark.parametrize("damage", [{"settings": {}}, {"steps": ["nonsense"]}, []])
def test_text_json_of_another_version_is_refused(tmp_path: Path, damage: object) -> None:
    pipeline(tmp_path / "text")
    path = tmp_path / "text" / "text.json"
    facts = json.loads(path.read_text())
    path.write_text(json.dumps({**facts, **damage} if "steps" in damage else damage))
    with pytest.raises(InputError) as caught:
        TextPipeline.load(tmp_path / "text")
    assert_names(caught.value.rule, "text.json", "tokenizer.json")
    assert str(caught.value.found).startswith(str(tmp_path / "text"))


def test_stemmed_pretrained_words_are_split_once(tmp_path: Path) -> None:
    folder = bert_folder(tmp_path / "bert", ["و", "وال", "والد", "ه"])
    text_pipeline = pipeline(
        tmp_path / "text", pretrained=str(folder), stemming="snowball", split_proclitics=True
    )
    assert word_texts(text_pipeline, "ووالده") == ["و", "والده"]
