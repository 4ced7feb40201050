"""The precision of a run: native to the device, or named by the user."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest
import torch
import yaml
from lightning.pytorch.plugins.precision import MixedPrecision

from arabic_mtl.cli.commands import Commands
from arabic_mtl.training import precision
from arabic_mtl.training.precision import (
    Precision,
    PrecisionTrainer,
    device_kind,
    is_slow,
    resolve_precision,
)
from support.configurations import settings
from support.paths import ROOT
from support.runs import folder_options, run, write_yaml
from support.semeval import hotel_xml

SHIPPED = ["arabert", "marbert", "qarib", "fast", "hotels_bert"]


@pytest.fixture(params=[True, False], ids=["fast bf16", "slow bf16"])
def fast(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Simulates a processor with bf16, and one without."""
    monkeypatch.setattr(precision, "is_fast_in_bf16", lambda device: request.param)
    return bool(request.param)


def test_auto_follows_the_device(fast: bool) -> None:
    assert resolve_precision("auto", "cpu") == ("bf16-mixed" if fast else "32-true")


@pytest.mark.parametrize("name", [config for config in get_args(Precision) if config != "auto"])
def test_named_precision_is_kept(fast: bool, name: Any) -> None:
    assert resolve_precision(name, "cpu") == name
    is_half = str(name) in ("bf16-mixed", "bf16-true", "bf16", "16-mixed", "16-true", "16")
    assert is_slow(name, "cpu") == (is_half and not fast)


def test_precision_plugin_is_kept(fast: bool, tmp_path: Path) -> None:
    assert resolve_precision(None, "cpu") is None
    plugin = MixedPrecision("bf16-mixed", "cpu")
    trainer = PrecisionTrainer(plugins=[plugin], logger=False, default_root_dir=tmp_path)
    assert trainer.precision == "bf16-mixed"


@pytest.mark.parametrize(
    ("accelerator", "available", "device"),
    [
        ("auto", True, "cuda"),
        ("gpu", True, "cuda"),
        ("cuda", True, "cuda"),
        ("cpu", True, "cpu"),
        ("auto", False, "cpu"),
        ("cpu", False, "cpu"),
        ("tpu", False, "other"),
    ],
)
def test_device(
    monkeypatch: pytest.MonkeyPatch, accelerator: str, available: bool, device: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: available)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert device_kind(accelerator) == device


def test_gpu_is_fast_in_fp16(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "is_fast_in_bf16", lambda device: False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert not is_slow("16-mixed", "gpu")
    assert is_slow("bf16-mixed", "gpu")


def test_this_processor() -> None:
    has_bf16 = bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    assert precision.is_fast_in_bf16("cpu") == has_bf16
    assert not precision.is_fast_in_bf16("other")


def test_auto_with_a_custom_trainer(fast: bool, tmp_path: Path) -> None:
    options: dict[str, Any] = {"accelerator": "cpu", "logger": False, "default_root_dir": tmp_path}
    assert PrecisionTrainer(precision="auto", **options).precision == (
        "bf16-mixed" if fast else "32-true"
    )
    assert PrecisionTrainer(**options).precision == "32-true"


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_configurations_use_auto(fast: bool, name: str) -> None:
    path = ROOT / "configs" / f"{name}.yaml"
    assert yaml.safe_load(path.read_text(encoding="utf-8"))["trainer"]["precision"] == "auto"
    cpu = "--trainer.accelerator=cpu"
    commands = Commands(["--config", str(path), cpu], run=False)
    assert commands.trainer.precision == ("bf16-mixed" if fast else "32-true")
    assert commands.precision == f"{commands.trainer.precision} (auto)"


@pytest.fixture
def config(project: Path) -> Path:
    (project / "train.xml").write_text(hotel_xml(), encoding="utf-8")
    value = settings()
    value["trainer"]["precision"] = "auto"
    return write_yaml(project / "mine.yaml", value)


def use(monkeypatch: pytest.MonkeyPatch, fast: bool) -> None:
    monkeypatch.setattr(precision, "is_fast_in_bf16", lambda device: fast)


def saved(project: Path) -> Any:
    text = (project / "runs" / "mine" / "version_0" / "config.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)["trainer"]["precision"]


@pytest.mark.runs
def test_run_prints_its_precision_and_keeps_it(
    project: Path, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run starts on a processor without bf16; it is resumed and scored on one with bf16."""
    use(monkeypatch, fast=False)
    done = run("fit", "--config", config, *folder_options(project))
    assert (done.code, "precision" in done.err.replace(str(project), "")) == (0, False)
    assert saved(project) == "32-true"
    folder = project / "runs" / "mine" / "version_0"
    assert "| precision | 32-true |" in (folder / "report.md").read_text(encoding="utf-8")
    use(monkeypatch, fast=True)
    resume_options = ("--ckpt_path=last", "--trainer.max_epochs=2")
    done = run("fit", "--config", config, *folder_options(project), *resume_options)
    assert done.code == 0, done.err
    assert "precision" not in done.err.replace(str(project), "")  # the path has the test's name
    assert saved(project) == "32-true"
    assert "| precision | 32-true |" in (folder / "report.md").read_text(encoding="utf-8")
    facts = run("describe", "--config", config, *folder_options(project)).out.splitlines()
    assert [line for line in facts if line.startswith("precision")] == [
        f"{'precision':<12} bf16-mixed (auto)"
    ]


@pytest.mark.runs
def test_slow_named_precision_gives_a_warning(
    project: Path, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, fast=False)
    options = ("--config", config, *folder_options(project), "--trainer.precision=bf16-mixed")
    done = run("fit", *options, "--trainer.fast_dev_run=true")
    assert done.code == 0, done.err
    (line,) = [line for line in done.err.splitlines() if "bf16-mixed" in line]
    assert "--trainer.precision=auto" in line
    use(monkeypatch, fast=True)
    assert "bf16" not in run("fit", *options, "--trainer.fast_dev_run=true").err
