"""Whole words with their letters: those of the cleaned word, or of its stem."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.text import Encoding, TextPipeline, TextSettings
from arabic_mtl.text.encoding import NO_WORD
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
def made(tmp_path_factory: pytest.TempPathFactory) -> TextPipeline:
    return words(tmp_path_factory.mktemp("words") / "text")


def spelt(encoding: Encoding) -> list[str]:
    """The letters of each token."""
    assert sum(encoding.sizes) == len(encoding.letters)
    letters = map(chr, encoding.letters)
    return ["".join(next(letters) for _ in range(size)) for size in encoding.sizes]


def test_letters_are_cleaned_and_special_tokens_have_none(made: TextPipeline) -> None:
    """Marks, tatweel, alef's forms, ta marbuta, digits and long drawn letters."""
    encoding = encode(made, "أُولَى والغُرْفَـةُ جمييييل ٣!")
    assert spelt(encoding) == ["", "اولي", "و", "الغرفه", "جمييل", "3", "!", ""]
    assert [number == NO_WORD for number in encoding.words] == [
        size == 0 for size in encoding.sizes
    ]
    assert (encoding.starts[2], encoding.ends[3]) == (7, 19)


def test_unknown_words_are_spelt_as_well(made: TextPipeline) -> None:
    encoding = encode(made, "قُسطَنطينيّة الغرفة")
    assert encoding.input_ids[1] == made.unknown_id != encoding.input_ids[2]
    assert spelt(encoding)[1:3] == ["قسطنطينيه", "الغرفه"]


def test_letters_of_a_pair_stand_behind_those_of_its_text(made: TextPipeline) -> None:
    encoding = encode(made, "الغُرفة نظيفة", "فندقٌ")
    assert spelt(encoding) == ["", "الغرفه", "نظيفه", "", "فندق", ""]
    assert encoding.words == [-1, 0, 1, -1, -1, -1]


def test_links_are_spelt_as_what_stands_for_them(tmp_path: Path) -> None:
    made = words(tmp_path / "text", cleaning=["links"])
    encoding = encode(made, "نص http://a.bc/d @me")
    assert spelt(encoding) == ["", "نص", "[رابط]", "[مستخدم]", ""]
    ids = [made.tokenizer.token_to_id(each) for each in ("[رابط]", "[مستخدم]")]
    assert encoding.input_ids[2:4] == ids


def test_stems_are_what_is_spelt(tmp_path: Path) -> None:
    """And a stem that comes twice is known, however the word was written."""
    texts = ["الغرفة نظيفة", "غرفة نظيف"]
    made = words(tmp_path / "text", texts=texts, stemming="snowball")
    one, other = encode(made, "والغُرفة"), encode(made, "غرفه")
    assert spelt(one)[2] == spelt(other)[1] == "غرف"
    assert one.input_ids[2] == other.input_ids[1] != made.unknown_id


@pytest.mark.parametrize("stemming", STEMMING)
def test_letters_of_known_words_are_those_of_the_vocabulary(tmp_path: Path, stemming: str) -> None:
    texts = sample_texts()[:400]
    made = words(tmp_path / "text", texts=texts, vocab_size=5000, stemming=stemming)
    known = 0
    for encoding in made.encode(texts, [None] * len(texts)):
        for number, word, letters in zip(
            encoding.input_ids, encoding.words, spelt(encoding), strict=True
        ):
            if word != NO_WORD and number != made.unknown_id:
                assert made.tokenizer.id_to_token(number) == letters
                known += 1
    assert known > 2000


@given(text=st.sampled_from(RAW) | st.text(max_size=30))
def test_every_word_of_a_text_is_spelt_as_a_look_at_it_shows(made: TextPipeline, text: str) -> None:
    encoding = encode(made, text)
    for place in zip(encoding.words, encoding.starts, encoding.ends, spelt(encoding), strict=True):
        word, start, end, letters = place
        if word == NO_WORD:
            assert letters == ""
        else:
            assert letters == made.cleaned_word(text[start:end])


def test_pieces_of_words_have_no_letters(text: TextPipeline) -> None:
    encoding = encode(text, "قسطنطينية الغرفة", "فندق")
    assert encoding.sizes == [0] * len(encoding)
    assert encoding.letters == []


def test_long_texts_are_read_whole(made: TextPipeline) -> None:
    raw = "والغرفة نظيفة " * 400
    encoding = encode(made, raw)
    assert len(encoding) == 2 + 3 * 400
    assert len(encoding.letters) == 400 * len("والغرفهنظيفه")
    assert spelt(encoding)[-4:] == ["و", "الغرفه", "نظيفه", ""]


@pytest.mark.parametrize("stemming", STEMMING)
def test_a_saved_folder_spells_alike(tmp_path: Path, stemming: str) -> None:
    made = words(tmp_path / "made", stemming=stemming)
    made.save(tmp_path / "saved")
    loaded = TextPipeline.load(tmp_path / "saved", 9)  # other settings come from the folder
    assert loaded.form == "words"
    assert loaded.settings == replace(made.settings, max_length=9)
    pairs = ["الغرفة" if len(text) % 2 else None for text in RAW]
    expected = made.encode(RAW, pairs)
    assert loaded.encode(RAW, pairs) == expected
    assert pickle.loads(pickle.dumps(made)).encode(RAW, pairs) == expected
    assert any(encoding.letters for encoding in expected)


def test_hugging_face_loads_the_vocabulary(tmp_path: Path) -> None:
    made = words(tmp_path / "text")
    theirs = hugging_face(tmp_path / "text")
    assert theirs.pad_token_id == made.pad_id == 0
    assert theirs.unk_token_id == made.unknown_id == 1
    for text in (*RAW, *strings(200, seed=8)):
        assert theirs(text)["input_ids"] == encode(made, text).input_ids


def test_the_form_outdates_what_was_cached() -> None:
    assert TextSettings(form="words").identity != TextSettings().identity
