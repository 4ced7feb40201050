"""Annotation of raw texts: equal in any batch, with one encoder pass per batch."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import arabic_mtl
from arabic_mtl import Annotation
from arabic_mtl.cli.checkpoint import complete_from_run
from arabic_mtl.cli.inspect import Inspection
from arabic_mtl.decoders import TokenDecoder
from arabic_mtl.documents import SpanPrediction, SpansPrediction, TextPrediction
from arabic_mtl.errors import InputError
from arabic_mtl.evaluation import read_predictions
from arabic_mtl.evaluation.opinions import OpinionTasks
from arabic_mtl.formats import SemEval2016
from arabic_mtl.inference import Annotator
from arabic_mtl.inference.inputs import MAX_CHARACTERS
from arabic_mtl.inference.load import annotator as annotator_of
from arabic_mtl.inference.network import TorchSession, build_network
from arabic_mtl.inference.parts import find, read
from arabic_mtl.text import Encoding
from support.annotations import assert_close
from support.configurations import word_settings
from support.paths import ROOT, SAMPLE
from support.runs import NO_PICTURES, TINY_ENCODER, Run, folder_options, run, write_yaml
from support.semeval import hotel_xml, sample_texts, write_hotels

pytestmark = pytest.mark.runs

TEXT = "كانت الغُرفة ممتازة وكذلك الموظفون لكن العشاء باهظ"
TEXTS = [TEXT, "", "من السلبيات الـ wifi وموقف الفندق.", " ", "؟", "😍 الغرفة"]
TEXTS += sample_texts()[:60]
NOUNS = list(enumerate(["الغرفة", "الخِدمة", "الموقـــع", "والغرفة", "بالخدمة"] * 3))


@pytest.fixture(scope="module")
def annotator(trained: Run) -> Annotator:
    return arabic_mtl.load(trained.folder)


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Annotator:
    """Returns a model with all head options, trained on labels that follow from the words."""
    place = tmp_path_factory.mktemp("words")
    (place / "train.xml").write_text(hotel_xml(6), encoding="utf-8")
    value = word_settings()
    value["data"]["validation_share"] = 0.2
    value["model"] |= {"lr": 1e-2}
    value["trainer"] |= {"max_epochs": 8}
    config = write_yaml(place / "words.yaml", value)
    outcome = run("fit", "--config", config, f"--data.root={place}", *folder_options(place))
    assert outcome.code == 0, outcome.err
    return arabic_mtl.load(place / "runs" / "words" / "version_0")


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Annotator:
    """Returns a model that predicts targets, then reads each text again paired with a target."""
    place = tmp_path_factory.mktemp("recipe")
    write_hotels(place / "xml", 6)
    options = ["--trainer.max_epochs=12", "--model.lr=5e-3", "--data.text.vocab_size=300"]
    options += [TINY_ENCODER, f"--data.root={place / 'xml'}", *folder_options(place), NO_PICTURES]
    outcome = run("fit", "--config", ROOT / "configs" / "recipe.yaml", *options)
    assert outcome.code == 0, outcome.err
    return arabic_mtl.load(place / "runs" / "recipe" / "version_0")


def test_annotation_of_a_text(words: Annotator) -> None:
    text = "كانت الخِدمـة سيئة للغاية"
    found = words(text)
    assert found.text == text
    (span,) = found.spans
    assert (span.start, span.end, span.text) == (5, 13, "الخِدمـة")
    assert {name: label.label for name, label in span.labels.items()} == {
        "ner": "SERVICE",
        "category": "SERVICE#GENERAL",
        "sentiment": "negative",
    }
    assert [label.label for label in found.labels["category"]] == ["SERVICE#GENERAL"]
    assert all(0 < label.score < 1 for label in span.labels.values())
    assert span.labels["category"] == found.labels["category"][0]


def test_category_without_target_is_a_null_opinion(words: Annotator) -> None:
    (span,) = words("ممتازة جدا").spans
    assert (span.start, span.end, span.text, span.is_null) == (0, 0, "", True)
    assert span.labels["category"].label == "HOTEL#GENERAL"
    assert span.labels["sentiment"].label == "positive"
    assert "ner" not in span.labels


def test_annotation_as_json(words: Annotator) -> None:
    found = words("كانت الخدمة سيئة للغاية").as_dict()
    assert json.loads(json.dumps(found)) == found
    assert list(found) == ["text", "spans", "labels"]
    (span,) = found["spans"]
    assert list(span) == ["start", "end", "text", "labels"]
    for label in span["labels"].values():
        assert list(label) == ["label", "score"]
        assert label["score"] == round(label["score"], 4)


def test_lists_keep_their_order(annotator: Annotator) -> None:
    found = annotator(TEXTS, batch_size=7)
    assert [each.text for each in found] == TEXTS
    assert found == annotator(TEXTS, batch_size=7)  # to the last bit
    assert annotator([]) == []


@settings(max_examples=20)
@given(size=st.integers(1, 80), data=st.data())
def test_annotation_is_independent_of_the_batch(
    annotator: Annotator, size: int, data: st.DataObject
) -> None:
    texts = data.draw(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=40))
    for text, found in zip(texts, annotator(texts, batch_size=size), strict=True):
        assert_close(found, annotator(text))


def test_spans_have_raw_offsets(words: Annotator) -> None:
    found = words([*TEXTS, *(f"كانت {noun} {n} سيئة، و{noun}ُ ممتازة" for n, noun in NOUNS)])
    spans = [(each.text, span) for each in found for span in each.spans]
    assert sum(not span.is_null for _, span in spans) > 20
    for text, span in spans:
        assert text[span.start : span.end] == span.text
        assert span.is_null == (span.text == "")
        assert (span.start, span.end) == (0, 0) or span.end > span.start
    for each in found:
        ends = [(span.start, span.end) for span in each.spans]
        assert ends == sorted(ends)


@pytest.mark.parametrize("text", ["", " ", "\n\t ", "\u0640", "\u200f"])
def test_text_without_words_has_no_labels(annotator: Annotator, text: str) -> None:
    assert annotator(text) == Annotation(text, (), {"category": ()})


@given(text=st.text(st.characters(codec=None), max_size=40))
@settings(max_examples=50)
def test_any_string_can_be_annotated(annotator: Annotator, text: str) -> None:
    found = annotator(text)
    assert found.text == text
    for span in found.spans:
        assert 0 <= span.start <= span.end <= len(text)


def test_lone_surrogates_keep_offsets(annotator: Annotator) -> None:
    whole, half = annotator("كانت x الغرفة نظيفة"), annotator("كانت \ud800 الغرفة نظيفة")
    assert [(s.start, s.end) for s in half.spans if not s.is_null] == [
        (s.start, s.end) for s in whole.spans if not s.is_null
    ]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (3, "int"),
        ([TEXT, None], "NoneType"),
        (b"text", "int"),
        ("ا" * (MAX_CHARACTERS + 1), "100,001 characters"),
        (["ok", "ا" * 1_000_000], "1,000,000 characters"),
    ],
)
def test_invalid_text_raises(annotator: Annotator, given: Any, found: str) -> None:
    with pytest.raises(InputError) as caught:
        annotator(given if not isinstance(given, int) else [given])
    assert caught.value.found == found


def test_long_text_is_annotated_whole(words: Annotator) -> None:
    long = " ".join(["كانت الخدمة سيئة للغاية في الليلة 0"] * 300)
    found = words(long)
    starts = [span.start for span in found.spans if span.text == "الخدمة"]
    step = len("كانت الخدمة سيئة للغاية في الليلة 0") + 1
    assert starts == list(range(5, 300 * step, step))
    assert_close(words([TEXT, long])[0], words(TEXT))


class PassCounter:
    """The number of rows in each encoder pass of an annotator."""

    def __init__(self, annotator: Annotator, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rows: list[int] = []
        read = annotator._read

        def counted(rows: list[Encoding]) -> Any:
            self.rows.append(len(rows))
            return read(rows)

        monkeypatch.setattr(annotator, "_read", counted)


def test_one_encoder_pass_for_all_tasks(
    annotator: Annotator, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = PassCounter(annotator, monkeypatch)
    assert len(annotator(TEXTS[5:35], batch_size=10)) == 30
    assert counted.rows == [10, 10, 10]


def test_encoder_runs_once_per_batch(trained: Run) -> None:
    parts = read(trained.folder)
    network = build_network(parts)
    calls: list[int] = []
    network.encoder.register_forward_hook(lambda *_: calls.append(1))
    annotated = annotator_of(parts, TorchSession(network, parts.text.pad_id).read)(TEXT)
    assert any(span.labels.get("sentiment") for span in annotated.spans)
    assert calls == [1]


def test_stream_reads_a_few_batches_ahead(annotator: Annotator) -> None:
    taken: list[int] = []

    def texts() -> Iterator[str]:
        for number in range(10_000):
            taken.append(number)
            yield f"الغرفة {number}"

    stream = annotator.stream(texts(), batch_size=2)
    assert [next(stream).text for _ in range(3)] == [f"الغرفة {n}" for n in range(3)]
    assert len(taken) == 2 * 16


def test_batch_size_of_zero_raises(annotator: Annotator) -> None:
    with pytest.raises(InputError, match="batch_size: 0"):
        annotator([TEXT], batch_size=0)


@pytest.mark.parametrize("given", ["one text", None, 7])
def test_stream_of_no_iterable_raises(annotator: Annotator, given: Any) -> None:
    with pytest.raises(InputError) as caught:
        next(annotator.stream(given))
    assert caught.value.found == type(given).__name__


@pytest.mark.slow
def test_paired_task_reads_each_target_with_its_text(
    recipe: Annotator, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = PassCounter(recipe, monkeypatch)
    text = "كانت الخدمة سيئة للغاية في الليلة 1"
    (found,) = recipe([text])
    assert counted.rows == [1, 1]
    (span,) = found.spans
    assert (span.text, span.start, span.end) == ("الخدمة", 5, 11)
    assert {name: label.label for name, label in span.labels.items()} == {
        "ner": "SERVICE",
        "sentiment": "negative",
    }
    assert found.labels == {}
    assert recipe.roles == {"target": "ner", "polarity": "sentiment"}
    (whole,) = recipe("سيئة للغاية").spans
    assert whole.is_null
    assert list(whole.labels) == ["sentiment"]


@pytest.mark.slow
def test_too_long_target_is_dropped_from_its_pair(
    recipe: Annotator, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "كانت الخدمة سيئة للغاية " * 100
    found: list[SpanPrediction] = []
    monkeypatch.setattr(TokenDecoder, "decode", lambda *_: [SpansPrediction(tuple(found))])
    (null,) = recipe(text).spans
    found.append(SpanPrediction(0, len(text) - 1, "SERVICE"))
    (span,) = recipe(text).spans
    assert span.text == text[:-1]
    assert span.labels["sentiment"] == null.labels["sentiment"]


def test_model_of_targets_rejects_pairs(recipe: Annotator) -> None:
    with pytest.raises(InputError, match="a pair of texts"):
        list(recipe.stream([("كانت الخدمة سيئة", "الخدمة")]))
    for pair in (("a", "b"), "ab"):
        with pytest.raises(InputError, match="strings"):
            next(recipe.stream(pair))


def test_roles_follow_from_kind_and_layer(annotator: Annotator) -> None:
    opinion_roles = {"target": "ner", "category": "category", "polarity": "sentiment"}
    assert annotator.roles == {**opinion_roles, "aspect": "category"}
    assert annotator.text_tasks == ["category"]


def test_opinions_equal_those_of_validation(trained: Run) -> None:
    """Checks that slot 1+2 of validation counts the opinions that the annotator predicts."""
    _, *options = complete_from_run(["inspect", f"--ckpt_path={trained.best}"])
    opinions = OpinionTasks("reviews", Inspection(options).datamodule.tasks)
    annotator = arabic_mtl.load(trained.folder)
    answers = list(read_predictions(trained.folder / "answers-test.jsonl"))
    assert len(answers) > 100
    count = 0
    for answer, found in zip(answers, annotator([a.text for a in answers]), strict=True):
        expected = {(o.start, o.end, o.category) for o in opinions.aspects(answer)}
        count += len(expected)
        predicted = [
            (s.start, s.end, s.labels["category"].label)
            for s in found.spans
            if "category" in s.labels
        ]
        assert sorted(predicted) == sorted(expected)
        categories = answer.predicted["category"]
        assert isinstance(categories, TextPrediction)
        assert [each.label for each in found.labels["category"]] == [
            each.label for each in categories.labels
        ]
    assert count > 20


def test_inference_imports_no_training_packages(trained: Run, tmp_path: Path) -> None:
    program = f"""
import sys
import arabic_mtl
assert not {{"torch", "numpy"}} & set(sys.modules)  # quick to import
found = arabic_mtl.load({str(trained.folder)!r})({TEXT!r})
heavy = "lightning datasets torchmetrics transformers pandas matplotlib pyarrow".split()
print([name for name in heavy if name in sys.modules], len(found.spans) > 0)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.stdout.split() == ["[]", "True"], done.stderr


def test_run_folder_loads_the_best_checkpoint(trained: Run) -> None:
    assert find(trained.folder).weights == trained.best
    run_model, best_model = arabic_mtl.load(trained.folder), arabic_mtl.load(str(trained.best))
    assert run_model(TEXTS) == best_model(TEXTS)
    last = arabic_mtl.load(trained.folder / "checkpoints" / "last.ckpt")
    assert last(TEXTS) != best_model(TEXTS)


def test_gold_files_are_annotated_as_raw_texts(annotator: Annotator) -> None:
    texts = [each.text for each in SemEval2016().read(SAMPLE / "validation.xml")]
    assert [each.text for each in annotator.stream(iter(texts))] == texts
