"""What a training step costs beside the arithmetic: plan, loaders, Lightning, logging.

    OMP_NUM_THREADS=1 python benchmarks/step.py [--config configs/quickstart.yaml] [--root FOLDER]

Trains in turn by a bare loop over batches that lie ready, and through the Trainer with loaders,
seeding and TensorBoard. What a run costs once, such as setting up, is taken off: the time of one
epoch is subtracted from that of four. CPU time on one core, medians of five.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from statistics import median

import torch
from lightning.pytorch import Trainer
from lightning.pytorch.loggers import TensorBoardLogger
from torch import nn

from arabic_mtl.callbacks import StepSeed
from arabic_mtl.callbacks.dashboard.peak import compute_dtype
from arabic_mtl.cli.commands import Commands
from arabic_mtl.cli.quiet import be_quiet
from arabic_mtl.data import MultiTaskData
from arabic_mtl.model.batch import Batch
from arabic_mtl.training import MultiTaskModule
from arabic_mtl.training.optimizer import adamw

ROUNDS = 5


def batches(data: MultiTaskData) -> list[Batch]:
    """The first epoch, ready."""
    return [data.on_before_batch_transfer(parts, 0) for parts, *_ in data.train_dataloader()]


def bare(model: MultiTaskModule, epoch: list[Batch], precision: str) -> None:
    """Forward, loss, backward, clipping and AdamW: nothing else."""
    mixed = compute_dtype(precision) != torch.float32
    optimizer = adamw(model, lr=model.lr, weight_decay=model.weight_decay)
    for batch in epoch:
        with torch.autocast("cpu", torch.bfloat16, enabled=mixed):
            logits = model(batch)
            losses = [
                task.loss(logits[name], batch.targets[name])[0] / max(batch.update.items[name], 1)
                for name, task in model.tasks.items()
            ]
        optimizer.zero_grad()
        torch.stack(losses).sum().backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()


def trained(
    model: MultiTaskModule, data: MultiTaskData, folder: Path, precision: str, epochs: int
) -> None:
    """The same through the Trainer, without validation."""
    Trainer(
        accelerator="cpu",
        precision=precision,
        max_epochs=epochs,
        gradient_clip_val=1.0,
        logger=TensorBoardLogger(folder),
        callbacks=[StepSeed(0)],
        enable_checkpointing=False,
        log_every_n_steps=10,
        limit_val_batches=0,
        enable_progress_bar=False,
        enable_model_summary=False,
    ).fit(model, datamodule=data)


def seconds(work: Callable[[], object]) -> float:
    """CPU time."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", default="configs/quickstart.yaml")
    parser.add_argument("--root", help="the folder of the XML, if not the configuration's own")
    arguments = parser.parse_args()
    be_quiet()
    root = [f"--data.root={arguments.root}"] if arguments.root else []
    made = Commands(["--config", arguments.config, *root], run=False)
    data, model = made.datamodule, made.model
    precision = made.config.trainer.precision or "32-true"
    data.prepare_data()
    data.setup()
    model.build(data.text)
    epoch = batches(data)
    times: dict[str, list[float]] = {"bare": [], "loading": [], "trainer": []}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS + 1):  # the first warms up
            times["bare"].append(seconds(lambda: bare(deepcopy(model), epoch, precision)))
            times["loading"].append(seconds(lambda: batches(data)))
            one, four = (
                seconds(lambda n=n: trained(deepcopy(model), data, Path(folder), precision, n))
                for n in (1, 4)
            )
            times["trainer"].append((four - one) / 3)
            data.trainer = None
    steps = {name: 1000 * median(found[1:]) / len(epoch) for name, found in times.items()}
    ratio = median(t / b for t, b in zip(times["trainer"][1:], times["bare"][1:], strict=True))
    print(f"{len(epoch)} steps of {arguments.config}, ms of CPU per step")
    print(f"bare loop over ready batches    {steps['bare']:8.2f}")
    print(f"plan, loading, joining          {steps['loading']:8.2f}")
    print(f"through the Trainer, all of it  {steps['trainer']:8.2f}   {ratio:.3f} x bare")


if __name__ == "__main__":
    main()
