"""What an epoch over the hotel reviews costs: the recipe's, and this project's.

    OMP_NUM_THREADS=1 python benchmarks/epoch.py --root FOLDER [CONFIG…]

The recipe (`benchmarks/recipe.py`) goes through Hugging Face's Trainer, every configuration through
Lightning's with loaders, seeding and TensorBoard, with the same encoder: 4 layers of 256, 16k
WordPieces. In turn: some of the recipe's steps, an epoch of each configuration. CPU time of one
core, medians of five rounds; the matmul peak is that of the same process.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.loggers import TensorBoardLogger
from recipe import MultitaskDataloader, MultitaskModel, loader, tokenizer_of, trainer
from transformers import TrainerCallback

from arabic_mtl.callbacks import StepSeed
from arabic_mtl.cli.commands import Commands
from arabic_mtl.cli.main import be_quiet

CONFIGS = ["configs/fast.yaml"]
STEPS, WARM = 10, 2  # of the recipe in a round


class HuggingFaceClock(TrainerCallback):
    """CPU seconds of the steps behind the first few."""

    def __init__(self) -> None:
        self.start = self.seconds = 0.0

    def on_step_end(self, arguments: Any, state: Any, control: Any, **_: Any) -> None:
        """Reads the clock."""
        if state.global_step == WARM:
            self.start = time.process_time()
        self.seconds = time.process_time() - self.start


class LightningClock(Callback):
    """CPU seconds of the second epoch."""

    seconds = 0.0

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Starts the clock."""
        self.seconds = time.process_time()

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Stops it."""
        self.seconds = time.process_time() - self.seconds


def recipe(batches: MultitaskDataloader, vocabulary: int, folder: Path) -> Callable[[], float]:
    """What measures the recipe."""
    model = MultitaskModel(vocabulary)

    def seconds() -> float:
        clock = HuggingFaceClock()
        steps = trainer(model, batches, folder, max_steps=STEPS + WARM)
        steps.add_callback(clock)
        steps.train()
        return clock.seconds / STEPS * len(batches)

    return seconds


def ours(config: str, options: list[str], folder: Path) -> tuple[Any, Callable[[], float]]:
    """The data of a configuration, and what measures it."""
    made = Commands(["--config", config, *options], run=False)
    made.datamodule.prepare_data()

    def seconds() -> float:
        clock = LightningClock()
        Trainer(
            accelerator="cpu",
            precision=made.config.trainer.precision or "32-true",
            max_epochs=2,
            gradient_clip_val=1.0,
            logger=TensorBoardLogger(folder),
            callbacks=[StepSeed(0), clock],
            enable_checkpointing=False,
            log_every_n_steps=10,
            limit_val_batches=0,
            enable_progress_bar=False,
            enable_model_summary=False,
        ).fit(made.model, datamodule=made.datamodule)
        return clock.seconds

    return made.datamodule, seconds


def peak(dtype: torch.dtype, size: int = 2048) -> float:
    """Floating-point operations per CPU second of a matrix product."""
    matrix = torch.ones(size, size, dtype=dtype)
    times = []
    for _ in range(5):
        start = time.process_time()
        matrix @ matrix
        times.append(time.process_time() - start)
    return float(2 * size**3 / min(times))


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", required=True, help="the folder of the XML")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("configs", nargs="*", default=CONFIGS)
    arguments = parser.parse_args()
    be_quiet()
    times: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        rows, _ = ours("configs/recipe.yaml", [f"--data.root={arguments.root}"], Path(folder))
        rows.setup()
        tokenizer = tokenizer_of(rows.text, Path(folder) / "tokenizer")
        corpora = {name: rows.store.examples(name, "train") for name in rows.store.corpora}
        clocks = {"recipe": recipe(loader(corpora, tokenizer), len(tokenizer), Path(folder))}
        for config in arguments.configs:
            _, clocks[config] = ours(config, [f"--data.root={arguments.root}"], Path(folder))
        for number in range(arguments.rounds):
            for name, seconds in clocks.items():
                times.setdefault(name, []).append(seconds())
                print(f"round {number + 1}: {name} {times[name][-1]:.1f} s", flush=True)
    print(f"matmul peak: {peak(torch.float32):.3g} fp32, {peak(torch.bfloat16):.3g} bf16")
    for name, found in times.items():
        ratio = median(r / f for r, f in zip(times["recipe"], found, strict=True))
        print(f"{name:<32} {median(found):8.1f} CPU s per epoch   {ratio:5.1f} times less")


if __name__ == "__main__":
    main()
