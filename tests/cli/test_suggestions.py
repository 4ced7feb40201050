"""What is said of misspelt options and classes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from local_models import Outcome, run, settings, write_yaml
from messages import assert_names, told

from arabic_mtl.tasks import SequenceClassification

BALANCING = [
    f"arabic_mtl.balancing.{name}"
    for name in ("FixedWeights", "GradientBalancing", "UncertaintyWeights")
]


def suggested(outcome: Outcome, *found: str) -> tuple[list[str], str]:
    """Which names are expected instead of what was found, and whose help is named."""
    error = told(outcome)
    assert_names(error.found, *found)
    names, _, command = error.expected.removesuffix(" --help").partition("train.py")
    return re.findall(r"[\w.]*[._][\w.]*\w|\blr\b", names), command.strip()


@pytest.mark.parametrize(
    ("words", "found", "names"),
    [
        ("fit --data.plan.batchsize=3", "--data.plan.batchsize=3", ["data.plan.batch_size"]),
        ("validate --modl.lr=3", "--modl.lr=3", ["model.lr"]),
        ("baseline --data.plan.batchsize=3", "--data.plan.batchsize=3", ["data.plan.batch_size"]),
        ("fit --speed=9", "--speed=9", []),
        ("fit --model.balancing=FixedWeigths", "FixedWeigths", BALANCING),
        ("fit --model.balancing=torch.nn.Linear", "torch.nn.Linear", BALANCING),
        ("fit --model.balancing=FixedWeights --model.balancing.weigths=1", "'weigths'", []),
        ("fit --model.balancing=UncertaintyWeights --model.balancing.rate=0.4", "'rate'", ["lr"]),
        ("fit --data.tasks.category.threshold=x", "data.tasks.category.threshold", []),
    ],
)
def test_on_the_command_line(project: Path, words: str, found: str, names: list[str]) -> None:
    command, *options = words.split()
    outcome = run(command, "--config", write_yaml(project / "a.yaml", settings()), *options)
    assert suggested(outcome, found) == (names, command)


def test_in_a_file(project: Path) -> None:
    value = settings()
    value["model"]["lrr"] = value["model"].pop("lr")
    outcome = run("fit", "--config", write_yaml(project / "a.yaml", value))
    assert suggested(outcome, "'model.lrr'") == (["model.lr"], "")
    value = settings()
    value["data"]["corpora"]["reviews"]["class_path"] = "arabic_mtl.corpora.SemEval2014"
    outcome = run("fit", "--config", write_yaml(project / "a.yaml", value))
    names = suggested(outcome, "data.corpora.reviews", "arabic_mtl.corpora.SemEval2014")
    assert names == (["arabic_mtl.corpora.SemEval2016"], "fit")


def test_a_class_of_ones_own_in_a_module_at_the_top(project: Path) -> None:
    class Mine(SequenceClassification):
        __module__ = "mine"

    values = settings()
    values["data"]["tasks"]["ner"]["class_path"] = "arabic_mtl.tasks.Nothing"
    outcome = run("fit", "--config", write_yaml(project / "mine.yaml", values))
    names, command = suggested(outcome, "data.tasks.ner", "arabic_mtl.tasks.Nothing")
    assert "arabic_mtl.tasks.TokenClassification" in names
    assert {name.rpartition(".")[0] for name in names} == {"arabic_mtl.tasks"}
    assert command == "fit"
    assert Mine.__name__ not in outcome.err
