"""AdamW with warm-up and linear decay, as BERT is fine-tuned (Devlin et al., 2019)."""

import torch
from torch import nn
from torch.optim import AdamW
from torch.optim.lr_scheduler import LRScheduler
from transformers import get_linear_schedule_with_warmup


def adamw(model: nn.Module, *, lr: float, weight_decay: float, fused: bool = True) -> AdamW:
    """AdamW in two groups: biases and normalisation layers do not decay.

    Args:
        model: The model, its parameters made.
        lr: Highest learning rate.
        weight_decay: Decay of all other parameters.
        fused: Whether one kernel makes the whole step: on CPU and CUDA the fastest way.
    """
    parameters = [p for p in model.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": weight_decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=lr, fused=fused)


def warmup_linear(optimizer: AdamW, *, steps: int, warmup: float) -> LRScheduler:
    """From 0 up to the full rate in the first ``warmup`` part of the steps, then down to 0."""
    schedule: LRScheduler = get_linear_schedule_with_warmup(optimizer, int(steps * warmup), steps)
    return schedule
