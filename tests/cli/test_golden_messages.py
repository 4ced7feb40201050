"""One complete message of each command; other tests check names and values only."""

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
        "  rule:     a corpus's file must exist\n"
        "  found:    data.corpora.reviews.train: no file at absent.xml\n"
        "  expected: a file or a folder; paths are relative to data.root, which is .\n",
    ),
    "validate": (
        [MINE, "--ckpt_path=last"],
        "  rule:     --ckpt_path must be a run folder or a checkpoint\n"
        "  found:    --ckpt_path=last, which only fit accepts\n"
        "  expected: a folder written by `arabic-mtl fit` below runs/, or a .ckpt file in it\n",
    ),
    "test": (
        ["--ckpt_path=runs/mine/version_0/checkpoints/best.ckpt"],
        "  rule:     --ckpt_path must be a run folder or a checkpoint\n"
        "  found:    no file or folder runs/mine/version_0/checkpoints/best.ckpt\n"
        "  expected: a folder written by `arabic-mtl fit` below runs/, or a .ckpt file in it\n",
    ),
    "compare": (
        ["mine.yaml", "--seeds=0"],
        "  rule:     --seeds must be 1 or more\n  found:    0\n  expected: 1 or more\n",
    ),
    "baseline": (
        [MINE, "--data.plan.token_budget=99"],
        "  rule:     data.plan.batch_size and token_budget must not both be set\n"
        "  found:    batch_size: 8, token_budget: 99\n"
        "  expected: one of them: --data.plan.batch_size=null or --data.plan.token_budget=null\n",
    ),
    "describe": (
        [MINE, LIMITED],
        "  rule:     a label of layer 'polarity' must be in the task's `labels`\n"
        "  at:       train.xml, line 8, sentence h0-1:0\n"
        "  found:    «negative» (6 times, first in line 8)\n"
        "  expected: positive, neutral; or more `labels`, or "
        "`rename: {polarity: {negative: …}}` of the corpus\n",
    ),
    "inspect": (
        [MINE],
        "  rule:     either --text or --sentence must be used\n"
        "  found:    no --text and no --sentence\n"
        '  expected: --text "…", or --sentence ID for a labelled sentence of a corpus\n',
    ),
    "predict": (
        ["--ckpt_path=runs/mine/version_0", "--input=absent.txt", "--output=out.jsonl"],
        "  rule:     --input must be an existing file\n"
        "  found:    no file absent.txt\n"
        "  expected: the path of a file\n",
    ),
    "export": (
        ["--ckpt_path=runs/mine/version_0", "--to=hf", "."],
        "  rule:     DIR must be a new or empty folder\n"
        "  found:    ., which is not empty\n"
        "  expected: the path of a folder that does not exist yet\n",
    ),
    "serve": (
        ["--ckpt_path=absent"],
        "  rule:     a model must be a run folder, one of its checkpoints, or an exported folder\n"
        "  found:    nothing at absent\n"
        "  expected: a folder written by `arabic-mtl fit` below runs/; an exported graph needs "
        "backend onnx\n",
    ),
    "score": (
        ["train.xml", "system.xml"],
        "  rule:     a polarity must be one of the task's polarities\n"
        "  at:       system.xml, line 8, sentence h0-1:0\n"
        "  found:    «bad» on ROOMS#GENERAL, target «الغرفة»\n"
        "  expected: positive, negative, neutral, conflict\n",
    ),
    "init": (
        ["train.xml", "--output=mine.yaml"],
        "  rule:     --output must be a new file, since a configuration may have been changed by "
        "hand\n"
        "  found:    mine.yaml exists\n"
        "  expected: another name\n",
    ),
    "cache": (
        ["clear", "--cache=."],
        "  rule:     --cache must be a cache folder of arabic_mtl\n"
        "  found:    ., which holds mine.yaml, system.xml, train.xml\n"
        "  expected: the folder of the key data.cache, by default ~/.cache/arabic_mtl\n",
    ),
}


@pytest.fixture
def files(project: Path) -> None:
    """Writes a configuration, its corpus, and a system's file with an unknown polarity."""
    xml = hotel_xml(1)
    (project / "train.xml").write_text(xml, encoding="utf-8")
    (project / "system.xml").write_text(xml.replace("negative", "bad", 1), encoding="utf-8")
    write_yaml(project / "mine.yaml", settings())


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("command", MESSAGES)
def test_the_complete_message(command: str) -> None:
    options, message = MESSAGES[command]
    outcome = run(command, *options)
    assert outcome.code == 2
    assert outcome.out.split() == [] or command == "describe"  # which shows the file's layers
    assert outcome.err == f"error\n{message}"


def test_every_command_has_a_message_here() -> None:
    assert set(MESSAGES) == set(COMMANDS)


def test_an_unknown_command() -> None:
    assert run("fitt").err == (
        "error\n"
        "  rule:     the first argument must be a command\n"
        "  found:    fitt\n"
        f"  expected: one of {', '.join(COMMANDS)}; see arabic-mtl --help\n"
    )
