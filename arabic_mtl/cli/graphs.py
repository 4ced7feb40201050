"""A table of the scores and the speed of exported graphs, beside the torch model."""

from pathlib import Path

from rich.table import Table

from arabic_mtl.cli.checkpoint import saved_parts
from arabic_mtl.cli.commands import Commands
from arabic_mtl.cli.console import console, plain_console, progress
from arabic_mtl.cli.quiet import be_quiet
from arabic_mtl.cli.run_config import trusted_config
from arabic_mtl.data import MultiTaskData
from arabic_mtl.errors import InputError, program
from arabic_mtl.evaluation import score
from arabic_mtl.export import TrainedModel
from arabic_mtl.export.measure import graph_annotator, graph_logits, measure_speeds, torch_logits
from arabic_mtl.inference.parts import INT8, ONNX
from arabic_mtl.inference.session import Session
from arabic_mtl.markdown import score_text
from arabic_mtl.tasks import Task
from arabic_mtl.tasks.scores import is_share

_GRAPHS = {"onnx": ONNX, "onnx, 8 bits": INT8}
_MAX_TEXTS = 1000  # for the measurement of speed


class _Settings(Commands):
    """The objects of a run's configuration, except for its Trainer, which is not used."""

    computes = False


def print_costs(model: TrainedModel, folder: Path, root: Path | None) -> None:
    """Prints the scores and the speed of a model and of its graphs, side by side.

    Args:
        model: The model.
        folder: The folder of the graphs.
        root: The folder of the run's texts, if they have been moved; else None.
    """
    try:
        data = _validation_data(model, root)
    except InputError as error:
        plain_console().print(f"scores and speed were not measured: {error.found}")
        return
    parts = model.parts
    sessions = {
        name: Session(folder / file, parts.decoders, parts.text) for name, file in _GRAPHS.items()
    }
    sources = {
        "torch": torch_logits(model),
        **{name: graph_logits(session) for name, session in sessions.items()},
    }
    scores = {}
    for name, source in sources.items():
        values = score(source, data, "validation", title=f"Scoring {name}")
        scores[name] = {metric: v for metric, v in values.items() if not metric.endswith("loss")}
    annotators = {
        "torch": model.annotator,
        **{name: graph_annotator(model, session) for name, session in sessions.items()},
    }
    corpora = {corpus for task in data.tasks.values() for corpus in task.corpora}
    texts = [
        e.text for corpus in sorted(corpora) for e in data.store.examples(corpus, "validation")
    ]
    speeds = measure_speeds(annotators, texts[:_MAX_TEXTS], progress)
    console().print(_table(scores, speeds, data.tasks))


def _validation_data(model: TrainedModel, root: Path | None) -> MultiTaskData:
    """Returns the data of a run with its validation split.

    Raises:
        InputError: If the model is not of a run, or the texts are missing.
    """
    source = model.parts.source
    if not (source.folder / "config.yaml").is_file():
        raise InputError(
            "a run folder must have a config.yaml",
            found=f"no config.yaml in {source.folder}",
            expected="a run folder",
        )
    be_quiet()
    moved = [] if root is None else [f"--data.root={root}"]
    options = ["--config", trusted_config(source.folder), *moved, *saved_parts(source.folder)]
    data: MultiTaskData = _Settings(options, run=False, prog=f"{program()} export").datamodule
    data.store.require("validation")
    data.prepare_data()
    data.setup("validate")
    return data


def _table(
    scores: dict[str, dict[str, float]], speeds: dict[str, float], tasks: dict[str, Task]
) -> Table:
    """Returns the table of scores and speeds, with a column per backend."""
    table = Table("", *scores, title="Validation")
    for name in scores["torch"]:
        shares = is_share(name, tasks)
        values = (score_text(column[name], is_share=shares) for column in scores.values())
        table.add_row(name, *values)
    table.add_section()
    table.add_row("texts per CPU second", *(f"{speeds[name]:,.0f}" for name in scores))
    return table
