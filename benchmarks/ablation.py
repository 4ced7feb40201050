"""What cleaning, stemming and the handling of clitics do for the scores, as in docs/text.md.

    python benchmarks/ablation.py --root FOLDER_OF_THE_XML

Trains the encoder of configs/hotels.yaml once per variant and seed, and prints mean ± standard
deviation over the seeds, on the reviews held out for validation.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import redirect_stderr, redirect_stdout
from multiprocessing import get_context
from pathlib import Path
from statistics import mean, stdev

from rich.console import Console
from rich.progress import track

_NONE, _RECIPE = "--data.text.cleaning=none", "--data.text.cleaning=recipe"
_SPLIT, _WHOLE = "--data.text.split_proclitics=true", "--data.text.split_proclitics=false"
_TRIM, _AS_IS = "--data.tasks.ner.trim=3", "--data.tasks.ner.trim=0"
_SNOWBALL, _ISRI = "--data.text.stemming=snowball", "--data.text.stemming=isri"
VARIANTS = {
    "no cleaning": [_NONE, _WHOLE, _AS_IS],
    "recipe's cleaning": [_RECIPE, _WHOLE, _AS_IS],
    "… + snowball": [_RECIPE, _WHOLE, _AS_IS, _SNOWBALL],
    "… + isri": [_RECIPE, _WHOLE, _AS_IS, _ISRI],
    "… + proclitics split": [_RECIPE, _SPLIT, _AS_IS],
    "… + trim": [_RECIPE, _WHOLE, _TRIM],
    "… + proclitics split + trim": [_RECIPE, _SPLIT, _TRIM],
    "… + snowball + trim": [_RECIPE, _WHOLE, _TRIM, _SNOWBALL],
    "… + snowball + proclitics split + trim": [_RECIPE, _SPLIT, _TRIM, _SNOWBALL],
    "no cleaning + trim": [_NONE, _WHOLE, _TRIM],
}
METRICS = {
    "sentiment accuracy": "sentiment/accuracy",
    "sentiment macro-F1": "sentiment/macro_f1",
    "exact-span F1": "ner/span_f1",
    "category F1": "category/micro_f1",
}


def scores(root: Path, variant: str, seed: int, extra: list[str]) -> dict[str, float]:
    """One run's validation scores, in percent, of its best checkpoint."""
    import torch

    from arabic_mtl.cli.commands import Commands

    torch.set_num_threads(1)
    with (
        tempfile.TemporaryDirectory() as folder,
        open(os.devnull, "w") as nowhere,
        redirect_stdout(nowhere),
        redirect_stderr(nowhere),
    ):
        options = [f"--data.root={root}", f"--trainer.default_root_dir={folder}"]
        options += [f"--seed_everything={seed}", "--trainer.enable_progress_bar=false"]
        options += ["--data.text.stemming=none"]
        run = Commands(
            ["fit", "--config=configs/hotels.yaml", *options, *VARIANTS[variant], *extra]
        )
        found = run.trainer.callback_metrics
    return {name: 100 * float(found[f"val/{metric}"]) for name, metric in METRICS.items()}


def table(results: dict[str, list[dict[str, float]]]) -> Iterator[str]:
    """The lines of a Markdown table."""
    yield "| | " + " | ".join(METRICS) + " |"
    yield "|---" * (len(METRICS) + 1) + "|"
    for variant, runs in results.items():
        cells = []
        for name in METRICS:
            values = [run[name] for run in runs]
            spread = f" ± {stdev(values):.1f}" if len(values) > 1 else ""
            cells.append(f"{mean(values):.1f}{spread}")
        yield f"| {variant} | " + " | ".join(cells) + " |"


def main() -> None:
    """Runs all variants."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--root", type=Path, required=True, help="folder of AR_Hotels_Train_SB1.xml"
    )
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time, one core each")
    parser.add_argument("--variants", nargs="*", default=list(VARIANTS), choices=list(VARIANTS))
    arguments, extra = parser.parse_known_args()
    results: dict[str, list[dict[str, float]]] = {name: [] for name in arguments.variants}
    spawn = get_context("spawn")
    with ProcessPoolExecutor(arguments.jobs, spawn, max_tasks_per_child=1) as pool:
        futures = {
            pool.submit(scores, arguments.root, variant, seed, extra): variant
            for seed in range(arguments.seeds)
            for variant in arguments.variants
        }
        done = track(
            as_completed(futures), "Training", total=len(futures), console=Console(stderr=True)
        )
        for future in done:
            results[futures[future]].append(future.result())
            print(futures[future], future.result(), file=sys.stderr)
    print("\n".join(table(results)))


if __name__ == "__main__":
    main()
