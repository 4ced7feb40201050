"""The linear baseline as a system: toy corpora, the shapes of logits, own kinds of tasks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from arabic_mtl.baselines.linear import Linear, Predictor, TrainingRows, can_learn, learn
from arabic_mtl.baselines.linear.reading import Text
from arabic_mtl.data import MultiTaskData, SamplingPlan
from arabic_mtl.documents import SpansPrediction
from arabic_mtl.errors import InputError
from arabic_mtl.evaluation import evaluate
from arabic_mtl.evaluation.evaluate import batches
from arabic_mtl.formats import SemEval2016
from arabic_mtl.model.tokens import Targets
from arabic_mtl.tasks import Logits, TokenClassification
from arabic_mtl.tasks.batch import CorpusRows, collate
from arabic_mtl.text import TextSettings
from support.configurations import CATEGORIES
from support.kinds import CustomTask
from support.paths import SAMPLE
from support.processes import process
from support.semeval import hotel_xml, reviews, sentence
from support.training import four_tasks, hotel_data, small_module, two_corpora

MAIN = ["span/macro_f1", "ner/f1", "category/micro_f1", "pair/macro_f1"]


def ready(data: MultiTaskData) -> MultiTaskData:
    data.prepare_data()
    data.setup()
    return data


@pytest.fixture
def data(tmp_path: Path) -> MultiTaskData:
    """Returns data whose validation and test texts differ in words that no label depends on."""
    (tmp_path / "others.xml").write_text(hotel_xml(5), encoding="utf-8")
    plan = SamplingPlan(batch_size=8)
    return ready(two_corpora(tmp_path, hotel_xml(3), hotel_xml(3), others=True, plan=plan))


@pytest.mark.runs
def test_labels_that_follow_from_words_are_predicted(data: MultiTaskData) -> None:
    scores, examples = evaluate(Linear(data), data, "validation")
    assert {name: scores[name] for name in MAIN} == dict.fromkeys(MAIN, 1.0)
    first: Any = examples[0].predicted
    assert [(s.start, s.end, s.label) for s in first["ner"].spans] == [(5, 11, "ROOMS")]
    assert first["span"].spans[0].label == "positive"
    assert [label.label for label in first["category"].labels] == ["ROOMS#GENERAL"]


@pytest.mark.runs
def test_whole_words_are_read_from_their_letters(tmp_path: Path) -> None:
    """The vocabulary has no words, so token ids alone would not suffice."""
    (tmp_path / "others.xml").write_text(hotel_xml(2), encoding="utf-8")
    text = TextSettings(form="words", vocab_size=10)
    options: dict[str, Any] = {"others": True, "text": text}
    data = ready(two_corpora(tmp_path, hotel_xml(3), hotel_xml(3), **options))
    rows = data.tables["validation"]["texts"]["input_ids"]
    assert {token for row in rows for token in row} <= {1, 2, 3, *range(5, 10)}
    scores, _ = evaluate(Linear(data), data, "validation")
    assert {name: scores[name] for name in MAIN} == dict.fromkeys(MAIN, 1.0)


def shapes(logits: Logits) -> dict[str, tuple[int, ...]]:
    return {name: tuple(part.shape) for name, part in logits.items()}


@pytest.mark.runs
def test_logits_have_the_shapes_of_the_heads(data: MultiTaskData) -> None:
    linear, module = Linear(data), small_module(data).eval()
    module.build(data.text)
    for batch in batches(data, "validation"):
        with torch.no_grad():
            expected = module(batch)
        found = linear(batch)
        assert {n: shapes(x) for n, x in found.items()} == {
            n: shapes(x) for n, x in expected.items()
        }
        assert {part.dtype for x in found.values() for part in x.values()} == {torch.float32}


def test_a_batch_without_rows(data: MultiTaskData) -> None:
    nothing = collate(
        {"texts": CorpusRows(None), "pairs": CorpusRows(None)}, data.tasks, data.text.pad_id
    )
    found = Linear(data)(nothing)
    assert found["span"]["logits"].shape == (0, 3)
    assert found["pair"]["logits"].shape == (0, 3)
    assert found["category"]["logits"].shape == (0, 4)
    assert [shape[0] for shape in shapes(found["ner"]).values()] == [0, 0, 0]


def test_labels_of_the_batch_are_not_used(data: MultiTaskData) -> None:
    linear = Linear(data)
    batch = next(batches(data, "validation"))
    before = linear(batch)
    for targets in batch.targets.values():
        targets["labels"].zero_()
    after = linear(batch)
    for name in before:
        assert after[name].keys() == before[name].keys()
        assert all(part.equal(after[name][key]) for key, part in before[name].items())


def test_trimmed_letters_are_predicted(tmp_path: Path) -> None:
    """Words stay whole, as for a pretrained encoder: the target in والغرفة is الغرفة."""
    texts = [
        [sentence(f"s{n}", f"{adjective} والغرفة {n}", ("الغرفة", "ROOMS#GENERAL", "positive"))]
        for n, adjective in enumerate(["جميل", "رائع", "واسع", "جديد"] * 2)
    ]
    text = TextSettings(vocab_size=200, split_proclitics=False)
    data = ready(two_corpora(tmp_path, reviews(*texts), hotel_xml(1), text=text))
    scores, examples = evaluate(Linear(data), data, "test")
    assert scores["ner/f1"] == 1.0
    prediction = examples[0].predicted["ner"]
    assert isinstance(prediction, SpansPrediction)
    (span,) = prediction.spans
    assert examples[0].text[span.start : span.end] == "الغرفة"


def test_unlabelled_rows_are_ignored_in_training(tmp_path: Path) -> None:
    """A sentence without opinions is a row of its corpus, but has no label for the pairs."""
    bare = [[sentence(f"bare{n}", "ممتازة ممتازة")] for n in range(3)]
    pairs = hotel_xml(2).replace("</Reviews>", "".join(reviews(*bare).split("<Reviews>\n")[1:]))
    data = ready(two_corpora(tmp_path, hotel_xml(2), pairs.replace('rid="r0"', 'rid="z"', 1)))
    scores, _ = evaluate(Linear(data), data, "validation")
    assert scores["pair/macro_f1"] == 1.0


def test_a_single_group_is_refused(tmp_path: Path) -> None:
    one = reviews([sentence("a", "الغرفة جميلة", ("الغرفة", "ROOMS#GENERAL", "positive"))])
    data = ready(two_corpora(tmp_path, one, one))
    with pytest.raises(InputError) as error:
        Linear(data)
    assert str(error.value.found).startswith("data.tasks.span: ")
    assert str(error.value.found).endswith(" 1 group")


def test_a_tagger_without_training_texts_is_refused(tmp_path: Path) -> None:
    data = hotel_data(tmp_path)
    ner = data.tasks["ner"]
    with pytest.raises(InputError, match="layer 'entity'"):
        learn(ner, [])


def sample(cache: Path) -> MultiTaskData:
    """Returns two tasks on the bundled reviews, with the smaller files."""
    entities = ["HOTEL", "ROOMS", "ROOMS_AMENITIES", "FACILITIES", "SERVICE", "LOCATION"]
    options = {"corpus": "texts", "labels": (*entities, "FOOD_DRINKS", "RESTAURANT")}
    tasks = {
        "span": four_tasks()["span"],
        "ner": TokenClassification(layer="entity", **options),
    }
    files = {"train": Path("validation.xml"), "validation": Path("test.xml")}
    corpora, text = {"texts": SemEval2016(**files)}, TextSettings(vocab_size=4000)
    return ready(MultiTaskData(corpora, tasks, text=text, root=SAMPLE, cache=cache))


@pytest.mark.slow
@pytest.mark.runs
def test_training_is_deterministic(tmp_path: Path) -> None:
    """Scores and predictions are equal, and well above the majority's 23 and 0."""
    data = sample(tmp_path)
    scores, examples = evaluate(Linear(data), data, "validation")
    assert evaluate(Linear(data), data, "validation") == (scores, examples)
    assert scores["span/macro_f1"] > 0.6
    assert scores["ner/f1"] > 0.6


def test_an_unknown_kind_is_refused(data: MultiTaskData) -> None:
    task = CustomTask(corpus="texts", layer="category", labels=tuple(CATEGORIES))
    assert not can_learn(task)
    assert all(can_learn(task) for task in data.tasks.values())
    with pytest.raises(InputError, match="CustomTask"):
        learn(task, [])


class Heard(CustomTask):
    """A kind of task with its own linear baseline."""


@learn.register
def learn_heard(task: Heard, parts: Sequence[TrainingRows]) -> Predictor:
    rows = sum(len(part.groups) for part in parts)

    def predict(texts: Sequence[Text], targets: Targets) -> Logits:
        return {"logits": torch.full((len(texts), task.size), float(rows))}

    return predict


def test_a_kind_can_register_its_own_function(data: MultiTaskData) -> None:
    data.tasks = {"own": Heard(corpus="texts", layer="category", labels=tuple(CATEGORIES))}
    rows = len(data.tables["train"]["texts"])
    renamed = data.tables["train"]["texts"].rename_column("task_category", "task_own")
    data.tables["train"] = {"texts": renamed}
    (batch, *_) = batches(data, "train")
    assert (Linear(data)(batch)["own"]["logits"] == rows).all()


PROGRAM = """
from arabic_mtl.baselines.linear.run import can_learn
import arabic_mtl.tasks as tasks
print(*sorted(n for n in tasks.__all__ if n.endswith("tion") and can_learn(
    getattr(tasks, n).__new__(getattr(tasks, n)))))
"""


@pytest.mark.runs
def test_a_command_registers_all_kinds(tmp_path: Path) -> None:
    """Uses a new process, because this one has imported all modules already."""
    outcome = process(["-c", PROGRAM], tmp_path, timeout=120)
    assert outcome.stdout.split() == [
        *("MultiLabelClassification", "SequenceClassification"),
        *("SpanClassification", "TokenClassification"),
    ], outcome.stderr
