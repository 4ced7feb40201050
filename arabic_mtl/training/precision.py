"""The precision of training: bf16 where the device computes it fast, fp32 elsewhere."""

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
    """Lightning's Trainer, which also knows the precision ``auto``.

    Args:
        args: Lightning's.
        precision: How numbers are computed. ``auto`` is ``bf16-mixed`` where the device computes
            it fast and ``32-true`` elsewhere; a precision given by name is kept. By default
            ``32-true``, or that of a plugin.
        kwargs: Lightning's.
    """

    def __init__(self, *args: Any, precision: Precision | None = None, **kwargs: Any) -> None:
        chosen: Any = resolve_precision(precision, kwargs.get("accelerator", "auto"))
        super().__init__(*args, precision=chosen, **kwargs)


def resolve_precision(precision: Precision | None, accelerator: object) -> Precision | None:
    """Returns the precision to train in.

    Args:
        precision: As it was asked for.
        accelerator: The Trainer's option, such as ``auto``, ``cpu`` or ``gpu``.
    """
    if precision != AUTO:
        return precision
    return "bf16-mixed" if is_fast_in_bf16(device_of(accelerator)) else "32-true"


def is_slow(precision: object, accelerator: object) -> bool:
    """Returns whether a device lacks fast arithmetic for a precision.

    A CPU without bf16 computes ``bf16-mixed`` 35 to 230 times slower than fp32. Lightning makes
    ``16-mixed`` bf16 there.
    """
    device, half = device_of(accelerator), str(precision).split("-")[0]
    asked = half == "bf16" or (half == "16" and device == "cpu")
    return asked and not is_fast_in_bf16(device)


def is_fast_in_bf16(device: Device) -> bool:
    """Returns whether a device has instructions for bf16."""
    if device == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device == "cpu" and torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    return False


def device_of(accelerator: object) -> Device:
    """Returns the kind of device that Lightning takes for the Trainer's ``accelerator``."""
    if accelerator == "cpu":
        return "cpu"
    if accelerator in ("auto", "gpu", "cuda") and torch.cuda.is_available():
        return "cuda"
    return "cpu" if accelerator == "auto" and not torch.backends.mps.is_available() else "other"
