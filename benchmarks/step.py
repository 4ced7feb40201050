"""The overhead of a training step: sampling plan, data loaders, Lightning and logging.

    OMP_NUM_THREADS=1 python benchmarks/step.py [--config configs/quickstart.yaml] [--root FOLDER]

Trains alternately with a bare loop over prepared batches, and with the Trainer, data loaders,
seeding and TensorBoard. The fixed cost of a run, such as its setup, is not counted: the time of one
epoch is subtracted from the time of four. The figures are CPU times on one core, medians of five.
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
from saving import add_save_option, save
from torch import nn

from arabic_mtl.callbacks import StepSeed
from arabic_mtl.callbacks.dashboard.peak import compute_dtype
from arabic_mtl.cli.commands import Commands
from arabic_mtl.cli.quiet import be_quiet
from arabic_mtl.data import MultiTaskData
from arabic_mtl.model.batch import Batch
from arabic_mtl.training import MultiTaskModule
from arabic_mtl.training.optimizer import adamw


def batches(data: MultiTaskData) -> list[Batch]:
    """Returns the collated batches of the first epoch."""
    return [data.on_before_batch_transfer(parts, 0) for parts, *_ in data.train_dataloader()]


def bare(model: MultiTaskModule, epoch: list[Batch], precision: str) -> None:
    """Trains one epoch: only forward pass, loss, backward pass, gradient clipping and AdamW."""
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


def train(
    model: MultiTaskModule, data: MultiTaskData, folder: Path, precision: str, epochs: int
) -> None:
    """Trains some epochs with the Trainer, without validation."""
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
    """Returns the CPU seconds of a function call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    """Measures and prints the cost of a step."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", default="configs/quickstart.yaml", help="configuration file")
    parser.add_argument("--root", help="folder of the XML files (default: as configured)")
    parser.add_argument("--rounds", type=int, default=5, help="number of measurements")
    add_save_option(parser)
    arguments = parser.parse_args()
    be_quiet()
    root = [f"--data.root={arguments.root}"] if arguments.root else []
    commands = Commands(["--config", arguments.config, *root], run=False)
    data, model = commands.datamodule, commands.model
    precision = commands.config.trainer.precision or "32-true"
    data.prepare_data()
    data.setup()
    model.build(data.text)
    epoch = batches(data)
    times: dict[str, list[float]] = {"bare": [], "loading": [], "trainer": []}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(arguments.rounds + 1):  # the first round is a warm-up
            times["bare"].append(seconds(lambda: bare(deepcopy(model), epoch, precision)))
            times["loading"].append(seconds(lambda: batches(data)))
            one, four = (
                seconds(lambda n=n: train(deepcopy(model), data, Path(folder), precision, n))
                for n in (1, 4)
            )
            times["trainer"].append((four - one) / 3)
            data.trainer = None
    steps = {name: 1000 * median(values[1:]) / len(epoch) for name, values in times.items()}
    ratio = median(t / b for t, b in zip(times["trainer"][1:], times["bare"][1:], strict=True))
    print(f"{len(epoch)} steps of {arguments.config}, ms of CPU per step")
    print(f"bare loop, prepared batches     {steps['bare']:8.2f}")
    print(f"plan, loading, collating        {steps['loading']:8.2f}")
    print(f"Trainer, all included           {steps['trainer']:8.2f}   {ratio:.3f} x bare")
    names = {"bare": "bare loop", "loading": "loading", "trainer": "Trainer"}
    figures = {names[name]: round(value, 1) for name, value in steps.items()}
    save(arguments.save, {Path(arguments.config).stem: {**figures, "ratio": round(ratio, 2)}})


if __name__ == "__main__":
    main()
