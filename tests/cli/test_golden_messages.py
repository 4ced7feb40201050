"""One whole message of each command, word for word: the only place that knows the wording."""

from __future__ import annotations

from pathlib import Path

import pytest

from arabic_mtl.cli.main import COMMANDS
from support.configurations import settings
from support.runs import run, write_yaml
from support.semeval import hotel_xml

MINE = "--config=mine.yaml"
LIMITED = "--data.tasks.sentiment.labels=[positive,neutral]"
MESSAGES: dict[str, tuple[list[str], str]] = {
    "fit": (
        [MINE, "--data.corpora.reviews.train=absent.xml"],
        "  rule:     a corpus's file exists\n"
        "  found:    data.corpora.reviews.train: no file at absent.xml\n"
        "  expected: a file; absent.xml is looked up in data.root, which is .\n",
    ),
    "validate": (
        [MINE, "--ckpt_path=last"],
        "  rule:     --ckpt_path is a checkpoint of a trained model\n"
        "  found:    --ckpt_path=last, by which only fit goes on\n"
        "  expected: a .ckpt file, as `train.py fit` writes below runs/\n",
    ),
    "test": (
        ["--ckpt_path=runs/mine/version_0/checkpoints/best.ckpt"],
        "  rule:     --ckpt_path is a checkpoint of a trained model\n"
        "  found:    no file at runs/mine/version_0/checkpoints/best.ckpt\n"
        "  expected: a .ckpt file, as `train.py fit` writes below runs/\n",
    ),
    "compare": (
        ["mine.yaml", "--seeds=0"],
        "  rule:     --seeds is a number of runs\n  found:    0\n  expected: 1 or more\n",
    ),
    "baseline": (
        [MINE, "--data.plan.token_budget=99"],
        "  rule:     data.plan.batch_size and token_budget are alternatives\n"
        "  found:    batch_size: 8, token_budget: 99\n"
        "  expected: one of them: --data.plan.batch_size=null or --data.plan.token_budget=null\n",
    ),
    "describe": (
        [MINE, LIMITED],
        "  rule:     a label of layer 'polarity' is one that the task declares\n"
        "  at:       train.xml, line 8, sentence h0-1:0\n"
        "  found:    «negative»\n"
        "  expected: positive, neutral\n",
    ),
    "inspect": (
        [MINE],
        "  rule:     there is one sentence to look at\n"
        "  found:    no --text and no --sentence\n"
        '  expected: --text "…", or --sentence ID for one of a corpus with its labels\n',
    ),
    "predict": (
        ["--ckpt_path=runs/mine/version_0", "--input=absent.txt", "--output=out.jsonl"],
        "  rule:     --input is a file that exists\n"
        "  found:    no file absent.txt\n"
        "  expected: the path of a file\n",
    ),
    "export": (
        ["--ckpt_path=runs/mine/version_0", "--to=hf", "."],
        "  rule:     DIR is a new folder\n"
        "  found:    ., which is not empty\n"
        "  expected: the path of one that does not exist yet\n",
    ),
    "serve": (
        ["--ckpt_path=absent"],
        "  rule:     a model is the folder of a run, one of its checkpoints, or an "
        "exported folder\n"
        "  found:    nothing at absent\n"
        "  expected: a folder that `train.py fit` has written below runs/; graphs: the "
        "backend onnx\n",
    ),
    "score": (
        ["train.xml", "system.xml"],
        "  rule:     a polarity is one that the task knows\n"
        "  at:       system.xml, line 8, sentence h0-1:0\n"
        "  found:    «bad» on ROOMS#GENERAL, target «الغرفة»\n"
        "  expected: positive, negative, neutral, conflict\n",
    ),
}


@pytest.fixture
def files(project: Path) -> None:
    """A configuration, its corpus, and a system's file with a polarity that is none."""
    xml = hotel_xml(1)
    (project / "train.xml").write_text(xml, encoding="utf-8")
    (project / "system.xml").write_text(xml.replace("negative", "bad", 1), encoding="utf-8")
    write_yaml(project / "mine.yaml", settings())


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("command", MESSAGES)
def test_the_whole_message(command: str) -> None:
    options, message = MESSAGES[command]
    outcome = run(command, *options)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == f"error\n{message}"


def test_every_command_has_one() -> None:
    assert set(MESSAGES) == set(COMMANDS)


def test_a_word_that_is_no_command() -> None:
    assert run("fitt").err == (
        "error\n"
        "  rule:     the first word is a command\n"
        "  found:    fitt\n"
        f"  expected: one of {', '.join(COMMANDS)}; train.py --help explains them\n"
    )
