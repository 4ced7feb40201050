"""``export``: a trained model for use without this package, or without torch."""

from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from arabic_mtl.cli.usage import PlainParser
from arabic_mtl.errors import InputError
from arabic_mtl.export import Opened, Outcome, open_model, write_model
from arabic_mtl.files import appearing

_HELP = """\
Writes a trained model into a folder of its own.

  python train.py export --ckpt_path runs/quickstart/version_0 --to hf exported

  hf       the whole model, which arabic_mtl.load reads: encoder (of Hugging Face, if it is one of
           theirs), heads, tokenizer, a model card; and a folder for each task that can be one of
           Hugging Face's own models, for which this package is not needed

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
    with appearing(options.folder) as folder:
        outcomes = [write_model(model, folder), *_TARGETS[options.to](model, folder)]
    console = Console(width=None if Console().is_terminal else 120)
    console.print(_table(outcomes, options.folder))


def _hugging_face(model: Opened, folder: Path) -> list[Outcome]:
    from arabic_mtl.export.hugging_face import write_tasks  # transformers takes a while to import

    return write_tasks(model, folder)


_TARGETS: dict[str, Callable[[Opened, Path], list[Outcome]]] = {"hf": _hugging_face}


def _require_free(folder: Path) -> None:
    """Refuses to write over anything.

    Raises:
        InputError: If something is there.
    """
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise InputError(
            "DIR is a new folder",
            found=f"{folder}, which is {'not empty' if folder.is_dir() else 'a file'}",
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
    parser.add_argument(
        "--ckpt_path",
        metavar="MODEL",
        type=Path,
        required=True,
        help="the folder of a run, one of its checkpoints, or an exported folder",
    )
    parser.add_argument("--to", choices=_TARGETS, required=True, help="for whom")
    parser.add_argument("folder", metavar="DIR", type=Path, help="where to write; is made")
    return parser
