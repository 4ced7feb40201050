"""``describe`` on a file small enough to count by hand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from support.configurations import settings
from support.messages import assert_names, error_fields
from support.models import save_model
from support.runs import Outcome, run, write_yaml
from support.semeval import rename_reviews, reviews, sentence

pytestmark = pytest.mark.runs

PATHS = {"validation": "validation.xml", "test": "test.xml"}
TRAIN = reviews(
    [
        sentence("a:0", "الغرفة ممتازة", ("الغرفة", "ROOMS#GENERAL", "positive")),
        sentence(  # the second target follows a و, the third ends before a full stop
            "a:1",
            "موقع والخدمة سيئة في الغرفة.",
            ("موقع", "LOCATION#GENERAL", "positive"),
            ("الخدمة", "SERVICE#GENERAL", "negative"),
            ("الغرفة", "ROOMS#GENERAL", "negative"),
        ),
    ],
    [
        sentence("b:0", "ممتاز", (None, "HOTEL#GENERAL", "positive")),
        sentence("b:1", "لا تعليق"),
    ],
)
VALIDATION = rename_reviews(
    reviews([sentence("v:0", "فندق", (None, "HOTEL#GENERAL", "neutral"))]), "validation"
)
TEST = rename_reviews(
    reviews([sentence("t:0", "الموقع", ("الموقع", "LOCATION#GENERAL", "neutral"))]), "test"
)


def described(project: Path, *options: str) -> Outcome:
    for name, xml in (("train", TRAIN), ("validation", VALIDATION), ("test", TEST)):
        (project / f"{name}.xml").write_text(xml, encoding="utf-8")
    value = settings()
    value["data"]["corpora"]["reviews"]["init_args"].update(PATHS)
    config = write_yaml(project / "config.yaml", value)
    cache = f"--data.cache={project / 'cache'}"
    return run("describe", "--config", config, cache, *options)


@pytest.fixture
def outcome(project: Path) -> Outcome:
    done = described(project)
    assert done.code == 0, done.err
    return done


def rows(out: str, title: str) -> list[list[str]]:
    """Returns the cells of the table below a title."""
    table = out[out.index(title) :]
    kept = table[: table.index("└")].splitlines()
    lines = [line for line in kept if line.startswith("│")]
    return [[cell.strip() for cell in line.strip("│").split("│")] for line in lines]


def test_texts_and_reviews(outcome: Outcome) -> None:
    found = [row[:4] for row in rows(outcome.out, "Texts")]
    assert found == [
        ["reviews", "train", "4", "2"],
        ["reviews", "validation", "1", "1"],
        ["reviews", "test", "1", "1"],
    ]


def test_percentiles_of_lengths(outcome: Outcome) -> None:
    for *_, median, ninety, ninety_nine, longest, windowed in rows(outcome.out, "Texts"):
        assert 3 <= int(median) <= int(ninety) <= int(ninety_nine) <= int(longest)
        assert windowed == "0 (0.0%)"
    assert rows(outcome.out, "Texts")[2][4] == rows(outcome.out, "Texts")[2][7]


@pytest.mark.parametrize(("longest", "share"), [(8, "1 (25.0%)"), (9, "0 (0.0%)")])
def test_share_of_texts_in_windows(project: Path, longest: int, share: str) -> None:
    outcome = described(project, f"--data.text.max_length={longest}")
    assert "windowed" in outcome.out
    assert "truncated" not in outcome.out
    found = rows(outcome.out, "Texts")
    assert found[0][7:] == ["9", share]  # the longest of four texts has nine tokens
    assert [row[8] for row in found[1:]] == ["0 (0.0%)", "0 (0.0%)"]


def facts(out: str) -> dict[str, str]:
    """Returns the facts above the tables."""
    lines = [line for line in out[: out.index("  Texts ")].splitlines() if line[:1] not in "┃│"]
    found = [re.fullmatch(r"((?:not )?\S+) +(\S.*)", line) for line in lines]
    return {match[1]: match[2].rstrip() for match in found if match}


def described_proclitics(project: Path) -> str:
    """Returns the line about proclitics if they are not split."""
    return facts(described(project, "--data.text.split_proclitics=false").out)["proclitics"]


def test_text_facts(project: Path, outcome: Outcome) -> None:
    found = facts(outcome.out)
    vocabulary = found.pop("vocabulary")
    assert vocabulary.endswith(" tokens")
    assert 50 < int(vocabulary.split()[0]) <= 200
    steps = "controls, tashkeel, tatweel, elongation, alef, alef_maksura, teh_marbuta, digits"
    assert found.pop("proclitics") != described_proclitics(project)
    assert found == {
        "cleaning": f"recipe: {steps}",
        "stemming": "none",
        "precision": "32-true",
    }


def test_text_facts_follow_the_settings(project: Path) -> None:
    steps = "--data.text.cleaning=[tatweel,alef]"
    other = ["--data.text.stemming=snowball", "--data.text.split_proclitics=false"]
    found = facts(described(project, steps, *other).out)
    assert found["cleaning"] == "tatweel, alef"
    assert found["stemming"] == "snowball"
    assert found["proclitics"] == described_proclitics(project)


def test_skipped_cleaning_step_is_listed(project: Path) -> None:
    """Checks that QARiB's folding is skipped for a vocabulary that distinguishes ة and ه."""
    model = save_model(project / "qarib")
    name = f"--model.encoder.init_args.name={model}"
    found = facts(described(project, name, "--model.encoder.init_args.config={}").out)
    assert found["cleaning"] == "qarib: controls, tashkeel, tatweel"
    skipped = {step: reason for step, reason in found.items() if step.startswith("not ")}
    assert set(skipped) == {"not alef", "not alef_maksura", "not teh_marbuta"}
    for reason in skipped.values():
        assert re.match(r"[1-9]\d* tokens ", reason)


def test_labels_and_targets(outcome: Outcome) -> None:
    found = rows(outcome.out, "Labels and targets")
    assert found == [
        ["category", "train", "5", "", "", ""],
        ["category", "validation", "1", "", "", ""],
        ["category", "test", "1", "", "", ""],
        ["ner", "train", "4", "0.0%", "25.0%", "25.0%"],
        ["ner", "validation", "0", "", "", ""],
        ["ner", "test", "1", "0.0%", "0.0%", "0.0%"],
        ["sentiment", "train", "5", "20.0%", "25.0%", "25.0%"],
        ["sentiment", "validation", "1", "100.0%", "", ""],
        ["sentiment", "test", "1", "0.0%", "0.0%", "0.0%"],
    ]


LABELS = {
    "sentiment": [
        ["positive", "3", "0", "0"],
        ["negative", "2", "0", "0"],
        ["neutral", "0", "1", "1"],
    ],
    "ner": [["ROOMS", "2", "0", "0"], ["SERVICE", "1", "0", "0"], ["LOCATION", "1", "0", "1"]],
    "category": [
        ["ROOMS#GENERAL", "2", "0", "0"],
        ["SERVICE#GENERAL", "1", "0", "0"],
        ["LOCATION#GENERAL", "1", "0", "1"],
        ["HOTEL#GENERAL", "1", "1", "0"],
    ],
}


@pytest.mark.parametrize("task", LABELS)
def test_label_counts(outcome: Outcome, task: str) -> None:
    assert rows(outcome.out, f"Labels of {task}") == LABELS[task]


def test_no_run_folder_is_made(project: Path, outcome: Outcome) -> None:
    names = {path.name for path in project.iterdir()}
    assert names == {"config.yaml", "train.xml", "validation.xml", "test.xml", "cache"}


def test_only_existing_splits_are_listed(project: Path) -> None:
    described(project)
    value = settings()
    value["data"]["validation_share"] = 0.5
    config = write_yaml(project / "config.yaml", value)
    done = run("describe", "--config", config, f"--data.cache={project / 'cache'}")
    splits = [row[1] for row in rows(done.out, "Texts")]
    assert (done.code, splits) == (0, ["train", "validation"])
    assert sum(int(row[2]) for row in rows(done.out, "Texts")) == 4


def test_unknown_label_raises(project: Path) -> None:
    labels = "--data.tasks.sentiment.labels=[positive,negative]"
    done = described(project, labels)
    error = error_fields(done)
    assert_names(error.found, "«neutral»")
    assert_names(error.location, "validation.xml")


def test_token_budget_with_batch_size_raises(project: Path) -> None:
    done = described(project, "--data.plan.token_budget=30")
    error = error_fields(done)
    assert_names(error.rule, "data.plan.batch_size", "token_budget")
    assert error.found == "batch_size: 8, token_budget: 30"
    assert_names(error.expected, "--data.plan.batch_size=null")
    done = described(project, "--data.plan.token_budget=30", "--data.plan.batch_size=null")
    assert done.code == 0, done.err
    assert rows(done.out, "Sampling plan") == [["reviews", "4", "4", "100.0%", "2 (100.0%)"]]


def test_final_temperature_with_one_epoch_raises(project: Path) -> None:
    done = described(project, "--data.plan.final_temperature=5", "--trainer.max_epochs=1")
    error = error_fields(done)
    assert_names(error.rule, "data.plan.final_temperature")
    assert error.found == "trainer.max_epochs: 1"
