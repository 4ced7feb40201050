"""The LightningModule: a shared encoder with one head per task."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor
from torch.optim import Optimizer

from arabic_mtl.model.batch import Batch
from arabic_mtl.model.checkpoint import add_format, check_content_format
from arabic_mtl.model.encoders import Encoder
from arabic_mtl.model.network import Network
from arabic_mtl.tasks import Logits, Task
from arabic_mtl.tasks.scores import Scores, TaskRows
from arabic_mtl.text import TextPipeline
from arabic_mtl.training.balancing import Balancing, FixedWeights
from arabic_mtl.training.compatible import require_outputs, weights_error
from arabic_mtl.training.data import training_data
from arabic_mtl.training.losses import TaskMeter, scale_losses, sum_losses
from arabic_mtl.training.model_folder import ModelFolder
from arabic_mtl.training.optimizer import Rates, adamw, clip, require_rates, warmup_linear
from arabic_mtl.training.parallel import require_no_average, require_whole_gradients, shard


class MultiTaskModule(LightningModule):
    """A multi-task model: a shared encoder with one head per task.

    A training step is one encoder pass over the rows of all tasks, and a call of every head, even
    if a head has no rows. The loss is the weighted sum of the tasks' mean losses. Each mean is over
    the labelled items of all processes and batches of an optimizer step, so that, without
    dropout, the numbers of processes and batches do not change the result.

    Args:
        tasks: The tasks, by name; follows ``data.tasks``.
        encoder: The shared encoder.
        lr: Highest learning rate.
        weight_decay: Weight decay of AdamW, for matrices only.
        warmup: Fraction of all steps in which the learning rate rises.
        dropout: Dropout probability of the heads; the encoder has its own option.
        balancing: The way to combine the tasks' losses.
    """

    def __init__(
        self,
        tasks: dict[str, Task],
        encoder: Encoder,
        lr: float = 5e-5,
        weight_decay: float = 0.01,
        warmup: float = 0.1,
        dropout: float = 0.1,
        balancing: Balancing = FixedWeights(),  # noqa: B008 - frozen
    ) -> None:
        super().__init__()
        require_rates(lr=lr, weight_decay=weight_decay, warmup=warmup, dropout=dropout)
        self.balancing = balancing
        self.tasks, self.encoder_settings = tasks, encoder
        self.lr, self.weight_decay, self.warmup, self.dropout = lr, weight_decay, warmup, dropout
        self.scores, self.meter = Scores(tasks), TaskMeter(list(tasks))

    def configure_model(self) -> None:
        """Creates the parameters for the vocabulary of the Trainer's data.

        Raises:
            InputError: If the Trainer's DataModule is missing or is not `TrainingData`.
        """
        if not hasattr(self, "network"):
            self.build(training_data(self).text)

    def build(self, text: TextPipeline) -> None:
        """Creates the parameters for the vocabulary of a text pipeline.

        Args:
            text: The text pipeline that makes the tokens of the batches.
        """
        encoder = self.encoder_settings.build(text)
        size = encoder.hidden_size
        heads = {name: task.build_head(size, self.dropout) for name, task in self.tasks.items()}
        self.network = Network(encoder, heads)
        self.balancer = self.balancing.build(len(self.tasks))
        if self.device_mesh is not None:
            require_no_average(self.trainer)
            shard([*encoder.blocks(), encoder], self.device_mesh)
            shard([*heads.values(), self.balancer], self.device_mesh)

    def configure_callbacks(self) -> list[Callback]:
        """Returns the callback that writes the files that `arabic_mtl.load` needs."""
        return [ModelFolder(self.tasks, self.encoder_settings)]

    def on_fit_start(self) -> None:
        """Raises `InputError` if the Trainer's options would change how training is computed.

        Raises:
            InputError: If they would; the message names the option.
        """
        require_whole_gradients(self.trainer.strategy)
        self.balancing.require(self.trainer)

    def on_train_start(self) -> None:
        """Sets the configured rates, and resets unlogged losses except on the first process."""
        self.rates.restore()
        if not self.trainer.is_global_zero:
            self.meter.totals = torch.zeros_like(self.meter.totals)

    def forward(self, batch: Batch) -> dict[str, Logits]:
        """Returns the logits of each task.

        Args:
            batch: The rows of an encoder pass.
        """
        self.balancer.begin(self.device)
        logits: dict[str, Logits] = self.network(batch, self._gate)
        return logits

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Returns the loss of a batch."""
        self._items = batch.update.items
        sums, counts = sum_losses(self.tasks, self(batch), batch.targets)
        self.meter.update(sums, counts)
        losses = scale_losses(sums, self.tasks, batch.update, self.trainer)
        encoder = self.network.encoder
        loss: Tensor = self.balancer(losses, encoder, partial(self._reduce, "mean"))
        batches = self.trainer.accumulate_grad_batches
        if batch_idx % batches == batch.update.batches - 1 and self._is_logged():
            self._log_training()
        return loss

    def validation_step(self, batch: Batch, batch_idx: int) -> dict[str, TaskRows]:
        """Counts one batch, and returns its predictions, for callbacks."""
        return self.scores.update(self(batch), batch)

    def test_step(self, batch: Batch, batch_idx: int) -> dict[str, TaskRows]:
        """Counts one batch, and returns its predictions, for callbacks."""
        return self.scores.update(self(batch), batch)

    def on_validation_epoch_end(self) -> None:
        """Logs ``val/task/metric``, and ``val/mean``, the mean of the tasks' main metrics."""
        self._log_scores("val")

    def on_test_epoch_end(self) -> None:
        """Logs ``test/task/metric`` and ``test/mean``."""
        self._log_scores("test")

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """Returns AdamW with linear warm-up and decay per optimizer step."""
        # A fused optimizer unscales fp16 gradients in its step, that is, after they are clipped.
        fused = self.trainer.precision != "16-mixed"
        optimizer = adamw(self.network, lr=self.lr, weight_decay=self.weight_decay, fused=fused)
        for group in self.balancer.parameter_groups():
            optimizer.add_param_group(group)
        steps = training_data(self).updates()
        schedule = warmup_linear(optimizer, steps=steps, warmup=self.warmup)
        self.rates = Rates(schedule)
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }

    def on_before_optimizer_step(self, optimizer: Optimizer) -> None:
        """Removes the gradients of tasks without labelled items in this optimizer step.

        Their heads were called without rows, so that their gradients are zero. With zero gradients
        AdamW would still move the parameters, by its momentum.
        """
        for number, name in enumerate(self.tasks):
            if not self._items[name]:
                head = self.network.heads[name]
                for parameter in (*head.parameters(), *self.balancer.task_parameters(number)):
                    parameter.grad = None

    def configure_gradient_clipping(
        self,
        optimizer: Optimizer,
        gradient_clip_val: float | None = None,
        gradient_clip_algorithm: str | None = None,
    ) -> None:
        """Clips gradients over all parameters in the model's order, like Hugging Face's Trainer.

        Lightning's own clipping follows the parameter groups, and rejects a fused optimizer.
        """
        clip(self.parameters(), gradient_clip_val, gradient_clip_algorithm)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Adds the format's version, the names of the heads' outputs, and unlogged losses."""
        add_format(checkpoint)
        outputs = {name: list(task.decoder.outputs) for name, task in self.tasks.items()}
        checkpoint["outputs"] = outputs
        checkpoint["unlogged"] = self._reduce("sum", self.meter.totals.to(self.device))

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Restores unlogged losses.

        Raises:
            InputError: If the checkpoint has another format, or other tasks or outputs.
        """
        check_content_format(checkpoint)
        require_outputs(checkpoint.get("outputs", {}), self.tasks)
        self.meter.totals = checkpoint.get("unlogged", self.meter.totals)

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> Any:
        """Loads weights.

        Raises:
            InputError: If they do not fit the model.
        """
        try:
            return super().load_state_dict(state_dict, strict, assign)
        except RuntimeError as error:
            raise weights_error(error) from None

    def _gate(self, task: str, hidden: Tensor) -> Tensor:
        """Returns a task's hidden states, with the balancer's gate on their gradients."""
        return self.balancer.gate(hidden, list(self.tasks).index(task))

    def _is_logged(self) -> bool:
        """Returns whether the logger writes after this optimizer step."""
        trainer: Any = self.trainer  # the type stub lacks the attribute
        interval: int = trainer.log_every_n_steps
        return interval > 0 and (self.global_step + 1) % interval == 0

    def _log_training(self) -> None:
        """Logs losses, shares and weights of the tasks, the learning rate and the total loss."""
        values = self.meter.compute(partial(self._reduce, "sum"))
        losses = [
            task.weight * values.get(f"{name}/loss", 0.0) for name, task in self.tasks.items()
        ]
        rate = self.trainer.optimizers[0].param_groups[0]["lr"]
        weights = zip(self.tasks, self.balancer.weights(), strict=False)
        values |= {f"{name}/weight": weight for name, weight in weights}
        self.log_dict({f"train/{key}": value for key, value in values.items()} | {"train/lr": rate})
        self.log("train/loss", sum(losses), prog_bar=True)

    def _reduce(self, operation: str, tensor: Tensor) -> Tensor:
        """Returns the sum or the mean of a tensor over all processes, in a new tensor."""
        reduced: Tensor = self.trainer.strategy.reduce(tensor.clone(), reduce_op=operation)
        return reduced

    def _log_scores(self, stage: str) -> None:
        """Logs the scores of a stage, which is ``val`` or ``test``."""
        values = {f"{stage}/{key}": value for key, value in self.scores.compute().items()}
        for key, value in values.items():
            self.log(key, value, prog_bar=key == f"{stage}/mean")
