"""Targets of hotel reviews are restored from their tags, with the tokenizer of each encoder."""

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
from support.models import load_tokenizer, save_model
from support.paths import ROOT
from support.predictions import predicted_spans
from support.tokens import pad

FAMILIES: dict[str, dict[str, Any]] = {
    "arabert": {"lowercase": False},
    "marbert": {"lowercase": True, "strip_accents": None},
    "qarib": {"lowercase": True, "strip_accents": None},
}
PipelineFactory = Callable[[str], TextPipeline]


@pytest.fixture(scope="module")
def sentences(hotels: Path) -> list[Example]:
    examples = list(SemEval2016().read(hotels / "AR_Hotels_Train_SB1.xml"))
    assert len(examples) == 4802
    return examples


@pytest.fixture(scope="module")
def task() -> TokenClassification:
    """Returns the tagger of the shipped configuration."""
    config = yaml.safe_load((ROOT / "configs" / "data" / "hotels.yaml").read_text("utf-8"))
    options = config["tasks"]["ner"]["init_args"]
    tagger = TokenClassification(**options | {"labels": tuple(options["labels"])})
    assert (tagger.layer, tagger.trim, len(tagger.labels)) == ("entity", 3, 7)
    return tagger


@pytest.fixture(scope="module")
def pipeline(sentences: list[Example], tmp_path_factory: pytest.TempPathFactory) -> PipelineFactory:
    """Returns a function from the name of a tokenizer family, or ``learned``, to its pipeline."""
    root = tmp_path_factory.mktemp("families")
    pipelines: dict[str, TextPipeline] = {}

    def make(name: str) -> TextPipeline:
        if name not in pipelines:
            texts = [example.text for example in sentences]
            folder = None
            if name in FAMILIES:
                folder = str(save_model(root / name, texts=texts, **FAMILIES[name]))
            pipelines[name] = TextPipeline.create(
                root / f"{name} text", TextSettings(pretrained=folder), lambda: texts
            )
            expected = name if folder else "recipe"
            assert pipelines[name].settings.cleaning == expected
            assert pipelines[name].settings.split_proclitics == (folder is None)
        return pipelines[name]

    return make


def spans_back(
    task: TokenClassification, text: TextPipeline, examples: list[Example]
) -> list[set[tuple[int, int]]]:
    """Returns each text's spans after gold → targets → batch → perfect logits → predictions."""
    restored = []
    for first in range(0, len(examples), 200):
        part = examples[first : first + 200]
        encodings = text.encode([e.text for e in part], [None] * len(part))
        tokens = pad(encodings, text.pad_id)
        values = [task.targets(e, encoding) for e, encoding in zip(part, encodings, strict=True)]
        targets = task.collate(values, tokens)
        gold_parts = targets["labels"].clamp(min=0).unbind(dim=-1)
        sizes = [task.tags, task.trim + 1, task.trim + 1]
        names = ("tags", "trim_start", "trim_end")
        logits = {
            name: one_hot(numbers, size).float()
            for name, numbers, size in zip(names, gold_parts, sizes, strict=True)
        }
        rows = predicted_spans(task.decode(logits, encodings, values))
        restored += [{(span.start, span.end) for span in row} for row in rows]
    return restored


def f1(predicted: list[set[tuple[int, int]]], gold: list[set[tuple[int, int]]]) -> float:
    hits = sum(
        len(predicted_spans & gold_spans)
        for predicted_spans, gold_spans in zip(predicted, gold, strict=True)
    )
    return 2 * hits / (sum(map(len, predicted)) + sum(map(len, gold)))


@pytest.mark.parametrize("name", foreign_tokenizers.FAMILIES)
def test_targets_are_restored_with_other_tokenizers(
    sentences: list[Example], task: TokenClassification, tmp_path: Path, name: str
) -> None:
    subset = sentences[:1000]
    texts = [example.text for example in subset]
    source = foreign_tokenizers.save(foreign_tokenizers.FAMILIES[name](texts), tmp_path / name)
    text = TextPipeline.create(tmp_path / "text", TextSettings(pretrained=str(source)), list)
    gold = [{(span.start, span.end) for span in e.spans["entity"]} for e in subset]
    assert f1(spans_back(task, text, subset), gold) >= 0.995


def test_targets_are_restored_with_a_real_tokenizer(
    sentences: list[Example], task: TokenClassification, e5: Path, tmp_path: Path
) -> None:
    text = TextPipeline.create(tmp_path / "text", TextSettings(pretrained=str(e5)), list)
    gold = [{(span.start, span.end) for span in e.spans["entity"]} for e in sentences[:500]]
    assert f1(spans_back(task, text, sentences[:500]), gold) >= 0.995
    network = TransformerEncoder(name=str(e5)).build(text)
    (encoding,) = text.encode([sentences[0].text], [None])
    assert network(pad([encoding], text.pad_id)).shape == (1, len(encoding), 384)


@pytest.mark.parametrize("name", [*FAMILIES, "learned"])
def test_targets_are_restored(
    sentences: list[Example], task: TokenClassification, pipeline: PipelineFactory, name: str
) -> None:
    gold = [{(span.start, span.end) for span in e.spans["entity"]} for e in sentences]
    assert sum(map(len, gold)) > 6000
    restored = spans_back(task, pipeline(name), sentences)
    assert 0.995 <= f1(restored, gold) <= 1
    for example, spans in zip(sentences, restored, strict=True):
        for start, end in spans:
            assert example.text[start:end].strip()


def test_targets_of_whole_reviews_are_restored(
    hotels: Path, sentences: list[Example], task: TokenClassification, pipeline: PipelineFactory
) -> None:
    reviews = list(SemEval2016(unit="review").read(hotels / "AR_Hotels_Train_SB1.xml"))
    gold = [{(span.start, span.end) for span in e.spans["entity"]} for e in reviews]
    assert sum(map(len, gold)) == sum(
        len({(span.start, span.end) for span in e.spans["entity"]}) for e in sentences
    )
    assert f1(spans_back(task, pipeline("learned"), reviews), gold) >= 0.99


def test_trims_are_necessary(
    sentences: list[Example], task: TokenClassification, pipeline: PipelineFactory
) -> None:
    """Without trims, every target after a و or ب would be lost."""
    gold = [{(span.start, span.end) for span in e.spans["entity"]} for e in sentences]
    word_task = TokenClassification(corpus="reviews", layer="entity", labels=task.labels, trim=0)
    assert f1(spans_back(word_task, pipeline("arabert"), sentences), gold) < 0.9


@pytest.mark.parametrize("name", FAMILIES)
def test_input_of_a_pretrained_encoder_is_its_own(
    sentences: list[Example], pipeline: PipelineFactory, name: str
) -> None:
    text = pipeline(name)
    assert text.settings.pretrained is not None
    tokenizer = load_tokenizer(Path(text.settings.pretrained))
    texts = list(dict.fromkeys(example.text for example in sentences))
    encodings = text.encode(texts, [None] * len(texts))
    cleaned = [text.cleaning.normalizer.normalize_str(raw) for raw in texts]
    assert cleaned != texts
    expected = tokenizer(cleaned)["input_ids"]
    assert [encoding.input_ids for encoding in encodings] == expected
    unknown = sum(ids.count(tokenizer.unk_token_id) for ids in expected)
    assert unknown < 0.01 * sum(map(len, expected))
