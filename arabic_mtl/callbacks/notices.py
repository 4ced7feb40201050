"""A line before training for each part of a tokenizer's file that does not apply."""

import sys

from lightning.pytorch import Callback, LightningModule, Trainer

from arabic_mtl.model import MultiTaskModule


class Notices(Callback):
    """Prints what users should know of their encoder before they wait for it."""

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Prints once, to standard error."""
        if trainer.is_global_zero and isinstance(pl_module, MultiTaskModule):
            for name, reason in pl_module.text.switched_off.items():
                print(f"the tokenizer's {name} is switched off: {reason}", file=sys.stderr)
