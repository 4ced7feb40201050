"""Tables of scores, and the files of a finished run: scores, predictions, calibration, report."""

import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import Trainer
from lightning.pytorch.callbacks import WeightAveraging
from rich.table import Table

from arabic_mtl.baselines.majority import Majority
from arabic_mtl.callbacks import (
    BestCheckpoint,
    Clock,
    PredictionCollector,
    StopWhenStalled,
    find_callback,
)
from arabic_mtl.cli.console import console, plain_console
from arabic_mtl.cli.processes import note
from arabic_mtl.data import MultiTaskData
from arabic_mtl.decoders.calibration import write_calibrations
from arabic_mtl.errors import InputError, program
from arabic_mtl.evaluation import PredictedExample, evaluate, read_predictions, write_predictions
from arabic_mtl.evaluation.calibration import learn_calibration
from arabic_mtl.evaluation.record import NAME, RunRecord, read_record, write_record
from arabic_mtl.evaluation.report import card, gold_input_notes
from arabic_mtl.evaluation.slots import gold_opinions, slot_scores
from arabic_mtl.files import atomic_write
from arabic_mtl.formats import Split
from arabic_mtl.markdown import percent, score_text
from arabic_mtl.tasks import Task
from arabic_mtl.tasks.scores import is_share, metric_names
from arabic_mtl.training import MultiTaskModule

_STAGES: dict[Split, str] = {"validation": "val", "test": "test"}
"""Split to the prefix of its metrics in Lightning."""


def print_scores(trainer: Trainer, data: MultiTaskData, split: Split) -> None:
    """Prints the scores of the Trainer's last evaluation, which was of the given split."""
    if trainer.is_global_zero:
        console().print(_table("Scores", data, {split: _scores(trainer, split)}))


def report(trainer: Trainer, model: MultiTaskModule, data: MultiTaskData, best: str) -> None:
    """Scores the best checkpoint on validation and test; prints and writes the results.

    Writes ``metrics.json``, ``report.md``, ``calibration.json``, and all predictions with the gold
    labels, as ``answers-SPLIT.jsonl``, into the run folder.

    Args:
        trainer: The Trainer after training.
        model: The trained model.
        data: The data of the run.
        best: The path of the best checkpoint.
    """
    best_facts = _describe_best(trainer)
    data.setup("fit")
    # A checkpoint has the averaged weights. With its callback, WeightAveraging would replace them
    # by the weights that training ended with.
    untyped: Any = trainer  # the stub of Trainer lacks the attribute
    untyped.callbacks = [c for c in untyped.callbacks if not isinstance(c, WeightAveraging)]
    collector, device = find_callback(trainer, PredictionCollector), trainer.strategy.root_device
    baseline = Majority(data)
    majority: dict[str, dict[str, float]] = {}
    scores: dict[str, dict[str, float]] = {}
    predictions: dict[Split, list[PredictedExample]] = {}
    for split in _STAGES:
        if split in data.tables:
            majority[split], majority_predictions = evaluate(baseline, data, split, device)
            gold = gold_opinions(data, split)
            majority[split] |= slot_scores(majority_predictions, gold, data.tasks)
            score = trainer.validate if split == "validation" else trainer.test
            collector.request()
            score(model, datamodule=data, ckpt_path=best, verbose=False, weights_only=True)
            scores[split] = _scores(trainer, split)
            predictions[split] = collector.predictions(trainer, data, split)
            scores[split] |= slot_scores(predictions[split], gold, data.tasks)
    run = Path(trainer.log_dir or ".")  # log_dir is a broadcast, so every process must read it
    if trainer.is_global_zero:
        figures = {"scores": scores, "majority": majority, "best": best_facts}
        record = create_record(trainer, model, data, system=run.parent.name, **figures)
        write_run_files(run, record, predictions, data.tasks)
        _print(run, best, record, data)


def _print(run: Path, best: str, record: RunRecord, data: MultiTaskData) -> None:
    """Prints the scores of a finished run, its files, and commands to use it with."""
    columns: dict[str, dict[str, float]] = {}
    for split, scores in record.scores.items():
        columns |= {f"{split} majority": record.majority[split], split: scores}
    title = "Best checkpoint beside the majority baseline"
    console().print(_table(title, data, columns))
    command = "test" if "test" in columns else "validate"
    summary = _summary(run, best, str(record.best["why"]), command=command)
    plain_console().print(summary)


def print_columns(title: str, data: MultiTaskData, columns: dict[str, dict[str, float]]) -> None:
    """Prints a table of scores; ``columns`` maps a header to ``task/metric`` to value."""
    console().print(_table(title, data, columns))


def _scores(trainer: Trainer, split: Split) -> dict[str, float]:
    """Returns ``task/metric`` to its value in the Trainer's last evaluation."""
    values = trainer.callback_metrics
    return {k.removeprefix(f"{_STAGES[split]}/"): float(v) for k, v in values.items()}


def _table(title: str, data: MultiTaskData, columns: dict[str, dict[str, float]]) -> Table:
    """Returns a table with a row per metric of each task and a column per system and split."""
    table = Table("task", "metric", title=title, caption="\n".join(gold_input_notes(data.tasks)))
    for name in columns:
        table.add_column(name, justify="right")
    for name, metric in (row for task in data.tasks for row in _metrics(data, task)):
        key = f"{name}/{metric}"
        shares = is_share(key, data.tasks)
        values = [score_text(scores.get(key), is_share=shares) for scores in columns.values()]
        table.add_row(name, metric, *values)
    table.add_section()
    table.add_row("mean", "main metrics", *(percent(s.get("mean")) for s in columns.values()))
    return table


def _metrics(data: MultiTaskData, name: str) -> list[tuple[str, str]]:
    """Returns the metrics of a task, its main metric first; then the main metric of each corpus."""
    task = data.tasks[name]
    corpora = task.corpora if len(task.corpora) > 1 else ()
    own = [(f"{name}@{corpus}", task.selection_metric) for corpus in corpora]
    return [*((name, metric) for metric in metric_names(task)), *own]


def _summary(run: Path, best: str, why: str, *, command: str) -> str:
    """Returns the lines with the files of a run and with commands to use it with."""
    return f"""
checkpoint   {best}
chosen       {why}
report       {run / "report.md"}
config       {run / "config.yaml"}
TensorBoard  {run}

Next:
  tensorboard --logdir {run.parent.parent}
  {program()} {command} --ckpt_path {run}
  {program()} predict --ckpt_path {run} --input FILE --output FILE
"""


def _describe_best(trainer: Trainer) -> dict[str, Any]:
    """Returns the best checkpoint, its score, and the reasons for the choice and the end."""
    best, stop = find_callback(trainer, BestCheckpoint), find_callback(trainer, StopWhenStalled)
    checkpoint = torch.load(best.best_model_path, weights_only=True, mmap=True)
    score = float(best.best_model_score or 0)
    length = f"{trainer.current_epoch} epochs, {trainer.global_step} optimizer steps"
    end = stop.reason or f"after {length}"
    why = (
        f"{best.monitor} {score:.4f} in epoch {checkpoint['epoch']}, "
        f"the {'lowest' if best.mode == 'min' else 'highest'}; the run ended: {end}"
    )
    return {
        "checkpoint": Path(best.best_model_path).name,
        "monitor": best.monitor,
        "score": score,
        "epoch": checkpoint["epoch"],
        "step": checkpoint["global_step"],
        "why": why,
    }


def create_record(
    trainer: Trainer, model: MultiTaskModule, data: MultiTaskData, **figures: Any
) -> RunRecord:
    """Returns the record of a run.

    Args:
        trainer: The Trainer after the evaluation of the best checkpoint.
        model: The trained model.
        data: The data of the run.
        figures: ``system``, ``scores``, ``majority`` and ``best`` of `RunRecord`.
    """
    device = trainer.strategy.root_device
    cuda = device.type == "cuda"
    seconds = find_callback(trainer, Clock).seconds()
    return RunRecord(
        seed=data.seed,
        cpu_seconds=round(seconds["cpu"], 1),
        wall_seconds=round(seconds["wall"], 1),
        device=torch.cuda.get_device_name(device) if cuda else platform.machine(),
        precision=str(trainer.precision),
        parameters=sum(p.numel() for p in model.parameters() if p.requires_grad),
        data=data.store.statistics(),
        credits=data.credits,
        **figures,
    )


def write_run_files(
    run: Path,
    record: RunRecord,
    predictions: Mapping[Split, Sequence[PredictedExample]],
    tasks: Mapping[str, Task],
) -> None:
    """Writes predictions, scores, calibration and report into a run folder.

    Args:
        run: The run folder.
        record: The record of the run.
        predictions: Split to its examples with gold and predicted labels.
        tasks: Task name to task.
    """
    run.mkdir(parents=True, exist_ok=True)
    for split, examples in predictions.items():
        write_predictions(run / f"answers-{split}.jsonl", examples)
    write_record(run, record)
    if held_out := predictions.get("validation"):
        calibrations = {
            name: learn_calibration(task, name, held_out) for name, task in tasks.items()
        }
        write_calibrations(run, str(record.best["checkpoint"]), calibrations)
    write_report(run, tasks, _read_baseline(run.parent / "baseline"))


def _read_baseline(folder: Path) -> RunRecord | None:
    """Returns the record of the linear baseline; prints a notice if it cannot be read."""
    if not (folder / NAME).is_file():
        return None
    try:
        return read_record(folder)
    except InputError as error:
        note(
            f"the report has no linear baseline: {error.file}: {error.found}; "
            f"expected {error.expected}"
        )
        return None


def write_report(run: Path, tasks: Mapping[str, Task], linear: RunRecord | None) -> None:
    """Writes ``report.md`` from the other files of a run folder.

    Args:
        run: The run folder.
        tasks: Task name to task.
        linear: The record of the linear baseline, if there is one; ignored if its data differ.
    """
    record, config = read_record(run), run / "config.yaml"
    predictions = {
        split: list(read_predictions(run / f"answers-{split}.jsonl")) for split in record.scores
    }
    text = card(
        record,
        predictions,
        tasks,
        config.read_text(encoding="utf-8") if config.is_file() else "",
        linear if linear and record.matches_data(linear.data) else None,
    )
    with atomic_write(run / "report.md") as unfinished:
        unfinished.write_text(text, encoding="utf-8")
