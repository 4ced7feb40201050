"""The cost of validation and annotation, compared with the forward pass of the encoder.

    OMP_NUM_THREADS=1 python benchmarks/evaluate.py --run RUN --config CONFIG --root FOLDER

Measures alternately, on the same 90 % of the reviews:

- the encoder alone on prepared batches, in the precision of the configuration and in fp32;
- `Trainer.validate` with data loaders, heads and metrics, in the precision of the configuration;
- the annotator, from raw text to labelled spans, in fp32.

The figures are CPU times on one core, medians over the rounds.
"""

import argparse
import gc
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from saving import add_save_option, save

import arabic_mtl
from arabic_mtl.callbacks.dashboard.peak import compute_dtype
from arabic_mtl.cli.commands import Commands
from arabic_mtl.cli.quiet import be_quiet
from arabic_mtl.model.batch import Batch
from arabic_mtl.model.checkpoint import read_checkpoint
from arabic_mtl.model.network import Network


class ValidationClock(Callback):
    """A callback that measures the CPU seconds of a validation."""

    seconds = 0.0

    def on_validation_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Starts the clock."""
        self.seconds = time.process_time()

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Stops the clock."""
        self.seconds = time.process_time() - self.seconds


def forward(network: Network, batches: list[Batch], dtype: torch.dtype) -> None:
    """Runs the encoder, without heads, on all batches."""
    mixed = dtype != torch.float32
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=mixed):
        for batch in batches:
            network.encode(batch.tokens, batch.unique_rows, batch.inverse)


def timed(work: Callable[[], object]) -> float:
    """Returns the CPU seconds of a function call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    """Measures and prints the speeds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", default="configs/fast.yaml", help="configuration file")
    parser.add_argument("--run", type=Path, required=True, help="run folder of the configuration")
    parser.add_argument("--root", required=True, help="folder of the XML files")
    parser.add_argument("--rounds", type=int, default=5, help="number of measurements")
    add_save_option(parser)
    arguments = parser.parse_args()
    be_quiet()
    options = [
        f"--data.root={arguments.root}",
        "--data.validation_share=0.9",
        f"--data.text.saved={arguments.run / 'text'}",
    ]
    commands = Commands(["--config", arguments.config, *options], run=False)
    data, model = commands.datamodule, commands.model
    precision = commands.config.trainer.precision
    data.prepare_data()
    data.setup()
    model.build(data.text)
    model.load_state_dict(
        read_checkpoint(arguments.run / "checkpoints" / "best.ckpt")["state_dict"]
    )
    model.eval()
    batches = [data.on_before_batch_transfer(parts, 0) for parts, *_ in data.val_dataloader()]
    texts = [text for corpus in data.tables["validation"].values() for text in corpus["text"]]
    tokens = sum(int(lengths.sum()) for lengths in data.lengths("validation").values())
    annotator = arabic_mtl.load(arguments.run)
    gc.freeze()  # as the command line does

    def validation() -> float:
        clock = ValidationClock()
        options = {"logger": False, "enable_progress_bar": False}
        trainer = Trainer(accelerator="cpu", precision=precision, callbacks=[clock], **options)
        trainer.validate(model, datamodule=data, verbose=False)
        return clock.seconds

    dtype = compute_dtype(precision or "32-true")
    works: dict[str, Callable[[], float]] = {
        f"encoder alone, {dtype}": lambda: timed(lambda: forward(model.network, batches, dtype)),
        f"Trainer.validate, {precision}": validation,
        "encoder alone, fp32": lambda: timed(
            lambda: forward(model.network, batches, torch.float32)
        ),
        "annotator, fp32": lambda: timed(lambda: annotator(texts)),
    }
    times: dict[str, list[float]] = {title: [] for title in works}
    for _ in range(arguments.rounds + 1):  # the first round is a warm-up
        for title, work in works.items():
            times[title].append(work())
    figures = {
        title: {"tokens per second": round(tokens / median(values[1:]))}
        for title, values in times.items()
    }
    titles = list(times)
    for encoder, total in (titles[:2], titles[2:]):
        share = median(e / t for e, t in zip(times[encoder][1:], times[total][1:], strict=True))
        figures[total]["share of the encoder's speed"] = round(share, 2)
    for title, values in figures.items():
        print(f"{title:<36}", *(f"{name} {value}" for name, value in values.items()))
    save(arguments.save, figures)


if __name__ == "__main__":
    main()
