"""The scores and settings of a finished run: ``metrics.json``."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from arabic_mtl.errors import InputError, program
from arabic_mtl.files import FORMAT, atomic_write, read_json

NAME = "metrics.json"
_PACKAGES = ("torch", "lightning", "transformers", "tokenizers", "datasets", "torchmetrics")


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """The scores of a finished run, and the facts that describe the run.

    Args:
        system: The system's name, usually that of its configuration file.
        seed: The seed of the run.
        scores: Split to ``task/metric`` to value.
        majority: The scores of the majority baseline, in the same form.
        cpu_seconds: The CPU time of the run.
        wall_seconds: The wall-clock time of the run.
        device: The name of the device, such as that of a GPU.
        precision: The precision of training, such as ``bf16-mixed``.
        parameters: The number of trained parameters.
        best: The best checkpoint, the metric that chose it, and the reason why the run ended.
        data: Corpus to split to file, numbers of texts and groups, and the file's SHA-256.
        credits: Corpus to its ``source`` and its ``license``, as far as they are stated.
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
    credits: dict[str, dict[str, str]] = field(default_factory=dict)
    versions: dict[str, str] = field(
        default_factory=lambda: {name: version(name) for name in _PACKAGES}
    )

    def matches_data(self, data: Mapping[str, object]) -> bool:
        """Returns whether the run used the same files and splits.

        Args:
            data: The statistics to compare with; may hold further corpora.
        """
        return all(data.get(corpus) == facts for corpus, facts in self.data.items())


def write_record(folder: Path, record: RunRecord) -> None:
    """Writes a record into a folder as ``metrics.json``, atomically."""
    with atomic_write(folder / NAME) as unfinished:
        facts = {"format": FORMAT, **asdict(record)}
        text = json.dumps(facts, indent=2, ensure_ascii=False)
        unfinished.write_text(text + "\n", encoding="utf-8")


def read_record(folder: Path) -> RunRecord:
    """Reads the record of a folder.

    Raises:
        InputError: If the file is missing, of another format, or not written by `write_record`.
    """
    path = folder / NAME
    try:
        facts = read_json(path)
        return RunRecord(**{name: fact for name, fact in facts.items() if name != "format"})
    except (OSError, ValueError, TypeError) as error:
        raise InputError(
            "the metrics.json of a finished run must be readable",
            found=str(error),
            expected=f"the file written by `{program()} fit`",
            file=path,
        ) from None
