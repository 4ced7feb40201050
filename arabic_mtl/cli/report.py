"""Scores as tables, and the files of a finished run: figures, answers, report."""

import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import Trainer
from lightning.pytorch.callbacks import WeightAveraging
from rich.table import Table

from arabic_mtl.baselines.majority import Majority
from arabic_mtl.callbacks import AnswerCollector, BestCheckpoint, Clock, StopWhenStalled, the
from arabic_mtl.cli.console import console, plain_console
from arabic_mtl.cli.processes import note
from arabic_mtl.data import MultiTaskData
from arabic_mtl.decoders.calibration import write_calibrations
from arabic_mtl.errors import InputError
from arabic_mtl.evaluation import Answer, evaluate, read_answers, write_answers
from arabic_mtl.evaluation.calibration import learned
from arabic_mtl.evaluation.record import NAME, Record, read_record, write_record
from arabic_mtl.evaluation.report import card, scored_on
from arabic_mtl.evaluation.slots import gold_opinions, slot_scores
from arabic_mtl.files import atomic_write
from arabic_mtl.formats import Split
from arabic_mtl.markdown import percent, score_text
from arabic_mtl.tasks import Task
from arabic_mtl.tasks.scores import is_share
from arabic_mtl.training import MultiTaskModule

_STAGES: dict[Split, str] = {"validation": "val", "test": "test"}
"""What Lightning's metrics of a split are called."""


def print_scores(trainer: Trainer, data: MultiTaskData, split: Split) -> None:
    """Prints the scores of the evaluation that has just been made."""
    if trainer.is_global_zero:
        console().print(_table("Scores", data, {split: _scores(trainer, split)}))


def report(trainer: Trainer, model: MultiTaskModule, data: MultiTaskData, best: str) -> None:
    """Scores the best checkpoint on validation and test; prints the results, and keeps them.

    The run's folder gets ``metrics.json``, ``report.md``, and every answer, with gold, in
    ``answers-SPLIT.jsonl``.

    Args:
        trainer: Has just trained the model.
        model: What it trained.
        data: What it trained on.
        best: The path of the best checkpoint.
    """
    chosen = choice(trainer)
    data.setup("fit")
    # A checkpoint's weights are the averaged ones: put in their place, those would be scored that
    # training went on with.
    running: Any = trainer  # whose stub lacks the attribute
    running.callbacks = [c for c in running.callbacks if not isinstance(c, WeightAveraging)]
    collector, device = the(AnswerCollector, trainer), trainer.strategy.root_device
    baseline = Majority(data)
    majority: dict[str, dict[str, float]] = {}
    scores: dict[str, dict[str, float]] = {}
    answers: dict[Split, list[Answer]] = {}
    for split in _STAGES:
        if split in data.tables:
            majority[split], of_majority = evaluate(baseline, data, split, device)
            gold = gold_opinions(data, split)
            majority[split] |= slot_scores(of_majority, gold, data.tasks)
            score = trainer.validate if split == "validation" else trainer.test
            collector.ask()
            score(model, datamodule=data, ckpt_path=best, verbose=False, weights_only=True)
            scores[split] = _scores(trainer, split)
            answers[split] = collector.answers(trainer, data, split)
            scores[split] |= slot_scores(answers[split], gold, data.tasks)
    run = Path(trainer.log_dir or ".")  # a broadcast: every process has to ask
    if trainer.is_global_zero:
        figures = {"scores": scores, "majority": majority, "best": chosen}
        record = record_of(trainer, model, data, system=run.parent.name, **figures)
        keep(run, record, answers, data.tasks)
        _print(run, best, record, data)


def _print(run: Path, best: str, record: Record, data: MultiTaskData) -> None:
    columns: dict[str, dict[str, float]] = {}
    for split, of_split in record.scores.items():
        columns |= {f"{split} majority": record.majority[split], split: of_split}
    title = "Best checkpoint beside the majority baseline"
    console().print(_table(title, data, columns))
    scored = "test" if "test" in columns else "validate"
    places = _places(run, best, str(record.best["why"]), scored=scored)
    plain_console().print(places)


def print_columns(title: str, data: MultiTaskData, columns: dict[str, dict[str, float]]) -> None:
    """Prints scores side by side: a row per metric of each task, a column per system and split."""
    console().print(_table(title, data, columns))


def _scores(trainer: Trainer, split: Split) -> dict[str, float]:
    values = trainer.callback_metrics
    return {k.removeprefix(f"{_STAGES[split]}/"): float(v) for k, v in values.items()}


def _table(title: str, data: MultiTaskData, columns: dict[str, dict[str, float]]) -> Table:
    table = Table("task", "metric", title=title, caption="\n".join(scored_on(data.tasks)))
    for name in columns:
        table.add_column(name, justify="right")
    rows = [(task, metric) for task in data.tasks for metric in _metrics(data, task)]
    for task, metric in rows:
        key = f"{task}/{metric}"
        shares = is_share(key, data.tasks)
        values = [score_text(scores.get(key), is_share=shares) for scores in columns.values()]
        table.add_row(task, metric, *values)
    table.add_section()
    means = [percent(scores.get("mean")) for scores in columns.values()]
    table.add_row("mean", "first metrics", *means)
    return table


def _metrics(data: MultiTaskData, task: str) -> list[str]:
    """The task's metrics, its main one first."""
    main = data.tasks[task].main_metric
    return sorted(data.tasks[task].metrics(), key=lambda name: name != main)


def _places(run: Path, best: str, why: str, *, scored: str) -> str:
    return f"""
checkpoint   {best}
chosen       {why}
report       {run / "report.md"}
config       {run / "config.yaml"}
TensorBoard  {run}

Next:
  tensorboard --logdir {run.parent.parent}
  python train.py {scored} --ckpt_path {best}
  python train.py predict --ckpt_path {run} --input FILE --output FILE
"""


def choice(trainer: Trainer) -> dict[str, Any]:
    """Which checkpoint is the best, by what, and why the run ended."""
    best, stop = the(BestCheckpoint, trainer), the(StopWhenStalled, trainer)
    place = torch.load(best.best_model_path, weights_only=True, mmap=True)
    score = float(best.best_model_score or 0)
    end = stop.reason or f"after {trainer.current_epoch} epochs, {trainer.global_step} updates"
    why = (
        f"{best.monitor} {score:.4f} in epoch {place['epoch']}, "
        f"the {'lowest' if best.mode == 'min' else 'highest'}; the run ended: {end}"
    )
    return {
        "checkpoint": Path(best.best_model_path).name,
        "monitor": best.monitor,
        "score": score,
        "epoch": place["epoch"],
        "step": place["global_step"],
        "why": why,
    }


def record_of(
    trainer: Trainer, model: MultiTaskModule, data: MultiTaskData, **figures: Any
) -> Record:
    """A run's record.

    Args:
        trainer: Has scored the best checkpoint.
        model: What it trained.
        data: What it trained on.
        figures: ``system``, ``scores``, ``majority`` and ``best`` of `Record`.
    """
    device = trainer.strategy.root_device
    cuda = device.type == "cuda"
    seconds = the(Clock, trainer).seconds()
    return Record(
        seed=data.seed,
        cpu_seconds=round(seconds["cpu"], 1),
        wall_seconds=round(seconds["wall"], 1),
        device=torch.cuda.get_device_name(device) if cuda else platform.machine(),
        precision=str(trainer.precision),
        parameters=sum(p.numel() for p in model.parameters() if p.requires_grad),
        data=data.store.statistics(),
        **figures,
    )


def keep(
    run: Path,
    record: Record,
    answers: Mapping[Split, Sequence[Answer]],
    tasks: Mapping[str, Task],
) -> None:
    """Writes answers, figures, calibration and report into the run's folder."""
    run.mkdir(parents=True, exist_ok=True)
    for split, of_split in answers.items():
        write_answers(run / f"answers-{split}.jsonl", of_split)
    write_record(run, record)
    if checked := answers.get("validation"):
        learned_of = {name: learned(task, name, checked) for name, task in tasks.items()}
        write_calibrations(run, str(record.best["checkpoint"]), learned_of)
    write_report(run, tasks, _baseline(run.parent / "baseline"))


def _baseline(folder: Path) -> Record | None:
    """Returns the linear baseline's figures; prints a notice if they cannot be used."""
    if not (folder / NAME).is_file():
        return None
    try:
        return read_record(folder)
    except InputError as error:
        note(f"without the linear baseline: {error.file}: {error.found}, not {error.expected}")
        return None


def write_report(run: Path, tasks: Mapping[str, Task], linear: Record | None) -> None:
    """Writes ``report.md`` from all else that lies in a run's folder.

    Args:
        run: The folder.
        tasks: The run's, by name.
        linear: The linear baseline's figures, if it was run; left out if they are of other data.
    """
    record, config = read_record(run), run / "config.yaml"
    answers = {split: list(read_answers(run / f"answers-{split}.jsonl")) for split in record.scores}
    text = card(
        record,
        answers,
        tasks,
        config.read_text(encoding="utf-8") if config.is_file() else "",
        linear if linear and record.is_of(linear.data) else None,
    )
    with atomic_write(run / "report.md") as unfinished:
        unfinished.write_text(text, encoding="utf-8")
