"""Benchmarks save their figures with their origin."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

import pytest

from benchmarks.saving import add_save_option, processor, save
from tools.figures.stored import read_measurement


def test_figures_are_saved_with_their_origin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["benchmarks/step.py", "--config", "my config.yaml"])
    parser = ArgumentParser()
    add_save_option(parser)
    options = parser.parse_args(["--save", str(tmp_path / "step.json")])
    save(options.save, {"quickstart": {"bare loop": 16.0}})
    measurement = read_measurement("step", tmp_path)
    assert measurement.figures == {"quickstart": {"bare loop": 16.0}}
    assert measurement.command == "python benchmarks/step.py --config 'my config.yaml'"
    assert measurement.processor == processor()
    assert measurement.commit
    assert measurement.date.startswith("20")


def test_nothing_is_saved_without_the_option() -> None:
    save(None, {"quickstart": {"bare loop": 16.0}})


def test_a_device_and_a_command_can_be_named(tmp_path: Path) -> None:
    save(tmp_path / "gpu.json", {}, device="a GPU", command="make")
    measurement = read_measurement("gpu", tmp_path)
    assert (measurement.processor, measurement.command) == ("a GPU", "make")
