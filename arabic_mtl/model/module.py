"""The LightningModule: one encoder, one head per task."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from lightning.pytorch import LightningModule
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor, nn
from torch.optim import Optimizer

from arabic_mtl.encoders import Encoder
from arabic_mtl.errors import InputError
from arabic_mtl.model.meter import TaskMeter
from arabic_mtl.model.optimizer import adamw, warmup_linear
from arabic_mtl.model.scores import Scores
from arabic_mtl.tasks import Batch, Targets, Task
from arabic_mtl.text import TextPipeline


class Prediction(NamedTuple):
    """The answers to one batch of one corpus.

    Args:
        corpus: Whose rows they are.
        numbers: The rows' numbers in their table.
        answers: Task to one answer per row.
    """

    corpus: str
    numbers: list[int]
    answers: dict[str, list[Any]]


class MultiTaskModule(LightningModule):
    """Several tasks on one encoder.

    A step makes one encoder pass over the rows of all tasks, then calls every head, if need be
    with no rows. The loss is the weighted sum of the tasks' mean losses; a mean is over the
    labelled items of all processes, so that their number does not change the result.

    Args:
        tasks: What to learn, by name; follows ``data.tasks``.
        text: Makes the encoder's vocabulary known; follows ``data.text``.
        encoder: What the tasks share.
        lr: Highest learning rate.
        weight_decay: AdamW's, on matrices.
        warmup: The part of all steps in which the rate goes up.
        dropout: Of the heads; the encoder's is in its own config.
    """

    def __init__(
        self,
        tasks: dict[str, Task],
        text: TextPipeline,
        encoder: Encoder,
        lr: float = 5e-5,
        weight_decay: float = 0.01,
        warmup: float = 0.1,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.tasks, self.text, self._encoder = tasks, text, encoder
        self.lr, self.weight_decay, self.warmup, self.dropout = lr, weight_decay, warmup, dropout
        self.scores, self.meter = Scores(tasks), TaskMeter(list(tasks))

    def configure_model(self) -> None:
        """Makes the parameters; the text pipeline is loaded by now and tells their number."""
        if hasattr(self, "heads"):
            return
        self.encoder = self._encoder.build(self.text)
        size = self.encoder.hidden_size
        heads = {name: t.build_head(size, self.dropout) for name, t in self.tasks.items()}
        self.heads = nn.ModuleDict(heads)

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        """Task to logits."""
        hidden = self.encoder(batch.tokens)
        return {name: self._head(name, hidden, batch, batch.targets[name]) for name in self.tasks}

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """The loss of one step."""
        sums, counts = self._losses(self(batch), batch)
        # One message for both; a copy, for it is reduced in place.
        own = torch.stack([sums.detach(), counts])
        totals, counts = torch.unbind(self.trainer.strategy.reduce(own, reduce_op="sum"))
        self.meter.update(totals, counts)
        weights = sums.new_tensor([task.weight for task in self.tasks.values()])
        # DDP averages the gradients over the processes; the factor makes a sum of it again.
        loss = (weights * sums / counts.clamp(min=1)).sum() * self.trainer.world_size
        trainer: Any = self.trainer  # whose stub lacks the attribute
        if self.global_step % trainer.log_every_n_steps == 0:
            self._log_training(loss.detach())
        return loss

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """Counts one batch."""
        self.scores.update(self(batch), batch)

    def test_step(self, batch: Batch, batch_idx: int) -> None:
        """Counts one batch."""
        self.scores.update(self(batch), batch)

    def on_validation_epoch_end(self) -> None:
        """Logs ``val/task/metric``, and ``val/mean`` over the tasks' main metrics."""
        self._log_scores("val")

    def on_test_epoch_end(self) -> None:
        """Logs ``test/task/metric`` and ``test/mean``."""
        self._log_scores("test")

    def predict_step(
        self, batch: Batch, batch_idx: int, dataloader_idx: int = 0
    ) -> list[Prediction]:
        """Decodes every task, those first whose answers others build on.

        Nothing comes of a step in which this process has no rows.
        """
        if not batch.numbers:
            return []
        hidden = self.encoder(batch.tokens)
        answers: dict[str, list[Any]] = {}
        for name, task in sorted(self.tasks.items(), key=lambda item: item[1].after is not None):
            tokens, targets = batch.tokens[batch.rows[name]], batch.targets[name]
            if task.after is not None:
                targets = task.condition(targets, answers[task.after], tokens)
            logits = self._head(name, hidden, batch, targets)
            answers[name] = task.decode(logits, tokens, targets)
        ((corpus, numbers),) = batch.numbers.items()
        of_corpus = {n: answers[n] for n, task in self.tasks.items() if task.corpus == corpus}
        return [Prediction(corpus, numbers, of_corpus)]

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """AdamW, warm-up and linear decay per step."""
        # A fused step unscales fp16 gradients itself, after they were clipped: too late.
        fused = self.trainer.precision != "16-mixed"
        optimizer = adamw(self, lr=self.lr, weight_decay=self.weight_decay, fused=fused)
        steps = int(self.trainer.estimated_stepping_batches)
        schedule = warmup_linear(optimizer, steps=steps, warmup=self.warmup)
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }

    def configure_gradient_clipping(
        self,
        optimizer: Optimizer,
        gradient_clip_val: float | None = None,
        gradient_clip_algorithm: str | None = None,
    ) -> None:
        """Clips over all parameters in the model's order, as Hugging Face's Trainer does.

        Lightning's own clipping goes by optimizer group, and refuses a fused optimizer.
        """
        if gradient_clip_val and gradient_clip_algorithm == "value":
            nn.utils.clip_grad_value_(self.parameters(), gradient_clip_val)
        elif gradient_clip_val:
            nn.utils.clip_grad_norm_(self.parameters(), gradient_clip_val)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Adds what the heads' outputs stand for."""
        checkpoint["labels"] = {name: list(task.labels) for name, task in self.tasks.items()}

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Refuses a checkpoint whose outputs stand for something else.

        Raises:
            InputError: Naming the task.
        """
        saved = checkpoint.get("labels", {})
        for name in saved.keys() | self.tasks.keys():
            configured = list(self.tasks[name].labels) if name in self.tasks else "no such task"
            if saved.get(name, "no such task") != configured:
                raise InputError(
                    "a checkpoint's tasks and labels are the configured ones",
                    found=f"{name} in the checkpoint: {saved.get(name, 'no such task')}",
                    expected=f"data.tasks.{name}: {configured}",
                )

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> Any:
        """Loads weights.

        Raises:
            InputError: If they are another model's.
        """
        try:
            return super().load_state_dict(state_dict, strict, assign)
        except RuntimeError as error:
            raise InputError(
                "a checkpoint's weights fit the configured model",
                found="; ".join(line.strip() for line in str(error).splitlines()[1:4]),
                expected="the encoder, heads and vocabulary that the checkpoint was trained with",
            ) from None

    def _head(self, name: str, hidden: Tensor, batch: Batch, targets: Targets) -> Tensor:
        rows = batch.rows[name]
        logits: Tensor = self.heads[name](hidden[rows], batch.tokens[rows], targets)
        return logits

    def _losses(self, logits: dict[str, Tensor], batch: Batch) -> tuple[Tensor, Tensor]:
        """Summed losses and numbers of labelled items on this process, both (tasks,)."""
        losses = [task.loss(logits[n], batch.targets[n]) for n, task in self.tasks.items()]
        return torch.stack([s for s, _ in losses]), torch.stack([c for _, c in losses]).float()

    def _log_training(self, loss: Tensor) -> None:
        values = {f"train/{key}": value for key, value in self.meter.compute().items()}
        rate = self.trainer.optimizers[0].param_groups[0]["lr"]
        self.log_dict({**values, "train/lr": rate})
        self.log("train/loss", loss, prog_bar=True)

    def _log_scores(self, stage: str) -> None:
        values = {f"{stage}/{key}": value for key, value in self.scores.compute().items()}
        self.log(f"{stage}/mean", values.pop(f"{stage}/mean"), prog_bar=True)
        self.log_dict(values)
