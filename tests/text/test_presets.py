"""Presets of encoders; AraBERT's preset against the preprocessing of AraBERT's authors."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from arabert.preprocess import ArabertPreprocessor
from lxml import etree
from pyarabic import araby

from arabic_mtl.text.cleaning import Cleaning
from arabic_mtl.text.presets import PRESETS, needs_farasa, preset_for
from arabic_mtl.text.steps import STEPS
from support.cases import slow
from support.oracles import LETTERS, ORACLES, raw, strings

NAMES = {
    "aubmindlab/bert-base-arabertv02": "arabert",
    "aubmindlab/bert-large-arabertv02": "arabert",
    "aubmindlab/bert-base-arabertv02-twitter": "arabert-twitter",
    "aubmindlab/bert-large-arabertv02-twitter": "arabert-twitter",
    "aubmindlab/araelectra-base-discriminator": "arabert",
    "UBC-NLP/MARBERT": "marbert",
    "UBC-NLP/MARBERTv2": "marbert",
    "UBC-NLP/ARBERT": "marbert",
    "UBC-NLP/ARBERTv2": "marbert",
    "qarib/bert-base-qarib": "qarib",
    "CAMeL-Lab/bert-base-arabic-camelbert-mix": "camelbert",
    "CAMeL-Lab/bert-base-arabic-camelbert-msa": "camelbert",
    "asafaya/bert-base-arabic": "light",
    "bert-base-multilingual-cased": "light",
    "FacebookAI/xlm-roberta-base": "light",
}


@pytest.mark.parametrize(("name", "preset"), NAMES.items())
def test_preset_follows_the_name(name: str, preset: str) -> None:
    assert preset_for(name) == preset


@pytest.mark.parametrize(("name", "preset"), NAMES.items())
def test_preset_follows_the_folder(tmp_path: Path, name: str, preset: str) -> None:
    assert preset_for(str(tmp_path / name.split("/")[-1])) == preset


@pytest.mark.parametrize(("name", "preset"), NAMES.items())
def test_preset_follows_the_config(tmp_path: Path, name: str, preset: str) -> None:
    folder = tmp_path / "checkpoint"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"_name_or_path": name}))
    assert preset_for(str(folder)) == preset


def test_parent_folders_do_not_count(tmp_path: Path) -> None:
    assert preset_for(str(tmp_path / "arabert" / "checkpoint")) == "light"


def test_the_name_of_the_folder_precedes_the_config(tmp_path: Path) -> None:
    folder = tmp_path / "my-marbert"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"_name_or_path": "aubmindlab/araelectra"}))
    assert preset_for(str(folder)) == "marbert"


def test_config_without_a_name(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    assert preset_for(str(tmp_path)) == "light"


def test_presets_consist_of_known_steps() -> None:
    assert {step for steps in PRESETS.values() for step in steps} <= set(STEPS)
    assert set(NAMES.values()) < set(PRESETS)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *[(name, False) for name in NAMES],
        ("aubmindlab/bert-base-arabert", True),
        ("aubmindlab/bert-base-arabertv01", False),
        ("aubmindlab/bert-base-arabertv2", True),
        ("aubmindlab/bert-large-arabertv2", True),
        ("bert-base-arabertv1", True),
        ("qarib/bert-base-qarib_far", True),
        ("qarib/bert-base-qarib_far_8280k", True),
        ("qarib/bert-base-qarib60_1790k", False),
    ],
)
def test_farasa_by_name(name: str, expected: bool) -> None:
    assert needs_farasa(name, {"الغرفة"}) == expected


def test_farasa_by_the_config(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"_name_or_path": "aubmindlab/bert-base-arabertv2"}')
    assert needs_farasa(str(tmp_path), set())


@pytest.mark.parametrize(
    ("vocabulary", "expected"),
    [
        ({"ال+", "+ة", "غرف"}, True),
        ({"ال+", "غرف"}, False),
        ({"+", "ال", "ة"}, False),
        (set(), False),
    ],
)
def test_farasa_by_the_vocabulary(vocabulary: set[str], expected: bool) -> None:
    assert needs_farasa("some/model", vocabulary) == expected


# Characters that both treat alike. AraBERT replaces Persian letters and presentation forms by
# spaces, treats everything from "<" to the next ">" as a tag, separates Arabic letters next to a
# digit from Latin letters and brackets after them, and replaces e-mail addresses by [رابط].
SHARED = [
    *LETTERS.replace("ٱ", ""),
    *("ا", "ب", " ", " ", "ععع", "ههه", "!!!", "111", "ـــ", araby.TATWEEL),
    *araby.TASHKEEL,
    *"٠١٢٣٤٥٦٧٨٩0123456789.,!?;:(){}\"'`~|\\/#$%^*+=-—–‘’“”«»،؛؟٪·_٫٬٭\n\té😀",
    *(" abc ", " XYZ ", " [ ", " ] ", " <br> ", "</p>", " @user "),
    *(" http://a.bc/d ", " https://www.x.yz ", " www.hotel.com ", " booking.com "),
]


@pytest.mark.parametrize("number", [500, *slow(10_000)])
@pytest.mark.parametrize("suffix", ["", "-twitter"])
def test_arabert_preset_equals_the_authors_preprocessing(suffix: str, number: int) -> None:
    authors = ArabertPreprocessor(f"bert-base-arabertv02{suffix}")
    normalizer = Cleaning.from_choice(f"arabert{suffix}").normalizer
    fragments = [*SHARED, "👍🏽", "🇯🇴", "❤", "⭐", " 😂😂 "] if suffix else SHARED
    for text in strings(number, seed=3, fragments=fragments):
        words = normalizer.normalize_str(text).split()
        assert (text, words) == (text, authors.preprocess(text).split())


def test_arabert_on_the_hotels(hotels: Path) -> None:
    authors = ArabertPreprocessor("bert-base-arabertv02")
    normalizer = Cleaning.from_choice("arabert").normalizer
    file = etree.parse(hotels / "AR_Hotels_Train_SB1.xml")
    texts = [str(element.text) for element in file.iter("text")]
    words = {text: normalizer.normalize_str(text).split() for text in texts}
    different = [text for text in texts if words[text] != authors.preprocess(text).split()]
    assert (len(texts), len(different)) == (4802, 75)
    # All but three contain entities without "&", which only our preset repairs.
    repaired = {text: ORACLES["entities"](raw(text)).text for text in different}
    rest = [text for text in different if words[text] != authors.preprocess(repaired[text]).split()]
    # Two of the rest contain "…", which our preset replaces by dots, and eight a Persian letter,
    # which AraBERT replaces by a space; in seven of them the letter is written as an entity.
    assert sum(repaired[text] == text for text in different) == 3
    assert len(rest) == 2 + 8


@pytest.mark.parametrize("content", ["[]", "{", "null"])
def test_an_invalid_config_gives_the_light_preset(tmp_path: Path, content: str) -> None:
    (tmp_path / "config.json").write_text(content)
    assert preset_for(str(tmp_path)) == "light"


def test_documented_presets_equal_the_code() -> None:
    text = (Path(__file__).parents[2] / "docs" / "text.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \| `([a-z_ ]+)` \|", text, re.MULTILINE)
    assert {name: tuple(steps.split()) for name, steps in rows} == {
        name: steps for name, steps in PRESETS.items() if name not in ("none", "arabert-twitter")
    }
