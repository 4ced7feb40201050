"""Reading of a model's folder: description, text pipeline, decoders and calibration."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from arabic_mtl.decoders import Decoder
from arabic_mtl.decoders.calibration import Calibration, read_calibrations
from arabic_mtl.errors import InputError, program
from arabic_mtl.inference.classes import argument_errors, resolve_class
from arabic_mtl.inference.description import HEADS, NAME, ModelDescription, check_model_format
from arabic_mtl.text import TextPipeline

Backend = Literal["torch", "onnx"]

ONNX = "model.onnx"
INT8 = "model.int8.onnx"
_WEIGHTS: dict[Backend, tuple[str, ...]] = {
    "torch": (HEADS, "checkpoints/best.ckpt", "checkpoints/last.ckpt", "best.ckpt", "last.ckpt"),
    "onnx": (ONNX,),
}
"""Backend to the files that may hold the weights, relative to a model's folder; the first wins."""

_SUFFIXES: dict[Backend, tuple[str, ...]] = {
    "torch": (".ckpt", ".safetensors"),
    "onnx": (".onnx",),
}


class Source(NamedTuple):
    """The location of a model.

    Args:
        folder: The folder with the description, the text pipeline and the encoder's files.
        weights: The file with all weights, or with those of the heads.
    """

    folder: Path
    weights: Path


class Parts(NamedTuple):
    """A model without its weights.

    Args:
        source: The location of the model.
        description: The classes and arguments of its encoder and tasks.
        text: The text pipeline.
        decoders: Task to the decoder of its logits.
        scores: Task to the calibration of its probabilities.
    """

    source: Source
    description: ModelDescription
    text: TextPipeline
    decoders: dict[str, Decoder]
    scores: dict[str, Calibration]


def read(path: Path, backend: Backend = "torch") -> Parts:
    """Reads a model without its weights.

    Args:
        path: The folder of a run, a file of weights, or an exported folder.
        backend: The backend that will run the model.

    Raises:
        InputError: If there is no model, or the model is damaged or of another format.
    """
    source = find(path, backend)
    check_formats(*source)
    description = ModelDescription.read(source.folder)
    text = TextPipeline.load(source.folder / "text", description.max_length)
    decoders = _decoders(description)
    scores = read_calibrations(source.folder, source.weights.name, list(decoders))
    return Parts(source, description, text, decoders, scores)


def find(path: Path, backend: Backend = "torch") -> Source:
    """Returns the location of a model.

    The weights of a run are its best checkpoint, else its last, else its only checkpoint.

    Raises:
        InputError: If there is no model, or a run has several checkpoints but neither a best nor
            a last one.
    """
    if path.is_file() and path.suffix in _SUFFIXES[backend]:
        return Source(_folder_of(path), path)
    found = next((path / name for name in _WEIGHTS[backend] if (path / name).is_file()), None)
    checkpoints = _checkpoints(path) if backend == "torch" else []
    if found is None and len(checkpoints) == 1:
        found = checkpoints[0]  # the name that a Trainer without this package's callbacks gives
    if found is None and checkpoints:
        raise InputError(
            "a run must have best.ckpt, last.ckpt, or exactly one checkpoint",
            found=", ".join(other.name for other in checkpoints),
            expected="the path of one checkpoint",
            file=checkpoints[0].parent,
        )
    if found is None:
        raise InputError(
            "a model must be a run folder, one of its checkpoints, or an exported folder",
            found=f"none of {', '.join(_WEIGHTS[backend])} in {path}"
            if path.is_dir()
            else f"{'another file' if path.is_file() else 'nothing'} at {path}",
            expected=_expected(backend),
        )
    return Source(_folder_of(found), found)


def _expected(backend: Backend) -> str:
    """Returns the kind of folder that a backend can load, for a message."""
    if backend == "onnx":
        return f"a folder written by `{program()} export --to onnx`"
    return (
        f"a folder written by `{program()} fit` below runs/; an exported graph needs backend onnx"
    )


def _folder_of(weights: Path) -> Path:
    """Returns the folder with a model's description: the weights' own folder or its parent."""
    inside = weights.suffix == ".ckpt" and not (weights.parent / NAME).is_file()
    return weights.parent.parent if inside else weights.parent


def _checkpoints(folder: Path) -> list[Path]:
    """Returns the checkpoints of a run: in ``checkpoints/``, else in its folder."""
    return sorted(folder.glob("checkpoints/*.ckpt")) or sorted(folder.glob("*.ckpt"))


def check_formats(folder: Path, weights: Path) -> None:
    """Raises `InputError` if a model is of another format version.

    Reads only the version numbers, so that it can be called before anything else is loaded.

    Args:
        folder: The folder of the description; a missing description is not an error.
        weights: A checkpoint, whose version is checked too; other files are ignored.
    """
    check_model_format(folder)
    if weights.suffix == ".ckpt" and weights.is_file():
        from arabic_mtl.model.checkpoint import check_checkpoint_format

        check_checkpoint_format(weights)


def _decoders(description: ModelDescription) -> dict[str, Decoder]:
    """Returns task to the decoder that a description names."""
    decoders: dict[str, Decoder] = {}
    for name, task in description.tasks.items():
        kind = resolve_class(task.decoder, Decoder)
        with argument_errors(task.decoder):
            decoders[name] = kind.from_facts(task.decoder.init_args)
    for name, decoder in decoders.items():
        _check_dependencies(name, decoder, decoders)
    return decoders


def _check_dependencies(name: str, decoder: Decoder, decoders: Mapping[str, Decoder]) -> None:
    """Raises `InputError` if a task depends on a task that the model does not have."""
    for other in decoder.depends_on:
        if other not in decoders:
            raise InputError(
                "a task must depend only on tasks of the same model",
                found=f"{name}, which depends on {other}",
                expected=f"one of {', '.join(decoders)}, as in the original {NAME}",
            )
