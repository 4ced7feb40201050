"""The config.yaml of an untrusted run: it is only data, unless --config names the file itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from arabic_mtl.cli.run_config import trusted_config
from arabic_mtl.errors import InputError
from support.attacks import copy_run, write_payload
from support.cases import slow
from support.messages import error_fields
from support.runs import Outcome, Run, run

pytestmark = pytest.mark.runs

Change = Callable[[dict[str, Any]], None]
PAYLOAD = "runs.foreign.version_0.payload.E"
"""A class that can be imported from the parent of `runs`, as a namespace package."""


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    return tmp_path / "marker"


@pytest.fixture
def foreign(trained: Run, tmp_path: Path, marker: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Returns an untrusted run below `runs`, with a payload in its folder."""
    folder = copy_run(trained, tmp_path / "runs" / "foreign" / "version_0")
    write_payload(folder / "payload.py", marker)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    return folder


def read(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
    return content


def write(folder: Path, content: Any) -> None:
    text = content if isinstance(content, str) else yaml.safe_dump(content, allow_unicode=True)
    (folder / "config.yaml").write_text(text, encoding="utf-8")


def change(folder: Path, *keys: str, value: Any) -> None:
    """Sets a value of the configuration."""
    content = read(folder)
    inner: Any = content
    for key in keys[:-1]:
        inner = inner.setdefault(key, {})
    inner[keys[-1]] = value
    write(folder, content)


def command(name: str, folder: Path, *options: object) -> Outcome:
    best = folder / "checkpoints" / "best.ckpt"
    text = ["--text", "الغرفة نظيفة"] if name == "inspect" else []
    return run(name, f"--ckpt_path={best}", *text, *options)


OBJECT = {"class_path": PAYLOAD, "init_args": {}}
TRAINER: dict[str, Any] = {
    "callbacks": [OBJECT],
    "logger": OBJECT,
    "strategy": OBJECT,
    "accelerator": OBJECT,
    "profiler": OBJECT,
    "plugins": [PAYLOAD],
    "precision": OBJECT,
    "limit_test_batches": OBJECT,
    "default_root_dir": "/nowhere",
}


@pytest.mark.parametrize("option", ["callbacks", *slow(*list(TRAINER)[1:])])
def test_only_plain_trainer_options_are_used(foreign: Path, marker: Path, option: str) -> None:
    change(foreign, "trainer", option, value=TRAINER[option])
    done = command("test", foreign)
    assert done.code == 0, done.err
    assert not marker.exists()


CONDITION = ("data", "tasks", "sentiment", "init_args", "condition")
ANY = ("model", "encoder", "init_args", "config", "x")
IMPORTS: dict[str, tuple[tuple[str, ...], Any]] = {
    "an encoder": (("model", "encoder"), OBJECT),
    "an encoder's name": (("model", "encoder"), PAYLOAD),
    "an encoder as text": (("model", "encoder"), f"class_path: {PAYLOAD}"),
    "an encoder's dotted key": (("model", "encoder.class_path"), PAYLOAD),
    "an encoder, added": (("model", "encoder+"), OBJECT),
    "arguments by a list": (("model", "encoder", "dict_kwargs"), {"x": OBJECT}),
    "balancing": (("model", "balancing"), OBJECT),
    "balancing's name": (("model", "balancing"), PAYLOAD),
    "a corpus": (("data", "corpora", "reviews"), OBJECT),
    "a corpus's name": (("data", "corpora", "reviews"), PAYLOAD),
    "a dotted corpus": (("data", "corpora", "a.b"), PAYLOAD),
    "a task": (("data", "tasks", "more"), OBJECT),
    "a task as text": (("data", "tasks", "more"), f"{{class_path: {PAYLOAD}}}"),
    "tasks as text": (("data", "tasks"), f"more: {{class_path: {PAYLOAD}}}"),
    "all data by a file": (("data",), "payload.yaml"),
    "a model by a file": (("model",), "payload.yaml"),
    "an object in an argument": (("model", "encoder", "init_args", "size"), OBJECT),
    "an object in a mapping": (
        ("data", "tasks", "ner", "init_args", "label_weights"),
        {"ROOMS": {"class_path": PAYLOAD}},
    ),
    "text in text": (
        ("data", "tasks", "ner", "init_args", "label_weights"),
        f"ROOMS: '{{class_path: {PAYLOAD}}}'",
    ),
    "a name for a dataclass": (CONDITION, PAYLOAD),
    "a file for a dataclass": (CONDITION, "payload.yaml"),
    "an object for a dataclass": (CONDITION, OBJECT),
    "an object with tabs for a dataclass": (CONDITION, f'{{\t"class_path": "{PAYLOAD}"}}'),
    "a name for a dataclass of the data": (("data", "plan"), PAYLOAD),
    "an object for text": (("data", "text"), OBJECT),
    "a known class as a value of any type": (ANY, {"class_path": "logging.FileHandler"}),
    "a library as a value of any type": (
        ANY,
        {"class_path": "ctypes.CDLL", "init_args": {"name": "payload.so"}},
    ),
    "an object in a list of any type": (ANY, [{"x": OBJECT}]),
    "text with tabs as a value of any type": (ANY, f'{{\t"class_path": "{PAYLOAD}"}}'),
    "lines with tabs as a value of any type": (ANY, f"class_path:\t{PAYLOAD}"),
    "escaped text as a value of any type": (ANY, f'{{"class\\u005fpath": "{PAYLOAD}"}}'),
    "escaped text": (("model", "lr"), '{"class\\u005fpath": "' + PAYLOAD + '"}'),
    "text by a file": (("data", "text"), "payload.yaml"),
    "a colon": (("model", "encoder", "class_path"), "payload:E"),
    "one of the standard library": (("model", "encoder", "class_path"), "unittest.__main__.X"),
    "one of arabic_mtl's that is none": (
        ("model", "encoder", "class_path"),
        "arabic_mtl.tasks.TokenClassification",
    ),
}


@pytest.mark.parametrize("kind", IMPORTS)
def test_no_class_named_in_the_file_is_imported(foreign: Path, marker: Path, kind: str) -> None:
    keys, value = IMPORTS[kind]
    if keys == ANY:  # an argument of any type is one of a TransformerEncoder's
        transformer = {"class_path": "arabic_mtl.model.encoders.TransformerEncoder"}
        change(foreign, "model", "encoder", value=transformer)
    (foreign.parents[2] / "payload.yaml").write_text(f"class_path: {PAYLOAD}\n")
    change(foreign, *keys, value=value)
    done = command("inspect", foreign)
    error = error_fields(done)
    assert error.location == str(foreign / "config.yaml")
    assert f"--config {foreign / 'config.yaml'}" in error.expected
    assert not marker.exists()


@pytest.mark.parametrize("name", ["test", "validate", "inspect", "fit", "export"])
def test_all_commands_check_the_configuration(
    foreign: Path, marker: Path, tmp_path: Path, name: str
) -> None:
    change(foreign, "trainer", "callbacks", value=[OBJECT])
    change(foreign, "model", "balancing", value=OBJECT)
    if name == "export":
        options = ("--ckpt_path", foreign, "--to", "onnx", tmp_path / "graphs")
        assert "ner/f1" not in run("export", *options).out  # the command does not evaluate it
    else:
        assert command(name, foreign).code == 2
    assert not marker.exists()


def test_configuration_on_the_command_line_is_trusted(foreign: Path, marker: Path) -> None:
    change(foreign, "trainer", "callbacks", value=[OBJECT])
    done = command("test", foreign, f"--config={foreign / 'config.yaml'}")
    assert done.code == 2  # the payload is not a callback
    assert marker.exists()


def test_checkpoint_code_is_never_run(foreign: Path, marker: Path) -> None:
    change(foreign, "weights_only", value=False)
    best = foreign / "checkpoints" / "best.ckpt"
    content = torch.load(best, weights_only=True)
    torch.save(content | {"callbacks": Touch(marker)}, best)
    for name in ("test", "inspect"):
        assert command(name, foreign).code == 2
    assert not marker.exists()
    assert "weights_only" not in yaml.safe_load(trusted_config(foreign))


class Touch:
    """A pickle that writes a marker when it is read."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return (open, (str(self.marker), "w"))


def test_plain_options_are_used(foreign: Path) -> None:
    plain = {
        "precision": "32-true",
        "gradient_clip_val": 2.0,
        "accumulate_grad_batches": 2,
        "max_epochs": 3,
        "max_steps": -1,
        "val_check_interval": 0.5,
        "limit_train_batches": 25,
    }
    for option, value in plain.items():
        change(foreign, "trainer", option, value=value)
    change(foreign, "trainer", "devices", value=2)
    change(foreign, "data", "num_workers", value=10_000)
    content, trusted = read(foreign), yaml.safe_load(trusted_config(foreign))
    for section in ("model", "checkpoint", "early_stopping", "last", "dashboard"):
        assert trusted[section] == content[section], section
    ignored = ("cache", "num_workers", "persistent_workers")
    assert trusted["data"] == {k: v for k, v in content["data"].items() if k not in ignored}
    assert trusted["seed_everything"] == content["seed_everything"]
    assert plain.items() <= trusted["trainer"].items()
    assert not {"devices", "callbacks", "logger", "accelerator"} & trusted["trainer"].keys()
    assert set(trusted) <= set(content) - {"ckpt_path", "weights_only"}


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("[1, 2]", " list"),
        ("data: [", "line 1, column"),
        ("model: {}\n", "data: None"),
        ("&a [*a]", " list"),
        ("data: 2001-02-30", "day "),
        ("data: " + "[" * 5000, "recursion"),
        ("data: &a {x: *a}\nmodel: {}", "100,000"),
        ("x: !!python/object/apply:os.system ['true']", "python/object/apply:os.system"),
    ],
)
def test_invalid_configurations_are_rejected(foreign: Path, content: str, found: str) -> None:
    write(foreign, content)
    with pytest.raises(InputError) as error:
        trusted_config(foreign)
    assert found in str(error.value.found)
    assert error.value.file == foreign / "config.yaml"


def test_aliases_of_aliases_are_counted(foreign: Path) -> None:
    bomb = "\n".join(
        f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10) if n else '1'}]" for n in range(9)
    )
    write(foreign, f"data:\n{bomb}\nmodel: {{}}\n")
    with pytest.raises(InputError) as error:
        trusted_config(foreign)
    assert error.value.file == foreign / "config.yaml"
    assert "100,000" in str(error.value.found)
