"""A word encoder with heads that use every option: training, scoring and inference."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from arabic_mtl.evaluation.record import read_record
from support.configurations import CATEGORIES, settings, word_settings
from support.paths import files_under
from support.runs import SHRUNK, Run, folder_options, run, write_yaml
from support.semeval import hotel_xml, reviews, sentence

pytestmark = [pytest.mark.runs, pytest.mark.slow]

TEXT = "كانت الغُرْفَة ممتازة جدا والموقع سيئة للغاية"
PLAIN = "كانت الخدمة سيئة للغاية في الليلة 99"
UNSEEN = "كانت بالغرفتين قسطنطينية ممتازتان"


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Trains ten epochs on a toy corpus, then deletes the cache and moves the run folder."""
    folder = tmp_path_factory.mktemp("words")
    (folder / "train.xml").write_text(hotel_xml(6), encoding="utf-8")
    write_yaml(folder / "mine.yaml", word_settings())
    options = [f"--data.root={folder}", "--trainer.max_epochs=10", "--model.lr=1e-2"]
    outcome = run("fit", "--config", folder / "mine.yaml", *folder_options(folder), *options)
    assert outcome.code == 0, outcome.err
    shutil.rmtree(folder / "cache")
    shutil.move(folder / "runs" / "mine" / "version_0", folder / "moved")
    return Run(folder / "moved", outcome)


def test_the_run_learns_every_task(words: Run) -> None:
    scores = read_record(words.folder).scores["validation"]
    main = {name: scores[name] for name in ("sentiment/macro_f1", "ner/f1", "category/micro_f1")}
    assert {name for name, score in main.items() if score < 0.9} == set()


def test_the_run_folder_has_the_files_of_the_encoder(words: Run) -> None:
    assert {*files_under(words.folder)} >= {
        *("config.yaml", "checkpoints/best.ckpt", "encoder/config.json"),
        *("text/text.json", "text/tokenizer.json"),
    }
    facts = json.loads((words.folder / "text" / "text.json").read_text("utf-8"))
    assert facts["settings"]["form"] == "words"
    weights = torch.load(words.best, weights_only=True)["state_dict"]
    assert "network.heads.ner.transitions.scores" in weights
    assert "network.heads.ner.transitions.forbidden" not in weights  # it is derived from the tags
    assert weights["network.heads.sentiment.condition.weight"].shape == (len(CATEGORIES) + 1, 64)


def test_validate_prints_the_scores_of_the_run(words: Run) -> None:
    options = [f"--data.root={words.folder.parent}", *folder_options(words.folder.parent)]
    outcome = run("validate", "--ckpt_path", words.best, *options)
    assert outcome.code == 0, outcome.err
    scores = read_record(words.folder).scores["validation"]
    lines = [line.replace("│", " ").split() for line in outcome.out.splitlines()]
    found = {f"{line[0]}/{line[1]}": line[2] for line in lines if len(line) >= 3}
    assert found["ner/f1"] == f"{100 * scores['ner/f1']:.1f}"
    assert found["sentiment/accuracy"] == f"{100 * scores['sentiment/accuracy']:.1f}"


def predicted(project: Path, checkpoint: Path, *texts: str) -> list[dict[str, Any]]:
    xml = reviews([sentence(f"n:{number}", text) for number, text in enumerate(texts)])
    (project / "new.xml").write_text(xml, encoding="utf-8")
    given = ["--ckpt_path", checkpoint, "--input=new.xml", "--output=out.jsonl"]
    outcome = run("predict", *given)
    assert outcome.code == 0, outcome.err
    lines = (project / "out.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_a_text_is_annotated_with_the_run_folder_alone(project: Path, words: Run) -> None:
    first, plain, unseen, nothing = predicted(project, words.best, TEXT, PLAIN, UNSEEN, " ")
    found = [(span["text"], *labels_of(span, "ner", "sentiment")) for span in first["spans"]]
    assert found == [("الغُرْفَة", "ROOMS", "positive"), ("الموقع", "LOCATION", "negative")]
    assert [label["label"] for label in plain["labels"]["category"]] == ["SERVICE#GENERAL"]
    assert unseen["text"] == UNSEEN
    assert (nothing["spans"], nothing["labels"]) == ([], {"category": []})


def labels_of(span: dict[str, Any], *tasks: str) -> list[str]:
    return [span["labels"][task]["label"] for task in tasks]


def test_inspect_prints_words_and_predictions(project: Path, words: Run) -> None:
    outcome = run("inspect", "--ckpt_path", words.best, "--text", UNSEEN)
    assert outcome.code == 0, outcome.err
    plain = outcome.out.replace("\u2068", "").replace("\u2069", "")
    rows = [line.split() for line in plain.splitlines() if line.startswith("│")]
    spelt = ["│", "قسطنطينية", "│", "قسطنطينيه", "│", "قسطنطينيه", "│"]  # not [UNK]
    assert spelt in [row[:7] for row in rows]
    (line,) = predicted(project, words.best, UNSEEN)
    labels = [span["labels"]["sentiment"] for span in line["spans"]]
    assert labels
    for label in labels:
        assert f"sentiment    {label['label']}  {label['score']:.2f}" in plain


@pytest.mark.parametrize(("create", "form"), [(settings, "pieces"), (word_settings, "words")])
def test_the_text_pipeline_follows_the_encoder(
    project: Path, create: Callable[[], dict[str, Any]], form: str
) -> None:
    (project / "train.xml").write_text(hotel_xml(1), encoding="utf-8")
    config = write_yaml(project / "config.yaml", create())
    outcome = run("describe", "--config", config, *folder_options(project)[:1])
    assert outcome.code == 0, outcome.err
    (path,) = (project / "cache").rglob("text.json")
    assert json.loads(path.read_text("utf-8"))["settings"]["form"] == form


def test_the_saved_configuration_omits_the_form(words: Run) -> None:
    saved = yaml.safe_load((words.folder / "config.yaml").read_text("utf-8"))
    assert "form" not in saved["data"]["text"]


def test_the_form_is_that_of_the_encoder(project: Path) -> None:
    value = word_settings()
    value["data"]["text"]["form"] = "pieces"  # the encoder overrides it
    config = write_yaml(project / "config.yaml", value)
    (project / "train.xml").write_text(hotel_xml(1), encoding="utf-8")
    outcome = run("fit", "--config", config, *folder_options(project), *SHRUNK)
    assert outcome.code == 0, outcome.err
    facts = (project / "runs" / "config" / "version_0" / "text" / "text.json").read_text("utf-8")
    assert json.loads(facts)["settings"]["form"] == "words"
    outcome = run("fit", "--config", config, *folder_options(project), "--data.text.form=pieces")
    assert (outcome.code, outcome.out) == (2, "")
    assert "data.text.form" in outcome.err
    assert "Traceback" not in outcome.err
