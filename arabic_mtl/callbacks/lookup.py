"""Callbacks that need each other."""

from typing import Any, TypeVar

from lightning.pytorch import Callback

from arabic_mtl.errors import InputError

C = TypeVar("C", bound=Callback)


def the(kind: type[C], trainer: Any) -> C:
    """The Trainer's callback of a kind.

    Raises:
        InputError: If it has none.
    """
    for callback in trainer.callbacks:
        if isinstance(callback, kind):
            return callback
    raise InputError(
        "a Trainer has all callbacks that its others need",
        found=f"no {kind.__name__}",
        expected=f"one among them: {kind.__name__}()",
    )
