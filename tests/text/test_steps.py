"""Each step of cleaning against other software: what comes out, and the raw places of it."""

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


def lettered(step: str) -> Tokenizer:
    """A tokenizer whose tokens are the characters that a step lets through."""
    tokenizer = Tokenizer(models.WordLevel({"?": 0}, unk_token="?"))
    tokenizer.normalizer = Cleaning((step,)).normalizer
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    return tokenizer


def test_every_step_has_an_oracle() -> None:
    assert list(ORACLES) == list(STEPS)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("step", ORACLES)
def test_text_and_places_are_those_of_the_oracle(step: str, number: int) -> None:
    texts = random_strings(number)
    tokenizer = lettered(step)
    assert tokenizer.normalizer is not None
    changed = 0
    for text, encoded in zip(texts, tokenizer.encode_batch(texts), strict=True):
        expected = ORACLES[step](raw(text))
        assert (text, tokenizer.normalizer.normalize_str(text)) == (text, expected.text)
        places = encoded.offsets
        assert len(places) == len(expected.text)
        if step != "nfkc":
            assert (text, [place for place, _ in places]) == (text, expected.origins)
            assert all(end == start + 1 for start, end in places)
        changed += expected.text != text
    assert changed > number / 200


@pytest.mark.parametrize("number", NUMBERS)
def test_places_of_composed_characters_hold_what_they_are_made_of(number: int) -> None:
    tokenizer = lettered("nfkc")
    texts = random_strings(number)
    assert tokenizer.normalizer is not None
    for text, encoded in zip(texts, tokenizer.encode_batch(texts), strict=True):
        places = encoded.offsets
        assert places == sorted(places)
        for letter, (start, end) in zip(
            tokenizer.normalizer.normalize_str(text), places, strict=True
        ):
            parts = unicodedata.normalize("NFKD", text[start:end])
            assert end == start + 1
            if not unicodedata.combining(letter):  # these are put in order
                assert not set(unicodedata.normalize("NFKD", letter)).isdisjoint(parts)


def known_alike(character: str) -> bool:
    """Unicode 17 took characters that have no emoji out of the class of pictures."""
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
    text = "\n".join(filter(known_alike, map(chr, numbers)))
    found = Cleaning((step,)).normalizer.normalize_str(text)
    assert found.split("\n") == ORACLES[step](raw(text)).text.split("\n")
