"""``export``: a trained model for use without this package, or without torch."""

from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.table import Table

from arabic_mtl.cli.arguments import PlainParser, add_model
from arabic_mtl.cli.console import console
from arabic_mtl.errors import InputError
from arabic_mtl.export import Opened, Outcome, open_model, write_model
from arabic_mtl.files import atomic_directory

_HELP = """\
Writes a trained model into a folder of its own.

  python train.py export --ckpt_path runs/quickstart/version_0 --to hf exported/hf
  python train.py export --ckpt_path runs/quickstart/version_0 --to onnx exported/onnx

  hf       the whole model, which arabic_mtl.load reads: encoder (of Hugging Face, if it is one of
           theirs), heads, tokenizer, a model card; and a folder for each task that can be one of
           Hugging Face's own models, for which this package is not needed
  onnx     the whole model, and beside it one graph of all tasks, model.onnx, for which torch is not
           needed: arabic_mtl.load(DIR, backend="onnx"); and the same with weights of eight bits,
           model.int8.onnx. What they gain in speed and lose in scores is measured on the run's
           validation texts

Nothing is written unless the exported model says what the model says. What was exported, and what
could not be, stands in a table; more in docs/using.md.
"""


def export(arguments: Sequence[str]) -> None:
    """Runs the command.

    Args:
        arguments: The words after ``export``.

    Raises:
        InputError: If options or the model are not as they should be.
    """
    options = _parser().parse_args(arguments)
    _require_free(options.folder)
    model = open_model(options.ckpt_path)
    with atomic_directory(options.folder) as folder:
        outcomes = [write_model(model, folder), *_TARGETS[options.to](model, folder)]
    console().print(_table(outcomes, options.folder))
    if options.to == "onnx":
        from arabic_mtl.cli.graphs import print_costs  # lightning takes a while to import

        print_costs(model, options.folder, options.root)


def _hugging_face(model: Opened, folder: Path) -> list[Outcome]:
    from arabic_mtl.export.hugging_face import write_tasks  # so does transformers

    return write_tasks(model, folder)


def _graphs(model: Opened, folder: Path) -> list[Outcome]:
    try:
        from arabic_mtl.export.onnx import write_graphs
    except ModuleNotFoundError as error:
        raise InputError(
            "what exports graphs is installed",
            found=f"no {error.name}",
            expected="pip install 'arabic-mtl[onnx]'",
        ) from None
    return write_graphs(model, folder)


_TARGETS: dict[str, Callable[[Opened, Path], list[Outcome]]] = {
    "hf": _hugging_face,
    "onnx": _graphs,
}


def _require_free(folder: Path) -> None:
    """Refuses to write over anything.

    Raises:
        InputError: If something is there.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        what = "a file"
    elif any(folder.iterdir()):
        what = "not empty"
    elif Path.cwd().is_relative_to(folder.resolve()):
        what = "the folder that you are in"
    else:
        return
    raise InputError(
        "DIR is a new folder",
        found=f"{folder}, which is {what}",
        expected="the path of one that does not exist yet",
    )


def _table(outcomes: Sequence[Outcome], folder: Path) -> Table:
    table = Table("", "exported to", "as", title=f"{folder}")
    for part, place, note in outcomes:
        where = "–" if place is None else str(folder / place)
        table.add_row(part, where, note if place else f"not exported: {note}")
    return table


def _parser() -> ArgumentParser:
    parser = PlainParser("export", _HELP)
    add_model(parser)
    parser.add_argument("--to", choices=_TARGETS, required=True, help="for whom")
    parser.add_argument(
        "--root",
        metavar="FOLDER",
        type=Path,
        help="onnx: where the texts of the run are, if not where they were (its data.root)",
    )
    parser.add_argument("folder", metavar="DIR", type=Path, help="where to write; is made")
    return parser
