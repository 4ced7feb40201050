"""What is known of a finished system, beside its answers: ``metrics.json``."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from arabic_mtl.errors import InputError
from arabic_mtl.files import FORMAT, atomic_write, read_json

NAME = "metrics.json"
_PACKAGES = ("torch", "lightning", "transformers", "tokenizers", "datasets", "torchmetrics")


@dataclass(frozen=True, kw_only=True)
class Record:
    """A system's figures.

    Args:
        system: Its name, such as that of its configuration.
        seed: Of its run.
        scores: Split to ``task/metric`` to value.
        majority: The same of the majority baseline.
        cpu_seconds: What it took in all, in processors' time.
        wall_seconds: And by the clock.
        device: What it was trained on.
        precision: How numbers were computed, such as ``bf16-mixed``.
        parameters: How many numbers it has learned.
        best: Which checkpoint was chosen, by which metric, and why the run ended.
        data: Corpus to split to file, texts, groups and the file's SHA-256.
        versions: Package to version.
    """

    system: str
    seed: int
    scores: dict[str, dict[str, float]]
    majority: dict[str, dict[str, float]] = field(default_factory=dict)
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    device: str = "cpu"
    precision: str = ""
    parameters: int = 0
    best: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(
        default_factory=lambda: {name: version(name) for name in _PACKAGES}
    )

    def is_of(self, data: Mapping[str, object]) -> bool:
        """Whether all its corpora are among those of another `data`, bytes and splits alike."""
        return all(data.get(corpus) == facts for corpus, facts in self.data.items())


def write_record(folder: Path, record: Record) -> None:
    """Writes it into a folder, whole or not at all."""
    with atomic_write(folder / NAME) as unfinished:
        facts = {"format": FORMAT, **asdict(record)}
        text = json.dumps(facts, indent=2, ensure_ascii=False)
        unfinished.write_text(text + "\n", encoding="utf-8")


def read_record(folder: Path) -> Record:
    """Reads that of a folder.

    Raises:
        InputError: If it is of another format, or not one that `write_record` wrote.
    """
    path = folder / NAME
    try:
        facts = read_json(path)
        return Record(**{name: fact for name, fact in facts.items() if name != "format"})
    except (OSError, ValueError, TypeError) as error:
        raise InputError(
            "a finished run has its figures in metrics.json",
            found=str(error),
            expected="the file as `train.py fit` wrote it",
            file=path,
        ) from None
