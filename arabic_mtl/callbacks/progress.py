"""What a person sees of training: a line of progress, and notices before it."""

import sys

from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.callbacks import RichProgressBar

from arabic_mtl.training import MultiTaskModule, training_data


class ProgressBar(RichProgressBar):
    """Lightning's rich bar with the current loss and the last validation mean."""

    def get_metrics(
        self, trainer: Trainer, pl_module: LightningModule
    ) -> dict[str, int | str | float | dict[str, float]]:
        """The figures at the end of the line; the run's version number is not one."""
        metrics = super().get_metrics(trainer, pl_module)
        metrics.pop("v_num", None)
        return metrics


class Notices(Callback):
    """Prints what users should know of their encoder before they wait for it."""

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Prints once, to standard error."""
        if trainer.is_global_zero and isinstance(pl_module, MultiTaskModule):
            for name, reason in training_data(pl_module).text.switched_off.items():
                print(f"the tokenizer's {name} is switched off: {reason}", file=sys.stderr)
