"""Probabilities as short decimals, for people to read."""

from typing import Any

from torch import Tensor

_DIGITS = 4


def rounded(answers: Any) -> Any:
    """Answers, JSON values, with short decimals."""
    if isinstance(answers, float):
        return round(answers, _DIGITS)
    if isinstance(answers, list):
        return [rounded(each) for each in answers]
    if isinstance(answers, dict):
        return {key: rounded(value) for key, value in answers.items()}
    return answers


def fractions(values: Tensor) -> list[list[float]]:
    """A table of probabilities (decisions, labels)."""
    table: list[list[float]] = rounded(values.tolist())
    return table
