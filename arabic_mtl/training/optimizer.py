"""AdamW with warm-up and linear decay, as BERT is fine-tuned (Devlin et al., 2019)."""

from collections.abc import Iterable
from math import inf

import torch
from torch import Tensor, nn
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR
from transformers import get_linear_schedule_with_warmup

from arabic_mtl.errors import InputError


def require_rates(*, lr: float, weight_decay: float, warmup: float, dropout: float) -> None:
    """Refuses rates outside their ranges.

    Raises:
        InputError: Naming the option.
    """
    for name, value, holds, expected in (
        ("lr", lr, 0 <= lr < inf, "0 or more"),
        ("weight_decay", weight_decay, 0 <= weight_decay < inf, "0 or more"),
        ("warmup", warmup, 0 <= warmup <= 1, "a part of all steps, from 0 to 1"),
        ("dropout", dropout, 0 <= dropout < 1, "from 0 to below 1"),
    ):
        if not holds:
            raise InputError(
                f"model.{name} is a rate within its range",
                found=value,
                expected=expected,
            )


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


def clip(parameters: Iterable[Tensor], limit: float | None, algorithm: str | None) -> None:
    """Clips gradients by value, or else by the norm of all of them, where there is a limit."""
    if limit and algorithm == "value":
        nn.utils.clip_grad_value_(parameters, limit)
    elif limit:
        nn.utils.clip_grad_norm_(parameters, limit)


def warmup_linear(optimizer: AdamW, *, steps: int, warmup: float) -> LambdaLR:
    """From 0 up to the full rate in the first ``warmup`` part of the steps, then down to 0."""
    schedule: LambdaLR = get_linear_schedule_with_warmup(optimizer, int(steps * warmup), steps)
    return schedule


class Rates:
    """The configured rates of a schedule and its optimizer.

    A checkpoint brings those that its run began with; `restore` puts the configured ones back.

    Args:
        schedule: Just made.
    """

    def __init__(self, schedule: LambdaLR) -> None:
        self.schedule = schedule
        groups = schedule.optimizer.param_groups
        self.configured = [(group["initial_lr"], group["weight_decay"]) for group in groups]

    def restore(self) -> None:
        """Goes on at the configured rates from the step that has been reached."""
        step, parts = self.schedule.last_epoch, self.schedule.lr_lambdas
        groups = zip(self.schedule.optimizer.param_groups, self.configured, parts, strict=True)
        for group, (lr, weight_decay), part in groups:
            group |= {"initial_lr": lr, "weight_decay": weight_decay, "lr": lr * part(step)}
        self.schedule.base_lrs = [lr for lr, _ in self.configured]
