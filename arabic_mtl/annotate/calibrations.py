"""What makes the scores of a model say how often they are right: one file beside the model."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from arabic_mtl.decoding.calibration import Calibration
from arabic_mtl.errors import InputError

NAME = "calibration.json"


def write_calibrations(
    folder: Path, weights: str | None, scores: Mapping[str, Calibration]
) -> None:
    """Writes what was learned of a model's scores.

    Args:
        folder: The model's.
        weights: The name of the file of weights that it holds of; None where it is of all.
        scores: By task.
    """
    facts = {"weights": weights, "tasks": {name: asdict(of) for name, of in scores.items()}}
    (folder / NAME).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


def read_calibrations(folder: Path, weights: str, tasks: Sequence[str]) -> dict[str, Calibration]:
    """What was learned of a model's scores; nothing changes those of other weights.

    Raises:
        InputError: If the file is damaged.
    """
    path = folder / NAME
    if not path.is_file():
        return {name: Calibration() for name in tasks}
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        of_tasks = facts["tasks"] if facts["weights"] in (weights, None) else {}
        return {name: _calibration(of_tasks.get(name, {})) for name in tasks}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            "calibration.json has slope and shift of each task",
            found=f"{type(error).__name__}: {error}",
            expected="the file that `train.py fit` or `train.py export` has written",
            file=path,
        ) from None


def _calibration(facts: Mapping[str, Any]) -> Calibration:
    return Calibration(**{name: float(value) for name, value in facts.items()})
