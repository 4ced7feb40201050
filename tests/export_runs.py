"""Runs whose every head is one of Hugging Face's: pairs, tags, and labels of first tokens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from local_models import Run, hotel_xml, places, run, settings, write_yaml


def first_tokens(**text: Any) -> dict[str, Any]:
    """A configuration in the recipe's form, with categories."""
    value = settings()
    corpora, tasks = value["data"]["corpora"], value["data"]["tasks"]
    corpora["opinions"] = corpora["reviews"] | {
        "init_args": corpora["reviews"]["init_args"] | {"unit": "opinion"}
    }
    polarity = tasks["sentiment"]["init_args"]
    tasks["sentiment"] = {
        "class_path": "arabic_mtl.tasks.SequenceClassification",
        "init_args": {
            "corpus": "opinions",
            "layer": "polarity",
            "labels": polarity["labels"],
            "pooling": "first",
        },
    }
    tasks["category"]["init_args"]["pooling"] = "first"
    tasks["ner"]["init_args"]["crf"] = True
    value["data"]["text"] |= text
    value["model"]["lr"] = 1e-2
    value["trainer"]["max_epochs"] = 3
    return value


def fitted(place: Path, value: dict[str, Any]) -> Run:
    """A run of a configuration on reviews whose labels follow from their words."""
    (place / "train.xml").write_text(hotel_xml(), encoding="utf-8")
    config = write_yaml(place / "config.yaml", value)
    outcome = run("fit", "--config", config, f"--data.root={place}", *places(place))
    assert outcome.code == 0, outcome.err
    return Run(place / "runs" / "config" / "version_0", outcome)
