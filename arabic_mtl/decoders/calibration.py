"""What makes the scores of a model say how often they are right: one file beside the model."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from arabic_mtl.decoders.base import Floats, sigmoid
from arabic_mtl.errors import InputError
from arabic_mtl.text.offsets import Integers

_FEWEST = 50  # answers to learn from
_LEAST = 1e-6  # probability: certainty has no logit
_STEPS = 50
_RIDGE = 1e-6  # equal scores leave slope and shift undecided

NAME = "calibration.json"


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """The logit of a score, stretched and moved; the order of scores stays as it is.

    Args:
        slope: By what the logit is stretched.
        shift: By what it is moved.
    """

    slope: float = 1.0
    shift: float = 0.0

    def __call__(self, score: float) -> float:
        """The calibrated score, 0..1."""
        inside = min(max(score, _LEAST), 1 - _LEAST)
        logit = math.log(inside) - math.log1p(-inside)
        return 0.5 + 0.5 * math.tanh(0.5 * (self.slope * logit + self.shift))  # never overflows


def calibrate(scores: Floats, right: Integers) -> Calibration:
    """Learns from answers that were not learned from otherwise, by Platt's maximum likelihood.

    Args:
        scores: Of each answer (answers,).
        right: Whether it is, 0 or 1 (answers,).

    Returns:
        None that changes anything, where there are too few answers, or none that are wrong.
    """
    hits = int(right.sum())
    misses = len(right) - hits
    if len(right) < _FEWEST or not hits or not misses:
        return Calibration()
    # Platt's targets: not all or nothing, so that few answers do not make certain ones.
    targets = np.where(right == 1, (hits + 1) / (hits + 2), 1 / (misses + 2))
    inside = np.clip(scores.astype(np.float64), _LEAST, 1 - _LEAST)
    slope, shift = _newton(np.log(inside) - np.log1p(-inside), targets)
    return Calibration(slope=slope, shift=shift) if slope > 0 else Calibration()


def _newton(logits: Floats, targets: Floats) -> tuple[float, float]:
    """The slope and shift of the highest likelihood; the problem is convex."""
    inputs = np.stack([logits, np.ones_like(logits)], axis=1)

    def loss(weights: Floats) -> float:
        given = inputs @ weights
        return float((np.logaddexp(0.0, given) - targets * given).sum())

    weights = np.array([1.0, 0.0])
    for _ in range(_STEPS):
        likely = sigmoid(inputs @ weights)
        gradient = inputs.T @ (likely - targets)
        curvature = (inputs * (likely * (1 - likely))[:, None]).T @ inputs
        step = np.linalg.solve(curvature + _RIDGE * np.eye(2), gradient)
        while loss(weights - step) > loss(weights):  # where the curve is flat, it leads too far
            step = step / 2
        weights = weights - step
    return float(weights[0]), float(weights[1])


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
