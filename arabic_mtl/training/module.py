"""The LightningModule: one encoder, one head per task."""

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
from arabic_mtl.training.compatible import other_weights, require_outputs
from arabic_mtl.training.data import training_data
from arabic_mtl.training.losses import TaskMeter, shares_of_update, summed
from arabic_mtl.training.model_folder import ModelFolder
from arabic_mtl.training.optimizer import Rates, adamw, clip, require_rates, warmup_linear
from arabic_mtl.training.parallel import require_no_average, require_whole_gradients, shard


class MultiTaskModule(LightningModule):
    """Several tasks on one encoder.

    A step makes one encoder pass over the rows of all tasks, then calls every head, if need be
    with no rows. The loss is the weighted sum of the tasks' mean losses; a mean is over the
    labelled items of all processes and all batches of an update of the weights, so that how
    these share the work does not change the result.

    Args:
        tasks: What to learn, by name; follows ``data.tasks``.
        encoder: What the tasks share.
        lr: Highest learning rate.
        weight_decay: AdamW's, on matrices.
        warmup: The part of all steps in which the rate goes up.
        dropout: Of the heads; the encoder's is in its own config.
        balancing: How the tasks' losses become one.
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
        """Makes the parameters, as many as the vocabulary of the Trainer's data needs.

        Raises:
            InputError: If the Trainer has no data of `TrainingData`.
        """
        if not hasattr(self, "network"):
            self.build(training_data(self).text)

    def build(self, text: TextPipeline) -> None:
        """Makes the parameters for the vocabulary of a text pipeline."""
        encoder = self.encoder_settings.build(text)
        size = encoder.hidden_size
        heads = {name: t.build_head(size, self.dropout) for name, t in self.tasks.items()}
        self.network = Network(encoder, heads)
        self.balancer = self.balancing.build(len(self.tasks))
        if self.device_mesh is not None:
            require_no_average(self.trainer)
            shard([*encoder.blocks(), encoder], self.device_mesh)
            shard([*heads.values(), self.balancer], self.device_mesh)

    def configure_callbacks(self) -> list[Callback]:
        """Returns the callback that makes a run's folder usable by `arabic_mtl.load`."""
        return [ModelFolder(self.tasks, self.encoder_settings)]

    def on_fit_start(self) -> None:
        """Refuses a Trainer under which training would be something else.

        Raises:
            InputError: Naming the option.
        """
        require_whole_gradients(self.trainer.strategy)
        self.balancing.require(self.trainer)

    def on_train_start(self) -> None:
        """Learns at the configured rates, and leaves what is not logged to the first process."""
        self.rates.restore()
        if not self.trainer.is_global_zero:
            self.meter.totals = torch.zeros_like(self.meter.totals)

    def forward(self, batch: Batch) -> dict[str, Logits]:
        """Returns each task's logits."""
        self.balancer.begin(self.device)
        logits: dict[str, Logits] = self.network(batch, self._gate)
        return logits

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """The loss of one batch."""
        self._items = batch.update.items
        sums, counts = summed(self.tasks, self(batch), batch.targets)
        self.meter.update(sums, counts)
        losses = shares_of_update(sums, self.tasks, batch.update, self.trainer)
        encoder = self.network.encoder
        loss: Tensor = self.balancer(losses, encoder, partial(self._over_processes, "mean"))
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
        """Logs ``val/task/metric``, and ``val/mean`` over the tasks' main metrics."""
        self._log_scores("val")

    def on_test_epoch_end(self) -> None:
        """Logs ``test/task/metric`` and ``test/mean``."""
        self._log_scores("test")

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """AdamW, warm-up and linear decay per step."""
        # A fused step unscales fp16 gradients itself, after they were clipped: too late.
        fused = self.trainer.precision != "16-mixed"
        optimizer = adamw(self.network, lr=self.lr, weight_decay=self.weight_decay, fused=fused)
        for group in self.balancer.groups():
            optimizer.add_param_group(group)
        steps = training_data(self).updates()
        schedule = warmup_linear(optimizer, steps=steps, warmup=self.warmup)
        self.rates = Rates(schedule)
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }

    def on_before_optimizer_step(self, optimizer: Optimizer) -> None:
        """Leaves alone what the update says nothing of.

        The head of a task without items was called, with no rows, and has gradients of zero: by
        them AdamW would go on in the direction of earlier ones.
        """
        for number, name in enumerate(self.tasks):
            if not self._items[name]:
                own = [*self.network.heads[name].parameters(), *self.balancer.parameters_of(number)]
                for parameter in own:
                    parameter.grad = None

    def configure_gradient_clipping(
        self,
        optimizer: Optimizer,
        gradient_clip_val: float | None = None,
        gradient_clip_algorithm: str | None = None,
    ) -> None:
        """Clips over all parameters in the model's order, as Hugging Face's Trainer does.

        Lightning's own clipping goes by optimizer group, and refuses a fused optimizer.
        """
        clip(self.parameters(), gradient_clip_val, gradient_clip_algorithm)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Adds the format, what the heads' outputs stand for, and what is not logged yet."""
        add_format(checkpoint)
        outputs = {name: list(task.decoder.outputs) for name, task in self.tasks.items()}
        checkpoint["outputs"] = outputs
        checkpoint["unlogged"] = self._over_processes("sum", self.meter.totals.to(self.device))

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Takes up what was not logged yet.

        Raises:
            InputError: If the checkpoint is of another format, or if the heads' outputs stand
                for something else.
        """
        check_content_format(checkpoint)
        require_outputs(checkpoint.get("outputs", {}), self.tasks)
        self.meter.totals = checkpoint.get("unlogged", self.meter.totals)

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
            raise other_weights(error) from None

    def _gate(self, task: str, hidden: Tensor) -> Tensor:
        return self.balancer.gate(hidden, list(self.tasks).index(task))

    def _is_logged(self) -> bool:
        """Whether the logger writes after this update."""
        trainer: Any = self.trainer  # whose stub lacks the attribute
        every: int = trainer.log_every_n_steps
        return every > 0 and (self.global_step + 1) % every == 0

    def _log_training(self) -> None:
        found = self.meter.compute(partial(self._over_processes, "sum"))
        losses = [task.weight * found.get(f"{n}/loss", 0.0) for n, task in self.tasks.items()]
        rate = self.trainer.optimizers[0].param_groups[0]["lr"]
        found |= {
            f"{n}/weight": w for n, w in zip(self.tasks, self.balancer.weights(), strict=False)
        }
        self.log_dict({f"train/{key}": value for key, value in found.items()} | {"train/lr": rate})
        self.log("train/loss", sum(losses), prog_bar=True)

    def _over_processes(self, how: str, tensor: Tensor) -> Tensor:
        """The sum or the mean of a tensor over all processes; the tensor itself stays as it is."""
        reduced: Tensor = self.trainer.strategy.reduce(tensor.clone(), reduce_op=how)
        return reduced

    def _log_scores(self, stage: str) -> None:
        values = {f"{stage}/{key}": value for key, value in self.scores.compute().items()}
        for key, value in values.items():
            self.log(key, value, prog_bar=key == f"{stage}/mean")
