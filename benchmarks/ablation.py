"""Ablation study of a configuration; the tables of docs/text.md and docs/encoders.md.

    python benchmarks/ablation.py text --root FOLDER_OF_THE_XML
    python benchmarks/ablation.py model --root FOLDER_OF_THE_XML

Trains configs/hotels_bert.yaml (text) or configs/hotels.yaml (model) once per variant and seed, and
prints the mean and the standard deviation of the validation scores over the seeds. The validation
reviews are held out from training.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import redirect_stderr, redirect_stdout
from multiprocessing import get_context
from pathlib import Path
from statistics import mean, stdev

from rich.console import Console
from rich.progress import track
from saving import add_save_option, save

_NONE, _RECIPE = "--data.text.cleaning=none", "--data.text.cleaning=recipe"
_SPLIT, _WHOLE = "--data.text.split_proclitics=true", "--data.text.split_proclitics=false"
_TRIM, _AS_IS = "--data.tasks.ner.trim=3", "--data.tasks.ner.trim=0"
_SNOWBALL, _ISRI = "--data.text.stemming=snowball", "--data.text.stemming=isri"
TEXT = {
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
_PLAIN = [  # the options of the heads with which text cleaning was measured
    "--data.tasks.sentiment.window=0",
    "--data.tasks.sentiment.attention=false",
    "--data.tasks.sentiment.condition=null",
    "--data.tasks.sentiment.label_weights={}",
    "--data.tasks.ner.crf=false",
    "--data.tasks.ner.weight=1",
    "--data.tasks.category.evidence=null",
    "--data.tasks.category.weight=1",
]
_AVERAGE = "--trainer.callbacks+=lightning.pytorch.callbacks.EMAWeightAveraging"
MODEL: dict[str, list[str]] = {
    "configs/hotels.yaml": [],
    "without the linear chain": ["--data.tasks.ner.crf=false"],
    "without evidence of words": [
        "--data.tasks.category.evidence=null",
        "--data.tasks.category.attention=true",
    ],
    "… and attention of labels": ["--data.tasks.category.evidence=null"],
    "without the windows of spans": ["--data.tasks.sentiment.window=0"],
    "without the attention of spans": ["--data.tasks.sentiment.attention=false"],
    "without the category as condition": ["--data.tasks.sentiment.condition=null"],
    "without weights of labels": ["--data.tasks.sentiment.label_weights={}"],
    "without letter n-grams": ["--model.encoder.buckets=1"],
    "without dropping words": [
        "--model.encoder.word_dropout=0",
        "--model.encoder.token_dropout=0",
    ],
    "dropout of heads 0.2": ["--model.dropout=0.2"],
    "two layers of 160": ["--model.encoder.layers=2", "--model.encoder.hidden=160"],
    "a small BERT in place of the BiLSTM": ["--config=configs/hotels_bert.yaml"],
    "average of weights": [_AVERAGE, "--trainer.callbacks.decay=0.995"],
}
TABLES = {
    "text": (["--config=configs/hotels_bert.yaml", *_PLAIN], TEXT),
    "model": (["--config=configs/hotels.yaml"], MODEL),
}
METRICS = {
    "sentiment accuracy": "sentiment/accuracy",
    "sentiment macro-F1": "sentiment/macro_f1",
    "exact-span F1": "ner/span_f1",
    "category F1": "category/micro_f1",
    "slot 1+2 F1": "slot12/f1",
}


def scores(study: str, root: Path, variant: str, seed: int, extra: list[str]) -> dict[str, float]:
    """Trains one variant; returns validation scores of the best checkpoint, and CPU seconds.

    Args:
        study: The key of `TABLES`, ``text`` or ``model``.
        root: The folder of the corpus.
        variant: The name of the variant.
        seed: The random seed.
        extra: Further command-line options of ``fit``.

    Returns:
        Name of the metric to score, 0..100, and ``CPU seconds`` of the process.
    """
    import torch

    from arabic_mtl.cli.commands import Commands

    torch.set_num_threads(1)
    base, variants = TABLES[study]
    with (
        tempfile.TemporaryDirectory() as folder,
        open(os.devnull, "w") as null,
        redirect_stdout(null),
        redirect_stderr(null),
    ):
        options = [f"--data.root={root}", f"--trainer.default_root_dir={folder}"]
        options += [f"--seed_everything={seed}", "--trainer.enable_progress_bar=false"]
        Commands(["fit", *base, *options, *variants[variant], *extra])
        (metrics,) = Path(folder).glob("*/version_0/metrics.json")
        validation = json.loads(metrics.read_text(encoding="utf-8"))["scores"]["validation"]
    cpu = {"CPU seconds": time.process_time()}
    return {name: 100 * validation[metric] for name, metric in METRICS.items()} | cpu


def summary(runs: list[dict[str, float]]) -> dict[str, str]:
    """Returns the mean ± standard deviation of each column over the seeds of a variant."""
    cells = {}
    for name in (*METRICS, "CPU seconds"):
        values = [run[name] for run in runs]
        spread = f" ± {stdev(values):.1f}" if len(values) > 1 else ""
        cells[name] = f"{mean(values):.1f}{spread}"
    return cells


def table(rows: dict[str, dict[str, str]]) -> Iterator[str]:
    """Yields the lines of a Markdown table with one row per variant."""
    columns = list(next(iter(rows.values())))
    yield "| | " + " | ".join(columns) + " |"
    yield "|---" * (len(columns) + 1) + "|"
    for variant, cells in rows.items():
        yield f"| {variant} | " + " | ".join(cells.values()) + " |"


def main() -> None:
    """Trains all variants, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", choices=list(TABLES), help="the set of variants to train")
    parser.add_argument(
        "--root", type=Path, required=True, help="folder of AR_Hotels_Train_SB1.xml"
    )
    parser.add_argument("--seeds", type=int, default=3, help="number of seeds per variant")
    parser.add_argument("--jobs", type=int, default=1, help="parallel runs, one core each")
    parser.add_argument("--variants", nargs="*", help="names of the variants (default: all)")
    add_save_option(parser)
    arguments, extra = parser.parse_known_args()
    variants = arguments.variants or list(TABLES[arguments.study][1])
    results: dict[str, list[dict[str, float]]] = {name: [] for name in variants}
    spawn = get_context("spawn")
    with ProcessPoolExecutor(arguments.jobs, spawn, max_tasks_per_child=1) as pool:
        futures = {
            pool.submit(scores, arguments.study, arguments.root, variant, seed, extra): variant
            for seed in range(arguments.seeds)
            for variant in variants
        }
        done = track(
            as_completed(futures), "Training", total=len(futures), console=Console(stderr=True)
        )
        for future in done:
            results[futures[future]].append(future.result())
            print(futures[future], future.result(), file=sys.stderr, flush=True)
    rows = {variant: summary(runs) for variant, runs in results.items()}
    print("\n".join(table(rows)))
    seeds = {"seeds": arguments.seeds}
    save(arguments.save, {variant: {**seeds, **cells} for variant, cells in rows.items()})


if __name__ == "__main__":
    main()
