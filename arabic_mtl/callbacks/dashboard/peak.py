"""Model FLOP/s utilisation: used FLOP/s over peak FLOP/s (Chowdhery et al., 2022)."""

import time

import torch
from lightning.fabric.utilities.throughput import get_available_flops
from torch import nn

_SIZE = 1024  # rows and columns of the matrices with which a CPU is measured
_REPEATS = 5


def flops_per_token(encoder: nn.Module) -> int:
    """Returns the floating-point operations with which an encoder learns from one token.

    Each weight takes two operations in the forward pass and four in the backward pass. The
    products inside attention are ignored, as they are few for short texts.
    """
    layers = (layer for layer in encoder.modules() if isinstance(layer, nn.Linear | nn.RNNBase))
    weights = (weight for layer in layers for weight in layer.parameters(recurse=False))
    return 6 * sum(weight.numel() for weight in weights if weight.ndim == 2)


def peak_flops(device: torch.device, precision: str) -> float | None:
    """Returns a device's peak FLOP/s: a GPU's from Lightning's table, a CPU's by measurement.

    Args:
        device: The device.
        precision: Lightning's name of the precision, such as ``bf16-mixed``.

    Returns:
        The FLOP/s; None for an unknown device.
    """
    dtype = compute_dtype(precision)
    if device.type != "cpu":
        flops = get_available_flops(device, dtype)
        return None if flops is None else float(flops)
    matrix = torch.ones(_SIZE, _SIZE, dtype=dtype)
    seconds = []
    for _ in range(_REPEATS):
        start = time.perf_counter()
        matrix @ matrix
        seconds.append(time.perf_counter() - start)
    return 2 * _SIZE**3 / min(seconds)


def compute_dtype(precision: str) -> torch.dtype:
    """Returns the data type of matrix products under one of Lightning's precisions."""
    kind = precision.split("-")[0]
    return {
        "bf16": torch.bfloat16,
        "16": torch.float16,
        "64": torch.float64,
    }.get(kind, torch.float32)
