"""Every mistake ends with exit code 2 and one message, and leaves no incomplete files."""

from __future__ import annotations

import os
import pickle
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from support.cases import slow, slow_except
from support.configurations import CATEGORIES, settings
from support.messages import ErrorFields, assert_names, error_fields
from support.models import save_model
from support.paths import ROOT, files_under
from support.processes import process
from support.runs import Outcome, Run, folder_options, run, write_yaml
from support.semeval import hotel_xml, reviews, sentence

pytestmark = pytest.mark.runs

QUICK = ROOT / "configs" / "quickstart.yaml"
Change = Callable[[dict[str, Any]], Any]


def assert_refused(outcome: Outcome, project: Path, *parts: object) -> ErrorFields:
    """Checks that one message names all parts, and that there are no incomplete files."""
    assert outcome.err.startswith("error")
    error = error_fields(outcome)
    assert_names(outcome.err, *parts)
    assert files_under(project / "runs") == []
    folders = [path for path in (project / "cache" / "text").glob("*") if path.is_dir()]
    assert all((folder / "text.json").is_file() for folder in folders)
    assert not [name for name in files_under(project / "cache") if not name.endswith(COMPLETE)]
    return error


COMPLETE = (".arrow", ".json", "tokenizer.json", "tokenizer_config.json")


def fit(project: Path, config: Path | None = None, *options: str) -> Outcome:
    given = ["--config", str(config)] if config else []
    return run("fit", *given, *folder_options(project), *options)


def prepare(project: Path, xml: str | bytes, change: Change | None = None) -> Path:
    """Writes ``train.xml`` and a configuration."""
    content = xml.encode() if isinstance(xml, str) else xml
    (project / "train.xml").write_bytes(content)
    value = settings()
    if change:
        change(value)
    return write_yaml(project / "config.yaml", value)


GOOD = hotel_xml(1)
DTD = '<?xml version="1.0"?>\n<!DOCTYPE Reviews [<!ENTITY a "b">]>\n<Reviews/>'
TWICE = reviews([sentence("a:0", "غرفة"), sentence("a:0", "خدمة")])
SHIFTED = GOOD.replace('from="5" to="11"', 'from="4" to="10"', 1)
FOREIGN = GOOD.replace('polarity="negative"', 'polarity="conflict"', 1)
UNTARGETED = GOOD.replace('target="الغرفة" ', "", 1)
WORDS = GOOD.replace('from="5"', 'from="five"', 1)

FILES = {
    "truncated": (GOOD[: len(GOOD) // 2], ["XML", "line 20, column 159"]),
    "not XML": ("sentence,label\nغرفة,positive\n", ["XML", "line 1, column 1"]),
    "binary": (b"\x00\x01\x02\xff", ["XML", "line 1, column 1"]),
    "no bytes": ("", ["XML", "0 bytes", "<Reviews>"]),
    "other schema": ("<html><body/></html>", ["<html>", "<Reviews>"]),
    "DTD": (DTD, ["DTD", "<!DOCTYPE"]),
    "ids twice": (TWICE, ["id a:0", "sentence a:0", "line 5"]),
    "offsets": (SHIFTED, ["« الغرف»", "from=4 to=10", "from=5 to=11", "h0-0:0"]),
    "offsets as words": (WORDS, ["`from`", 'from="five"', "h0-0:0"]),
    "no target": (UNTARGETED, ["<Opinion>", "`target`", "h0-0:0"]),
    "other label": (
        FOREIGN,
        ["«conflict»", "positive, negative, neutral", "sentence h0-1:0", "line 8"],
    ),
    "no review": ("<Reviews/>", ["data.validation_share", "`validation`"]),
    "wrong bytes": (GOOD.encode("windows-1256"), ["line"]),
}


@pytest.mark.parametrize(
    ("xml", "fragments"), slow_except(FILES, "truncated", "offsets", "other label")
)
def test_bad_files_are_refused(project: Path, xml: str | bytes, fragments: list[str]) -> None:
    outcome = fit(project, prepare(project, xml))
    assert_refused(outcome, project, "train.xml", *fragments)


def test_an_error_in_the_test_file_is_reported_before_training(project: Path) -> None:
    config = prepare(project, GOOD)
    (project / "test.xml").write_text(GOOD[:-30], encoding="utf-8")
    outcome = fit(project, config, "--data.corpora.reviews.init_args.test=test.xml")
    assert_refused(outcome, project, "test.xml", "well-formed")


@pytest.mark.parametrize("split", ["train", *slow("validation", "test")])
def test_a_missing_file_is_named_with_corpus_and_key(project: Path, split: str) -> None:
    config = prepare(project, GOOD)
    outcome = fit(project, config, f"--data.corpora.reviews.init_args.{split}=absent.xml")
    assert_refused(outcome, project, f"data.corpora.reviews.{split}", "absent.xml")


def corpus_of(value: dict[str, Any]) -> dict[str, Any]:
    options: dict[str, Any] = value["data"]["corpora"]["reviews"]["init_args"]
    return options


def task_of(value: dict[str, Any], name: str) -> dict[str, Any]:
    options: dict[str, Any] = value["data"]["tasks"][name]["init_args"]
    return options


CONFIGS: dict[str, tuple[Change, list[str]]] = {
    "corpus that is not there": (
        lambda v: task_of(v, "ner").update(corpus="hotels"),
        ["data.tasks.ner.corpus: hotels", "reviews"],
    ),
    "layer that is not there": (
        lambda v: task_of(v, "ner").update(layer="emotion"),
        ["data.tasks.ner.layer: emotion", "category, entity, polarity"],
    ),
    "spans_from of no tagger": (
        lambda v: task_of(v, "sentiment").update(spans_from="category"),
        ["data.tasks.sentiment.spans_from: category", " ner"],
    ),
    "no tasks": (lambda v: v["data"].update(tasks={}), ["data.tasks"]),
    "task name with a dot": (
        lambda v: v["data"]["tasks"].update({"a.b": v["data"]["tasks"].pop("category")}),
        ["a.b"],
    ),
    "labels twice": (
        lambda v: task_of(v, "ner").update(labels=["ROOMS", "ROOMS"]),
        ["'entity'", "['ROOMS', 'ROOMS']"],
    ),
    "unknown key in a task": (
        lambda v: task_of(v, "ner").update(wieght=2),
        ["data.tasks.ner", "wieght", "config.yaml"],
    ),
    "key left out in a task": (
        lambda v: task_of(v, "ner").pop("layer"),
        ["data.tasks.ner", "layer", "config.yaml"],
    ),
    "unknown key in a corpus": (
        lambda v: corpus_of(v).update(tarin="train.xml"),
        ["data.corpora.reviews", "tarin", "config.yaml"],
    ),
    "unknown unit": (
        lambda v: corpus_of(v).update(unit="word"),
        ["data.corpora.reviews", "unit", "word", "config.yaml"],
    ),
    "unknown class of a task": (
        lambda v: v["data"]["tasks"]["ner"].update(class_path="arabic_mtl.tasks.Nothing"),
        ["data.tasks.ner", "arabic_mtl.tasks.Nothing", "config.yaml"],
    ),
    "unknown class of an encoder": (
        lambda v: v["model"]["encoder"].update(class_path="no_such_module.Encoder"),
        ["no_such_module.Encoder", "model.encoder"],
    ),
    "class that is no task": (
        lambda v: v["data"]["tasks"]["ner"].update(class_path="arabic_mtl.formats.SemEval2016"),
        ["data.tasks.ner", "SemEval2016"],
    ),
    "unknown top-level key": (lambda v: v.update(modell={"lr": 1}), ["modell"]),
    "unknown key below a group": (lambda v: v["model"].update(learning=1), ["learning"]),
    "unknown cleaning": (
        lambda v: v["data"]["text"].update(cleaning="thorough"),
        ["data.text.cleaning", "thorough", "light"],
    ),
    "no training file": (
        lambda v: corpus_of(v).pop("train"),
        ["`train`", "data.corpora.reviews", "--data.corpora.reviews."],
    ),
}


TOLD = [
    *("layer that is not there", "unknown key in a task", "unknown class of a task"),
    *("unknown top-level key", "no training file"),
]


@pytest.mark.parametrize(("change", "fragments"), slow_except(CONFIGS, *TOLD))
def test_bad_configurations_are_refused(
    project: Path, change: Change, fragments: list[str]
) -> None:
    outcome = fit(project, prepare(project, GOOD, change))
    assert_refused(outcome, project, *fragments)


ARGUMENTS = {
    "wrong type": ("--model.lr=abc", ["model.lr", "abc"]),
    "negative": ("--data.plan.batch_size=0", ["batch_size"]),
    "unknown option": ("--model.rl=1", ["model.rl"]),
    "unknown option of a task": ("--data.tasks.ner.wieght=2", ["data.tasks.ner.wieght"]),
    "monitor": ("--checkpoint.monitor=val/nope", ["--checkpoint.monitor", "val/nope", "val/mean"]),
    "seed": ("--seed_everything=-1", ["seed_everything: -1", "4294967295"]),
    "random seed": ("--seed_everything=true", ["seed", "True"]),
    "accumulation": ("--trainer.accumulate_grad_batches=0", ["accumulate_grad_batches: 0"]),
    "negative accumulation": (
        "--trainer.accumulate_grad_batches=-1",
        ["accumulate_grad_batches: -1"],
    ),
    "no training": ("--trainer.limit_train_batches=0", ["trainer.limit_train_batches: 0"]),
    "no validation": ("--trainer.limit_val_batches=0", ["trainer.limit_val_batches: 0"]),
    "no epochs": ("--trainer.max_epochs=0", ["trainer.max_epochs: 0"]),
    "steps": ("--trainer.max_steps=-2", ["trainer.max_steps: -2"]),
    "steps to a validation": ("--trainer.val_check_interval=0", ["val_check_interval: 0"]),
    "epochs to a validation": (
        "--trainer.check_val_every_n_epoch=-1",
        ["trainer.check_val_every_n_epoch: -1"],
    ),
    "clipping": ("--trainer.gradient_clip_val=-1", ["trainer.gradient_clip_val: -1", "null"]),
    "accelerator": ("--trainer.accelerator=tpu", ["torch_xla", "fit --help"]),
    "abbreviation": ("--trainer.max_epoch=3", ["--trainer.max_epoch", "trainer.max_epochs"]),
    "no logger": ("--trainer.logger=false", ["trainer.logger: false", "TensorBoard"]),
    "strategy": ("--trainer.strategy=fsdp", ["`fsdp`", "GPU", "fit --help"]),
    "file name": ("--checkpoint.filename=last", ["--checkpoint.filename"]),
    "last file name": ("--checkpoint.save_last=true", ["--checkpoint.save_last"]),
    "updates": ("--last.every_n_steps=0", ["last.every_n_steps", "0", "null"]),
    "balancing": (
        "--model.balancing={class_path: UncertaintyWeights, init_args: {lr: -1}}",
        ["model.balancing.lr: -1"],
    ),
    "two sizes": ("--data.plan.token_budget=99", ["batch_size: 8, token_budget: 99"]),
    "shares": ("--data.plan.shares={hotels: 1.0}", ["data.plan.shares", "hotels", "reviews"]),
    "end of a change": (
        "--data.plan.final_temperature=2",
        ["data.plan.final_temperature", "trainer.max_epochs: 1", "2"],
    ),
    "option of no task": ("--data.tasks.nre.weight=2", ["nre"]),
}


@pytest.mark.parametrize(
    ("option", "fragments"),
    slow_except(
        ARGUMENTS, "wrong type", "unknown option of a task", "accelerator", "end of a change"
    ),
)
def test_bad_options_are_refused(project: Path, option: str, fragments: list[str]) -> None:
    outcome = fit(project, prepare(project, GOOD), option)
    assert_refused(outcome, project, *fragments)


BOUNDS = {
    "--data.tasks.ner.weight=0": ("weight", 0, [0]),
    "--data.text.max_length=2": ("data.text.max_length", 2, [8]),
    "--model.lr=-1": ("model.lr", -1, [0]),
    "--model.warmup=2": ("model.warmup", 2, [0, 1]),
    "--data.num_workers=-1": ("data.num_workers", -1, [0]),
    "--early_stopping.patience=-1": ("early_stopping.patience", -1, [0]),
}
"""Option to its key, its number, and the expected bounds."""


@pytest.mark.parametrize("option", ["--model.lr=-1", *slow(*list(BOUNDS)[3:]), *list(BOUNDS)[:2]])
def test_numbers_out_of_bounds_are_refused(project: Path, option: str) -> None:
    name, number, bounds = BOUNDS[option]
    error = error_fields(fit(project, prepare(project, GOOD), option))
    assert_names(f"{error.rule} {error.found}", name)
    assert number in numbers(error.found)
    assert set(bounds) <= set(numbers(error.expected))


def numbers(text: str) -> list[float]:
    return [float(each) for each in re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?", text)]


LATE = {
    "part of an epoch": ("--trainer.limit_train_batches=0.001", "`limit_train_batches`"),
    "validation": ("--trainer.val_check_interval=1000", "`val_check_interval` (1000)"),
}


@pytest.mark.parametrize(("option", "fragment"), slow_except(LATE, "validation"))
def test_options_that_do_not_fit_the_data_are_refused(
    project: Path, option: str, fragment: str
) -> None:
    outcome = fit(project, prepare(project, GOOD), option)
    error = error_fields(outcome)
    assert_names(error.found, fragment)
    assert_names(error.expected, "arabic-mtl fit --help")


def test_a_final_temperature_is_refused_with_max_steps(project: Path) -> None:
    options = ["--data.plan.final_temperature=2", "--trainer.max_epochs=4", "--trainer.max_steps=9"]
    outcome = fit(project, prepare(project, GOOD), *options)
    assert_refused(outcome, project, "data.plan.final_temperature", "trainer.max_steps: 9")


def test_a_missing_package_is_named(tmp_path: Path) -> None:
    command = ["-S", str(ROOT / "train.py"), "fit", "--config", "mine.yaml"]
    done = process(command, tmp_path, 60)
    assert done.returncode == 2
    assert f"for {sys.executable}" in done.stderr
    assert "source .venv/bin/activate" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_without_a_checkpoint_is_refused(project: Path) -> None:
    outcome = run("validate", "--config", QUICK, f"--ckpt_path={project}")
    assert_refused(outcome, project, "checkpoints/best.ckpt", f" {project}\n")


NO_YAML = {
    "broken": "data: [1, 2\nmodel: {",
    "list": "- data\n- model\n",
    "text": "just some words\n",
    "data is a number": "data: 3\n",
    "data names a missing file": "data: hotels_of_nowhere.yaml\n",
    "bytes": "\x00\x01",
}


@pytest.mark.parametrize("content", slow_except(NO_YAML, "broken"))
def test_a_file_that_is_no_configuration_is_refused(project: Path, content: str) -> None:
    config = project / "config.yaml"
    config.write_text(content, encoding="utf-8")
    assert_refused(fit(project, config), project)


@pytest.mark.parametrize("form", ["two words", *slow("one word", "folder")])
def test_a_missing_configuration_is_refused(project: Path, form: str) -> None:
    name = "." if form == "folder" else "absent.yaml"
    words = [f"--config={name}"] if form == "one word" else ["--config", name]
    outcome = run("fit", *words, *folder_options(project))
    assert_refused(outcome, project, name)


def test_a_command_without_configuration_is_refused(project: Path) -> None:
    assert_refused(fit(project), project, "--config")


@pytest.mark.parametrize("name", ["absent/folder/of/a/model", *slow("nobody/no-such-model")])
def test_an_unavailable_pretrained_model_is_refused(project: Path, name: str) -> None:
    config = prepare(project, GOOD)
    outcome = fit(project, config, f"--model.encoder.init_args.name={name}")
    error = assert_refused(outcome, project, "model.encoder.name")
    assert_names(error.found, name)
    assert len(error.found) < 290


@pytest.mark.parametrize("damage", ["broken weights", *slow("no weights", "broken config")])
def test_a_damaged_model_folder_is_refused(project: Path, damage: str) -> None:
    model, config = save_model(project / "model"), prepare(project, GOOD)
    if damage == "no weights":
        (model / "model.safetensors").unlink()
    elif damage == "broken weights":
        (model / "model.safetensors").write_bytes(b"not weights")
    else:
        (model / "config.json").write_text("{")
    outcome = fit(project, config, "--model.encoder.init_args.config={}", f"{NAME}={model}")
    error_fields(outcome)
    assert_names(outcome.err, "model.encoder.name", model)
    assert not list(project.rglob("*.ckpt"))
    assert not list(project.rglob("config/version_*/config.yaml"))


NAME = "--model.encoder.init_args.name"


class Malicious:
    """An object that runs a command when it is unpickled."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (self.command,)


def broken_checkpoint(folder: Path, kind: str, source: Path) -> Path:
    path = folder / "broken.ckpt"
    if kind == "truncated":
        path.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    elif kind == "malicious":
        torch.save({"state_dict": Malicious(f"touch {folder / 'executed'}")}, path)
    elif kind == "malicious pickle":
        path.write_bytes(pickle.dumps(Malicious(f"touch {folder / 'executed'}")))
    elif kind == "text":
        path.write_text("not a checkpoint")
    elif kind == "other tensors":
        torch.save({"weight": torch.zeros(2)}, path)
    elif kind == "a bare tensor":
        torch.save(torch.zeros(2), path)
    return path


KINDS = [
    *("truncated", "malicious"),
    *slow("missing", "malicious pickle", "text", "other tensors", "a bare tensor"),
]


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_no_checkpoint_is_refused(project: Path, trained: Run, kind: str) -> None:
    path = broken_checkpoint(project, kind, trained.best)
    config = ["--config", str(trained.folder / "config.yaml")]
    outcome = run("validate", *config, *folder_options(project), "--ckpt_path", path)
    assert not (project / "executed").exists()
    assert_refused(outcome, project, path, "checkpoint")


@pytest.mark.parametrize("kind", ["malicious", *slow("truncated")])
def test_a_checkpoint_in_a_run_folder_is_checked(project: Path, trained: Run, kind: str) -> None:
    (project / "checkpoints").mkdir()
    path = broken_checkpoint(project / "checkpoints", kind, trained.best)
    (project / "config.yaml").write_bytes((trained.folder / "config.yaml").read_bytes())
    outcome = run("validate", f"--ckpt_path={path}", *folder_options(project))
    assert not (project / "checkpoints" / "executed").exists()
    assert_refused(outcome, project, path, "checkpoint")


CHANGED_LABELS = {
    "order": ["negative", "positive", "neutral"],
    "one more": ["positive", "negative", "neutral", "conflict"],
}


@pytest.mark.parametrize("labels", slow_except(CHANGED_LABELS, "order"))
def test_a_checkpoint_with_other_labels_is_refused(
    project: Path, trained: Run, labels: list[str]
) -> None:
    value = yaml.safe_load((trained.folder / "config.yaml").read_text(encoding="utf-8"))
    task_of(value, "sentiment").update(labels=labels)
    config = write_yaml(project / "changed.yaml", value)
    outcome = run(
        "validate", "--config", config, *folder_options(project), "--ckpt_path", trained.best
    )
    assert_refused(outcome, project, "data.tasks.sentiment", "['positive', 'negative', 'neutral']")
    assert str(labels) in outcome.err


def use_word_encoder(value: dict[str, Any]) -> None:
    value["model"]["encoder"] = {"class_path": "arabic_mtl.model.encoders.WordEncoder"}


def test_a_checkpoint_with_other_tasks_is_refused(project: Path, trained: Run) -> None:
    config = prepare(project, GOOD, use_word_encoder)
    options = ["--config", config, *folder_options(project), "--ckpt_path", trained.best]
    outcome = run("validate", *options)
    assert_refused(outcome, project, "labels", "data.tasks.")
    assert str(CATEGORIES) in outcome.err or "ROOMS" in outcome.err


def test_a_checkpoint_with_another_encoder_is_refused(project: Path, trained: Run) -> None:
    """Its folder has no settings for the encoder of the configuration."""
    config = prepare(project, GOOD)
    outcome = run(
        "validate", "--config", config, *folder_options(project), "--ckpt_path", trained.best
    )
    assert_refused(outcome, project, "model.encoder.config")


def test_a_file_too_small_to_hold_out_a_review_is_refused(tmp_path: Path) -> None:
    one = sentence("a:0", "الغرفة ممتازة", ("الغرفة", "ROOMS#GENERAL", "positive"))
    (tmp_path / "train.xml").write_text(reviews([one]), encoding="utf-8")
    config = write_yaml(tmp_path / "config.yaml", settings())
    outcome = run(
        "describe", "--config", config, f"--data.root={tmp_path}", *folder_options(tmp_path)
    )
    error = error_fields(outcome)
    assert_names(error.rule + error.found, "data.validation_share")
    assert_names(error.expected, "`validation`")
