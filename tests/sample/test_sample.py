"""The sample corpus: reproducible, correctly annotated, and varied."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from lxml import etree

from tools.sample.generate import FOLDER, SIZES, generate, main
from tools.sample.grammar import POLARITIES, Adjective, Agreement, load

ENTITIES = {
    *("HOTEL", "ROOMS", "ROOMS_AMENITIES", "FACILITIES"),
    *("SERVICE", "LOCATION", "FOOD_DRINKS", "RESTAURANT"),
}

# Feature to a pattern for its sentences, and their smallest number in the training split.
TEXT_FEATURES = {
    "tashkeel": (r"[\u064c-\u0652]", 30),
    "tatweel": (r"[ء-ي]ـ+[ء-ي]", 30),
    "elongation": (r"([اوي])\1\1", 30),
    "emoji": (r"[\u2764\U0001f300-\U0001faff]", 60),
    "western digits": (r"[0-9]", 60),
    "indic digits": (r"[٠-٩]", 20),
    "latin words": (r"\b[a-z]{3,}\b", 20),
    "negation": (r"\b(?:ليس|ليست|غير|لم)\b", 60),
    "contrast": (r"\b(?:لكن|ولكن|رغم|الرغم|بينما|صحيح)\b", 40),
    "dropped hamza": (r"\b(?:ان|الى|انصح|اسعار|الاسعار)\b", 10),
}
# Proclitics between a space and a target, and their smallest number in the training split.
PROCLITICS = {"و": 90, "ب": 40, "وب": 8, "لل": 10, "ولل": 2, "ل": 8}


@dataclass(frozen=True)
class Opinion:
    """An opinion in the XML file."""

    target: str
    category: str
    polarity: str
    start: int
    end: int


@dataclass(frozen=True)
class Sentence:
    """A sentence in the XML file."""

    id: str
    text: str
    opinions: tuple[Opinion, ...]


def read(split: str) -> list[Sentence]:
    return [
        Sentence(
            str(element.attrib["id"]),
            element.findtext("text", ""),
            tuple(
                Opinion(o["target"], o["category"], o["polarity"], int(o["from"]), int(o["to"]))
                for o in (dict(opinion.attrib) for opinion in element.iter("Opinion"))
            ),
        )
        for element in etree.parse(FOLDER / f"{split}.xml").iter("sentence")
    ]


CORPUS = {split: read(split) for split in SIZES}
TRAIN = CORPUS["train"]
EVERYTHING = [sentence for sentences in CORPUS.values() for sentence in sentences]


def all_opinions(sentences: list[Sentence]) -> list[Opinion]:
    return [opinion for sentence in sentences for opinion in sentence.opinions]


def count_words(sentences: list[Sentence]) -> Counter[str]:
    """Counts the words of each review."""
    words: Counter[str] = Counter()
    for sentence in sentences:
        words[sentence.id.split(":")[0]] += len(sentence.text.split())
    return words


def test_generator_reproduces_the_committed_files(tmp_path: Path) -> None:
    main(["--output", str(tmp_path)])
    names = sorted(
        path.name for path in FOLDER.iterdir() if path.suffix in (".xml", ".csv", ".conll")
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert len(names) == 3 * len(SIZES)
    for name in names:
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes()


def test_seed_decides_the_corpus() -> None:
    assert generate(1) == generate(1)
    assert generate(1)["test.xml"] != generate(2)["test.xml"]


def test_offsets_point_at_targets() -> None:
    for sentence in EVERYTHING:
        for opinion in sentence.opinions:
            if opinion.target == "NULL":
                assert (opinion.start, opinion.end) == (0, 0)
            else:
                assert sentence.text[opinion.start : opinion.end] == opinion.target != ""


def test_file_layout() -> None:
    for split in SIZES:
        root = etree.parse(FOLDER / f"{split}.xml").getroot()
        assert {element.tag for element in root.iter()} == {
            *("Reviews", "Review", "sentences", "sentence", "text", "Opinions", "Opinion")
        }
        assert all(len(opinions) > 0 for opinions in root.iter("Opinions"))
        for opinion in root.iter("Opinion"):
            assert list(opinion.attrib) == ["target", "category", "polarity", "from", "to"]
        assert all(text.text == (text.text or "").strip() for text in root.iter("text"))


def test_ids_are_unique_and_splits_disjoint() -> None:
    ids = Counter(sentence.id for sentence in EVERYTHING)
    assert max(ids.values()) == 1
    reviews = [set(count_words(sentences)) for sentences in CORPUS.values()]
    assert [len(rids) for rids in reviews] == [300, 60, 60]
    assert len(set.union(*reviews)) == 420


def test_sizes() -> None:
    assert len(EVERYTHING) >= 1400
    assert len(TRAIN) >= 1000
    assert len(all_opinions(TRAIN)) >= 1100


def test_sentences_rarely_repeat() -> None:
    texts = [sentence.text for sentence in TRAIN]
    assert len(set(texts)) >= 0.98 * len(texts)
    for split in ("validation", "test"):
        repeated = sum(sentence.text in set(texts) for sentence in CORPUS[split])
        assert repeated <= 0.02 * len(CORPUS[split])


@pytest.mark.parametrize("split", SIZES)
def test_label_distribution(split: str) -> None:
    opinions = all_opinions(CORPUS[split])
    polarities = Counter(opinion.polarity for opinion in opinions)
    assert set(polarities) == set(POLARITIES)
    assert 0.48 <= polarities["positive"] / len(opinions) <= 0.62
    assert 0.26 <= polarities["negative"] / len(opinions) <= 0.40
    assert 0.08 <= polarities["neutral"] / len(opinions) <= 0.16
    assert 0.07 <= sum(o.target == "NULL" for o in opinions) / len(opinions) <= 0.13


def test_categories() -> None:
    counts = Counter(opinion.category for opinion in all_opinions(TRAIN))
    assert len(counts) == 15
    assert min(counts.values()) >= 30
    assert {category.split("#")[0] for category in counts} == ENTITIES
    for split in ("validation", "test"):
        assert {opinion.category for opinion in all_opinions(CORPUS[split])} == set(counts)


@pytest.mark.parametrize(("pattern", "least"), TEXT_FEATURES.values(), ids=TEXT_FEATURES)
def test_text_features(pattern: str, least: int) -> None:
    assert sum(bool(re.search(pattern, sentence.text)) for sentence in TRAIN) >= least
    assert any(re.search(pattern, sentence.text) for sentence in CORPUS["test"])


def test_sentences_without_and_with_mixed_opinions() -> None:
    moods = [{opinion.polarity for opinion in sentence.opinions} for sentence in TRAIN]
    assert sum(not mood for mood in moods) >= 120
    assert sum(mood >= {"positive", "negative"} for mood in moods) >= 60


def test_target_surroundings() -> None:
    counts: Counter[str] = Counter()
    for sentence in TRAIN:
        for opinion in sentence.opinions:
            if opinion.target != "NULL":
                counts[sentence.text[: opinion.start].split(" ")[-1]] += 1
                counts["multi-word"] += " " in opinion.target
                counts["punctuated"] += sentence.text[opinion.end : opinion.end + 1] in set(".،!")
    assert all(counts[clitic] >= least for clitic, least in PROCLITICS.items())
    assert counts["multi-word"] >= 400
    assert counts["punctuated"] >= 80


def test_one_very_long_review() -> None:
    (rid, words), (_, second) = count_words(TRAIN).most_common(2)
    assert words >= 300 > second
    long = [s for s in TRAIN if len(s.text.split()) >= 150]
    assert [sentence.id.split(":")[0] for sentence in long] == [rid]
    assert len(long[0].opinions) >= 10


@pytest.mark.parametrize(
    ("spec", "case", "forms"),
    [
        ("نظيف", "adj", ("نظيف", "نظيفة", "نظيفون")),
        ("نظيف", "acc", ("نظيفاً", "نظيفة", "نظيفين")),
        ("نظيف", "gen", ("نظيف", "نظيفة", "نظيفين")),
        ("بطيء", "acc", ("بطيئاً", "بطيئة", "بطيئين")),
        ("كافٍ/كافية/كافون", "acc", ("كافياً", "كافية", "كافين")),
        ("لطيف/لطيفة/لطفاء", "acc", ("لطيفاً", "لطيفة", "لطفاء")),
    ],
)
def test_adjectives_inflect(spec: str, case: str, forms: tuple[str, str, str]) -> None:
    adjective = Adjective.parse(spec)
    assert tuple(adjective.inflect(case, agreement) for agreement in Agreement) == forms


def test_grammar_is_rich_and_agrees_with_every_noun() -> None:
    aspects = load().aspects
    nouns = {noun.nominative for aspect in aspects for noun in aspect.nouns}
    phrases = [stock for aspect in aspects for stock in aspect.phrases.values()]
    assert len(nouns) >= 150
    assert not any(noun.startswith("الل") for noun in nouns)
    assert len({a for stock in phrases for a in (*stock.adjectives, *stock.negated)}) >= 100
    assert len({line for stock in phrases for line in (*stock.clauses, *stock.dialect)}) >= 300
    for aspect in aspects:
        required_forms = 1 + max(noun.agreement for noun in aspect.nouns)
        lines = [line for stock in aspect.phrases.values() for line in stock.clauses]
        for forms in re.findall(r"\(([^()]*)\)", "".join(lines)):
            assert forms.count("|") + 1 >= required_forms
