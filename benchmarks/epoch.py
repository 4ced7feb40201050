"""What an epoch over the hotel reviews costs: the recipe's, and this project's.

    OMP_NUM_THREADS=1 python benchmarks/epoch.py --root FOLDER

The recipe (`benchmarks/recipe.py`) goes through Hugging Face's Trainer, this project's variants
through Lightning's with loaders, seeding and TensorBoard; the encoder is the same, 4 layers of 256,
16k WordPieces. In turn: some of the recipe's steps, an epoch of each variant. CPU time of one core,
medians of five rounds; MFU is the share of the matmul peak of the same process.
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


class Variant:
    """One of this project's ways to train.

    Args:
        options: The command line.
        folder: Where TensorBoard's files go.
    """

    def __init__(self, options: list[str], folder: Path) -> None:
        made = Commands(options, run=False)
        self.data, self.model, self.folder = made.datamodule, made.model, folder
        self.precision = made.config.trainer.precision or "32-true"
        self.data.prepare_data()

    def seconds(self) -> float:
        """Of an epoch, the second one."""
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
        """The share of the peak of an epoch that takes so long."""
        tokens = sum(int(of.sum()) for of in self.data.lengths("train").values())
        peak = peak_flops(torch.device("cpu"), self.precision)
        assert peak is not None
        return tokens * flops_per_token(self.model.network.encoder) / seconds / peak


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", required=True, help="the folder of the XML")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    be_quiet()
    root = f"--data.root={arguments.root}"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = Variant(["--config", "configs/recipe.yaml", WORDS, root], folder).data
        rows.setup()
        tokenizer = tokenizer_of(rows.text, folder / "tokenizer")
        corpora = {corpus: rows.store.examples(corpus, "train") for corpus in rows.store.corpora}
        variants = {title: Variant([*of, root], folder) for title, of in VARIANTS.items()}
        clocks = {"recipe": recipe(loader(corpora, tokenizer), len(tokenizer), folder)}
        clocks |= {title: variant.seconds for title, variant in variants.items()}
        times: dict[str, list[float]] = {title: [] for title in clocks}
        for _ in range(arguments.rounds):
            for title, seconds in clocks.items():
                times[title].append(seconds())
                print(f"{title}: {times[title][-1]:.1f} s", flush=True)
    for title, found in times.items():
        ratio = median(r / f for r, f in zip(times["recipe"], found, strict=True))
        mfu = f"{100 * variants[title].mfu(median(found)):4.0f} % MFU" if title in variants else ""
        print(f"{title:<26} {median(found):8.1f} CPU s an epoch {ratio:6.1f} times less {mfu}")


if __name__ == "__main__":
    main()
