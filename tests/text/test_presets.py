"""Which preset goes with which encoder, and that AraBERT's does what AraBERT's authors do."""

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


def test_the_folders_above_do_not_count(tmp_path: Path) -> None:
    assert preset_for(str(tmp_path / "arabert" / "checkpoint")) == "light"


def test_name_of_the_folder_comes_before_the_config(tmp_path: Path) -> None:
    folder = tmp_path / "my-marbert"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"_name_or_path": "aubmindlab/araelectra"}))
    assert preset_for(str(folder)) == "marbert"


def test_config_without_a_name(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    assert preset_for(str(tmp_path)) == "light"


def test_presets_are_known_steps() -> None:
    assert {step for steps in PRESETS.values() for step in steps} <= set(STEPS)
    assert set(NAMES.values()) < set(PRESETS)


@pytest.mark.parametrize(
    ("name", "needed"),
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
def test_farasa_by_name(name: str, needed: bool) -> None:
    assert needs_farasa(name, {"الغرفة"}) == needed


def test_farasa_by_the_config(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"_name_or_path": "aubmindlab/bert-base-arabertv2"}')
    assert needs_farasa(str(tmp_path), set())


@pytest.mark.parametrize(
    ("vocabulary", "needed"),
    [
        ({"ال+", "+ة", "غرف"}, True),
        ({"ال+", "غرف"}, False),
        ({"+", "ال", "ة"}, False),
        (set(), False),
    ],
)
def test_farasa_by_the_vocabulary(vocabulary: set[str], needed: bool) -> None:
    assert needs_farasa("some/model", vocabulary) == needed


# What both accept and cut alike. AraBERT makes spaces of Persian letters and presentation forms; it
# takes all from "<" to the next ">" for a tag, cuts Arabic letters next to a digit off from Latin
# ones and from brackets behind them, and calls an address of electronic mail [رابط].
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
def test_arabert_gives_the_words_of_its_authors(suffix: str, number: int) -> None:
    authors = ArabertPreprocessor(f"bert-base-arabertv02{suffix}")
    normalizer = Cleaning.of(f"arabert{suffix}").normalizer
    pieces = [*SHARED, "👍🏽", "🇯🇴", "❤", "⭐", " 😂😂 "] if suffix else SHARED
    for text in strings(number, seed=3, pieces=pieces):
        words = normalizer.normalize_str(text).split()
        assert (text, words) == (text, authors.preprocess(text).split())


def test_arabert_on_the_hotels(hotels: Path) -> None:
    authors = ArabertPreprocessor("bert-base-arabertv02")
    normalizer = Cleaning.of("arabert").normalizer
    file = etree.parse(hotels / "AR_Hotels_Train_SB1.xml")
    texts = [str(element.text) for element in file.iter("text")]
    words = {text: normalizer.normalize_str(text).split() for text in texts}
    differ = [text for text in texts if words[text] != authors.preprocess(text).split()]
    assert (len(texts), len(differ)) == (4802, 75)
    # All but three have entities without their "&", which only we repair.
    repaired = {text: ORACLES["entities"](raw(text)).text for text in differ}
    rest = [text for text in differ if words[text] != authors.preprocess(repaired[text]).split()]
    # Two of the rest have "…", which we write as dots, and eight a Persian letter, which is a
    # space to AraBERT; the entities of seven of these stand for it.
    assert sum(repaired[text] == text for text in differ) == 3
    assert len(rest) == 2 + 8


@pytest.mark.parametrize("content", ["[]", "{", "null"])
def test_config_that_is_none_says_nothing_of_the_family(tmp_path: Path, content: str) -> None:
    (tmp_path / "config.json").write_text(content)
    assert preset_for(str(tmp_path)) == "light"


def test_documented_presets_are_those_of_the_code() -> None:
    text = (Path(__file__).parents[2] / "docs" / "text.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \| `([a-z_ ]+)` \|", text, re.MULTILINE)
    assert {name: tuple(steps.split()) for name, steps in rows} == {
        name: steps for name, steps in PRESETS.items() if name not in ("none", "arabert-twitter")
    }
