"""Pretrained tokenizers with cleaning added before their own normalizer."""

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


def tokens(tokenizer: Tokenizer, text: str) -> list[str]:
    return list(tokenizer.encode(text, add_special_tokens=False).tokens)


def test_own_normalizer_runs_after_the_cleaning(tmp_path: Path) -> None:
    folder = bert_folder(tmp_path / "bert", ["abc", "نظيف"], lowercase=True)
    pretrained = load_pretrained(str(folder), ["tatweel"], split_proclitics=False)
    assert tokens(pretrained.tokenizer.backend_tokenizer, "ABC نظـيف") == ["abc", "نظيف"]


def test_cleaning_none_leaves_the_ids_unchanged(cased: Path) -> None:
    pretrained = load_pretrained(str(cased), "none", split_proclitics=False)
    hf_tokenizer = hugging_face(cased)
    for text in ("الغُرفة abc", "إلى أين؟", "3.abc"):
        assert pretrained.tokenizer(text)["input_ids"] == hf_tokenizer(text)["input_ids"]
    assert (pretrained.cleaning.steps, pretrained.left_out) == ((), {})


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_is_fitted_to_the_vocabulary(cased: Path, preset: str) -> None:
    pretrained = load_pretrained(str(cased), preset, split_proclitics=False)
    left_out = {"alef", "alef_maksura", "teh_marbuta"}  # the vocabulary contains such letters
    assert pretrained.cleaning.steps == tuple(
        step for step in PRESETS[preset] if step not in left_out
    )
    assert set(pretrained.left_out) == left_out & set(PRESETS[preset])


@pytest.mark.parametrize("steps", [["alef", "teh_marbuta"], ["hamza"], list(PRESETS["recipe"])])
def test_a_list_of_steps_is_applied_unchanged(cased: Path, steps: list[str]) -> None:
    pretrained = load_pretrained(str(cased), steps, split_proclitics=False)
    assert (list(pretrained.cleaning.steps), pretrained.left_out) == (steps, {})
    normalized = pretrained.tokenizer.backend_tokenizer.normalizer.normalize_str("أةؤ")
    expected = "أةؤ"
    for step, letters in (("alef", "أا"), ("teh_marbuta", "ةه"), ("hamza", "ؤو")):
        expected = expected.replace(*letters) if step in steps else expected
    assert normalized == expected


@pytest.mark.parametrize(
    ("split", "expected"),
    [(False, ["والغرفة", "نظيفة"]), (True, ["و", "الغرفة", "نظيفة"])],
)
def test_proclitics(cased: Path, split: bool, expected: list[str]) -> None:
    pretrained = load_pretrained(str(cased), "light", split_proclitics=split)
    assert tokens(pretrained.tokenizer.backend_tokenizer, "والغُرفة نظيفة") == expected


def test_placeholders_in_the_vocabulary_are_not_split(cased: Path) -> None:
    pretrained = load_pretrained(str(cased), ["links"], split_proclitics=False)
    backend = pretrained.tokenizer.backend_tokenizer
    assert tokens(backend, "abc http://a.bc") == ["abc", "[رابط]"]
    # Other placeholders are not added: a new token would have no embedding.
    assert len(backend.get_vocab()) == len(hugging_face(cased).get_vocab())
    assert set(PLACEHOLDERS) & set(backend.get_vocab()) == {"[رابط]"}


def test_typed_special_tokens_are_plain_text(cased: Path) -> None:
    pretrained = load_pretrained(str(cased), "none", split_proclitics=False)
    special = pretrained.tokenizer.all_special_ids
    ids = pretrained.tokenizer("[SEP] [CLS] [PAD] [MASK]")["input_ids"]
    assert pretrained.tokenizer.special_tokens_map == {
        f"{name}_token": f"[{name.upper()}]" for name in ("unk", "sep", "pad", "cls", "mask")
    }
    assert set(ids[1:-1]) & set(special) == {pretrained.tokenizer.unk_token_id}


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
    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, "نص": 1}, unk_token="[UNK]"))
    if words is not None:
        tokenizer.pre_tokenizer = words
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="[UNK]").save_pretrained(tmp_path)
    with pytest.raises(InputError, match="split_proclitics"):
        load_pretrained(str(tmp_path), "none", split_proclitics=True)
    assert load_pretrained(str(tmp_path), "none", split_proclitics=False).left_out == {}


def test_folder_without_a_vocabulary_is_refused(tmp_path: Path) -> None:
    BertConfig().save_pretrained(tmp_path)
    with pytest.raises(InputError, match=r"model\.encoder\.name") as caught:
        load_pretrained(str(tmp_path), "none", split_proclitics=False)
    assert str(caught.value.found).startswith(f"{tmp_path}: ")
    assert_names(caught.value.expected, "tokenizer.json", "vocab.txt")


def test_rare_letters_do_not_omit_a_step(tmp_path: Path) -> None:
    words = [f"كلمة{number}".replace("ة", "ه") for number in range(2000)]
    folder = bert_folder(tmp_path / "one", [*words, "أين"])
    pretrained = load_pretrained(str(folder), "qarib", split_proclitics=False)
    assert "alef" in pretrained.cleaning.steps
    three = bert_folder(tmp_path / "three", [*words, "أين", "أنا", "إلى"])
    left_out = load_pretrained(str(three), "qarib", split_proclitics=False).left_out
    assert {step: reason.split()[0] for step, reason in left_out.items()} == {"alef": "3"}
