"""The precision of training: bf16 on devices that support it natively, else fp32."""

from typing import Any, Literal

import torch
from lightning.pytorch import Trainer

Precision = Literal[
    "auto",
    "32-true",
    "bf16-mixed",
    "bf16-true",
    "16-mixed",
    "16-true",
    "64-true",
    "transformer-engine",
    "transformer-engine-float16",
    "32",
    "bf16",
    "16",
    "64",
    32,
    16,
    64,
]
"""Lightning's names of precisions, and ``auto``."""

AUTO: Precision = "auto"

Device = Literal["cpu", "cuda", "other"]


class PrecisionTrainer(Trainer):
    """Lightning's Trainer with the additional precision ``auto``.

    Args:
        args: Arguments of Lightning's Trainer.
        precision: The precision of training. ``auto`` is ``bf16-mixed`` on devices that support
            bf16 natively, else ``32-true``. Any other precision is passed to Lightning. By
            default ``32-true``, or the precision of a plugin.
        kwargs: Arguments of Lightning's Trainer.
    """

    def __init__(self, *args: Any, precision: Precision | None = None, **kwargs: Any) -> None:
        chosen: Any = resolve_precision(precision, kwargs.get("accelerator", "auto"))
        super().__init__(*args, precision=chosen, **kwargs)


def resolve_precision(precision: Precision | None, accelerator: object) -> Precision | None:
    """Returns the precision to train with.

    Args:
        precision: The configured precision.
        accelerator: The Trainer's option ``accelerator``, such as ``auto``, ``cpu`` or ``gpu``.
    """
    if precision != AUTO:
        return precision
    return "bf16-mixed" if is_fast_in_bf16(device_kind(accelerator)) else "32-true"


def is_slow(precision: object, accelerator: object) -> bool:
    """Returns whether a device has no native arithmetic for a precision.

    A CPU without bf16 instructions computes ``bf16-mixed`` 35 to 230 times slower than fp32. On a
    CPU, Lightning replaces ``16-mixed`` by bf16.

    Args:
        precision: The precision, under one of Lightning's names.
        accelerator: The Trainer's option ``accelerator``.
    """
    device, half = device_kind(accelerator), str(precision).split("-")[0]
    needs_bf16 = half == "bf16" or (half == "16" and device == "cpu")
    return needs_bf16 and not is_fast_in_bf16(device)


def is_fast_in_bf16(device: Device) -> bool:
    """Returns whether a device supports bf16 natively."""
    if device == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device == "cpu" and torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    return False


def device_kind(accelerator: object) -> Device:
    """Returns the kind of device that Lightning uses for the Trainer's ``accelerator``."""
    if accelerator == "cpu":
        return "cpu"
    if accelerator in ("auto", "gpu", "cuda") and torch.cuda.is_available():
        return "cuda"
    return "cpu" if accelerator == "auto" and not torch.backends.mps.is_available() else "other"
