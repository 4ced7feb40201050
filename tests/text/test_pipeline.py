"""Raw text to token ids and raw offsets, and the folder that a pipeline lives in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import BertWordPieceTokenizer, Tokenizer
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from arabic_mtl.errors import InputError
from arabic_mtl.text import Encoding, TextPipeline
from arabic_mtl.text.encoding import NO_WORD

TEXTS = [
    *("الغرفة نظيفة والغرفة واسعة", "الموظفون رائعون والموظفون متعاونون"),
    *("بالموقع للمطعم كالفندق فالسعر", "فندق جميل جدا ورخيص [SEP] abc 12 ! ."),
] * 3
unicode = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
arabic = st.text("والغرفة نظيـُِعععأ.[]SEP ", max_size=40)


def make(folder: Path, **settings: Any) -> TextPipeline:
    pipeline = TextPipeline(**({"vocab_size": 300} | settings))
    pipeline.create(folder, lambda: TEXTS)
    pipeline.load(folder)
    return pipeline


def encode(pipeline: TextPipeline, text: str, pair: str | None = None) -> Encoding:
    (encoding,) = pipeline.encode([text], [pair])
    return encoding


def extents(pipeline: TextPipeline, text: str) -> list[str]:
    """The raw characters of each word, from its first token to its last."""
    encoding = encode(pipeline, text)
    places: dict[int, tuple[int, int]] = {}
    for word, start, end in zip(encoding.words, encoding.starts, encoding.ends, strict=True):
        if word != NO_WORD:
            places[word] = (places.get(word, (start, 0))[0], end)
    return [text[start:end] for start, end in places.values()]


@pytest.fixture(scope="session")
def stems(tmp_path_factory: pytest.TempPathFactory) -> TextPipeline:
    return make(tmp_path_factory.mktemp("stems") / "text", stemming="snowball")


@pytest.fixture(scope="session")
def short(tmp_path_factory: pytest.TempPathFactory) -> TextPipeline:
    return make(tmp_path_factory.mktemp("short") / "text", max_length=8)


def test_encoding_of_a_sentence(text: TextPipeline) -> None:
    encoding = encode(text, "والغرفة نظيفة")
    tokens = [text.tokenizer.id_to_token(number) for number in encoding.input_ids]
    assert tokens == ["[CLS]", "و", "الغرفه", "نظيفه", "[SEP]"]
    assert encoding == Encoding(
        input_ids=encoding.input_ids,
        attention_mask=[1] * 5,
        token_type_ids=[0] * 5,
        starts=[0, 0, 1, 8, 0],
        ends=[0, 1, 7, 13, 0],
        words=[-1, 0, 1, 2, -1],
        truncated=False,
    )


def test_encoding_of_a_pair(text: TextPipeline) -> None:
    encoding = encode(text, "الغرفة نظيفة", "الغرفة")
    tokens = [text.tokenizer.id_to_token(number) for number in encoding.input_ids]
    assert tokens == ["[CLS]", "الغرفه", "نظيفه", "[SEP]", "الغرفه", "[SEP]"]
    assert encoding.token_type_ids == [0, 0, 0, 0, 1, 1]
    assert encoding.words == [-1, 0, 1, -1, -1, -1]
    assert encoding.starts[:4] == [0, 0, 7, 0]
    assert encoding.ends[:4] == [0, 6, 12, 0]


@pytest.mark.parametrize("text_", ["", "  ", "ُّ", "ـــ"])
def test_text_without_a_letter_has_no_word(
    text: TextPipeline, stems: TextPipeline, text_: str
) -> None:
    for pipeline in (text, stems):
        encoding = encode(pipeline, text_)
        assert (len(encoding.input_ids), encoding.words) == (2, [NO_WORD, NO_WORD])
        assert encoding.starts == encoding.ends == [0, 0]


@pytest.mark.parametrize("text_", ["ُالغرفة", "ـالغرفة"])
def test_marks_at_the_start_give_special_tokens_no_place(text: TextPipeline, text_: str) -> None:
    encoding = encode(text, text_)
    assert encoding.starts == [0, 1, 0]
    assert encoding.ends == [0, 7, 0]


def test_places_of_a_pair_lie_in_the_pair(text: TextPipeline) -> None:
    encoding = encode(text, "الغرفةُُُ", "الغرفة")
    assert encoding.ends == [0, 9, 0, 6, 0]


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
    ],
)
def test_extents_count_raw_characters(text: TextPipeline, text_: str, words: list[str]) -> None:
    assert extents(text, text_) == words


@pytest.mark.parametrize(
    ("text_", "words"),
    [
        ("والغرفة", ["و", "الغرفة"]),
        ("فالسعر", ["ف", "السعر"]),
        ("بالموقع", ["ب", "الموقع"]),
        ("كالفندق", ["ك", "الفندق"]),
        ("للمطعم", ["لل", "مطعم"]),
        ("وبالموقع", ["و", "ب", "الموقع"]),
        ("وللمطعم", ["و", "لل", "مطعم"]),
        ("وقت", ["وقت"]),  # too short to be a proclitic and a word
        ("بارد", ["بارد"]),
        ("نظيفة والغرفة", ["نظيفة", "و", "الغرفة"]),
    ],
)
def test_proclitics_are_words_of_their_own(
    text: TextPipeline, text_: str, words: list[str]
) -> None:
    assert extents(text, text_) == words


def test_proclitics_can_stay(tmp_path: Path) -> None:
    pipeline = make(tmp_path / "text", split_proclitics=False)
    assert extents(pipeline, "والغرفة بالموقع للمطعم") == ["والغرفة", "بالموقع", "للمطعم"]


def test_stems_keep_their_words_raw_place(stems: TextPipeline) -> None:
    text = "الغُرْفَةُ نظيـــفةٌ!"
    encoding = encode(stems, text)
    tokens = [stems.tokenizer.id_to_token(number) for number in encoding.input_ids]
    assert tokens[1:3] == ["غرف", "نظيف"]
    assert extents(stems, text) == ["الغُرْفَةُ", "نظيـــفةٌ", "!"]
    for word, start, end in zip(encoding.words, encoding.starts, encoding.ends, strict=True):
        assert text[start:end] == ("" if word == NO_WORD else extents(stems, text)[word])


def test_stems_of_a_pair(stems: TextPipeline) -> None:
    encoding = encode(stems, "الغرفة نظيفة", "الغرفة")
    tokens = [stems.tokenizer.id_to_token(number) for number in encoding.input_ids]
    assert tokens == ["[CLS]", "غرف", "نظيف", "[SEP]", "غرف", "[SEP]"]
    assert encoding.words == [-1, 0, 1, -1, -1, -1]
    assert encoding.ends == [0, 6, 12, 0, 0, 0]


def test_long_text_is_truncated(short: TextPipeline) -> None:
    encoding = encode(short, "الغرفة نظيفة " * 10)
    assert encoding.truncated
    assert len(encoding.input_ids) == 8
    assert encoding.words == [-1, 0, 1, 2, 3, 4, 5, -1]
    assert not encode(short, "الغرفة نظيفة " * 3).truncated


def test_truncation_keeps_the_pair(short: TextPipeline) -> None:
    pair = encode(short, "جدا").input_ids[1:]
    encoding = encode(short, "الغرفة نظيفة " * 10, "جدا")
    assert encoding.truncated
    assert len(encoding.input_ids) == 8
    assert encoding.input_ids[-len(pair) :] == pair
    assert encoding.token_type_ids == [0] * (8 - len(pair)) + [1] * len(pair)
    assert encoding.words[: 8 - len(pair)] == [-1, *range(6 - len(pair)), -1]


def test_pair_that_is_too_long_is_truncated(short: TextPipeline) -> None:
    encoding = encode(short, "الغرفة", "الغرفة نظيفة " * 10)
    assert encoding.truncated
    assert len(encoding.input_ids) == 8


def test_typed_special_token_stays_text(text: TextPipeline, stems: TextPipeline) -> None:
    for pipeline in (text, stems):
        encoding = encode(pipeline, "[SEP] [CLS] [PAD]")
        special = {pipeline.tokenizer.token_to_id(name) for name in ("[SEP]", "[CLS]", "[PAD]")}
        assert not special & set(encoding.input_ids[1:-1])
        assert len(set(encoding.words) - {NO_WORD}) == 9


def check_places(encoding: Encoding, text: str) -> None:
    length, inside = len(text), False
    before = 0
    for start, end, word in zip(encoding.starts, encoding.ends, encoding.words, strict=True):
        assert 0 <= start <= end <= length
        if word != NO_WORD:
            assert before <= start < end
            before, inside = start, True
    numbers = [word for word in encoding.words if word != NO_WORD]
    assert numbers == sorted(numbers)
    assert inside == bool(numbers)


@given(raw=unicode | arabic)
def test_offsets_lie_in_the_text_in_order(text: TextPipeline, raw: str) -> None:
    check_places(encode(text, raw), raw)


@given(raw=unicode | arabic)
def test_offsets_of_stems_lie_in_the_text_in_order(stems: TextPipeline, raw: str) -> None:
    check_places(encode(stems, raw), raw)


@given(raw=unicode | arabic)
def test_truncation_is_told(short: TextPipeline, raw: str) -> None:
    cut = encode(short, raw)
    check_places(cut, raw)
    whole = Tokenizer.from_str(short.tokenizer.to_str())
    whole.no_truncation()
    whole.encode_special_tokens = True
    length = len(whole.encode(raw, add_special_tokens=False))
    assert cut.truncated == (length + 2 > 8)
    assert len(cut.input_ids) == min(length + 2, 8)


@given(texts=st.lists(arabic, max_size=4))
def test_batch_equals_one_by_one(text: TextPipeline, texts: list[str]) -> None:
    assert text.encode(texts, [None] * len(texts)) == [encode(text, one) for one in texts]


@pytest.mark.parametrize("stemming", ["none", "snowball"])
def test_loaded_pipeline_encodes_as_the_one_that_was_saved(tmp_path: Path, stemming: str) -> None:
    made = make(tmp_path / "made", stemming=stemming, max_length=9, cleaning=["tatweel"])
    made.save(tmp_path / "saved")
    loaded = TextPipeline()  # all settings come from the folder
    loaded.load(tmp_path / "saved")
    assert loaded.settings == made.settings
    assert (loaded.max_length, loaded.cleaning, loaded.stemming) == (9, ["tatweel"], stemming)
    texts = [*TEXTS, "نظيـفة جدًا", "[SEP]", "", "الغرفة " * 20]
    pairs = ["الغرفة" if len(text) % 2 else None for text in texts]
    assert loaded.encode(texts, pairs) == made.encode(texts, pairs)


def test_hugging_face_loads_the_folder_unchanged(tmp_path: Path) -> None:
    pipeline = make(tmp_path / "text")
    theirs = AutoTokenizer.from_pretrained(tmp_path / "text")
    raw = Tokenizer.from_file(str(tmp_path / "text" / "tokenizer.json"))
    assert theirs.backend_tokenizer.to_str() == raw.to_str()
    assert theirs.pad_token_id == pipeline.pad_id == 0
    ids = [theirs(text)["input_ids"] for text in ("والغُرفَةُ نظيـفة", "الغرفة ٣")]
    assert ids == [encode(pipeline, text).input_ids for text in ("والغُرفَةُ نظيـفة", "الغرفة ٣")]
    assert set(theirs("الغرفة")) == {"input_ids", "token_type_ids", "attention_mask"}


def test_vocabulary_is_learned_alike_each_time(tmp_path: Path) -> None:
    for name in ("one", "two"):
        make(tmp_path / name)
    one, two = ((tmp_path / name / "tokenizer.json").read_bytes() for name in ("one", "two"))
    assert one == two


def test_order_of_the_texts_does_not_change_the_vocabulary(tmp_path: Path) -> None:
    TextPipeline(vocab_size=120).create(tmp_path / "one", lambda: TEXTS)
    TextPipeline(vocab_size=120).create(tmp_path / "two", lambda: TEXTS[::-1])
    one, two = ((tmp_path / name / "tokenizer.json").read_bytes() for name in ("one", "two"))
    assert one == two


def test_vocabulary_is_bounded_and_starts_with_special_tokens(tmp_path: Path) -> None:
    vocabulary = make(tmp_path / "text", vocab_size=80).tokenizer.get_vocab()
    assert len(vocabulary) == 80
    first = sorted(vocabulary, key=lambda token: vocabulary[token])[:5]
    assert first == ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def test_vocabulary_is_learned_from_cleaned_text(tmp_path: Path) -> None:
    TextPipeline().create(tmp_path / "text", lambda: ["الْغُرْفَةُ"] * 5)
    stored = json.loads((tmp_path / "text" / "tokenizer.json").read_text("utf-8"))
    assert "الغرفه" in stored["model"]["vocab"]
    assert not set("ْةـ") & set("".join(stored["model"]["vocab"]))


def test_existing_folder_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "text"
    make(folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    TextPipeline(vocab_size=50).create(folder, lambda: ["other"])
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_failed_creation_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: PreTrainedTokenizerFast, folder: Path) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(PreTrainedTokenizerFast, "save_pretrained", fail)
    with pytest.raises(OSError, match="disk full"):
        TextPipeline().create(tmp_path / "cache" / "text", lambda: TEXTS)
    assert list((tmp_path / "cache").iterdir()) == []


def bert(folder: Path) -> Path:
    """A small uncased BERT tokenizer, such as those on the hub."""
    learned = BertWordPieceTokenizer(lowercase=True)
    learned.train_from_iterator(TEXTS, vocab_size=200, show_progress=False)
    names = ("pad", "unk", "cls", "sep", "mask")
    special = {f"{name}_token": f"[{name.upper()}]" for name in names}
    PreTrainedTokenizerFast(tokenizer_object=learned._tokenizer, **special).save_pretrained(folder)
    return folder


def test_pretrained_tokenizer_gets_light_cleaning_in_front(tmp_path: Path) -> None:
    source = bert(tmp_path / "bert")
    pipeline = make(tmp_path / "text", pretrained=str(source))
    theirs = AutoTokenizer.from_pretrained(source)
    assert pipeline.settings["cleaning"] == "light"
    assert pipeline.tokenizer.get_vocab() == theirs.get_vocab()
    text = "ABC الغرفة نظيفة"
    assert encode(pipeline, text).input_ids == theirs(text)["input_ids"]
    assert encode(pipeline, "ABC الغُـرفة نظيفة").input_ids == theirs(text)["input_ids"]
    assert extents(pipeline, "الغُـرفةُ نظيفة") == ["الغُـرفةُ", "نظيفة"]


@given(raw=unicode | arabic)
def test_offsets_of_a_pretrained_tokenizer(pretrained: TextPipeline, raw: str) -> None:
    check_places(encode(pretrained, raw), raw)


@pytest.fixture(scope="session")
def pretrained(tmp_path_factory: pytest.TempPathFactory) -> TextPipeline:
    folder = tmp_path_factory.mktemp("pretrained")
    return make(folder / "text", pretrained=str(bert(folder / "bert")))


def test_unknown_pretrained_tokenizer_is_refused(tmp_path: Path) -> None:
    name = str(tmp_path / "none")
    with pytest.raises(InputError) as caught:
        TextPipeline(pretrained=name).create(tmp_path / "text", list)
    assert caught.value.rule == "model.encoder.name is a model whose tokenizer can be loaded"
    assert str(caught.value.found).startswith(name)
    assert not (tmp_path / "text").exists()


@pytest.mark.parametrize("damage", ["missing", "no text.json", "bad text.json", "bad tokenizer"])
def test_folder_that_is_no_pipeline_is_refused(tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "text"
    if damage != "missing":
        make(folder)
    if damage == "no text.json":
        (folder / "text.json").unlink()
    elif damage == "bad text.json":
        (folder / "text.json").write_text("{")
    elif damage == "bad tokenizer":
        (folder / "tokenizer.json").write_text("{}")
    with pytest.raises(InputError) as caught:
        TextPipeline().load(folder)
    assert caught.value.rule == "a saved text pipeline holds text.json and tokenizer.json"
    assert str(caught.value.found).startswith(str(folder))


def test_bad_cleaning_is_refused_at_once() -> None:
    with pytest.raises(InputError, match=r"data\.text\.cleaning"):
        TextPipeline(cleaning="heavy")


def test_tokenizer_before_load() -> None:
    with pytest.raises(RuntimeError, match="load"):
        _ = TextPipeline().tokenizer


@pytest.mark.parametrize(
    ("start", "end", "tokens"),
    [(0, 6, (1, 2)), (7, 13, (2, 4)), (8, 9, (3, 4)), (0, 13, (1, 4)), (0, 0, (0, 6))],
)
def test_tokens_within(text: TextPipeline, start: int, end: int, tokens: tuple[int, int]) -> None:
    encoding = encode(text, "الغرفة والغرفة جدا")
    whole = (0, len(encoding.input_ids)) if start == end else tokens
    assert encoding.tokens_within(start, end) == whole


def test_tokens_within_what_was_truncated_are_all(short: TextPipeline) -> None:
    encoding = encode(short, "الغرفة نظيفة " * 10)
    assert encoding.tokens_within(100, 106) == (0, 8)
