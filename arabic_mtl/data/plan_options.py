"""Which options of a sampling plan are refused, by themselves or together."""

from collections.abc import Mapping

import numpy as np

from arabic_mtl.errors import InputError


def check_steps(
    batch_size: int | None, token_budget: int | None, pool: int, *, default: int | None
) -> None:
    """What says how large steps and pools are.

    Args:
        batch_size: Rows per step.
        token_budget: Tokens per step.
        pool: Steps per pool.
        default: A number of rows that nobody need have asked for: it may stand beside a budget.

    Raises:
        InputError: If a number is not positive, or a step has no size, or two.
    """
    numbers = {"batch_size": batch_size, "token_budget": token_budget, "pool": pool}
    units = {"batch_size": "rows", "token_budget": "tokens", "pool": "steps"}
    for name, value in numbers.items():
        rule = f"{name} is a number of {units[name]}"
        _require(value is None or value >= 1, rule, value, "1 or more")
    _require(
        batch_size is not None or token_budget is not None,
        "batch_size or token_budget says how large a step is",
        "neither",
        "one of them",
    )
    _require(
        token_budget is None or batch_size in (None, default),
        "batch_size and token_budget are alternatives",
        f"batch_size: {batch_size}, token_budget: {token_budget}",
        "one of them: --data.plan.batch_size=null or --data.plan.token_budget=null",
    )


def check_temperatures(first: float, last: float | None, epochs: int | None) -> None:
    """What says in which proportion corpora are drawn, from the first epoch to the last.

    Raises:
        InputError: If they are no temperatures, or the last one is never reached.
    """
    for name, value in (("temperature", first), ("final_temperature", last)):
        expected = "from 1 (proportional) to .inf (all alike)"
        _require(value is None or value >= 1, f"{name} is at least 1", value, expected)
    if last is None:
        return
    _require(
        bool(np.isfinite([first, last]).all()),
        "final_temperature is reached in equal steps from temperature",
        f"{first} to {last}",
        "finite temperatures",
    )
    _require(
        epochs is not None and epochs >= 2,
        "final_temperature is that of the last epoch, and temperature that of the first",
        f"trainer.max_epochs: {epochs}",
        "2 or more",
    )


def check_shares(
    shares: Mapping[str, float], temperature: float, final_temperature: float | None
) -> None:
    """Shares that are given, and the temperatures beside them.

    Raises:
        InputError: If they are not parts of a whole, or a temperature is given, too.
    """
    _require(
        temperature == 1 and final_temperature is None,
        "temperature and shares are alternatives",
        f"temperature: {temperature}, final_temperature: {final_temperature}, beside shares",
        "--data.plan.shares=null, or 1 and null",
    )
    _require(
        all(share > 0 for share in shares.values()),
        "shares are positive",
        dict(shares),
        "a number above 0 for each corpus",
    )
    _require(
        not shares or abs(sum(shares.values()) - 1) < 1e-6,
        "shares add up to 1",
        f"{sum(shares.values()):g}, of {dict(shares)}",
        "1",
    )


def _require(holds: bool, rule: str, found: object, expected: str) -> None:
    if not holds:
        raise InputError(f"data.plan.{rule}", found=found, expected=expected)
