"""Trains several configurations with several seeds, and puts them into one table."""

from argparse import Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd
from rich.table import Table

from arabic_mtl.cli.arguments import PlainParser
from arabic_mtl.cli.commands import Commands
from arabic_mtl.cli.console import console, plain_console, print_facts
from arabic_mtl.cli.jobs import Job, finish, job, single_task_configs
from arabic_mtl.cli.parser import read_configs
from arabic_mtl.cli.report import write_report
from arabic_mtl.data import MultiTaskData
from arabic_mtl.errors import InputError
from arabic_mtl.evaluation.record import NAME, Record, read_record
from arabic_mtl.evaluation.report import scored_on
from arabic_mtl.evaluation.slots import gold_opinions, slot_scores
from arabic_mtl.evaluation.system import Run, System, joined, require_data, require_same_texts
from arabic_mtl.evaluation.tables import differences_table, not_compared, recipe_table, scores_table
from arabic_mtl.formats import Split
from arabic_mtl.inference.description import NAME as MODEL
from arabic_mtl.inference.description import check_model_format
from arabic_mtl.markdown import cell, markdown_table
from arabic_mtl.tasks import Task

_SPLITS: tuple[Split, ...] = ("validation", "test")

_DESCRIPTION = """\
Trains each configuration with several seeds, one run after the other, and writes one table of all
systems, the majority and the linear baseline among them: mean ± standard deviation over the seeds,
time and size, and which differences are more than luck. Runs that are finished are taken as they
are; one that was broken off goes on, so the same command can be given until it is through.

Options that are not listed here go to every run, such as --data.root=FOLDER or
--trainer.max_epochs=3."""


def compare(arguments: Sequence[str]) -> None:
    """Runs the command.

    Raises:
        InputError: If a run fails or is of another format, or if the systems were scored on
            different texts.
    """
    options, others = _parser().parse_known_args(list(arguments))
    configs = [Path(path) for path in options.configs]
    read_configs([f"--config={path}" for path in configs])  # tells of those that are none
    if options.seeds < 1:
        raise InputError("--seeds is a number of runs", found=options.seeds, expected="1 or more")
    if len({path.stem for path in configs}) < len(configs):
        raise InputError(
            "the systems of a comparison have names of their own: those of their files",
            found=", ".join(map(str, configs)),
            expected="files of different names",
        )
    _check_formats(options.output)
    data = _same_tasks(configs, others)
    data.prepare_data()
    data.setup()
    folder = job(configs[0], 0, others, options.output).folder.with_name("linear")
    linear = read_record(folder) if (folder / NAME).is_file() else _linear(data, folder)
    require_data(linear, data.store.statistics(), options.output)
    systems = [
        System(name="majority", known=linear.majority),
        System(name="linear", runs=[Run.read(folder)]),
        *_trained(configs, options, others, data.tasks, linear),
    ]
    require_same_texts(systems)
    _write(systems, data, options.output)


def _linear(data: MultiTaskData, folder: Path) -> Record:
    from arabic_mtl.baselines.linear.run import learn_and_score  # an extra of the installation

    return learn_and_score(data, folder, print_facts)


def _parser() -> PlainParser:
    parser = PlainParser("compare", _DESCRIPTION)
    parser.add_argument("configs", nargs="+", metavar="CONFIG", help="the systems' configurations")
    parser.add_argument(
        "--seeds", type=int, default=3, help="runs of each, seeds 0, 1, …; default 3"
    )
    parser.add_argument(
        "--single-task",
        action="store_true",
        help="also train each task alone: does it help to learn them together?",
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=Path("runs/compare"),
        help="folder of the runs and of compare.md, scores.csv, differences.csv and recipe.csv; "
        "default runs/compare",
    )
    return parser


def _check_formats(folder: Path) -> None:
    """Raises `InputError` if a comparison's folder holds a run or a baseline of another format."""
    try:
        for path in sorted(folder.rglob(NAME)):
            read_record(path.parent)
        for path in sorted(folder.rglob(MODEL)):
            check_model_format(path.parent)
    except InputError as error:
        error.expected = f"{error.expected}; or another --output than {folder}"
        raise


def _same_tasks(configs: Sequence[Path], others: Sequence[str]) -> MultiTaskData:
    """The data of the first configuration, whose tasks must be those of all."""
    made = [Commands(["--config", str(c), *others], run=False, prog="compare") for c in configs]
    labels = [{n: t.decoder.outputs for n, t in m.datamodule.tasks.items()} for m in made]
    for config, own in zip(configs, labels, strict=True):
        if own != labels[0]:
            raise InputError(
                "systems that are compared have the same tasks and labels",
                found=f"{config}: {', '.join(own)}",
                expected=f"those of {configs[0]}: {', '.join(labels[0])}",
            )
    data: MultiTaskData = made[0].datamodule
    return data


def _trained(
    configs: Sequence[Path],
    options: Namespace,
    others: Sequence[str],
    tasks: dict[str, Task],
    linear: Record,
) -> Iterator[System]:
    """For each configuration its tasks together and, if wanted, each alone."""
    for config in configs:
        jobs = [job(config, seed, others, options.output) for seed in range(options.seeds)]
        runs = [_finished(each, tasks, linear, options.output) for each in jobs]
        yield System(name=config.stem, runs=runs)
        if options.single_task:
            alone = _single(config, options, others, tasks, linear)
            yield System(name=f"{config.stem}, single tasks", runs=alone)


def _single(
    config: Path,
    options: Namespace,
    others: Sequence[str],
    tasks: dict[str, Task],
    linear: Record,
) -> list[Run]:
    """For each seed, the runs of all tasks that were trained alone."""
    alone = single_task_configs(config, options.output / "single")
    found = []
    for seed in range(options.seeds):
        jobs = {task: job(path, seed, others, options.output) for task, path in alone.items()}
        runs = {
            name: _finished(each, {name: tasks[name]}, linear, options.output)
            for name, each in jobs.items()
        }
        found.append(joined(runs))
    return found


def _finished(job: Job, tasks: dict[str, Task], linear: Record, folder: Path) -> Run:
    """The run, made if need be; its report gets the linear baseline's figures."""
    state = "is finished" if job.is_finished else "runs"
    plain_console().print(f"{job.run}  {state}")
    finish(job)
    require_data(read_record(job.run), linear.data, folder)
    write_report(job.run, tasks, linear)
    return Run.read(job.run)


def _write(systems: list[System], data: MultiTaskData, folder: Path) -> None:
    splits: list[Split] = [s for s in _SPLITS if s in data.tables]
    for split in splits:
        gold = gold_opinions(data, split)
        for run in (run for system in systems for run in system.runs):
            run.scores[split] |= slot_scores(run.answers[split].values(), gold, data.tasks)
    last, tasks = splits[-1], data.tasks
    scores = scores_table(systems, tasks, splits)
    differences = differences_table(systems, tasks, last)
    tables = [
        ("Scores", scores, "scores.csv", "; ".join(scored_on(tasks))),
        (f"Differences on {last}", differences, "differences.csv", not_compared(tasks)),
        ("The recipe's table", recipe_table(systems, tasks, splits), "recipe.csv", ""),
    ]
    parts = []
    for title, frame, file, note in tables:
        plain = frame.reset_index() if frame.index.names[0] else frame
        plain.to_csv(folder / file, index=False)
        parts += [f"## {title}", markdown_table(plain), *([note] if note else [])]
        console().print(_table(title, plain, note))
    (folder / "compare.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    plain_console().print(f"written to {folder / 'compare.md'}, with the tables as CSV beside it")


def _table(title: str, frame: pd.DataFrame, note: str) -> Table:
    table = Table(title=title, caption=note or None)
    for name in frame.columns:
        table.add_column(str(name))
    for row in frame.itertuples(index=False):
        table.add_row(*map(cell, row))
    return table
