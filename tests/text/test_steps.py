"""Each cleaning step against an independent implementation: text and raw offsets."""

from __future__ import annotations

import unicodedata
from functools import cache

import pytest
import regex
from tokenizers import Regex, Tokenizer, models, pre_tokenizers

from arabic_mtl.text.cleaning import Cleaning
from arabic_mtl.text.steps import STEPS
from support.cases import slow
from support.oracles import ORACLES, raw, strings

NUMBERS = [1000, *slow(20_000)]
random_strings = cache(strings)


def character_tokenizer(step: str) -> Tokenizer:
    """Returns a tokenizer whose tokens are the characters that a step keeps."""
    tokenizer = Tokenizer(models.WordLevel({"?": 0}, unk_token="?"))
    tokenizer.normalizer = Cleaning((step,)).normalizer
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    return tokenizer


def test_every_step_has_an_oracle() -> None:
    assert list(ORACLES) == list(STEPS)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("step", ORACLES)
def test_text_and_offsets_equal_those_of_the_oracle(step: str, number: int) -> None:
    texts = random_strings(number)
    tokenizer = character_tokenizer(step)
    assert tokenizer.normalizer is not None
    changed_texts = 0
    for text, encoded in zip(texts, tokenizer.encode_batch(texts), strict=True):
        expected = ORACLES[step](raw(text))
        assert (text, tokenizer.normalizer.normalize_str(text)) == (text, expected.text)
        assert len(encoded.offsets) == len(expected.text)
        if step != "nfkc":
            assert (text, [start for start, _ in encoded.offsets]) == (text, expected.origins)
            assert all(end == start + 1 for start, end in encoded.offsets)
        changed_texts += expected.text != text
    assert changed_texts > number / 200


@pytest.mark.parametrize("number", NUMBERS)
def test_offsets_of_composed_characters_contain_their_parts(number: int) -> None:
    tokenizer = character_tokenizer("nfkc")
    texts = random_strings(number)
    assert tokenizer.normalizer is not None
    for text, encoded in zip(texts, tokenizer.encode_batch(texts), strict=True):
        assert encoded.offsets == sorted(encoded.offsets)
        for letter, (start, end) in zip(
            tokenizer.normalizer.normalize_str(text), encoded.offsets, strict=True
        ):
            parts = unicodedata.normalize("NFKD", text[start:end])
            assert end == start + 1
            if not unicodedata.combining(letter):  # combining marks are reordered
                assert not set(unicodedata.normalize("NFKD", letter)).isdisjoint(parts)


def is_stable(character: str) -> bool:
    """Returns whether all versions of Unicode classify a character alike.

    Unicode 17 removed characters without emoji from the class of pictographs.
    """
    settled = unicodedata.category(character) not in ("So", "Sm", "Cn", "Cs")
    return settled or regex.fullmatch(r"\p{Emoji}", character) is not None


@pytest.mark.parametrize(
    "step",
    [
        step
        if step in ("entities", "nfkc", "spacing")
        else pytest.param(step, marks=pytest.mark.slow)
        for step in ORACLES
        if step != "elongation"
    ],
)
def test_every_character_of_some_scripts(step: str) -> None:
    numbers = (*range(0x3100), *range(0xFB00, 0x10000), *range(0x1F000, 0x1FB00))
    text = "\n".join(filter(is_stable, map(chr, numbers)))
    cleaned = Cleaning((step,)).normalizer.normalize_str(text)
    assert cleaned.split("\n") == ORACLES[step](raw(text)).text.split("\n")
