"""Checks of options before any data is read, and errors of the Trainer about its options."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from jsonargparse import Namespace
from lightning.fabric.utilities.exceptions import MisconfigurationException

from arabic_mtl.errors import InputError, program
from arabic_mtl.tasks import Task

_ENDS = ("max_epochs", "max_steps")
"""Options of the Trainer that end a run; -1 stands for no limit."""
_POSITIVE = (
    *(*_ENDS, "limit_train_batches", "limit_val_batches"),
    *("val_check_interval", "check_val_every_n_epoch"),
)
"""Options of the Trainer that must be above 0."""


def require_seed(seed: object) -> None:
    """Raises `InputError` unless the seed is a number that PyTorch and NumPy accept."""
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < 2**32:
        _refuse(
            "seed_everything must be a seed of random numbers",
            f"seed_everything: {seed}",
            f"a whole number from 0 to {2**32 - 1}",
        )


def require_trainer_options(trainer: Namespace, command: str) -> None:
    """Checks options that Lightning accepts, but with an effect that nobody wants.

    Args:
        trainer: The options below ``trainer``.
        command: The Trainer's command.

    Raises:
        InputError: If an option has such a value.
    """
    if trainer.accumulate_grad_batches < 1:
        _refuse(
            "an optimizer step must have at least one micro-batch",
            f"trainer.accumulate_grad_batches: {trainer.accumulate_grad_batches}",
            "1 or more",
        )
    for option in _POSITIVE if command == "fit" else ():
        value = trainer[option]
        is_number = isinstance(value, int | float) and (value != -1 or option not in _ENDS)
        if is_number and not value > 0:
            _refuse(
                "a run must train, and must choose its best checkpoint by validation",
                f"trainer.{option}: {value}",
                "above 0",
            )
    if not (trainer.gradient_clip_val or 0) >= 0:
        _refuse(
            "gradients must be clipped to a positive norm or value",
            f"trainer.gradient_clip_val: {trainer.gradient_clip_val}",
            "above 0, or null for no clipping",
        )
    if command == "fit" and trainer.logger is False:
        _refuse(
            "a run must have a logger, which names its folder",
            "trainer.logger: false",
            "null for TensorBoard, or another logger",
        )


def require_temperature_to_end(config: Namespace) -> None:
    """Raises `InputError` if ``max_steps`` could end a run before the final temperature.

    The temperature changes from epoch to epoch, over ``max_epochs``.
    """
    if config.data.plan.final_temperature is not None and config.trainer.max_steps != -1:
        _refuse(
            "data.plan.final_temperature must be used without trainer.max_steps",
            f"trainer.max_steps: {config.trainer.max_steps}",
            "trainer.max_epochs alone",
        )


def require_monitored(config: Namespace, tasks: dict[str, Task]) -> None:
    """Raises `InputError` if a callback monitors a metric that validation does not log."""
    shares = any(task.metrics()[task.selection_metric].is_share for task in tasks.values())
    known = ["val/mean"] if shares else []
    for name, task in tasks.items():
        known += [f"val/{name}/{metric}" for metric in ("loss", *task.metrics())]
    for option in ("checkpoint", "early_stopping"):
        monitor = config[option].monitor
        names = [monitor] if isinstance(monitor, str) else monitor
        unknown = [name for name in names if name not in known]
        if unknown:
            _refuse(
                f"--{option}.monitor must be a metric that validation logs",
                ", ".join(unknown),
                ", ".join(known),
            )


@contextmanager
def trainer_errors() -> Iterator[None]:
    """Turns the errors that Lightning raises about its options into `InputError`."""
    try:
        yield
    except (MisconfigurationException, ValueError, TypeError, ModuleNotFoundError) as error:
        if not (isinstance(error, MisconfigurationException) or _is_raised_by_lightning(error)):
            raise
        raise InputError(
            "the trainer's options must fit each other, the data and this machine",
            found=" ".join(str(error).split()),
            expected=f"see {program()} fit --help, under trainer",
        ) from error


def _is_raised_by_lightning(error: Exception) -> bool:
    """Returns whether Lightning's own code raised an error, not a function that it calls."""
    trace: Any = error.__traceback__
    while trace.tb_next:
        trace = trace.tb_next
    return str(trace.tb_frame.f_globals.get("__name__", "")).startswith("lightning.")


def _refuse(rule: str, found: str, expected: str) -> None:
    raise InputError(rule, found=found, expected=expected)
