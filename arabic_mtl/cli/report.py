"""What `fit` prints when it is done."""

from pathlib import Path
from typing import Any

from lightning.pytorch import Trainer
from rich.console import Console
from rich.table import Table

from arabic_mtl.corpora import Split
from arabic_mtl.data import MultiTaskData
from arabic_mtl.evaluation import evaluate
from arabic_mtl.majority import Majority
from arabic_mtl.model import MultiTaskModule

_STAGES: dict[Split, str] = {"validation": "val", "test": "test"}
"""What Lightning's metrics of a split are called."""


def print_scores(trainer: Trainer, data: MultiTaskData, split: Split) -> None:
    """Prints the scores of the evaluation that has just been made."""
    if trainer.is_global_zero:
        _console().print(_table("Scores", data, {split: _scores(trainer, split)}))


def print_report(trainer: Trainer, model: MultiTaskModule, data: MultiTaskData, best: str) -> None:
    """Scores the best checkpoint on validation and test, and prints the results.

    Columns: the majority baseline and the model, per split. Then where things are, and what to
    do next.

    Args:
        trainer: Has just trained the model.
        model: What it trained.
        data: What it trained on.
        best: The path of the best checkpoint.
    """
    columns: dict[str, dict[str, float]] = {}
    data.setup("fit")
    majority, device = Majority(data), trainer.strategy.root_device
    for split in _STAGES:
        if split in data.tables:
            columns[f"{split} majority"], _ = evaluate(majority, data, split, device)
            score = trainer.validate if split == "validation" else trainer.test
            score(model, datamodule=data, ckpt_path=best, verbose=False, weights_only=True)
            columns[split] = _scores(trainer, split)
    run = Path(trainer.log_dir or ".")  # a broadcast: every process has to ask
    if trainer.is_global_zero:
        title = "Best checkpoint beside the majority baseline"
        _console().print(_table(title, data, columns))
        _console().print(
            _places(run, best, scored="test" if "test" in columns else "validate"),
            highlight=False,
            soft_wrap=True,
        )


def print_columns(title: str, data: MultiTaskData, columns: dict[str, dict[str, float]]) -> None:
    """Prints scores side by side: a row per metric of each task, a column per system and split."""
    _console().print(_table(title, data, columns))


def _console() -> Console:
    """As wide as the terminal; in a pipe or a log, wide enough for the table."""
    return Console(width=None if Console().is_terminal else 100)


def _scores(trainer: Trainer, split: Split) -> dict[str, float]:
    values = trainer.callback_metrics
    return {k.removeprefix(f"{_STAGES[split]}/"): float(v) for k, v in values.items()}


def _table(title: str, data: MultiTaskData, columns: dict[str, dict[str, float]]) -> Table:
    table = Table("task", "metric", title=title)
    for name in columns:
        table.add_column(name, justify="right")
    rows = [(task, metric) for task in data.tasks for metric in _metrics(data, task)]
    for task, metric in rows:
        values = [_percent(scores.get(f"{task}/{metric}")) for scores in columns.values()]
        table.add_row(task, metric, *values)
    table.add_section()
    means = [_percent(scores.get("mean")) for scores in columns.values()]
    table.add_row("mean", "first metrics", *means)
    return table


def _metrics(data: MultiTaskData, task: str) -> list[str]:
    """The task's metrics, its main one first."""
    main = data.tasks[task].main_metric
    names = [str(name) for name in data.tasks[task].build_metrics()]
    return sorted(names, key=lambda name: name != main)


def _percent(value: Any) -> str:
    return "" if value is None else f"{100 * value:.1f}"


def _places(run: Path, best: str, *, scored: str) -> str:
    return f"""
checkpoint   {best}
config       {run / "config.yaml"}
TensorBoard  {run}

Next:
  tensorboard --logdir {run.parent.parent}
  python train.py {scored} --ckpt_path {best}
  python train.py predict --ckpt_path {best} --input FILE.xml --output predictions.jsonl
"""
