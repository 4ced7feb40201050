"""``compare``: training of several configurations with several seeds, and one table of scores."""

from argparse import Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd
from rich.table import Table

from arabic_mtl.cli.arguments import PlainParser
from arabic_mtl.cli.commands import Commands
from arabic_mtl.cli.console import console, plain_console, print_facts
from arabic_mtl.cli.jobs import Job, create_job, finish_job, single_task_configs
from arabic_mtl.cli.parser import read_configs
from arabic_mtl.cli.report import write_report
from arabic_mtl.data import MultiTaskData
from arabic_mtl.errors import InputError, program
from arabic_mtl.evaluation.record import NAME, RunRecord, read_record
from arabic_mtl.evaluation.report import gold_input_notes
from arabic_mtl.evaluation.slots import gold_opinions, slot_scores
from arabic_mtl.evaluation.system import Run, System, merge_runs, require_data, require_same_texts
from arabic_mtl.evaluation.tables import (
    differences_table,
    recipe_table,
    scores_table,
    uncompared_tasks,
)
from arabic_mtl.formats import Split
from arabic_mtl.inference.description import NAME as MODEL
from arabic_mtl.inference.description import check_model_format
from arabic_mtl.markdown import cell, markdown_table
from arabic_mtl.tasks import Task

_SPLITS: tuple[Split, ...] = ("validation", "test")

_DESCRIPTION = """\
Trains each configuration with several seeds, one run after the other, and writes one table of all
systems, with the majority and the linear baseline: mean ± standard deviation over the seeds, time,
size, and the significance of differences. Finished runs are reused, and an interrupted run is
resumed, so the command can be repeated until all runs are finished.

Options that are not listed here are passed to every run, such as --data.root=FOLDER or
--trainer.max_epochs=3.

examples:
  %(prog)s configs/hotels.yaml configs/hotels_bert.yaml --seeds 3
  %(prog)s configs/quickstart.yaml --single-task --output runs/single"""


def compare(arguments: Sequence[str]) -> None:
    """Runs the command ``compare``.

    Args:
        arguments: The arguments after ``compare``.

    Raises:
        InputError: If a run fails or is of another format version, or if the systems were scored
            on different texts.
    """
    options, overrides = _parser().parse_known_args(list(arguments))
    configs = [Path(path) for path in options.configs]
    read_configs([f"--config={path}" for path in configs])  # raises for files that are not one
    if options.seeds < 1:
        raise InputError("--seeds must be 1 or more", found=options.seeds, expected="1 or more")
    if len({path.stem for path in configs}) < len(configs):
        raise InputError(
            "the configurations of a comparison must have different file names",
            found=", ".join(map(str, configs)),
            expected="different file names, which become the names of the systems",
        )
    _check_formats(options.output)
    data = _same_tasks(configs, overrides)
    data.prepare_data()
    data.setup()
    folder = create_job(configs[0], 0, overrides, options.output).folder.with_name("linear")
    linear = read_record(folder) if (folder / NAME).is_file() else _linear(data, folder)
    require_data(linear, data.store.statistics(), options.output)
    systems = [
        System(name="majority", fixed_scores=linear.majority),
        System(name="linear", runs=[Run.read(folder)]),
        *_trained(configs, options, overrides, data.tasks, linear),
    ]
    require_same_texts(systems)
    _write(systems, data, options.output)


def _linear(data: MultiTaskData, folder: Path) -> RunRecord:
    """Trains the linear baseline and returns its record."""
    from arabic_mtl.baselines.linear.run import learn_and_score  # needs an optional package

    return learn_and_score(data, folder, print_facts)


def _parser() -> PlainParser:
    parser = PlainParser("compare", _DESCRIPTION)
    parser.add_argument(
        "configs", nargs="+", metavar="CONFIG", help="the configuration of each system"
    )
    parser.add_argument(
        "--seeds",
        type=int,
        default=3,
        help="number of runs of each configuration, with the seeds 0, 1, … (default: 3)",
    )
    parser.add_argument(
        "--single-task",
        action="store_true",
        help="also train each task alone, to measure the effect of multi-task training",
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=Path("runs/compare"),
        help="folder for the runs and for compare.md, scores.csv, differences.csv and recipe.csv "
        "(default: runs/compare)",
    )
    return parser


def _check_formats(folder: Path) -> None:
    """Raises `InputError` if the folder has a run or a baseline of another format version."""
    try:
        for path in sorted(folder.rglob(NAME)):
            read_record(path.parent)
        for path in sorted(folder.rglob(MODEL)):
            check_model_format(path.parent)
    except InputError as error:
        error.expected = f"{error.expected}; or an --output other than {folder}"
        raise


def _same_tasks(configs: Sequence[Path], overrides: Sequence[str]) -> MultiTaskData:
    """Returns the data of the first configuration; all must have the same tasks and labels."""
    parsed = [
        Commands(["--config", str(c), *overrides], run=False, prog=f"{program()} fit")
        for c in configs
    ]
    labels = [{n: t.decoder.outputs for n, t in m.datamodule.tasks.items()} for m in parsed]
    for config, own in zip(configs, labels, strict=True):
        if own != labels[0]:
            raise InputError(
                "the systems of a comparison must have the same tasks and labels",
                found=f"{config}: {', '.join(own)}",
                expected=f"the tasks and labels of {configs[0]}: {', '.join(labels[0])}",
            )
    data: MultiTaskData = parsed[0].datamodule
    return data


def _trained(
    configs: Sequence[Path],
    options: Namespace,
    overrides: Sequence[str],
    tasks: dict[str, Task],
    linear: RunRecord,
) -> Iterator[System]:
    """Yields the system of each configuration and, with ``--single-task``, of its single tasks."""
    for config in configs:
        jobs = [
            create_job(config, seed, overrides, options.output) for seed in range(options.seeds)
        ]
        runs = [_finish_run(job, tasks, linear, options.output) for job in jobs]
        yield System(name=config.stem, runs=runs)
        if options.single_task:
            runs = _single_task_runs(config, options, overrides, tasks, linear)
            yield System(name=f"{config.stem}, single tasks", runs=runs)


def _single_task_runs(
    config: Path,
    options: Namespace,
    overrides: Sequence[str],
    tasks: dict[str, Task],
    linear: RunRecord,
) -> list[Run]:
    """Trains each task alone; returns the merged run of all tasks for each seed."""
    configs = single_task_configs(config, options.output / "single")
    merged = []
    for seed in range(options.seeds):
        jobs = {
            task: create_job(path, seed, overrides, options.output)
            for task, path in configs.items()
        }
        runs = {
            name: _finish_run(job, {name: tasks[name]}, linear, options.output)
            for name, job in jobs.items()
        }
        merged.append(merge_runs(runs))
    return merged


def _finish_run(job: Job, tasks: dict[str, Task], linear: RunRecord, folder: Path) -> Run:
    """Runs a job if it is not finished, writes its report, and returns the run."""
    state = "is finished" if job.is_finished else "is training"
    plain_console().print(f"{job.run}  {state}")
    finish_job(job)
    require_data(read_record(job.run), linear.data, folder)
    write_report(job.run, tasks, linear)
    return Run.read(job.run)


def _write(systems: list[System], data: MultiTaskData, folder: Path) -> None:
    """Writes and prints the tables of all systems."""
    splits: list[Split] = [s for s in _SPLITS if s in data.tables]
    for split in splits:
        gold = gold_opinions(data, split)
        for run in (run for system in systems for run in system.runs):
            run.scores[split] |= slot_scores(run.predictions[split].values(), gold, data.tasks)
    tasks = data.tasks
    scores = scores_table(systems, tasks, splits)
    differences = differences_table(systems, tasks, splits)
    tables = [
        ("Scores", scores, "scores.csv", "; ".join(gold_input_notes(tasks))),
        ("Differences", differences, "differences.csv", uncompared_tasks(tasks)),
        ("The recipe's table", recipe_table(systems, tasks, splits), "recipe.csv", ""),
    ]
    parts = []
    for title, frame, file, note in tables:
        table = frame.reset_index() if frame.index.names[0] else frame
        table.to_csv(folder / file, index=False)
        parts += [f"## {title}", markdown_table(table), *([note] if note else [])]
        console().print(_console_table(title, table, note))
    (folder / "compare.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    plain_console().print(f"wrote {folder / 'compare.md'}, and each table as a CSV file beside it")


def _console_table(title: str, frame: pd.DataFrame, note: str) -> Table:
    """Returns a data frame as a table for the console."""
    table = Table(title=title, caption=note or None)
    for name in frame.columns:
        table.add_column(str(name))
    for row in frame.itertuples(index=False):
        table.add_row(*map(cell, row))
    return table
