"""What scoring and annotating cost beside the encoder's own forward pass.

    OMP_NUM_THREADS=1 python benchmarks/evaluate.py --run RUN --config CONFIG --root FOLDER

In turn, over the same texts, nine tenths of the reviews: the encoder alone over ready batches, in
the configuration's precision and in fp32; `Trainer.validate`, with loaders, heads and metrics, in
the configuration's; the annotator, from raw text to labelled spans, in fp32. CPU time of one core,
medians.
"""

import argparse
import gc
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import torch
from lightning.pytorch import Callback, LightningModule, Trainer

import arabic_mtl
from arabic_mtl.callbacks.dashboard.peak import compute_dtype
from arabic_mtl.cli.commands import Commands
from arabic_mtl.cli.quiet import be_quiet
from arabic_mtl.model.batch import Batch
from arabic_mtl.model.checkpoint import read_checkpoint
from arabic_mtl.model.network import Network


class ValidationClock(Callback):
    """CPU seconds of a validation."""

    seconds = 0.0

    def on_validation_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Starts the clock."""
        self.seconds = time.process_time()

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Stops it."""
        self.seconds = time.process_time() - self.seconds


def forward(network: Network, batches: list[Batch], dtype: torch.dtype) -> None:
    """The encoder, and nothing else."""
    mixed = dtype != torch.float32
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=mixed):
        for batch in batches:
            network.encode(batch.tokens, batch.unique_rows, batch.inverse)


def timed(work: Callable[[], object]) -> float:
    """CPU seconds."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", default="configs/fast.yaml")
    parser.add_argument("--run", type=Path, required=True, help="a run of that configuration")
    parser.add_argument("--root", required=True, help="the folder of the XML")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    be_quiet()
    options = [
        f"--data.root={arguments.root}",
        "--data.validation_share=0.9",
        f"--data.text.saved={arguments.run / 'text'}",
    ]
    made = Commands(["--config", arguments.config, *options], run=False)
    data, model, precision = made.datamodule, made.model, made.config.trainer.precision
    data.prepare_data()
    data.setup()
    model.build(data.text)
    model.load_state_dict(
        read_checkpoint(arguments.run / "checkpoints" / "best.ckpt")["state_dict"]
    )
    model.eval()
    batches = [data.on_before_batch_transfer(parts, 0) for parts, *_ in data.val_dataloader()]
    texts = [text for corpus in data.tables["validation"].values() for text in corpus["text"]]
    tokens = sum(int(of.sum()) for of in data.lengths("validation").values())
    annotator = arabic_mtl.load(arguments.run)
    gc.freeze()  # as train.py does

    def validation() -> float:
        clock = ValidationClock()
        options = {"logger": False, "enable_progress_bar": False}
        trainer = Trainer(accelerator="cpu", precision=precision, callbacks=[clock], **options)
        trainer.validate(model, datamodule=data, verbose=False)
        return clock.seconds

    own = compute_dtype(precision or "32-true")
    works: dict[str, Callable[[], float]] = {
        f"encoder alone, {own}": lambda: timed(lambda: forward(model.network, batches, own)),
        f"Trainer.validate, {precision}": validation,
        "encoder alone, fp32": lambda: timed(
            lambda: forward(model.network, batches, torch.float32)
        ),
        "annotator, fp32": lambda: timed(lambda: annotator(texts)),
    }
    times: dict[str, list[float]] = {title: [] for title in works}
    for _ in range(arguments.rounds + 1):  # the first warms up
        for title, work in works.items():
            times[title].append(work())
    for title, found in times.items():
        print(f"{title:<36} {tokens / median(found[1:]):10.0f} tokens/s")
    (bare, scored, bare32, annotated) = times.values()
    for title, some, all_ in (("scoring", bare, scored), ("annotating", bare32, annotated)):
        share = median(b / a for b, a in zip(some[1:], all_[1:], strict=True))
        print(f"{title}: {share:.2f} of the encoder's own speed")


if __name__ == "__main__":
    main()
