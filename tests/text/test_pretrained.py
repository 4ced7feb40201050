"""A pretrained tokenizer with cleaning in front of its own normalizer."""

from __future__ import annotations

from pathlib import Path

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers
from tokenizers.pre_tokenizers import PreTokenizer
from transformers import BertConfig, PreTrainedTokenizerFast

from arabic_mtl.errors import InputError
from arabic_mtl.text.presets import PRESETS
from arabic_mtl.text.pretrained import load_pretrained
from arabic_mtl.text.steps import PLACEHOLDERS
from support.messages import assert_names
from support.tokenizers import bert_folder, hugging_face

WORDS = ["الغرفة", "نظيفة", "والغرفة", "إلى", "أين", "[رابط]", "abc", "3", "."]


@pytest.fixture(scope="module")
def cased(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bert_folder(tmp_path_factory.mktemp("cased") / "bert", WORDS)


def pieces(tokenizer: Tokenizer, text: str) -> list[str]:
    return list(tokenizer.encode(text, add_special_tokens=False).tokens)


def test_own_normalizer_stays_behind_the_cleaning(tmp_path: Path) -> None:
    folder = bert_folder(tmp_path / "bert", ["abc", "نظيف"], lowercase=True)
    fitted = load_pretrained(str(folder), ["tatweel"], split_proclitics=False)
    assert pieces(fitted.tokenizer.backend_tokenizer, "ABC نظـيف") == ["abc", "نظيف"]


def test_nothing_to_clean_leaves_the_ids_as_they_are(cased: Path) -> None:
    fitted = load_pretrained(str(cased), "none", split_proclitics=False)
    own = hugging_face(cased)
    for text in ("الغُرفة abc", "إلى أين؟", "3.abc"):
        assert fitted.tokenizer(text)["input_ids"] == own(text)["input_ids"]
    assert (fitted.cleaning.steps, fitted.left_out) == ((), {})


@pytest.mark.parametrize("preset", PRESETS)
def test_preset_is_fitted(cased: Path, preset: str) -> None:
    fitted = load_pretrained(str(cased), preset, split_proclitics=False)
    kept = {"alef", "alef_maksura", "teh_marbuta"}  # the vocabulary has such letters
    assert fitted.cleaning.steps == tuple(step for step in PRESETS[preset] if step not in kept)
    assert set(fitted.left_out) == kept & set(PRESETS[preset])


@pytest.mark.parametrize("steps", [["alef", "teh_marbuta"], ["hamza"], list(PRESETS["recipe"])])
def test_list_of_steps_is_obeyed(cased: Path, steps: list[str]) -> None:
    fitted = load_pretrained(str(cased), steps, split_proclitics=False)
    assert (list(fitted.cleaning.steps), fitted.left_out) == (steps, {})
    folded = fitted.tokenizer.backend_tokenizer.normalizer.normalize_str("أةؤ")
    expected = "أةؤ"
    for step, letters in (("alef", "أا"), ("teh_marbuta", "ةه"), ("hamza", "ؤو")):
        expected = expected.replace(*letters) if step in steps else expected
    assert folded == expected


@pytest.mark.parametrize(
    ("split", "expected"),
    [(False, ["والغرفة", "نظيفة"]), (True, ["و", "الغرفة", "نظيفة"])],
)
def test_proclitics(cased: Path, split: bool, expected: list[str]) -> None:
    fitted = load_pretrained(str(cased), "light", split_proclitics=split)
    assert pieces(fitted.tokenizer.backend_tokenizer, "والغُرفة نظيفة") == expected


def test_placeholders_of_the_vocabulary_are_kept_whole(cased: Path) -> None:
    fitted = load_pretrained(str(cased), ["links"], split_proclitics=False)
    backend = fitted.tokenizer.backend_tokenizer
    assert pieces(backend, "abc http://a.bc") == ["abc", "[رابط]"]
    # The others are no tokens here, and adding one would leave it without an embedding.
    assert len(backend.get_vocab()) == len(hugging_face(cased).get_vocab())
    assert set(PLACEHOLDERS) & set(backend.get_vocab()) == {"[رابط]"}


def test_typed_special_tokens_stay_text(cased: Path) -> None:
    fitted = load_pretrained(str(cased), "none", split_proclitics=False)
    special = fitted.tokenizer.all_special_ids
    ids = fitted.tokenizer("[SEP] [CLS] [PAD] [MASK]")["input_ids"]
    assert fitted.tokenizer.special_tokens_map == {
        f"{name}_token": f"[{name.upper()}]" for name in ("unk", "sep", "pad", "cls", "mask")
    }
    assert set(ids[1:-1]) & set(special) == {fitted.tokenizer.unk_token_id}


@pytest.mark.parametrize("segments", [["ال+", "+ة", "غرف"], ["ال+", "+ة", "+ها", "و+"]])
def test_segmented_vocabulary_is_refused(tmp_path: Path, segments: list[str]) -> None:
    folder = bert_folder(tmp_path / "mine", segments)
    with pytest.raises(InputError) as caught:
        load_pretrained(str(folder), "arabert", split_proclitics=False)
    assert str(caught.value.found).startswith(f"{folder}, ")
    assert "v0.2, aubmindlab/bert-base-arabertv02 or bert-large-arabertv02" in str(caught.value)


@pytest.mark.parametrize("origin", ["aubmindlab/bert-base-arabertv2", "qarib/bert-base-qarib_far"])
def test_segmented_encoder_is_refused_by_its_name(tmp_path: Path, origin: str) -> None:
    folder = bert_folder(tmp_path / "mine", WORDS, origin=origin)
    with pytest.raises(InputError, match=str(tmp_path / "mine")) as caught:
        load_pretrained(str(folder), "none", split_proclitics=False)
    assert "v0.2" in str(caught.value.expected)


@pytest.mark.parametrize("broken", [False, True])
def test_unknown_tokenizer_is_refused(tmp_path: Path, broken: bool) -> None:
    folder = tmp_path / "none"
    if broken:
        folder.mkdir()
        (folder / "config.json").write_text("{}")
    with pytest.raises(InputError) as caught:
        load_pretrained(str(folder), "light", split_proclitics=False)
    assert "model.encoder.name" in caught.value.rule
    assert str(caught.value.found).startswith(f"{folder}: ")
    assert "vocab.txt" not in str(caught.value.expected)


@pytest.mark.parametrize("words", [pre_tokenizers.Metaspace(), pre_tokenizers.ByteLevel(), None])
def test_proclitics_of_marked_words_cannot_be_split(
    tmp_path: Path, words: PreTokenizer | None
) -> None:
    made = Tokenizer(models.WordLevel({"[UNK]": 0, "نص": 1}, unk_token="[UNK]"))
    if words is not None:
        made.pre_tokenizer = words
    PreTrainedTokenizerFast(tokenizer_object=made, unk_token="[UNK]").save_pretrained(tmp_path)
    with pytest.raises(InputError, match="split_proclitics"):
        load_pretrained(str(tmp_path), "none", split_proclitics=True)
    assert load_pretrained(str(tmp_path), "none", split_proclitics=False).left_out == {}


def test_folder_without_a_vocabulary_is_refused(tmp_path: Path) -> None:
    BertConfig().save_pretrained(tmp_path)
    with pytest.raises(InputError, match=r"model\.encoder\.name") as caught:
        load_pretrained(str(tmp_path), "none", split_proclitics=False)
    assert str(caught.value.found).startswith(f"{tmp_path}: ")
    assert_names(caught.value.expected, "tokenizer.json", "vocab.txt")


def test_few_words_with_a_letter_do_not_keep_it(tmp_path: Path) -> None:
    words = [f"كلمة{number}".replace("ة", "ه") for number in range(2000)]
    one = bert_folder(tmp_path / "one", [*words, "أين"])
    fitted = load_pretrained(str(one), "qarib", split_proclitics=False)
    assert "alef" in fitted.cleaning.steps
    three = bert_folder(tmp_path / "three", [*words, "أين", "أنا", "إلى"])
    left_out = load_pretrained(str(three), "qarib", split_proclitics=False).left_out
    assert {step: reason.split()[0] for step, reason in left_out.items()} == {"alef": "3"}
