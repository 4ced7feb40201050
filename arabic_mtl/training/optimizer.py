"""AdamW with warm-up and linear decay, as in the fine-tuning of BERT (Devlin et al., 2019)."""

from collections.abc import Iterable
from math import inf

import torch
from torch import Tensor, nn
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR
from transformers import get_linear_schedule_with_warmup

from arabic_mtl.errors import InputError


def require_rates(*, lr: float, weight_decay: float, warmup: float, dropout: float) -> None:
    """Raises `InputError` if a rate is outside its range.

    Args:
        lr: Highest learning rate.
        weight_decay: Weight decay of AdamW.
        warmup: Fraction of steps in which the learning rate rises.
        dropout: Dropout probability of the heads.

    Raises:
        InputError: If a rate is outside its range; the message names the option.
    """
    for name, value, holds, expected in (
        ("lr", lr, 0 <= lr < inf, "0 or more"),
        ("weight_decay", weight_decay, 0 <= weight_decay < inf, "0 or more"),
        ("warmup", warmup, 0 <= warmup <= 1, "a fraction of all steps, from 0 to 1"),
        ("dropout", dropout, 0 <= dropout < 1, "0 or more and below 1"),
    ):
        if not holds:
            raise InputError(
                f"model.{name} must be within its range",
                found=value,
                expected=expected,
            )


def adamw(model: nn.Module, *, lr: float, weight_decay: float, fused: bool = True) -> AdamW:
    """Returns AdamW with two parameter groups: vectors (biases, layer norms) do not decay.

    Args:
        model: The model, with its parameters.
        lr: Highest learning rate.
        weight_decay: Weight decay of matrices.
        fused: Whether one kernel performs the whole step, which is fastest on CPU and CUDA.
    """
    parameters = [p for p in model.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": weight_decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=lr, fused=fused)


def clip(parameters: Iterable[Tensor], limit: float | None, algorithm: str | None) -> None:
    """Clips gradients.

    Args:
        parameters: The parameters.
        limit: The limit; None or 0 for no clipping.
        algorithm: ``value`` limits each element; anything else limits the norm of all gradients.
    """
    if limit and algorithm == "value":
        nn.utils.clip_grad_value_(parameters, limit)
    elif limit:
        nn.utils.clip_grad_norm_(parameters, limit)


def warmup_linear(optimizer: AdamW, *, steps: int, warmup: float) -> LambdaLR:
    """Returns a schedule: linear warm-up in a fraction of the steps, then linear decay to 0."""
    schedule: LambdaLR = get_linear_schedule_with_warmup(optimizer, int(steps * warmup), steps)
    return schedule


class Rates:
    """The configured learning rates and weight decays of an optimizer.

    Loading a checkpoint overwrites them with the rates of the original run; `restore` sets the
    configured rates again.

    Args:
        schedule: A new schedule, before a checkpoint is loaded.
    """

    def __init__(self, schedule: LambdaLR) -> None:
        self.schedule = schedule
        groups = schedule.optimizer.param_groups
        self.configured = [(group["initial_lr"], group["weight_decay"]) for group in groups]

    def restore(self) -> None:
        """Sets the configured rates, at the schedule's current step."""
        step, factors = self.schedule.last_epoch, self.schedule.lr_lambdas
        groups = zip(self.schedule.optimizer.param_groups, self.configured, factors, strict=True)
        for group, (lr, weight_decay), factor in groups:
            group |= {"initial_lr": lr, "weight_decay": weight_decay, "lr": lr * factor(step)}
        self.schedule.base_lrs = [lr for lr, _ in self.configured]
