"""The option ``--ckpt_path``: its choice of a checkpoint, and the run that a checkpoint is of."""

from pathlib import Path

from arabic_mtl.cli.parser import values_of
from arabic_mtl.cli.run_config import trusted_config
from arabic_mtl.errors import InputError, program
from arabic_mtl.inference.description import check_model_format
from arabic_mtl.inference.parts import check_formats, find
from arabic_mtl.model.checkpoint import require_whole

LAST = "last"
"""The value of ``--ckpt_path`` that stands for the last checkpoint of the newest run."""

LAST_FILE = Path("checkpoints") / "last.ckpt"
"""The path of a run's last checkpoint in the run folder."""

_RULE = "--ckpt_path must be a run folder or a checkpoint"
_EXPECTED = "a folder written by `{} fit` below runs/, or a .ckpt file in it"


def complete_from_run(arguments: list[str]) -> list[str]:
    """Completes a command line from the run folder of its checkpoint.

    A run folder becomes one of its checkpoints. Unless a ``--config`` is given, the part of the
    run's ``config.yaml`` is used that may be someone else's (`trusted_config`). The text pipeline
    and the encoder are always those of the run, since the weights fit no other.

    Raises:
        InputError: If the run has another format, or the checkpoint or the configuration cannot be
            used.
    """
    command, *options = arguments
    names = values_of(options, "--ckpt_path")
    has_config = bool(values_of(options, "-c", "--config"))
    if not names:
        return arguments
    if names[-1] == LAST:
        if command != "fit" and not has_config:
            check_checkpoint(LAST)
        return arguments
    check_run_format(Path(names[-1]))
    checkpoint = find_checkpoint(Path(names[-1]), command)
    check_run_format(checkpoint)
    run = checkpoint.parent.parent
    chosen = [f"--ckpt_path={checkpoint}"]  # after the configuration: a run's own has none
    if not (run / "config.yaml").is_file():
        if not has_config:  # before the parser finds that there is no configuration
            check_checkpoint(checkpoint)
        return arguments if str(checkpoint) == names[-1] else [*arguments, *chosen]
    if not has_config:
        options = ["--config", trusted_config(run), *options]
    return [command, *options, *chosen, *saved_parts(run)]


def find_checkpoint(path: Path, command: str) -> Path:
    """Returns the checkpoint that ``--ckpt_path`` names.

    A run folder stands for its last checkpoint in ``fit``, which resumes the run, and for its best
    one in other commands, as in `arabic_mtl.load`. Any other path is returned as it is.

    Raises:
        InputError: If a folder has no such checkpoint.
    """
    if not path.is_dir():
        return path
    if command == "fit":
        checkpoint = path / LAST_FILE
        others = ", ".join(sorted(each.name for each in path.glob("checkpoints/*.ckpt")))
        found = f"no {LAST_FILE} in {path}{others and f', but {others}'}"
        expected = f"a run folder with {LAST_FILE}; or a checkpoint, from which a new run starts"
    else:
        found, expected = f"{path}, which is an exported model", _EXPECTED.format(program())
        try:
            checkpoint = find(path).weights
        except InputError as error:
            if error.file is None:  # its rule and expectation name exported models, too
                error.rule, error.expected = _RULE, expected
            raise
    if checkpoint.suffix != ".ckpt" or not checkpoint.is_file():
        raise InputError(_RULE, found=found, expected=expected)
    return checkpoint


def saved_parts(run: Path) -> list[str]:
    """Returns the options that select the text pipeline and the encoder saved in a run folder."""
    folders = {"text": "data.text", "encoder": "model.encoder"}
    return [f"--{key}.saved={run / name}" for name, key in folders.items() if (run / name).is_dir()]


def check_run_format(path: Path) -> None:
    """Raises `InputError` if a run, an exported model or a checkpoint has another format.

    Reads nothing but the number of the format. Raises nothing if the path does not exist.

    Args:
        path: The folder, or a file of weights in it.
    """
    if path.suffix == ".ckpt" and path.is_file():
        check_formats(path.parent.parent, path)
    elif path.exists():
        check_formats(path if path.is_dir() else path.parent, path)


def check_checkpoint(name: str | Path | None) -> None:
    """Checks a checkpoint without running any code that it may hold.

    Raises:
        InputError: If it is missing, damaged, of another format, or holds more than tensors and
            plain values.
    """
    if name is None or not (path := Path(name)).is_file():
        special = {"None": "no --ckpt_path", LAST: f"--ckpt_path={LAST}, which only fit accepts"}
        raise InputError(
            _RULE,
            found=special.get(str(name), f"no file or folder {name}"),
            expected=_EXPECTED.format(program()),
        )
    check_model_format(path.parent.parent)
    require_whole(path)
