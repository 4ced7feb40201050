"""The cost of an epoch over the hotel reviews, compared with the notebook recipe.

    OMP_NUM_THREADS=1 python benchmarks/epoch.py --root FOLDER

The recipe (`benchmarks/recipe.py`) is trained by Hugging Face's Trainer, the variants of this
project by Lightning's Trainer with data loaders, seeding and TensorBoard. The encoder is the same:
4 layers with hidden size 256, and a vocabulary of 16k WordPieces. Each round measures some steps of
the recipe and an epoch of each variant, alternately. The figures are CPU times on one core, medians
of five rounds. MFU (model FLOPs utilization) is relative to the matmul peak of the same process.
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
from saving import add_save_option, save
from transformers import TrainerCallback

from arabic_mtl.callbacks import StepSeed
from arabic_mtl.callbacks.dashboard.peak import flops_per_token, peak_flops
from arabic_mtl.cli.commands import Commands
from arabic_mtl.cli.quiet import be_quiet

WORDS = "--data.text.vocab_size=16000"
VARIANTS = {
    "pairs kept, fp32": [
        *("--config", "configs/recipe.yaml", WORDS, "--model.encoder.attention=eager"),
        *("--data.plan.batch_size=null", "--data.plan.token_budget=4096"),
    ],
    "each sentence once, fp32": [
        *("--config", "configs/fast.yaml", "--trainer.precision=32-true"),
    ],
    "each sentence once, bf16": ["--config", "configs/fast.yaml"],
}
STEPS, WARM = 10, 2  # measured steps and warm-up steps of the recipe in each round


class HuggingFaceClock(TrainerCallback):
    """A callback that measures the CPU seconds of the steps after the warm-up."""

    def __init__(self) -> None:
        self.start = self.seconds = 0.0

    def on_step_end(self, arguments: Any, state: Any, control: Any, **_: Any) -> None:
        """Updates the elapsed time."""
        if state.global_step == WARM:
            self.start = time.process_time()
        self.seconds = time.process_time() - self.start


class LightningClock(Callback):
    """A callback that measures the CPU seconds of the last epoch."""

    seconds = 0.0

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Starts the clock."""
        self.seconds = time.process_time()

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Stops the clock."""
        self.seconds = time.process_time() - self.seconds


def recipe(batches: MultitaskDataloader, vocabulary: int, folder: Path) -> Callable[[], float]:
    """Returns a function that trains some steps and returns the CPU seconds of an epoch."""
    model = MultitaskModel(vocabulary)

    def seconds() -> float:
        clock = HuggingFaceClock()
        steps = trainer(model, batches, folder, max_steps=STEPS + WARM)
        steps.add_callback(clock)
        steps.train()
        return clock.seconds / STEPS * len(batches)

    return seconds


class Variant:
    """A configuration of this project to measure.

    Args:
        options: The command-line options.
        folder: The folder for TensorBoard's files.
    """

    def __init__(self, options: list[str], folder: Path) -> None:
        commands = Commands(options, run=False)
        self.data, self.model, self.folder = commands.datamodule, commands.model, folder
        self.precision = commands.config.trainer.precision or "32-true"
        self.data.prepare_data()

    def seconds(self) -> float:
        """Trains two epochs, and returns the CPU seconds of the second one."""
        clock = LightningClock()
        Trainer(
            accelerator="cpu",
            precision=self.precision,
            max_epochs=2,
            gradient_clip_val=1.0,
            logger=TensorBoardLogger(self.folder),
            callbacks=[StepSeed(0), clock],
            enable_checkpointing=False,
            log_every_n_steps=10,
            limit_val_batches=0,
            enable_progress_bar=False,
            enable_model_summary=False,
        ).fit(self.model, datamodule=self.data)
        return clock.seconds

    def mfu(self, seconds: float) -> float:
        """Returns the model FLOPs utilization (0..1) of an epoch, from its CPU seconds."""
        tokens = sum(int(lengths.sum()) for lengths in self.data.lengths("train").values())
        peak = peak_flops(torch.device("cpu"), self.precision)
        assert peak is not None
        return tokens * flops_per_token(self.model.network.encoder) / seconds / peak


def main() -> None:
    """Measures and prints the cost of an epoch."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", required=True, help="folder of the XML files")
    parser.add_argument("--rounds", type=int, default=5, help="number of measurements")
    add_save_option(parser)
    arguments = parser.parse_args()
    be_quiet()
    root = f"--data.root={arguments.root}"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = Variant(["--config", "configs/recipe.yaml", WORDS, root], folder).data
        rows.setup()
        tokenizer = tokenizer_of(rows.text, folder / "tokenizer")
        corpora = {corpus: rows.store.examples(corpus, "train") for corpus in rows.store.corpora}
        variants = {title: Variant([*opts, root], folder) for title, opts in VARIANTS.items()}
        clocks = {"recipe": recipe(loader(corpora, tokenizer), len(tokenizer), folder)}
        clocks |= {title: variant.seconds for title, variant in variants.items()}
        times: dict[str, list[float]] = {title: [] for title in clocks}
        for _ in range(arguments.rounds):
            for title, seconds in clocks.items():
                times[title].append(seconds())
                print(f"{title}: {times[title][-1]:.1f} s", flush=True)
    figures: dict[str, dict[str, float]] = {}
    for title, values in times.items():
        ratio = median(r / v for r, v in zip(times["recipe"], values, strict=True))
        figures[title] = {"CPU seconds": round(median(values), 1), "times less": round(ratio, 1)}
        if title in variants:
            figures[title]["MFU"] = round(100 * variants[title].mfu(median(values)))
        print(f"{title:<26}", *(f"{name} {value}" for name, value in figures[title].items()))
    save(arguments.save, figures)


if __name__ == "__main__":
    main()
