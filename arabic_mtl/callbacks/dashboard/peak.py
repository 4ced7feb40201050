"""How much of what a processor can do is used: model FLOP/s over peak (Chowdhery et al., 2022)."""

import time

import torch
from lightning.fabric.utilities.throughput import get_available_flops
from torch import nn

_SIZE = 1024  # of the matrices by which a CPU is measured
_TIMES = 5


def flops_per_token(encoder: nn.Module) -> int:
    """The operations by which an encoder learns from a token.

    Two for each weight that it is multiplied by, and as many again for the gradients of both;
    attention's own products are left out, which are few where texts are short.
    """
    layers = (layer for layer in encoder.modules() if isinstance(layer, nn.Linear | nn.RNNBase))
    weights = (weight for layer in layers for weight in layer.parameters(recurse=False))
    return 6 * sum(weight.numel() for weight in weights if weight.ndim == 2)


def peak_flops(device: torch.device, precision: str) -> float | None:
    """What a device can do in a second: a GPU by its name, a CPU by what it does now.

    Args:
        device: The device.
        precision: Lightning's name for it, such as ``bf16-mixed``.

    Returns:
        None for a device that is not known.
    """
    dtype = compute_dtype(precision)
    if device.type != "cpu":
        known = get_available_flops(device, dtype)
        return None if known is None else float(known)
    matrix = torch.ones(_SIZE, _SIZE, dtype=dtype)
    seconds = []
    for _ in range(_TIMES):
        start = time.perf_counter()
        matrix @ matrix
        seconds.append(time.perf_counter() - start)
    return 2 * _SIZE**3 / min(seconds)


def compute_dtype(precision: str) -> torch.dtype:
    """What matrices are multiplied in."""
    kind = precision.split("-")[0]
    return {
        "bf16": torch.bfloat16,
        "16": torch.float16,
        "64": torch.float64,
    }.get(kind, torch.float32)
