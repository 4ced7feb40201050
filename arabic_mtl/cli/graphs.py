"""What exported graphs cost and gain, as a table."""

from pathlib import Path

from rich.table import Table

from arabic_mtl.cli.checkpoint import saved_parts
from arabic_mtl.cli.commands import Commands
from arabic_mtl.cli.console import console, plain_console, progress
from arabic_mtl.cli.quiet import be_quiet
from arabic_mtl.cli.run_config import trusted_config
from arabic_mtl.data import MultiTaskData
from arabic_mtl.errors import InputError
from arabic_mtl.evaluation import score
from arabic_mtl.export import Opened
from arabic_mtl.export.measure import by_graph, by_torch, speeds, used
from arabic_mtl.inference.parts import INT8, ONNX
from arabic_mtl.inference.session import Session
from arabic_mtl.markdown import score_text
from arabic_mtl.tasks import Task
from arabic_mtl.tasks.scores import is_share

_GRAPHS = {"onnx": ONNX, "onnx, 8 bits": INT8}
_MOST = 1000  # texts to measure speed by


class _Settings(Commands):
    """The objects of a run's configuration, of which the Trainer is not used."""

    computes = False


def print_costs(model: Opened, folder: Path, root: Path | None) -> None:
    """Prints the scores and the speed of a model and of its graphs, side by side.

    Args:
        model: The model.
        folder: Holds the graphs.
        root: The folder of the run's texts, if they are not where they were.
    """
    try:
        data = _validation(model, root)
    except InputError as error:
        plain_console().print(f"scores and speed are not measured: {error.found}")
        return
    parts, says = model.parts, by_torch(model)
    sessions = {
        name: Session(folder / file, parts.decoders, parts.text) for name, file in _GRAPHS.items()
    }
    sources = {"torch": says, **{n: by_graph(s) for n, s in sessions.items()}}
    found = {}
    for name, source in sources.items():
        scores = score(source, data, "validation", title=f"Scoring {name}")
        found[name] = {metric: v for metric, v in scores.items() if not metric.endswith("loss")}
    annotators = {"torch": model.annotator, **{n: used(model, s) for n, s in sessions.items()}}
    corpora = {corpus for task in data.tasks.values() for corpus in task.corpora}
    texts = [
        e.text for corpus in sorted(corpora) for e in data.store.examples(corpus, "validation")
    ]
    rates = speeds(annotators, texts[:_MOST], progress)
    console().print(_table(found, rates, data.tasks))


def _validation(model: Opened, root: Path | None) -> MultiTaskData:
    """The validation texts that a run was chosen by.

    Raises:
        InputError: If there are none.
    """
    source = model.parts.source
    if not (source.folder / "config.yaml").is_file():
        raise InputError(
            "a run's config.yaml names its texts",
            found=f"no config.yaml in {source.folder}",
            expected="the folder of a run",
        )
    be_quiet()
    moved = [] if root is None else [f"--data.root={root}"]
    options = ["--config", trusted_config(source.folder), *moved, *saved_parts(source.folder)]
    data: MultiTaskData = _Settings(options, run=False, prog="train.py export").datamodule
    data.store.require("validation")
    data.prepare_data()
    data.setup("validate")
    return data


def _table(
    found: dict[str, dict[str, float]], rates: dict[str, float], tasks: dict[str, Task]
) -> Table:
    table = Table("", *found, title="Validation")
    for name in found["torch"]:
        shares = is_share(name, tasks)
        table.add_row(name, *(score_text(of[name], is_share=shares) for of in found.values()))
    table.add_section()
    table.add_row("texts per CPU second", *(f"{rates[name]:,.0f}" for name in found))
    return table
