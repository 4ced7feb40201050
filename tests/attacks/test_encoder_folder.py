"""An untrusted encoder or tokenizer folder: its code is never run, without any prompt."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import transformers.dynamic_module_utils
from transformers import AutoModel

import arabic_mtl
from arabic_mtl.errors import InputError
from arabic_mtl.model.encoders import TransformerEncoder
from arabic_mtl.text import TextPipeline, TextSettings
from support.attacks import TRAIN, copy_run, run_python, write_payload
from support.cases import slow
from support.configurations import settings
from support.models import save_model, tiny_model
from support.runs import Run, folder_options, run, write_yaml
from support.semeval import hotel_xml

pytestmark = pytest.mark.runs

AUTO = {
    "AutoConfig": "payload.C",
    "AutoModel": "payload.C",
    "AutoTokenizer": ["payload.T", "payload.T"],
}


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    return tmp_path / "marker"


@pytest.fixture(autouse=True)
def yes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> io.StringIO:
    """Answers yes to any prompt on standard input, and isolates the cache of remote code."""
    typed = io.StringIO("y\n" * 100)
    monkeypatch.setattr(sys, "stdin", typed)
    cache = str(tmp_path / "modules")
    monkeypatch.setattr(transformers.dynamic_module_utils, "HF_MODULES_CACHE", cache)
    return typed


def change(path: Path, **facts: Any) -> None:
    content = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    path.write_text(json.dumps(content | facts), encoding="utf-8")


@pytest.fixture
def model(plain_run: Run, tmp_path: Path) -> Path:
    """Returns a model with an encoder from transformers."""
    return copy_run(plain_run, tmp_path / "model")


@pytest.mark.parametrize("auto_map", [AUTO, dict.fromkeys(AUTO, f"org/repo--{AUTO['AutoConfig']}")])
def test_code_of_a_model_encoder_is_not_run(
    model: Path, marker: Path, yes: io.StringIO, auto_map: dict[str, Any]
) -> None:
    write_payload(model / "encoder" / "payload.py", marker)
    change(model / "encoder" / "config.json", model_type="evil", auto_map=auto_map)
    with pytest.raises(InputError) as error:
        arabic_mtl.load(model)
    assert str(model / "encoder") in str(error.value.found)
    assert "trust_remote_code" not in str(error.value)
    assert not marker.exists()
    assert yes.tell() == 0


def test_code_of_a_known_encoder_is_ignored(model: Path, marker: Path, yes: io.StringIO) -> None:
    write_payload(model / "encoder" / "payload.py", marker)
    expected = arabic_mtl.load(model)("الغرفة نظيفة")
    change(model / "encoder" / "config.json", auto_map=AUTO)
    assert arabic_mtl.load(model)("الغرفة نظيفة") == expected
    assert not marker.exists()
    assert yes.tell() == 0


@pytest.mark.slow
def test_standard_input_confirms_nothing(model: Path, marker: Path, tmp_path: Path) -> None:
    write_payload(model / "encoder" / "payload.py", marker)
    change(model / "encoder" / "config.json", model_type="evil", auto_map=AUTO)
    arguments = (TRAIN, "predict", "--ckpt_path", model, "--input", "-", "--output", "-")
    done = run_python(*arguments, cwd=tmp_path, typed="y\nالغرفة نظيفة\n")
    assert done.code == 2
    assert done.out == ""
    assert "[y/N]" not in done.err
    assert not marker.exists()


@pytest.mark.parametrize("kind", ["auto_map", "auto_map with an unknown class"])
def test_code_of_a_model_tokenizer_is_not_run(
    model: Path, marker: Path, yes: io.StringIO, tmp_path: Path, kind: str
) -> None:
    write_payload(model / "text" / "payload.py", marker)
    facts: dict[str, Any] = {"auto_map": AUTO}
    if kind != "auto_map":
        facts["tokenizer_class"] = "EvilTokenizer"
    change(model / "text" / "tokenizer_config.json", **facts)
    done = run("export", "--ckpt_path", model, "--to", "hf", tmp_path / "exported")
    assert done.code in (0, 2), done.err
    assert not marker.exists()
    assert yes.tell() == 0


def test_missing_encoder_is_not_downloaded(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (model / "encoder" / "config.json").unlink()
    monkeypatch.chdir(model.parent)
    with pytest.raises(InputError) as error:
        arabic_mtl.load(model.name)
    assert f"{model.name}/encoder" in str(error.value.found)


@pytest.mark.parametrize("attention", ["org/kernel", "flash_attention_2", "eager"])
def test_encoder_folder_does_not_set_the_attention(model: Path, attention: str) -> None:
    expected = arabic_mtl.load(model)("الغرفة نظيفة")
    path = model / "encoder" / "config.json"
    change(path, attn_implementation=attention, _attn_implementation=attention)
    assert arabic_mtl.load(model)("الغرفة نظيفة") == expected


@pytest.mark.parametrize(("unknown", "code"), [("config", 2), ("tokenizer", 2), ("nothing", 0)])
def test_code_of_a_pretrained_encoder_is_not_run(
    project: Path, marker: Path, yes: io.StringIO, unknown: str, code: int
) -> None:
    folder = save_model(project / "encoder")
    write_payload(folder / "payload.py", marker)
    if unknown == "config":
        change(folder / "config.json", model_type="evil", auto_map=AUTO)
    kind = "Evil" if unknown == "tokenizer" else "BertTokenizer"
    change(folder / "tokenizer_config.json", tokenizer_class=kind, auto_map=AUTO)
    (project / "train.xml").write_text(hotel_xml(), encoding="utf-8")
    value = settings()
    value["model"]["encoder"]["init_args"] = {"name": str(folder)}
    config = write_yaml(project / "mine.yaml", value)
    done = run("fit", "--config", config, *folder_options(project), "--trainer.fast_dev_run=true")
    assert done.code == code, done.err
    assert not marker.exists()
    assert yes.tell() == 0


def build(folder: Path) -> None:
    text = TextPipeline.create(folder / "text", TextSettings(pretrained=str(folder)), list)
    TransformerEncoder(name=str(folder)).build(text)


def remove_weights(folder: Path, part: str) -> None:
    """Removes the weights of a model whose names contain a part."""
    model = AutoModel.from_pretrained(folder)
    remaining = {name: value for name, value in model.state_dict().items() if part not in name}
    model.save_pretrained(folder, state_dict=remaining)


def test_encoder_without_a_pooler_is_accepted(tmp_path: Path) -> None:
    folder = save_model(tmp_path / "encoder")
    remove_weights(folder, "pooler")
    build(folder)


def test_encoder_with_missing_weights_is_rejected(tmp_path: Path) -> None:
    folder = save_model(tmp_path / "encoder")
    remove_weights(folder, "layer.0.attention.self.query")
    with pytest.raises(InputError) as error:
        build(folder)
    assert f"{folder}: 2 of " in str(error.value.found)
    assert "encoder.layer.0.attention.self.query.weight" in str(error.value.found)


@pytest.mark.parametrize("kind", ["electra", *slow("distilbert")])
def test_encoder_with_weights_of_another_model_is_rejected(tmp_path: Path, kind: str) -> None:
    """If a checkpoint names its weights differently, all weights would be random."""
    folder = save_model(tmp_path / "encoder")
    other_model = tiny_model(kind, 500)
    prefixed = {f"other.{name}": value.clone() for name, value in other_model.state_dict().items()}
    other_model.save_pretrained(folder / "other", state_dict=prefixed)
    (folder / "other" / "model.safetensors").replace(folder / "model.safetensors")
    with pytest.raises(InputError) as error:
        build(folder)
    match = re.fullmatch(r"(.*): (\d+) of (\d+) .*", str(error.value.found))
    assert match
    assert match[1] == str(folder)
    assert 10 < int(match[2]) <= int(match[3])
