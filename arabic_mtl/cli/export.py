"""``export``: a trained model in a folder, for use without this package or without torch."""

from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.table import Table

from arabic_mtl.cli.arguments import PlainParser, add_model
from arabic_mtl.cli.console import console
from arabic_mtl.errors import InputError
from arabic_mtl.export import Outcome, TrainedModel, open_model, write_model
from arabic_mtl.files import atomic_directory

_HELP = """\
Writes a trained model into a folder of its own.

  %(prog)s --ckpt_path runs/quickstart/version_0 --to hf exported/hf
  %(prog)s --ckpt_path runs/quickstart/version_0 --to onnx exported/onnx

  hf       the whole model, for arabic_mtl.load: encoder (in Hugging Face's format if it is a
           Hugging Face encoder), heads, tokenizer and model card. Each task with an equivalent
           Hugging Face model also gets a folder of its own, which does not need this package
  onnx     the whole model, and one ONNX graph of all tasks, model.onnx, which does not need torch:
           arabic_mtl.load(DIR, backend="onnx"). model.int8.onnx is the same graph with 8-bit
           weights. The speed and the scores of both are measured on the run's validation split

Nothing is written unless the exported logits equal the model's. A table lists what was exported,
and the reason why a task could not be; more in docs/using.md.
"""


def export(arguments: Sequence[str]) -> None:
    """Runs the command ``export``.

    Args:
        arguments: The arguments after ``export``.

    Raises:
        InputError: If the options are invalid, or the model is missing or damaged.
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


def _write_hugging_face(model: TrainedModel, folder: Path) -> list[Outcome]:
    """Writes the tasks that have an equivalent Hugging Face model."""
    from arabic_mtl.export.hugging_face import write_tasks  # transformers, too, imports slowly

    return write_tasks(model, folder)


def _write_onnx(model: TrainedModel, folder: Path) -> list[Outcome]:
    """Writes the ONNX graphs; raises `InputError` if their packages are not installed."""
    try:
        from arabic_mtl.export.onnx import write_graphs
    except ModuleNotFoundError as error:
        raise InputError(
            "the packages for --to onnx must be installed",
            found=f"no {error.name}",
            expected="pip install 'arabic-mtl[onnx]'",
        ) from None
    return write_graphs(model, folder)


_TARGETS: dict[str, Callable[[TrainedModel, Path], list[Outcome]]] = {
    "hf": _write_hugging_face,
    "onnx": _write_onnx,
}


def _require_free(folder: Path) -> None:
    """Raises `InputError` if a folder exists and is not empty, or is the working folder."""
    if not folder.exists():
        return
    if not folder.is_dir():
        state = "a file"
    elif any(folder.iterdir()):
        state = "not empty"
    elif Path.cwd().is_relative_to(folder.resolve()):
        state = "the working folder"
    else:
        return
    raise InputError(
        "DIR must be a new or empty folder",
        found=f"{folder}, which is {state}",
        expected="the path of a folder that does not exist yet",
    )


def _table(outcomes: Sequence[Outcome], folder: Path) -> Table:
    """Returns the table of exported parts."""
    table = Table("", "exported to", "as", title=f"{folder}")
    for part, path, note in outcomes:
        location = "–" if path is None else str(folder / path)
        table.add_row(part, location, note if path else f"not exported: {note}")
    return table


def _parser() -> ArgumentParser:
    parser = PlainParser("export", _HELP)
    add_model(parser)
    parser.add_argument("--to", choices=_TARGETS, required=True, help="the format, see above")
    parser.add_argument(
        "--root",
        metavar="FOLDER",
        type=Path,
        help="for onnx: the folder of the run's texts, if they have been moved from its data.root",
    )
    parser.add_argument("folder", metavar="DIR", type=Path, help="a new folder to write into")
    return parser
