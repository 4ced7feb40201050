"""The hotel reviews' own targets: to tags and back, with each encoder's tokenizer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from torch.nn.functional import one_hot

from arabic_mtl.documents import Example
from arabic_mtl.formats import SemEval2016
from arabic_mtl.model.encoders import TransformerEncoder
from arabic_mtl.tasks import TokenClassification
from arabic_mtl.text import TextPipeline, TextSettings
from support import foreign_tokenizers
from support.models import save_model, tokenizer_of
from support.paths import ROOT
from support.predictions import spans_of
from support.tokens import pad

FAMILIES: dict[str, dict[str, Any]] = {
    "arabert": {"lowercase": False},
    "marbert": {"lowercase": True, "strip_accents": None},
    "qarib": {"lowercase": True, "strip_accents": None},
}
Made = Callable[[str], TextPipeline]


@pytest.fixture(scope="module")
def sentences(hotels: Path) -> list[Example]:
    found = list(SemEval2016().read(hotels / "AR_Hotels_Train_SB1.xml"))
    assert len(found) == 4802
    return found


@pytest.fixture(scope="module")
def task() -> TokenClassification:
    """The tagger of the shipped configuration."""
    config = yaml.safe_load((ROOT / "configs" / "data" / "hotels.yaml").read_text("utf-8"))
    options = config["tasks"]["ner"]["init_args"]
    made = TokenClassification(**options | {"labels": tuple(options["labels"])})
    assert (made.layer, made.trim, len(made.labels)) == ("entity", 3, 7)
    return made


@pytest.fixture(scope="module")
def pipeline(sentences: list[Example], tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A pipeline by the name of a family, or ``learned``, with default settings."""
    root = tmp_path_factory.mktemp("families")
    made: dict[str, TextPipeline] = {}

    def make(name: str) -> TextPipeline:
        if name not in made:
            texts = [example.text for example in sentences]
            folder = None
            if name in FAMILIES:
                folder = str(save_model(root / name, texts=texts, **FAMILIES[name]))
            made[name] = TextPipeline.create(
                root / f"{name} text", TextSettings(pretrained=folder), lambda: texts
            )
            expected = name if folder else "recipe"
            assert made[name].settings.cleaning == expected
            assert made[name].settings.split_proclitics == (folder is None)
        return made[name]

    return make


def spans_back(
    task: TokenClassification, text: TextPipeline, examples: list[Example]
) -> list[set[tuple[int, int]]]:
    """Each text's spans after gold → targets → a batch → perfect logits → predictions."""
    found = []
    for first in range(0, len(examples), 200):
        part = examples[first : first + 200]
        encodings = text.encode([e.text for e in part], [None] * len(part))
        tokens = pad(encodings, text.pad_id)
        values = [task.targets(e, encoding) for e, encoding in zip(part, encodings, strict=True)]
        targets = task.collate(values, tokens)
        known = targets["labels"].clamp(min=0).unbind(dim=-1)
        sizes = [task.tags, task.trim + 1, task.trim + 1]
        names = ("tags", "before", "behind")
        logits = {
            name: one_hot(numbers, size).float()
            for name, numbers, size in zip(names, known, sizes, strict=True)
        }
        rows = spans_of(task.decode(logits, encodings, values))
        found += [{(span.start, span.end) for span in row} for row in rows]
    return found


def f1(found: list[set[tuple[int, int]]], gold: list[set[tuple[int, int]]]) -> float:
    right = sum(len(one & other) for one, other in zip(found, gold, strict=True))
    return 2 * right / (sum(map(len, found)) + sum(map(len, gold)))


@pytest.mark.parametrize("name", foreign_tokenizers.FAMILIES)
def test_targets_come_back_through_tokenizers_of_other_kinds(
    sentences: list[Example], task: TokenClassification, tmp_path: Path, name: str
) -> None:
    some = sentences[:1000]
    texts = [example.text for example in some]
    source = foreign_tokenizers.save(foreign_tokenizers.FAMILIES[name](texts), tmp_path / name)
    text = TextPipeline.create(tmp_path / "text", TextSettings(pretrained=str(source)), list)
    gold = [{(span.start, span.end) for span in e.spans["entity"]} for e in some]
    assert f1(spans_back(task, text, some), gold) >= 0.995


def test_targets_come_back_through_a_real_encoders_tokenizer(
    sentences: list[Example], task: TokenClassification, e5: Path, tmp_path: Path
) -> None:
    text = TextPipeline.create(tmp_path / "text", TextSettings(pretrained=str(e5)), list)
    gold = [{(span.start, span.end) for span in e.spans["entity"]} for e in sentences[:500]]
    assert f1(spans_back(task, text, sentences[:500]), gold) >= 0.995
    network = TransformerEncoder(name=str(e5)).build(text)
    (encoding,) = text.encode([sentences[0].text], [None])
    assert network(pad([encoding], text.pad_id)).shape == (1, len(encoding), 384)


@pytest.mark.parametrize("name", [*FAMILIES, "learned"])
def test_targets_come_back(
    sentences: list[Example], task: TokenClassification, pipeline: Made, name: str
) -> None:
    gold = [{(span.start, span.end) for span in e.spans["entity"]} for e in sentences]
    assert sum(map(len, gold)) > 6000
    found = spans_back(task, pipeline(name), sentences)
    assert 0.995 <= f1(found, gold) <= 1
    for example, spans in zip(sentences, found, strict=True):
        for start, end in spans:
            assert example.text[start:end].strip()


def test_targets_of_whole_reviews_come_back(
    hotels: Path, sentences: list[Example], task: TokenClassification, pipeline: Made
) -> None:
    reviews = list(SemEval2016(unit="review").read(hotels / "AR_Hotels_Train_SB1.xml"))
    gold = [{(span.start, span.end) for span in e.spans["entity"]} for e in reviews]
    assert sum(map(len, gold)) == sum(
        len({(span.start, span.end) for span in e.spans["entity"]}) for e in sentences
    )
    assert f1(spans_back(task, pipeline("learned"), reviews), gold) >= 0.99


def test_letters_left_out_are_what_it_takes(
    sentences: list[Example], task: TokenClassification, pipeline: Made
) -> None:
    """Whole words alone would lose every target behind a و or ب."""
    gold = [{(span.start, span.end) for span in e.spans["entity"]} for e in sentences]
    whole = TokenClassification(corpus="reviews", layer="entity", labels=task.labels, trim=0)
    assert f1(spans_back(whole, pipeline("arabert"), sentences), gold) < 0.9


@pytest.mark.parametrize("name", FAMILIES)
def test_input_of_a_pretrained_encoder_is_its_own(
    sentences: list[Example], pipeline: Made, name: str
) -> None:
    text = pipeline(name)
    assert text.settings.pretrained is not None
    own = tokenizer_of(Path(text.settings.pretrained))
    texts = list(dict.fromkeys(example.text for example in sentences))
    found = text.encode(texts, [None] * len(texts))
    cleaned = [text.cleaning.normalizer.normalize_str(raw) for raw in texts]
    assert cleaned != texts
    expected = own(cleaned)["input_ids"]
    assert [encoding.input_ids for encoding in found] == expected
    unknown = sum(ids.count(own.unk_token_id) for ids in expected)
    assert unknown < 0.01 * sum(map(len, expected))
