"""Options that a command refuses before anything is read, and those that the Trainer refuses."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from jsonargparse import Namespace
from lightning.fabric.utilities.exceptions import MisconfigurationException

from arabic_mtl.errors import InputError
from arabic_mtl.tasks import Task

_ENDS = ("max_epochs", "max_steps")
"""Options of the Trainer that say when a run ends; -1 for: not by this."""
_POSITIVE = (
    *(*_ENDS, "limit_train_batches", "limit_val_batches"),
    *("val_check_interval", "check_val_every_n_epoch"),
)
"""Those of which a run needs more than nothing."""


def require_seed(seed: object) -> None:
    """Refuses a seed from which no random numbers follow.

    Raises:
        InputError: Naming the option.
    """
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < 2**32:
        _refuse(
            "a run's random numbers follow from its seed",
            f"seed_everything: {seed}",
            f"a whole number from 0 to {2**32 - 1}",
        )


def require_trainer_options(trainer: Namespace, command: str) -> None:
    """Refuses options that Lightning takes and does something unexpected with.

    Args:
        trainer: The options below ``trainer``.
        command: What they are given to.

    Raises:
        InputError: Naming the option.
    """
    if trainer.accumulate_grad_batches < 1:
        _refuse(
            "an update is made of one batch or more",
            f"trainer.accumulate_grad_batches: {trainer.accumulate_grad_batches}",
            "1 or more",
        )
    for option in _POSITIVE if command == "fit" else ():
        value = trainer[option]
        is_number = isinstance(value, int | float) and (value != -1 or option not in _ENDS)
        if is_number and not value > 0:
            _refuse(
                "a run trains, and chooses its best checkpoint by validation",
                f"trainer.{option}: {value}",
                "above 0",
            )
    if not (trainer.gradient_clip_val or 0) >= 0:
        _refuse(
            "gradients are clipped to a size",
            f"trainer.gradient_clip_val: {trainer.gradient_clip_val}",
            "above 0; or null, for no clipping",
        )
    if command == "fit" and trainer.logger is False:
        _refuse(
            "a run has a folder, which its logger gives it",
            "trainer.logger: false",
            "null, which is TensorBoard; or another logger",
        )


def require_temperature_to_end(config: Namespace) -> None:
    """Refuses a temperature that changes over epochs of which ``max_steps`` makes an unknown few.

    Raises:
        InputError: Naming the options.
    """
    if config.data.plan.final_temperature is not None and config.trainer.max_steps != -1:
        _refuse(
            "data.plan.final_temperature is reached in the last epoch",
            f"trainer.max_steps: {config.trainer.max_steps}",
            "trainer.max_epochs alone",
        )


def require_monitored(config: Namespace, tasks: dict[str, Task]) -> None:
    """Refuses to watch a metric that there will not be.

    Raises:
        InputError: Naming the option.
    """
    shares = any(task.metrics()[task.main_metric].is_share for task in tasks.values())
    known = ["val/mean"] if shares else []
    for name, task in tasks.items():
        known += [f"val/{name}/{metric}" for metric in ("loss", *task.metrics())]
    for option in ("checkpoint", "early_stopping"):
        given = config[option].monitor
        unknown = [m for m in ([given] if isinstance(given, str) else given) if m not in known]
        if unknown:
            _refuse(
                f"--{option}.monitor is a metric of the validation that a run makes",
                ", ".join(unknown),
                ", ".join(known),
            )


@contextmanager
def trainer_errors() -> Iterator[None]:
    """Tells what Lightning itself says of its options as a mistake in them.

    Raises:
        InputError: In place of what Lightning raises.
    """
    try:
        yield
    except (MisconfigurationException, ValueError, TypeError, ModuleNotFoundError) as error:
        if not (isinstance(error, MisconfigurationException) or _is_of_lightning(error)):
            raise
        raise InputError(
            "the trainer's options fit each other, the data and this machine",
            found=" ".join(str(error).split()),
            expected="see train.py fit --help, under trainer",
        ) from error


def _is_of_lightning(error: Exception) -> bool:
    """Whether Lightning's own code has raised an error, not what it calls."""
    trace: Any = error.__traceback__
    while trace.tb_next:
        trace = trace.tb_next
    return str(trace.tb_frame.f_globals.get("__name__", "")).startswith("lightning.")


def _refuse(rule: str, found: str, expected: str) -> None:
    raise InputError(rule, found=found, expected=expected)
