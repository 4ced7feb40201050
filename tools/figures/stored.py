"""Reads and writes measurements: JSON files in docs/figures/, one for each measurement.

A file has the command, the processor, the commit, the date and the figures: a mapping of two levels
to numbers, lists of numbers (one for each seed or run) or text such as ``75.5 ± 1.2``.
"""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev

from tools.paths import ROOT

FOLDER = ROOT / "docs" / "figures"

Value = float | str | list[float]
Figures = Mapping[str, Mapping[str, Value]]

NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """Figures that were measured together.

    Args:
        command: The command that measured them; may be empty.
        processor: The processor or device.
        commit: The commit that it ran.
        date: The day, as in 2026-01-31.
        figures: The figures.
    """

    command: str
    processor: str
    commit: str
    date: str
    figures: Figures

    @property
    def caption(self) -> str:
        """Returns the origin of the figures as a line of Markdown."""
        command = f", by `{self.command}`" if self.command else ""
        return f"{self.processor}, commit {self.commit}, {self.date}{command}"


def read_measurement(name: str, folder: Path = FOLDER) -> Measurement:
    """Reads ``NAME.json``."""
    return Measurement(**json.loads((folder / f"{name}.json").read_text(encoding="utf-8")))


def read_figures(path: Path) -> Figures:
    """Reads the ``metrics.json`` of a run, or a table of ``compare``.

    Returns:
        Split to metric to percentage, or system to split and metric to score.
    """
    if path.suffix == ".json":
        run = json.loads(path.read_text(encoding="utf-8"))
        majority = {f"{split}: majority": scores for split, scores in run["majority"].items()}
        return {split: _percent(scores) for split, scores in {**run["scores"], **majority}.items()}
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    keys = ("split", "metric")
    return {
        system: {"/".join(row[key] for key in keys if row[key]): row[system] for row in rows}
        for system in rows[0]
        if system not in keys
    }


def _percent(scores: Mapping[str, float]) -> dict[str, Value]:
    return {metric: round(100 * score, 1) for metric, score in scores.items()}


def as_text(value: Value) -> str:
    """Returns a figure as tables show it.

    >>> as_text(5694647), as_text(88.6), as_text([67.4, 68.1, 64.3])
    ('5,694,647', '88.6', '66.6 ± 2.0')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return f"{mean(value):.1f} ± {stdev(value):.1f}" if len(value) > 1 else as_text(value[0])
    return f"{value:,}".replace("-", "−")


def known_numbers(folder: Path = FOLDER) -> set[str]:
    """Returns all numbers of all stored figures, as tables show them."""
    files = (read_measurement(path.stem, folder) for path in folder.glob("*.json"))
    return {number for file in files for text in _texts(file) for number in NUMBER.findall(text)}


def _texts(measurement: Measurement) -> Iterator[str]:
    for group in measurement.figures.values():
        yield from map(as_text, group.values())
