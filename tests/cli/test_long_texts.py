"""Reviews longer than the encoder's maximum, on the command line."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from support.configurations import settings
from support.messages import assert_names, error_fields
from support.runs import SHRUNK, Outcome, folder_options, run, write_yaml
from support.semeval import NOUNS, hotel_xml, rename_reviews, reviews, sentence

pytestmark = pytest.mark.runs

SHORT = [sentence("s:0", "الغرفة ممتازة", ("الغرفة", "ROOMS#GENERAL", "positive"))]


def long_xml(copies: int = 4) -> str:
    """Returns long reviews of three sentences with a target each, and two short reviews."""
    nouns, long = list(NOUNS), []
    for number in range(copies * 3):
        own = []
        for index, noun in enumerate(nouns[number % 3 :] + nouns[: number % 3]):
            adjective, polarity = [("ممتازة", "positive"), ("سيئة", "negative")][number % 2]
            text = f"كانت {noun} {adjective} للغاية هنا، في الليلة {number}"
            entity = f"{NOUNS[noun]}#GENERAL"
            own.append(sentence(f"r{number}:{index}", text, (noun, entity, polarity)))
        long.append(own)
    again = [sentence("s:1", "الموقع سيئة", ("الموقع", "LOCATION#GENERAL", "negative"))]
    return reviews(*long, SHORT, again)


def configuration(project: Path, **text: Any) -> Path:
    for split in ("train", "validation", "test"):
        (project / f"{split}.xml").write_text(rename_reviews(long_xml(), split), encoding="utf-8")
    value = settings()
    corpus = value["data"]["corpora"]["reviews"]["init_args"]
    corpus |= {"unit": "review", "validation": "validation.xml", "test": "test.xml"}
    value["data"]["text"] |= {"max_length": 16, **text}
    return write_yaml(project / "config.yaml", value)


def scores(outcome: Outcome) -> dict[str, list[float]]:
    """Returns ``task metric`` to the numbers in the printed table."""
    lines = [line for line in outcome.out.splitlines() if line.startswith("│")]
    cells = [[cell.strip() for cell in line.strip("│").split("│")] for line in lines]
    return {" ".join(row[:2]): [float(value) for value in row[2:] if value] for row in cells}


@pytest.fixture
def trained(project: Path) -> Path:
    """Returns a checkpoint with random weights."""
    options = [
        "--config",
        configuration(project),
        *SHRUNK,
        "--model.lr=0",
        *folder_options(project),
    ]
    outcome = run("fit", *options)
    assert outcome.code == 0, outcome.err
    return project / "runs" / "config" / "version_0" / "checkpoints" / "best.ckpt"


def test_describe_counts_windowed_texts(project: Path) -> None:
    config = configuration(project)
    outcome = run("describe", "--config", config, *folder_options(project)[:1])
    assert outcome.code == 0, outcome.err
    texts = outcome.out.partition("  Texts  ")[2]
    line = next(line for line in texts.splitlines() if "train" in line)
    cells = [cell.strip() for cell in line.strip("│").split("│")]
    assert cells[:4] == ["reviews", "train", "14", "14"]
    assert cells[-1] == "12 (85.7%)"  # of fourteen


@pytest.mark.slow
def test_prediction_of_whole_reviews(project: Path, trained: Path) -> None:
    assert run("test", "--ckpt_path", trained).code == 0
    long = [" ".join(texts) for texts in sentences(long_xml())]
    (project / "new.txt").write_text("\n".join(long), encoding="utf-8")
    outcome = run("predict", "--ckpt_path", trained, "--input=new.txt", "--output=out.jsonl")
    assert outcome.code == 0, outcome.err
    lines = (project / "out.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert [row["text"] for row in rows] == long
    assert all(len(row["text"].split()) >= 24 for row in rows[:12])
    beyond = 0
    for row in rows:
        named = [span for span in row["spans"] if "ner" in span["labels"]]
        spans = [(span["start"], span["end"]) for span in named]
        assert all(one[1] <= other[0] for one, other in pairwise(spans))
        for span in named:
            assert row["text"][span["start"] : span["end"]] == span["text"] != ""
        judged = [(s["start"], s["end"]) for s in row["spans"] if "sentiment" in s["labels"]]
        assert judged == (spans or [(0, 0)])
        beyond += sum(start > len(row["text"]) / 2 for start, _ in spans)
    assert beyond > 5  # random weights find targets everywhere, in the later windows, too


def sentences(xml: str) -> list[list[str]]:
    """Returns the texts of each review."""
    root = etree.fromstring(xml.encode())
    return [[text.text or "" for text in review.iter("text")] for review in root]


@pytest.mark.slow
def test_targets_are_learned_in_windows(project: Path) -> None:
    """Checks that targets in later windows are learned, too."""
    config = configuration(project)
    options = ["--trainer.max_epochs=25", "--model.lr=1e-2", "--data.plan.batch_size=4"]
    outcome = run("fit", "--config", config, *options, *folder_options(project))
    assert outcome.code == 0, outcome.err
    found = scores(outcome)
    assert found["ner f1"] == [0.0, pytest.approx(100, abs=5)] * 2
    best = project / "runs" / "config" / "version_0" / "checkpoints" / "best.ckpt"
    tested = run("test", "--ckpt_path", best)
    assert scores(tested)["ner f1"] == found["ner f1"][-1:]


def test_too_long_pair_raises(project: Path) -> None:
    target = "الغرفة " * 9 + "جدا"
    text = f"{target} نظيفة"
    xml = reviews([sentence("a:0", text, (target, "ROOMS#GENERAL", "positive"))], SHORT)
    (project / "train.xml").write_text(xml, encoding="utf-8")
    (project / "other.xml").write_text(rename_reviews(xml, "other"), encoding="utf-8")
    value = settings()
    value["data"]["corpora"]["reviews"]["init_args"]["unit"] = "opinion"
    value["data"]["corpora"]["reviews"]["init_args"]["validation"] = "other.xml"
    value["data"]["tasks"] = {"category": value["data"]["tasks"]["category"]}
    value["data"]["text"]["max_length"] = 16
    config = write_yaml(project / "config.yaml", value)
    outcome = run("fit", "--config", config, *SHRUNK, *folder_options(project))
    error = error_fields(outcome)
    assert_names(error.rule, "data.text.max_length")
    assert_names(error.location, "train.xml", "a:0/0")
    assert re.findall(r"\d+", error.found + error.expected)[1:] == ["8"]
    assert (
        run(
            "fit",
            "--config",
            config,
            "--data.text.max_length=64",
            *SHRUNK,
            *folder_options(project),
        ).code
        == 0
    )


@pytest.mark.slow
def test_max_length_does_not_change_short_texts(project: Path) -> None:
    """Checks that the scores do not depend on ``max_length`` if no text needs windows."""
    (project / "train.xml").write_text(hotel_xml(1), encoding="utf-8")
    config = write_yaml(project / "config.yaml", settings())
    found = []
    for longest in (32, 256):
        outcome = run(
            *("fit", "--config", config, *SHRUNK, *folder_options(project)),
            f"--data.text.max_length={longest}",
        )
        assert outcome.code == 0, outcome.err
        found.append(scores(outcome))
    assert found[0] == found[1] != {}
