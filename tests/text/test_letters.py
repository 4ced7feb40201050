"""Whole words as tokens, with the letters of the cleaned word or of its stem."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.text import Encoding, TextPipeline, TextSettings
from arabic_mtl.text.encoding import NO_WORD
from arabic_mtl.text.vocabulary import make_tokenizer
from support.oracles import strings
from support.semeval import sample_texts
from support.tokenizers import encode, hugging_face, pipeline

RAW = [
    *("والغُرفَةُ نظيـفة", "الغرفة ٣ نجوم", "[SEP] فندق [CLS]", "", "جميييل http://a.bc/d @me #حلو"),
    *("ﻻ ﷺ quot;abc&quot;", "پاک <br> 😀!", "أإآؤئىة"),
]
STEMMING = ["none", "snowball", "isri"]


def words(folder: Path, **settings: object) -> TextPipeline:
    return pipeline(folder, form="words", **settings)


@pytest.fixture(scope="module")
def text_pipeline(tmp_path_factory: pytest.TempPathFactory) -> TextPipeline:
    return words(tmp_path_factory.mktemp("words") / "text")


def spellings(encoding: Encoding) -> list[str]:
    """Returns the letters of each token."""
    assert sum(encoding.word_lengths) == len(encoding.char_codes)
    letters = map(chr, encoding.char_codes)
    return ["".join(next(letters) for _ in range(size)) for size in encoding.word_lengths]


def test_letters_are_cleaned_and_special_tokens_have_none(text_pipeline: TextPipeline) -> None:
    """Cleaning changes marks, tatweel, alef, teh marbuta, digits and elongated letters."""
    encoding = encode(text_pipeline, "أُولَى والغُرْفَـةُ جمييييل ٣!")
    assert spellings(encoding) == ["", "اولي", "و", "الغرفه", "جمييل", "3", "!", ""]
    assert [number == NO_WORD for number in encoding.word_ids] == [
        size == 0 for size in encoding.word_lengths
    ]
    assert (encoding.starts[2], encoding.ends[3]) == (7, 19)


def test_unknown_words_have_letters(text_pipeline: TextPipeline) -> None:
    encoding = encode(text_pipeline, "قُسطَنطينيّة الغرفة")
    assert encoding.input_ids[1] == text_pipeline.unknown_id != encoding.input_ids[2]
    assert spellings(encoding)[1:3] == ["قسطنطينيه", "الغرفه"]


def test_letters_of_a_second_text_follow_those_of_the_first(text_pipeline: TextPipeline) -> None:
    encoding = encode(text_pipeline, "الغُرفة نظيفة", "فندقٌ")
    assert spellings(encoding) == ["", "الغرفه", "نظيفه", "", "فندق", ""]
    assert encoding.word_ids == [-1, 0, 1, -1, -1, -1]


def test_links_have_the_letters_of_their_placeholders(tmp_path: Path) -> None:
    text_pipeline = words(tmp_path / "text", cleaning=["links"])
    encoding = encode(text_pipeline, "نص http://a.bc/d @me")
    assert spellings(encoding) == ["", "نص", "[رابط]", "[مستخدم]", ""]
    ids = [text_pipeline.tokenizer.token_to_id(token) for token in ("[رابط]", "[مستخدم]")]
    assert encoding.input_ids[2:4] == ids


def test_stemmed_words_have_the_letters_of_the_stem(tmp_path: Path) -> None:
    """A stem that occurs twice is in the vocabulary, also if the words differ."""
    texts = ["الغرفة نظيفة", "غرفة نظيف"]
    text_pipeline = words(tmp_path / "text", texts=texts, stemming="snowball")
    first, second = encode(text_pipeline, "والغُرفة"), encode(text_pipeline, "غرفه")
    assert spellings(first)[2] == spellings(second)[1] == "غرف"
    assert first.input_ids[2] == second.input_ids[1] != text_pipeline.unknown_id


@pytest.mark.parametrize("stemming", STEMMING)
def test_letters_of_known_words_equal_the_vocabulary(tmp_path: Path, stemming: str) -> None:
    texts = sample_texts()[:400]
    text_pipeline = words(tmp_path / "text", texts=texts, vocab_size=5000, stemming=stemming)
    known_words = 0
    for encoding in text_pipeline.encode(texts, [None] * len(texts)):
        for number, word, letters in zip(
            encoding.input_ids, encoding.word_ids, spellings(encoding), strict=True
        ):
            if word != NO_WORD and number != text_pipeline.unknown_id:
                assert text_pipeline.tokenizer.id_to_token(number) == letters
                known_words += 1
    assert known_words > 2000


@given(text=st.sampled_from(RAW) | st.text(max_size=30))
def test_letters_equal_those_of_clean_word(text_pipeline: TextPipeline, text: str) -> None:
    encoding = encode(text_pipeline, text)
    for word, start, end, letters in zip(
        encoding.word_ids, encoding.starts, encoding.ends, spellings(encoding), strict=True
    ):
        if word == NO_WORD:
            assert letters == ""
        else:
            assert letters == text_pipeline.clean_word(text[start:end])


def test_subwords_have_no_letters(text: TextPipeline) -> None:
    encoding = encode(text, "قسطنطينية الغرفة", "فندق")
    assert encoding.word_lengths == [0] * len(encoding)
    assert encoding.char_codes == []


def test_long_texts_are_encoded_completely(text_pipeline: TextPipeline) -> None:
    raw = "والغرفة نظيفة " * 400
    encoding = encode(text_pipeline, raw)
    assert len(encoding) == 2 + 3 * 400
    assert len(encoding.char_codes) == 400 * len("والغرفهنظيفه")
    assert spellings(encoding)[-4:] == ["و", "الغرفه", "نظيفه", ""]


@pytest.mark.parametrize("stemming", STEMMING)
def test_a_saved_folder_gives_the_same_letters(tmp_path: Path, stemming: str) -> None:
    text_pipeline = words(tmp_path / "made", stemming=stemming)
    text_pipeline.save(tmp_path / "saved")
    loaded = TextPipeline.load(tmp_path / "saved", 9)  # other settings come from the folder
    assert loaded.form == "words"
    assert loaded.settings == replace(text_pipeline.settings, max_length=9)
    pairs = ["الغرفة" if len(text) % 2 else None for text in RAW]
    expected = text_pipeline.encode(RAW, pairs)
    assert loaded.encode(RAW, pairs) == expected
    assert pickle.loads(pickle.dumps(text_pipeline)).encode(RAW, pairs) == expected
    assert any(encoding.char_codes for encoding in expected)


@pytest.mark.parametrize("cleaning", ["arabert", "recipe", "none"])
@pytest.mark.parametrize("stemming", ["none", "snowball"])
def test_chunks_of_the_training_texts_are_known_and_equal_those_read_later(
    tmp_path: Path, cleaning: str, stemming: str
) -> None:
    texts = [*RAW * 2, "[رابط] [ رابط] x[رابط", "[مستخدم] me@ab.cd"]
    options = {"cleaning": cleaning, "stemming": stemming}
    _, known = make_tokenizer(TextSettings(form="words", vocab_size=300, **options), lambda: texts)
    created = words(tmp_path / "text", texts=texts, **options)
    loaded = TextPipeline.load(tmp_path / "text")
    assert created.encode(texts, texts) == loaded.encode(texts, texts)
    assert known is not None
    assert known.missing({chunk for text in texts for chunk in text.split(" ")} - {""}) == []


def test_hugging_face_loads_the_vocabulary(tmp_path: Path) -> None:
    text_pipeline = words(tmp_path / "text")
    hf_tokenizer = hugging_face(tmp_path / "text")
    assert hf_tokenizer.pad_token_id == text_pipeline.pad_id == 0
    assert hf_tokenizer.unk_token_id == text_pipeline.unknown_id == 1
    for text in (*RAW, *strings(200, seed=8)):
        assert hf_tokenizer(text)["input_ids"] == encode(text_pipeline, text).input_ids


def test_the_form_is_part_of_the_identity() -> None:
    assert TextSettings(form="words").identity != TextSettings().identity
