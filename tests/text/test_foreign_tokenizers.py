"""Third-party tokenizers: limits, white space and word boundaries in their files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models

from arabic_mtl.cli.describe import text_facts
from arabic_mtl.errors import InputError
from arabic_mtl.text import TextPipeline, TextSettings
from arabic_mtl.text.encoding import NO_WORD
from support.configurations import settings
from support.foreign_tokenizers import FAMILIES, save
from support.messages import assert_names
from support.models import save_model
from support.runs import folder_options, run, write_yaml
from support.semeval import hotel_xml, sample_texts
from support.tokenizers import check_offsets, encode, word_texts

TEXTS = sample_texts()
PLAIN = "كانت غرفتنا نظيفة وواسعة والموظفون رائعون جدا"


def pipeline(source: Path, folder: Path, **options: Any) -> TextPipeline:
    return TextPipeline.create(folder, TextSettings(pretrained=str(source), **options), list)


@pytest.fixture(scope="module")
def families(tmp_path_factory: pytest.TempPathFactory) -> dict[str, TextPipeline]:
    root = tmp_path_factory.mktemp("families")
    return {
        name: pipeline(save(learn(TEXTS), root / name), root / f"{name} text")
        for name, learn in FAMILIES.items()
    }


@pytest.mark.parametrize("name", FAMILIES)
def test_white_space_separates_words(families: dict[str, TextPipeline], name: str) -> None:
    for text in (PLAIN, f"  {PLAIN}\n\n{PLAIN} ", PLAIN.replace(" ", "  \n ")):
        assert word_texts(families[name], text) == text.split()


@pytest.mark.parametrize("name", FAMILIES)
def test_punctuation_and_letters_are_different_words(
    families: dict[str, TextPipeline], name: str
) -> None:
    text = "الغرفة،الموقع. والخدمة!!! (السعر)"
    words = word_texts(families[name], text)
    assert "".join(words) == text.replace(" ", "")
    assert {"الموقع", "والخدمة", "السعر"} <= {"".join(w) for w in words}
    for word in words:
        assert not any(c.isalpha() for c in word) or all(c.isalpha() for c in word), words


@pytest.mark.parametrize("name", FAMILIES)
@given(raw=st.text(alphabet=" \n\t\u00a0\u3000\x1fعبةاأ،.!a1\u064e\u0640\u200f😀", max_size=40))
@example(raw="\x1f\u0640\n\u0640\n")
def test_no_token_begins_or_ends_with_white_space(
    families: dict[str, TextPipeline], name: str, raw: str
) -> None:
    encoding = encode(families[name], raw)
    check_offsets(encoding, raw)
    (batched, _) = families[name].encode([raw, PLAIN], [None, None])
    assert batched == encoding


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("blank", ["\n\u200f", "\t\u200f", "\n\u0640", " \u064e", "\u00a0", "\r\n"])
def test_marks_after_white_space_do_not_join_words(
    families: dict[str, TextPipeline], name: str, blank: str
) -> None:
    words = word_texts(families[name], f"غرفة{blank}نظيفة")
    assert [word.strip(blank) for word in words if word.strip(blank)] == ["غرفة", "نظيفة"]


@pytest.mark.parametrize("name", FAMILIES)
def test_ids_equal_those_of_the_tokenizer(families: dict[str, TextPipeline], name: str) -> None:
    text = families[name]
    for raw in TEXTS[:50]:
        assert encode(text, raw).input_ids == text.tokenizer.encode(raw).ids


def test_white_space_tokens_do_not_count_as_overhead(families: dict[str, TextPipeline]) -> None:
    """The overhead consists of the tokens in every window: special tokens, and the second text."""
    text = families["modernbert"]
    raw = "غرفة" + " \n" * 400 + "غرفة"
    encoding = encode(text, raw, "غرفة")
    assert encoding.word_ids.count(NO_WORD) > text.max_length
    assert text.fits(encoding)
    assert encoding.overhead == len(encode(text, "غرفة", "غرفة")) - len(
        [word for word in encode(text, "غرفة").word_ids if word != NO_WORD]
    )


def test_a_tokenizer_without_word_boundaries_is_refused(tmp_path: Path) -> None:
    tokenizer = Tokenizer(
        models.WordLevel({"[UNK]": 0, "[PAD]": 1, "[CLS]": 2, "[SEP]": 3}, "[UNK]")
    )
    tokenizer.add_special_tokens(["[MASK]"])
    tokenizer.add_tokens(["word"])
    with pytest.raises(InputError) as error:
        pipeline(save(tokenizer, tmp_path / "made"), tmp_path / "text")
    assert re.match(r"«\w+ \w+» .*\b1 tokens", str(error.value.found))


def limit(tokenizer: Tokenizer, kind: str) -> None:
    if kind != "padding":
        tokenizer.enable_truncation(8, direction="left" if kind == "left" else "right")
    if kind in ("padding", "both"):
        tokenizer.enable_padding(length=64, pad_id=0)


LIMITS = {
    "truncation": {"truncation"},
    "left": {"truncation"},
    "padding": {"padding"},
    "both": {"truncation", "padding"},
}


@pytest.mark.parametrize("kind", LIMITS)
@pytest.mark.parametrize("where", ["encoder", "saved"])
@pytest.mark.parametrize("name", ["xlm_roberta", "modernbert"])
def test_limits_in_the_file_are_switched_off(
    families: dict[str, TextPipeline], tmp_path: Path, name: str, kind: str, where: str
) -> None:
    """In the folder of an encoder to be trained, and in the text pipeline of a saved model."""
    tokenizer = Tokenizer.from_str(families[name].tokenizer.to_str())
    limit(tokenizer, kind)
    if where == "encoder":
        text = pipeline(save(tokenizer, tmp_path / "made"), tmp_path / "text", cleaning="none")
    else:
        families[name].save(tmp_path / "text")
        tokenizer.save(str(tmp_path / "text" / "tokenizer.json"))
        text = TextPipeline.load(tmp_path / "text")
    encodings = text.encode(TEXTS[:40], [None] * 40)
    if where == "saved":
        assert encodings == families[name].encode(TEXTS[:40], [None] * 40)
    for raw, encoding in zip(TEXTS[:40], encodings, strict=True):
        assert encode(text, raw) == encoding
        assert "".join(word_texts(text, raw)) == "".join(raw.split())
    assert set(text.switched_off) == LIMITS[kind]
    facts = text_facts(text)
    assert {f"not {name}" for name in LIMITS[kind]} <= facts.keys()
    reloaded = TextPipeline.load(tmp_path / "text")
    assert reloaded.switched_off == text.switched_off


def test_training_prints_the_limits_that_are_switched_off(project: Path) -> None:
    folder = save_model(project / "encoder")
    tokenizer = Tokenizer.from_str((_fast(folder)).to_str())
    limit(tokenizer, "both")
    tokenizer.save(str(folder / "tokenizer.json"))
    (project / "train.xml").write_text(hotel_xml(), encoding="utf-8")
    value = settings()
    value["model"]["encoder"]["init_args"] = {"name": str(folder)}
    config = write_yaml(project / "mine.yaml", value)
    for _ in range(2):  # the second time from the cache
        done = run(
            "fit", "--config", config, *folder_options(project), "--trainer.fast_dev_run=true"
        )
        assert done.code == 0, done.err
        lines = [line for line in done.err.splitlines() if " tokenizer" in line]
        assert_names("\n".join(lines), " truncation ", " padding ")
        assert [re.findall(r" 8 ", line) for line in lines if " truncation " in line] == [[" 8 "]]


def _fast(folder: Path) -> Tokenizer:
    from support.tokenizers import hugging_face

    backend: Tokenizer = hugging_face(folder).backend_tokenizer
    return backend
