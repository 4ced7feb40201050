"""What a finished run leaves: its figures, its answers, its report."""

import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import Trainer

from arabic_mtl.callbacks import BestCheckpoint, Clock, StopWhenStalled, the
from arabic_mtl.cli.resume import say
from arabic_mtl.data import MultiTaskData
from arabic_mtl.decoders.calibration import write_calibrations
from arabic_mtl.errors import InputError
from arabic_mtl.evaluation import Answer, read_answers, write_answers
from arabic_mtl.evaluation.calibration import learned
from arabic_mtl.evaluation.record import NAME, Record, read_record, write_record
from arabic_mtl.evaluation.report import card
from arabic_mtl.files import atomic_write
from arabic_mtl.formats import Split
from arabic_mtl.tasks import Task
from arabic_mtl.training import MultiTaskModule


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
        say(f"without the linear baseline: {error.file}: {error.found}, not {error.expected}")
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
