"""Errors about unknown keys and classes suggest the closest known ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from arabic_mtl import formats
from arabic_mtl.tasks import SequenceClassification
from support.configurations import settings
from support.runs import Outcome, run, write_yaml

Values = dict[str, Any]


def lines(outcome: Outcome) -> dict[str, str]:
    """Returns the fields of the single error of a command, by name."""
    assert outcome.code == 2
    first, *rest = outcome.err.splitlines()
    assert first == "error"
    parts = [line.strip().split(": ", 1) for line in rest]
    return {name: value.strip() for name, value in parts}


def callback(values: Values, name: str, **options: Any) -> None:
    path = f"lightning.pytorch.callbacks.{name}"
    values["trainer"]["callbacks"] = [
        {"class_path": "lightning.pytorch.callbacks.DeviceStatsMonitor"},
        {"class_path": path, "init_args": options},
    ]


def task(values: Values, name: str) -> Values:
    options: Values = values["data"]["tasks"][name]["init_args"]
    return options


KEYS: dict[str, tuple[Callable[[Values], Any], str]] = {
    "data.txt": (lambda v: v["data"].update(txt={"vocab_size": 9}), "data.text"),
    "data.plan.batchsize": (
        lambda v: v["data"]["plan"].update(batchsize=9),
        "data.plan.batch_size",
    ),
    "model.learning_rate": (lambda v: v["model"].update(learning_rate=1), "model.lr"),
    "trainer.max_epoch": (lambda v: v["trainer"].update(max_epoch=1), "trainer.max_epochs"),
    "modle": (lambda v: v.update(modle={"lr": 1}), "model"),
    "batch_size": (lambda v: v.update(batch_size=8), "data.plan.batch_size"),
    "data.tasks.ner.init_args.label": (
        lambda v: task(v, "ner").update(label=["ROOMS"]),
        "data.tasks.ner.init_args.labels",
    ),
    "data.tasks.ner.init_arg": (
        lambda v: v["data"]["tasks"]["ner"].update(init_arg={}),
        "data.tasks.ner.init_args",
    ),
    "data.tasks.sentiment.init_args.condition.layr": (
        lambda v: task(v, "sentiment").update(condition={"layr": "aspect", "labels": ["a"]}),
        "data.tasks.sentiment.init_args.condition.layer",
    ),
    "data.corpora.reviews.init_args.tarin": (
        lambda v: v["data"]["corpora"]["reviews"]["init_args"].update(tarin="train.xml"),
        "data.corpora.reviews.init_args.train",
    ),
    "model.encoder.init_args.nam": (
        lambda v: v["model"]["encoder"]["init_args"].update(nam="arabert"),
        "model.encoder.init_args.name",
    ),
    "model.balancing.init_args.lrr": (
        lambda v: v["model"].update(
            balancing={"init_args": {"lrr": 1}, "class_path": "UncertaintyWeights"}
        ),
        "model.balancing.init_args.lr",
    ),
    "trainer.callbacks.1.init_args.logging_intervall": (
        lambda v: callback(v, "LearningRateMonitor", logging_intervall="step"),
        "trainer.callbacks.1.init_args.logging_interval",
    ),
    "trainer.logger.init_args.save_dirr": (
        lambda v: v["trainer"].update(
            logger={
                "class_path": "lightning.pytorch.loggers.TensorBoardLogger",
                "init_args": {"save_dirr": "runs"},
            }
        ),
        "trainer.logger.init_args.save_dir",
    ),
}


@pytest.mark.parametrize("key", KEYS)
def test_an_unknown_key_in_a_file(project: Path, key: str) -> None:
    change, near = KEYS[key]
    values = settings()
    change(values)
    found = lines(run("fit", "--config", write_yaml(project / "a.yaml", values)))
    assert found["at"] == str(project / "a.yaml")
    assert found["found"] == key
    assert found["expected"] == f"did you mean {near}? see arabic-mtl fit --help"
    assert [path.name for path in project.iterdir()] == ["a.yaml"]


def test_all_unknown_keys_of_a_file_are_named(project: Path) -> None:
    values = settings() | {"modle": {}}
    values["trainer"]["max_epoch"] = 1
    found = lines(run("describe", "--config", write_yaml(project / "a.yaml", values)))
    assert set(found["found"].split(", ")) == {"modle", "trainer.max_epoch"}
    for near in ("model", "trainer.max_epochs"):
        assert f"did you mean {near}?" in found["expected"]


def test_an_unknown_key_in_a_data_file(project: Path) -> None:
    values = settings()
    values["data"]["rot"] = values["data"].pop("root", ".")
    data = write_yaml(project / "data.yaml", values.pop("data"))
    config = write_yaml(project / "a.yaml", values | {"data": "data.yaml"})
    found = lines(run("fit", "--config", config))
    assert (found["at"], found["found"]) == (str(data), "data.rot")
    assert "did you mean data.root?" in found["expected"]


OPTIONS = {
    "--data.plan.batchsize=3": "data.plan.batch_size",
    "--data.txt.vocab_size=3": "data.text.vocab_size",
    "--model.learning_rate 1": "model.lr",
    "--modl.lr=3": "model.lr",
    "--trainer.max_epoch=1": "trainer.max_epochs",
    "--data.tasks.ner.label=x": "data.tasks.ner.labels",
    "--data.tasks.ner.init_args.label=x": "data.tasks.ner.init_args.labels",
    "--model.encoder.init_args.nam=x": "model.encoder.init_args.name",
    "--model.balancing=UncertaintyWeights --model.balancing.lrr=1": "model.balancing.lr",
}


@pytest.mark.parametrize("words", OPTIONS)
@pytest.mark.parametrize("command", ["fit", "baseline"])
def test_an_unknown_key_on_the_command_line(project: Path, words: str, command: str) -> None:
    config = write_yaml(project / "a.yaml", settings())
    found = lines(run(command, "--config", config, *words.split()))
    option = next(word for word in reversed(words.split()) if word.startswith("--"))
    assert found["found"] == option.partition("=")[0]
    assert found["expected"] == f"did you mean {OPTIONS[words]}? see arabic-mtl {command} --help"


INSIDE = {
    "--data.plan={batchsize: 3}": "data.plan.batchsize",
    "--model.balancing={class_path: UncertaintyWeights, init_args: {lrr: 3}}": (
        "model.balancing.init_args.lrr"
    ),
    "--trainer.callbacks+={class_path: LearningRateMonitor, init_args: {logg: x}}": (
        "trainer.callbacks.init_args.logg"
    ),
}


@pytest.mark.parametrize("word", INSIDE)
def test_an_unknown_key_in_the_value_of_an_option(project: Path, word: str) -> None:
    config = write_yaml(project / "a.yaml", settings())
    assert lines(run("fit", "--config", config, word))["found"] == f"--{INSIDE[word]}"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            "--data.plan.zzz=9",
            "one of batch_size, token_budget, step, pool, temperature, final_temperature, shares; "
            "see arabic-mtl fit --help",
        ),
        ("--trainer.zzz=9", "see arabic-mtl fit --help"),
        (
            "--model.balancing=FixedWeights --model.balancing.weigths=1",
            "nothing below model.balancing, which has no options; see arabic-mtl fit --help",
        ),
        ("--data.tasks.category.threshold=x", "see arabic-mtl fit --help"),
        (
            "--model.balancing=UncertaintyWeights --model.balancing.x=1",
            "one of lr; see arabic-mtl fit --help",
        ),
    ],
)
def test_known_keys_are_listed_if_none_is_close(project: Path, words: str, expected: str) -> None:
    config = write_yaml(project / "a.yaml", settings())
    assert lines(run("fit", "--config", config, *words.split()))["expected"] == expected


@pytest.mark.parametrize("name", ["FixedWeigths", "torch.nn.Linear", "no.such.Thing"])
def test_known_classes_are_listed(project: Path, name: str) -> None:
    config = write_yaml(project / "a.yaml", settings())
    found = lines(run("fit", "--config", config, f"--model.balancing={name}"))
    assert found["expected"].startswith("one of ")
    for each in ("FixedWeights", "GradientBalancing", "UncertaintyWeights"):
        assert f"arabic_mtl.training.balancing.{each}" in found["expected"]
    assert ("; or a class of a module on PYTHONPATH;" in found["expected"]) == ("." in name)


def test_known_classes_are_listed_for_a_file(project: Path) -> None:
    values = settings()
    values["data"]["corpora"]["reviews"]["class_path"] = "arabic_mtl.formats.SemEval2015"
    found = lines(run("fit", "--config", write_yaml(project / "a.yaml", values)))
    names = found["expected"].removeprefix("one of ").split(";")[0].split(", ")
    assert "arabic_mtl.formats.SemEval2016" in names
    assert {*names} <= {f"arabic_mtl.formats.{name}" for name in formats.__all__}


def test_classes_of_other_packages_are_not_listed(project: Path) -> None:
    class Mine(SequenceClassification):
        __module__ = "mine"

    values = settings()
    values["data"]["tasks"]["ner"]["class_path"] = "arabic_mtl.tasks.Nothing"
    found = lines(run("fit", "--config", write_yaml(project / "mine.yaml", values)))
    names = found["expected"].removeprefix("one of ").split(";")[0].split(", ")
    assert "arabic_mtl.tasks.TokenClassification" in names
    assert {name.rpartition(".")[0] for name in names} == {"arabic_mtl.tasks"}
    assert Mine.__name__ not in found["expected"]
