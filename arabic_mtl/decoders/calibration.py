"""Calibration of a model's scores by Platt scaling, stored in one file beside the model."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from arabic_mtl.decoders.base import Floats, sigmoid
from arabic_mtl.errors import InputError, program
from arabic_mtl.text.ragged import Integers

_FEWEST = 50  # decisions to learn from
_LEAST = 1e-6  # probabilities 0 and 1 have no finite logit
_STEPS = 50
_RIDGE = 1e-6  # if all scores are equal, slope and shift are not determined

NAME = "calibration.json"


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """A linear map of the logit of a score (Platt, 1999), which keeps the order of scores.

    Args:
        slope: The factor of the logit, above 0.
        shift: The summand of the logit.
    """

    slope: float = 1.0
    shift: float = 0.0

    def __call__(self, score: float) -> float:
        """Returns the calibrated score, 0 to 1."""
        inside = min(max(score, _LEAST), 1 - _LEAST)
        logit = math.log(inside) - math.log1p(-inside)
        return 0.5 + 0.5 * math.tanh(0.5 * (self.slope * logit + self.shift))  # never overflows


def calibrate(scores: Floats, correct: Integers) -> Calibration:
    """Fits a calibration to decisions on held-out texts, by Platt's maximum likelihood.

    Args:
        scores: The score of each decision (decisions,).
        correct: 1 for a correct decision, 0 for a wrong one (decisions,).

    Returns:
        The identity if the decisions are fewer than 50, all correct or all wrong, or if a higher
        score does not make a decision likelier to be correct.
    """
    hits = int(correct.sum())
    misses = len(correct) - hits
    if len(correct) < _FEWEST or not hits or not misses:
        return Calibration()
    # Platt's targets are not 0 and 1, so that few decisions do not lead to certain ones.
    targets = np.where(correct == 1, (hits + 1) / (hits + 2), 1 / (misses + 2))
    inside = np.clip(scores.astype(np.float64), _LEAST, 1 - _LEAST)
    slope, shift = _newton(np.log(inside) - np.log1p(-inside), targets)
    return Calibration(slope=slope, shift=shift) if slope > 0 else Calibration()


def _newton(logits: Floats, targets: Floats) -> tuple[float, float]:
    """Returns the slope and shift of the highest likelihood; the problem is convex."""
    inputs = np.stack([logits, np.ones_like(logits)], axis=1)

    def loss(weights: Floats) -> float:
        mapped = inputs @ weights
        return float((np.logaddexp(0.0, mapped) - targets * mapped).sum())

    weights = np.array([1.0, 0.0])
    for _ in range(_STEPS):
        probabilities = sigmoid(inputs @ weights)
        gradient = inputs.T @ (probabilities - targets)
        curvature = (inputs * (probabilities * (1 - probabilities))[:, None]).T @ inputs
        step = np.linalg.solve(curvature + _RIDGE * np.eye(2), gradient)
        # A full step goes too far where the curve is flat.
        while loss(weights - step) > loss(weights):
            step = step / 2
        weights = weights - step
    return float(weights[0]), float(weights[1])


def write_calibrations(
    folder: Path, weights: str | None, calibrations: Mapping[str, Calibration]
) -> None:
    """Writes the calibrations of a model's tasks.

    Args:
        folder: The model's folder.
        weights: The name of the file of weights that was calibrated; None if the calibrations
            hold for all weights in the folder.
        calibrations: Task to the calibration of its scores.
    """
    tasks = {name: asdict(calibration) for name, calibration in calibrations.items()}
    facts = {"weights": weights, "tasks": tasks}
    (folder / NAME).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


def read_calibrations(folder: Path, weights: str, tasks: Sequence[str]) -> dict[str, Calibration]:
    """Reads the calibrations of a model's tasks.

    Args:
        folder: The model's folder.
        weights: The name of the file of weights in use.
        tasks: The names of the tasks.

    Returns:
        Task to its calibration: the identity if the file has none or is about other weights.

    Raises:
        InputError: If the file is damaged.
    """
    path = folder / NAME
    if not path.is_file():
        return {name: Calibration() for name in tasks}
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        saved = facts["tasks"] if facts["weights"] in (weights, None) else {}
        return {name: _calibration(saved.get(name, {})) for name in tasks}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            "calibration.json must hold `slope` and `shift` of each task",
            found=f"{type(error).__name__}: {error}",
            expected=f"a file written by `{program()} fit` or `{program()} export`",
            file=path,
        ) from None


def _calibration(facts: Mapping[str, Any]) -> Calibration:
    return Calibration(**{name: float(value) for name, value in facts.items()})
