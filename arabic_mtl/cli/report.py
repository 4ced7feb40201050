"""What `fit` prints when it is done."""

from pathlib import Path
from typing import Any

from lightning.pytorch import Trainer
from lightning.pytorch.callbacks import WeightAveraging
from rich.table import Table

from arabic_mtl.baselines.majority import Majority
from arabic_mtl.callbacks import AnswerCollector, the
from arabic_mtl.cli.console import console
from arabic_mtl.cli.record import choice, keep, record_of
from arabic_mtl.data import MultiTaskData
from arabic_mtl.evaluation import Answer, evaluate
from arabic_mtl.evaluation.record import Record
from arabic_mtl.evaluation.report import scored_on
from arabic_mtl.evaluation.slots import gold_opinions, slot_scores
from arabic_mtl.formats import Split
from arabic_mtl.markdown import percent
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
    console().print(places, highlight=False, soft_wrap=True)


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
        values = [percent(scores.get(f"{task}/{metric}")) for scores in columns.values()]
        table.add_row(task, metric, *values)
    table.add_section()
    means = [percent(scores.get("mean")) for scores in columns.values()]
    table.add_row("mean", "first metrics", *means)
    return table


def _metrics(data: MultiTaskData, task: str) -> list[str]:
    """The task's metrics, its main one first."""
    main = data.tasks[task].main_metric
    names = [str(name) for name in data.tasks[task].build_metrics()]
    return sorted(names, key=lambda name: name != main)


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
