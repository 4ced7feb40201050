"""The report of a run: its scores, the scores of each class, its limits."""

from __future__ import annotations

import re
from dataclasses import replace

from arabic_mtl.documents import LabelScore, TextPrediction
from arabic_mtl.evaluation import PredictedExample
from arabic_mtl.evaluation.record import RunRecord
from arabic_mtl.evaluation.report import card
from arabic_mtl.tasks import SequenceClassification, Task

TASKS: dict[str, Task] = {
    "mood": SequenceClassification(corpus="texts", layer="polarity", labels=("good", "bad"))
}
FILE = {"file": "a.xml", "sha256": "0123456789abcdef0000", "texts": 1200, "groups": 30}
RECORD = RunRecord(
    system="mine",
    seed=3,
    scores={"validation": {"mean": 0.5, "mood/accuracy": 0.75, "mood/loss": 1.25}},
    majority={"validation": {"mood/accuracy": 0.5}},
    cpu_seconds=61.4,
    wall_seconds=30.0,
    parameters=12345,
    best={"checkpoint": "best.ckpt", "why": "val/mean 0.5 in epoch 2"},
    data={"texts": {"train": FILE, "validation": FILE | {"texts": 4}}},
    versions={"torch": "2.0"},
)


def example(gold: str, found: str) -> PredictedExample:
    return PredictedExample(
        corpus="texts",
        number=0,
        id="1",
        group="1",
        text="a",
        pair=None,
        gold={"mood": TextPrediction((LabelScore(gold),))},
        predicted={"mood": TextPrediction((LabelScore(found, 0.9),), (0.9, 0.1))},
    )


EXAMPLES = [
    example("good", "good"),
    example("good", "good"),
    example("good", "bad"),
    example("bad", "bad"),
]


def report(linear: RunRecord | None = None) -> str:
    return card(RECORD, {"validation": EXAMPLES}, TASKS, "seed_everything: 3\n", linear)


def section(title: str, text: str) -> list[str]:
    """Returns the lines below a heading."""
    rest = text.split(f"## {title}\n\n", 1)[1]
    return rest.split("\n## ", 1)[0].strip().splitlines()


def test_report_names_the_run_and_its_checkpoint() -> None:
    lines = report().splitlines()
    assert lines[0] == "# mine, seed 3"
    assert "| selection | val/mean 0.5 in epoch 2 |" in lines
    assert "| parameters | 12,345 |" in lines
    assert "| CPU seconds | 61 |" in lines


def test_scores_are_next_to_the_majority_in_percent() -> None:
    assert section("Scores", report()) == [
        "| metric | validation: majority | validation |",
        "|---|---|---|",
        "| mean |  | 50.0 |",
        "| mood/accuracy | 50.0 | 75.0 |",
    ]


def test_the_linear_baseline_is_shown_if_it_was_run() -> None:
    linear = RunRecord(system="linear", seed=0, scores={"validation": {"mood/accuracy": 0.6}})
    lines = section("Scores", report(linear))
    assert lines[0] == "| metric | validation: majority | validation: linear | validation |"
    assert lines[-1] == "| mood/accuracy | 50.0 | 60.0 | 75.0 |"


def test_each_task_has_scores_per_class_and_a_confusion_matrix() -> None:
    assert section("mood on validation", report()) == [
        "| class | precision | recall | F1 | support |",
        "|---|---|---|---|---|",
        "| good | 100.0 | 66.7 | 80.0 | 3 |",
        "| bad | 50.0 | 100.0 | 66.7 | 1 |",
        "| micro avg | 75.0 | 75.0 | 75.0 | 4 |",
        "| macro avg | 75.0 | 83.3 | 73.3 | 4 |",
        "",
        "| gold ↓ predicted → | good | bad |",
        "|---|---|---|",
        "| good | 2 | 1 |",
        "| bad | 0 | 1 |",
    ]


def test_data_limits_versions_and_configuration() -> None:
    text = report()
    assert "| texts | train | a.xml | 1200 | 30 | 0123456789abcdef |" in section("Data", text)
    assert re.match(r"- .* 1,200 texts of texts\.", section("Limits", text)[0])
    assert "`arabic-mtl compare`" in text
    assert section("Versions", text) == ["torch 2.0"]
    assert section("Configuration", text) == ["```yaml", "seed_everything: 3", "```"]


def test_intervals_credits_and_slices() -> None:
    record = replace(RECORD, credits={"texts": {"source": "a paper", "license": "CC BY 4.0"}})
    text = card(record, {"validation": EXAMPLES}, TASKS, "", None)
    assert "- texts: source a paper; license CC BY 4.0" in section("Data", text)
    (_, _, interval) = section("Intervals", text)
    assert re.search(r"mood/macro_f1 +\| +\d+\.\d to 100\.0", interval)
    (_, _, row) = section("Slices of validation", text)
    assert re.search(r"mood/macro_f1 +\| +length +\| +1–8 words +\| +4 +\| +73\.3", row)
