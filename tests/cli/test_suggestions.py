"""What is said of misspelt options and classes."""

from __future__ import annotations

from pathlib import Path

import pytest

from arabic_mtl.tasks import SequenceClassification
from support.configurations import settings
from support.runs import run, write_yaml


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("fit --data.plan.batchsize=3", "data.plan.batch_size; see train.py fit --help"),
        ("validate --modl.lr=3", "model.lr; see train.py validate --help"),
        ("baseline --data.plan.batchsize=3", "data.plan.batch_size; see train.py baseline --help"),
        ("fit --speed=9", "see train.py fit --help"),
        (
            "fit --model.balancing=FixedWeigths",
            "one of arabic_mtl.balancing.FixedWeights, arabic_mtl.balancing.GradientBalancing, "
            "arabic_mtl.balancing.UncertaintyWeights; see train.py fit --help",
        ),
        (
            "fit --model.balancing=torch.nn.Linear",
            "one of arabic_mtl.balancing.FixedWeights, arabic_mtl.balancing.GradientBalancing, "
            "arabic_mtl.balancing.UncertaintyWeights; see train.py fit --help",
        ),
        (
            "fit --model.balancing=FixedWeights --model.balancing.weigths=1",
            "none, for it has no options; see train.py fit --help",
        ),
        (
            "fit --model.balancing=UncertaintyWeights --model.balancing.rate=0.4",
            "one of lr; see train.py fit --help",
        ),
        ("fit --data.tasks.category.threshold=x", "see train.py fit --help"),
    ],
)
def test_on_the_command_line(project: Path, words: str, expected: str) -> None:
    command, *options = words.split()
    outcome = run(command, "--config", write_yaml(project / "a.yaml", settings()), *options)
    assert outcome.code == 2
    assert outcome.err.splitlines()[-1] == f"  expected: {expected}"


def test_in_a_file(project: Path) -> None:
    value = settings()
    value["model"]["lrr"] = value["model"].pop("lr")
    outcome = run("fit", "--config", write_yaml(project / "a.yaml", value))
    assert outcome.err.splitlines()[-1] == "  expected: model.lr; see train.py --help"
    value = settings()
    value["data"]["corpora"]["reviews"]["class_path"] = "arabic_mtl.corpora.SemEval2014"
    outcome = run("fit", "--config", write_yaml(project / "a.yaml", value))
    (expected,) = [line for line in outcome.err.splitlines() if "expected:" in line]
    assert expected == "  expected: one of arabic_mtl.corpora.SemEval2016; see train.py fit --help"


def test_a_class_of_ones_own_in_a_module_at_the_top(project: Path) -> None:
    class Mine(SequenceClassification):
        __module__ = "mine"

    values = settings()
    values["data"]["tasks"]["ner"]["class_path"] = "arabic_mtl.tasks.Nothing"
    outcome = run("fit", "--config", write_yaml(project / "mine.yaml", values))
    assert outcome.code == 2
    assert "one of arabic_mtl.tasks." in outcome.err
    assert Mine.__name__ not in outcome.err
