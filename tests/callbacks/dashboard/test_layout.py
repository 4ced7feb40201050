"""The charts of the custom scalars page."""

from __future__ import annotations

import re

from arabic_mtl.callbacks.dashboard.layout import layout
from support.training import four_tasks

LOGGED = [
    *("train/loss", "train/lr", "train/ner/loss", "train/nerves/loss", "val/mean", "epoch"),
    *("val/span/macro_f1", "val/span/accuracy", "val/span/loss", "val/span/ece", "val/span/f1"),
    *("val/ner/f1", "val/ner/span_f1", "val/ner/accuracy", "val/ner/loss", "test/ner/f1"),
    *("val/category/micro_f1", "val/category/macro_f1", "val/pair/macro_f1"),
    *("gradients/cosine/span-ner", "gradients/norm/ner", "speed/rows_per_second"),
    *("speed/tokens_per_second", "speed/padding", "speed/mfu"),
]


def charts() -> dict[str, dict[str, list[str]]]:
    """Returns section to chart to the logged tags that it shows."""
    return {
        section: {
            name: [tag for tag in LOGGED if any(re.match(p, tag) for p in patterns)]
            for name, (kind, patterns) in section_charts.items()
            if kind == "Multiline"
        }
        for section, section_charts in layout(four_tasks()).items()
    }


def test_all_tasks_then_each_then_training() -> None:
    assert list(charts()) == ["all tasks", "span", "ner", "category", "pair", "training"]


def test_main_metrics_of_all_tasks_share_a_chart() -> None:
    main = ["val/span/macro_f1", "val/ner/f1", "val/category/micro_f1", "val/pair/macro_f1"]
    assert charts()["all tasks"] == {"main metrics": main, "mean": ["val/mean"]}


def test_a_task_has_its_losses_its_main_metric_and_the_others() -> None:
    assert charts()["ner"] == {
        "ner: loss": ["train/ner/loss", "val/ner/loss"],
        "ner: f1": ["val/ner/f1"],
        "ner: other metrics": ["val/ner/span_f1", "val/ner/accuracy"],
    }
    assert charts()["span"]["span: other metrics"] == ["val/span/accuracy", "val/span/ece"]


def test_training_charts() -> None:
    assert list(charts()["training"].values()) == [  # titles are free to change
        ["train/loss"],
        ["train/lr"],
        ["gradients/cosine/span-ner"],
        ["gradients/norm/ner"],
        ["speed/rows_per_second", "speed/tokens_per_second"],
        ["speed/padding"],
        ["speed/mfu"],
    ]
