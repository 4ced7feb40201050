"""The progress bar of training, and the notices printed before training."""

import sys

from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.callbacks import RichProgressBar

from arabic_mtl.data import MultiTaskData
from arabic_mtl.data.oddities import oddities
from arabic_mtl.training import MultiTaskModule, training_data


class ProgressBar(RichProgressBar):
    """Lightning's rich progress bar with the current loss and the last validation mean."""

    def get_metrics(
        self, trainer: Trainer, pl_module: LightningModule
    ) -> dict[str, int | str | float | dict[str, float]]:
        """Returns the figures at the end of the bar, without the run's version number."""
        metrics = super().get_metrics(trainer, pl_module)
        metrics.pop("v_num", None)
        return metrics


class TrainingNotices(Callback):
    """Prints notices about the tokenizer and about the files before training starts."""

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Prints the tokenizer's disabled steps, and what is odd in files, to standard error."""
        if not trainer.is_global_zero or not isinstance(pl_module, MultiTaskModule):
            return
        for name, reason in training_data(pl_module).text.switched_off.items():
            print(f"the tokenizer's {name} is switched off: {reason}", file=sys.stderr)
        data = getattr(trainer, "datamodule", None)
        if isinstance(data, MultiTaskData):
            for line in oddities(data.store):
                print(line, file=sys.stderr)
