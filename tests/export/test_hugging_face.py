"""Export of tasks as Hugging Face models: equal logits, without this package."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import (
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
    pipeline,
)

import arabic_mtl
from arabic_mtl.export import Outcome, open_model
from arabic_mtl.export.hugging_face import TOLERANCE, write_tasks
from arabic_mtl.inference import Annotator
from support.configurations import recipe_settings
from support.messages import assert_names
from support.paths import files_under
from support.runs import Run, train_run

pytestmark = pytest.mark.runs

TEXTS = [
    "كانت الغُرْفَة ممتـــازة جدا في الليلة 3",
    "والموقع سيئة للغاية!!! [SEP] ok ٤٥",
    "الخدمة",
    "كانت 😍",
]


@pytest.fixture(scope="session")
def plain(plain_run: Run, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Outcome]]:
    folder = tmp_path_factory.mktemp("exported")
    return folder, write_tasks(open_model(plain_run.folder), folder)


@pytest.fixture(scope="session")
def annotator(plain_run: Run) -> Annotator:
    return arabic_mtl.load(plain_run.folder)


def test_every_task_gets_a_folder(plain: tuple[Path, list[Outcome]]) -> None:
    folder, outcomes = plain
    assert {outcome.part: outcome.path for outcome in outcomes} == {
        "sentiment": "sentiment",
        "ner": "ner",
        "category": "category",
    }
    notes = {outcome.part: outcome.note for outcome in outcomes}
    classifier = "BertForSequenceClassification, pipeline text-classification; "
    assert notes["sentiment"].startswith(classifier)
    assert " pair " in notes["sentiment"]
    assert notes["ner"].startswith("BertForTokenClassification, pipeline token-classification; ")
    assert_names(notes["ner"], " span", " CRF")
    assert notes["category"].startswith(classifier)
    assert " 0.5 " in notes["category"]
    for name in notes:
        assert {"config.json", "model.safetensors", "tokenizer.json", "README.md"} <= set(
            files_under(folder / name)
        )


def test_labels_have_their_names(plain: tuple[Path, list[Outcome]]) -> None:
    config = json.loads((plain[0] / "ner" / "config.json").read_text(encoding="utf-8"))
    assert list(config["id2label"].values()) == [
        "O",
        *("B-ROOMS", "I-ROOMS", "B-SERVICE", "I-SERVICE", "B-LOCATION", "I-LOCATION"),
    ]
    assert config["label2id"]["B-ROOMS"] == 1
    card = (plain[0] / "ner" / "README.md").read_text(encoding="utf-8")
    assert "pipeline_tag: token-classification" in card
    assert "B-SERVICE" in card


def test_logits_equal_the_annotators(
    plain: tuple[Path, list[Outcome]], annotator: Annotator
) -> None:
    for name, kind, field in [
        ("ner", AutoModelForTokenClassification, "tags"),
        ("category", AutoModelForSequenceClassification, "logits"),
    ]:
        model = kind.from_pretrained(plain[0] / name)
        tokenizer = AutoTokenizer.from_pretrained(plain[0] / name)
        for text in TEXTS:
            with torch.inference_mode():
                found = model(**tokenizer(text, return_tensors="pt")).logits.numpy()
            expected = annotator.logits(text)[name][field]
            np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE)


def test_pairs_are_read_as_pairs(plain: tuple[Path, list[Outcome]], annotator: Annotator) -> None:
    text = "كانت الغرفة ممتازة جدا في الليلة 1"
    found = pipeline("text-classification", str(plain[0] / "sentiment"))
    spans = [s for s in annotator(text).spans if "sentiment" in s.labels]
    for span in spans:
        pair = {"text": text, "text_pair": span.text} if span.text else {"text": text}
        (answer,) = found([pair])
        assert answer["label"] == span.labels["sentiment"].label
    assert spans


@pytest.mark.parametrize(("name", "count"), [("ner", None), ("sentiment", 1), ("category", 4)])
def test_example_of_the_card_accepts_long_texts(
    plain: tuple[Path, list[Outcome]], name: str, count: int | None
) -> None:
    card = (plain[0] / name / "README.md").read_text(encoding="utf-8")
    lines = card.split("```")[1].removeprefix("python").strip().splitlines()
    lines[-1] = f"found = {lines[-1]}".replace("…", "كانت الغرفة ممتازة " * 300)
    namespace: dict[str, Any] = {}
    exec("\n".join(lines).replace("this folder", str(plain[0] / name)), namespace)
    found = [namespace["found"]] if isinstance(namespace["found"], dict) else namespace["found"]
    assert all(0 <= each["score"] <= 1 for each in found)
    assert count is None or len(found) == count


WITHOUT = """
import json, sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "arabic_mtl":
            raise ImportError(name)

sys.meta_path.insert(0, Blocker())
try:
    import arabic_mtl
except ImportError:
    pass
else:
    raise SystemExit("the package is there")
import torch
from transformers import pipeline

folder, texts = sys.argv[1], json.loads(sys.argv[2])
annotate = pipeline("token-classification", folder)
logits = []
annotate.model.register_forward_hook(lambda m, i, out: logits.append(out.logits[0].tolist()))
spans = [[[s["start"], s["end"], s["entity"]] for s in annotate(text)] for text in texts]
print(json.dumps({"logits": logits, "spans": spans}))
"""


def test_pipeline_works_without_this_package(
    plain: tuple[Path, list[Outcome]], annotator: Annotator, tmp_path: Path
) -> None:
    command = [sys.executable, "-I", "-c", WITHOUT, str(plain[0] / "ner"), json.dumps(TEXTS)]
    outcome = subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path, timeout=120, check=False
    )
    assert outcome.returncode == 0, outcome.stderr
    found = json.loads(outcome.stdout.splitlines()[-1])
    for text, logits, spans in zip(TEXTS, found["logits"], found["spans"], strict=True):
        expected = annotator.logits(text)["ner"]["tags"][0]
        np.testing.assert_allclose(np.array(logits), expected, rtol=0, atol=1e-5)
        (row,) = annotator.text.encode([text], [None])
        best = expected.argmax(axis=-1).tolist()
        names = ["O", *(f"{bi}-{x}" for x in annotator.decoders["ner"].labels for bi in "BI")]
        assert spans == [
            [row.starts[n], row.ends[n], names[tag]]
            for n, tag in enumerate(best)
            if tag and row.word_ids[n] >= 0
        ]


def test_word_encoder_is_not_exported(trained: Run, tmp_path: Path) -> None:
    outcomes = write_tasks(open_model(trained.folder), tmp_path)
    assert {o.part: (o.path, o.note.split()[0]) for o in outcomes} == dict.fromkeys(
        ["sentiment", "ner", "category"], (None, "WordNetwork")
    )
    assert files_under(tmp_path) == []


def test_unsupported_heads_and_tokenizers_are_not_exported(tmp_path: Path) -> None:
    value = recipe_settings(stemming="snowball")
    value["trainer"]["max_epochs"] = 1
    del value["data"]["tasks"]["category"]["init_args"]["pooling"]
    model = open_model(train_run(tmp_path, value).folder)
    notes = {outcome.part: outcome.note for outcome in write_tasks(model, tmp_path)}
    assert " snowball " in notes["ner"]
    text = model.parts.text
    plain = replace(text, settings=replace(text.settings, stemming="none"))
    model = model._replace(parts=model.parts._replace(text=plain))
    notes = {outcome.part: outcome.note for outcome in write_tasks(model, tmp_path)}
    assert_names(notes["category"], "SequenceHead ", "heads.safetensors")


def test_model_with_other_logits_is_not_written(plain_run: Run, tmp_path: Path) -> None:
    model = open_model(plain_run.folder)
    model.network.heads["ner"].register_forward_hook(
        lambda head, inputs, logits: {**logits, "tags": logits["tags"] + 1e-3}
    )
    outcome = next(o for o in write_tasks(model, tmp_path) if o.part == "ner")
    assert outcome.path is None
    assert outcome.note.startswith("BertForTokenClassification ")
    assert outcome.note.endswith(" 0.001")
    assert "ner" not in {path.name for path in tmp_path.iterdir()}
