"""What the command line makes of ``--ckpt_path``."""

from pathlib import Path

from arabic_mtl.cli.parser import values_of
from arabic_mtl.cli.run_config import trusted_config
from arabic_mtl.errors import InputError
from arabic_mtl.inference.description import check_model_format
from arabic_mtl.inference.parts import check_formats
from arabic_mtl.model.checkpoint import require_whole

LAST = "last"
"""What stands for the last checkpoint of the newest run."""


def with_run(arguments: list[str]) -> list[str]:
    """Completes a command line from the run folder that its checkpoint lies in.

    Unless a ``--config`` is given, the part of the folder's ``config.yaml`` is used that may be
    someone else's (`trusted_config`); its text pipeline and encoder always, for the weights fit
    no other.

    Raises:
        InputError: If the run is of another format, or if the checkpoint or the configuration is
            not one to use.
    """
    for name in values_of(arguments, "--ckpt_path"):
        if name != LAST:
            check_run_format(Path(name))
    run = _run_folder(arguments)
    if run is None:
        named = values_of(arguments, "--ckpt_path")
        if named and arguments[0] != "fit" and not values_of(arguments, "-c", "--config"):
            check_checkpoint(named[-1])
        return arguments
    command, *options = arguments
    if not values_of(options, "-c", "--config"):
        options = ["--config", trusted_config(run), *options]
    # Again, after the configuration: a run's own has none.
    options = [*options, f"--ckpt_path={values_of(options, '--ckpt_path')[-1]}"]
    return [command, *options, *saved_parts(run)]


def saved_parts(run: Path) -> list[str]:
    """Returns the options by which a run's own text pipeline and encoder are used."""
    folders = {"text": "data.text", "encoder": "model.encoder"}
    return [f"--{key}.saved={run / name}" for name, key in folders.items() if (run / name).is_dir()]


def check_run_format(path: Path) -> None:
    """Raises `InputError` if a run, an exported model or a checkpoint is of another format.

    Nothing but the number is read. Where there is nothing at the path, nothing is raised.

    Args:
        path: The folder, or a file of weights in it.
    """
    if path.suffix == ".ckpt" and path.is_file():
        check_formats(path.parent.parent, path)
    elif path.exists():
        check_formats(path if path.is_dir() else path.parent, path)


def check_checkpoint(name: str | Path | None) -> None:
    """Refuses a checkpoint that is not one, without running any code it may hold.

    Raises:
        InputError: If it is missing, damaged, of another format, or holds more than tensors and
            plain values.
    """
    if name is None or not (path := Path(name)).is_file():
        words = {"None": "no --ckpt_path", LAST: f"--ckpt_path={LAST}, by which only fit goes on"}
        there = "a folder" if name and Path(name).is_dir() else "no file"
        raise InputError(
            "--ckpt_path is a checkpoint of a trained model",
            found=words.get(str(name), f"{there} at {name}"),
            expected="a .ckpt file, as `train.py fit` writes below runs/",
        )
    check_model_format(path.parent.parent)
    require_whole(path)


def _run_folder(arguments: list[str]) -> Path | None:
    paths = [path for path in values_of(arguments, "--ckpt_path") if path != LAST]
    runs = [Path(path).parent.parent for path in paths]
    return next((run for run in runs if (run / "config.yaml").is_file()), None)
