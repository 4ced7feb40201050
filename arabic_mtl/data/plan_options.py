"""Checks of the options of a sampling plan."""

from collections.abc import Mapping

import numpy as np

from arabic_mtl.errors import InputError


def check_steps(
    batch_size: int | None, token_budget: int | None, pool: int, *, default: int | None
) -> None:
    """Checks the options for the size of steps and pools.

    Args:
        batch_size: Number of rows per step.
        token_budget: Number of tokens per step.
        pool: Number of steps per pool.
        default: The default of ``batch_size``. Together with a token budget it is allowed, since
            the user need not have set it.

    Raises:
        InputError: If a number is not positive, or if not exactly one size of a step is set.
    """
    numbers = {"batch_size": batch_size, "token_budget": token_budget, "pool": pool}
    units = {"batch_size": "rows", "token_budget": "tokens", "pool": "steps"}
    for name, value in numbers.items():
        rule = f"{name} must be 1 or more {units[name]}"
        _require(value is None or value >= 1, rule, value, "1 or more")
    _require(
        batch_size is not None or token_budget is not None,
        "batch_size or token_budget must be set",
        "neither",
        "one of them",
    )
    _require(
        token_budget is None or batch_size in (None, default),
        "batch_size and token_budget must not both be set",
        f"batch_size: {batch_size}, token_budget: {token_budget}",
        "one of them: --data.plan.batch_size=null or --data.plan.token_budget=null",
    )


def check_temperatures(first: float, last: float | None, epochs: int | None) -> None:
    """Checks the temperatures, at which corpora are sampled.

    Args:
        first: Temperature of the first epoch.
        last: Temperature of the last epoch; None if it does not change.
        epochs: Number of epochs, if it is limited.

    Raises:
        InputError: If a temperature is below 1, or the last one is never reached.
    """
    for name, value in (("temperature", first), ("final_temperature", last)):
        expected = "from 1 (proportional) to .inf (uniform)"
        _require(value is None or value >= 1, f"{name} must be at least 1", value, expected)
    if last is None:
        return
    _require(
        bool(np.isfinite([first, last]).all()),
        "final_temperature and temperature must be finite, to change linearly",
        f"{first} to {last}",
        "finite temperatures",
    )
    _require(
        epochs is not None and epochs >= 2,
        "final_temperature must follow temperature over at least 2 epochs",
        f"trainer.max_epochs: {epochs}",
        "2 or more",
    )


def check_shares(
    shares: Mapping[str, float], temperature: float, final_temperature: float | None
) -> None:
    """Checks the shares of corpora.

    Args:
        shares: Corpus to its share.
        temperature: The temperature; must have its default.
        final_temperature: The final temperature; must have its default.

    Raises:
        InputError: If a share is not positive, they do not add up to 1, or a temperature is set.
    """
    _require(
        temperature == 1 and final_temperature is None,
        "temperature and shares must not both be set",
        f"temperature: {temperature}, final_temperature: {final_temperature}, and shares",
        "--data.plan.shares=null, or temperature 1 and final_temperature null",
    )
    _require(
        all(share > 0 for share in shares.values()),
        "shares must be positive",
        dict(shares),
        "a number above 0 for each corpus",
    )
    _require(
        not shares or abs(sum(shares.values()) - 1) < 1e-6,
        "shares must add up to 1",
        f"{sum(shares.values()):g}, of {dict(shares)}",
        "1",
    )


def _require(holds: bool, rule: str, found: object, expected: str) -> None:
    """Raises `InputError` with a rule for an option of ``data.plan`` if it does not hold."""
    if not holds:
        raise InputError(f"data.plan.{rule}", found=found, expected=expected)
