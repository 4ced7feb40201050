"""Small configurations; each call returns a new one."""

from copy import deepcopy
from typing import Any

TINY = {
    "model_type": "bert",
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 32,
}
POLARITIES = ["positive", "negative", "neutral"]
CATEGORIES = ["ROOMS#GENERAL", "SERVICE#GENERAL", "LOCATION#GENERAL", "HOTEL#GENERAL"]
TASKS: dict[str, Any] = {
    "sentiment": {
        "class_path": "arabic_mtl.tasks.SpanClassification",
        "init_args": {
            "corpus": "reviews",
            "layer": "polarity",
            "labels": POLARITIES,
            "spans_from": "ner",
        },
    },
    "ner": {
        "class_path": "arabic_mtl.tasks.TokenClassification",
        "init_args": {
            "corpus": "reviews",
            "layer": "entity",
            "labels": ["ROOMS", "SERVICE", "LOCATION"],
        },
    },
    "category": {
        "class_path": "arabic_mtl.tasks.MultiLabelClassification",
        "init_args": {"corpus": "reviews", "layer": "category", "labels": CATEGORIES},
    },
}


def settings() -> dict[str, Any]:
    """Returns a complete small configuration on ``train.xml``, which draws no pictures."""
    corpus = {"class_path": "arabic_mtl.formats.SemEval2016", "init_args": {"train": "train.xml"}}
    encoder = {"class_path": "arabic_mtl.model.encoders.TransformerEncoder", "init_args": {}}
    encoder["init_args"] = {"config": dict(TINY)}
    return {
        "data": {
            "corpora": {"reviews": corpus},
            "tasks": deepcopy(TASKS),
            "text": {"vocab_size": 200},
            "plan": {"batch_size": 8},
            "validation_share": 0.3,
        },
        "model": {"encoder": encoder, "lr": 1e-3},
        "trainer": {"accelerator": "cpu", "max_epochs": 1},
        "dashboard": {"pictures": False},  # they take longer than the training
    }


def word_settings() -> dict[str, Any]:
    """Returns the configuration with a word encoder, and with all options of the heads."""
    value = settings()
    options = {name: task["init_args"] for name, task in value["data"]["tasks"].items()}
    condition = {"layer": "aspect", "labels": CATEGORIES, "predicted_by": "category"}
    options["sentiment"] |= {"window": 2, "attention": True, "condition": condition}
    options["sentiment"] |= {"label_weights": {"neutral": 2.0}}
    options["ner"] |= {"crf": True}
    options["category"] |= {"evidence": "category", "threshold": 0.35}
    sizes = {"size": 32, "buckets": 2000, "hidden": 16}
    value["model"]["encoder"] = {
        "class_path": "arabic_mtl.model.encoders.WordEncoder",
        "init_args": sizes,
    }
    return value


def recipe_settings(**text: Any) -> dict[str, Any]:
    """Returns a configuration like the hotel recipe's, with a task on categories.

    Args:
        **text: Options of ``data.text``.
    """
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
