"""A model in its folder, but for its weights."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from arabic_mtl.decoders import Decoder
from arabic_mtl.decoders.calibration import Calibration, read_calibrations
from arabic_mtl.errors import InputError
from arabic_mtl.inference.classes import arguments_of, class_of
from arabic_mtl.inference.description import HEADS, NAME, ModelDescription, check_model_format
from arabic_mtl.text import TextPipeline

Backend = Literal["torch", "onnx"]

ONNX = "model.onnx"
INT8 = "model.int8.onnx"
_WEIGHTS: dict[Backend, tuple[str, ...]] = {
    "torch": (HEADS, "checkpoints/best.ckpt", "checkpoints/last.ckpt", "best.ckpt", "last.ckpt"),
    "onnx": (ONNX,),
}
"""What may hold the weights in a model's folder, the first that is there."""

_SUFFIXES: dict[Backend, tuple[str, ...]] = {
    "torch": (".ckpt", ".safetensors"),
    "onnx": (".onnx",),
}

_EXPECTED: dict[Backend, str] = {
    "torch": "a folder that `train.py fit` has written below runs/; graphs: the backend onnx",
    "onnx": "a folder that `train.py export --to onnx` has written",
}


class Source(NamedTuple):
    """Where a model is.

    Args:
        folder: Holds its description, its text pipeline, and what its encoder is made from.
        weights: The file of its weights, or of those of its heads.
    """

    folder: Path
    weights: Path


class Parts(NamedTuple):
    """A model but for its weights.

    Args:
        source: Where it is.
        description: What it is.
        text: Makes its tokens.
        decoders: What its logits stand for, by task.
        scores: What makes scores calibrated ones, by task.
    """

    source: Source
    description: ModelDescription
    text: TextPipeline
    decoders: dict[str, Decoder]
    scores: dict[str, Calibration]


def read(path: Path, backend: Backend = "torch") -> Parts:
    """Reads all of a model but its weights.

    Raises:
        InputError: If there is none, or one that is damaged or of another format.
    """
    source = find(path, backend)
    check_formats(*source)
    description = ModelDescription.read(source.folder)
    text = TextPipeline.load(source.folder / "text", description.max_length)
    decoders = _decoders(description)
    scores = read_calibrations(source.folder, source.weights.name, list(decoders))
    return Parts(source, description, text, decoders, scores)


def find(path: Path, backend: Backend = "torch") -> Source:
    """Returns the place of a model.

    In the folder of a run it is the best checkpoint, else the last, else the only one.

    Raises:
        InputError: If there is none, or none of several is the best or the last.
    """
    if path.is_file() and path.suffix in _SUFFIXES[backend]:
        return Source(_folder_of(path), path)
    found = next((path / name for name in _WEIGHTS[backend] if (path / name).is_file()), None)
    others = _checkpoints(path) if backend == "torch" else []
    if found is None and len(others) == 1:
        found = others[0]  # as a Trainer without callbacks of this package names it
    if found is None and others:
        raise InputError(
            "a run must have a checkpoint best.ckpt or last.ckpt, or only one",
            found=", ".join(other.name for other in others),
            expected="the path of one of them",
            file=others[0].parent,
        )
    if found is None:
        raise InputError(
            "a model is the folder of a run, one of its checkpoints, or an exported folder",
            found=f"none of {', '.join(_WEIGHTS[backend])} in {path}"
            if path.is_dir()
            else f"{'another file' if path.is_file() else 'nothing'} at {path}",
            expected=_EXPECTED[backend],
        )
    return Source(_folder_of(found), found)


def _folder_of(weights: Path) -> Path:
    """Returns the folder that describes a model: that of its weights, or the one above."""
    inside = weights.suffix == ".ckpt" and not (weights.parent / NAME).is_file()
    return weights.parent.parent if inside else weights.parent


def _checkpoints(folder: Path) -> list[Path]:
    """Returns the checkpoints of a run, which may have a folder of their own."""
    return sorted(folder.glob("checkpoints/*.ckpt")) or sorted(folder.glob("*.ckpt"))


def check_formats(folder: Path, weights: Path) -> None:
    """Raises `InputError` if a model is of another format, before anything else of it is read.

    Args:
        folder: Holds its description; where there is none, nothing is raised of it.
        weights: A checkpoint, whose own number is checked too, or anything else.
    """
    check_model_format(folder)
    if weights.suffix == ".ckpt" and weights.is_file():
        from arabic_mtl.model.checkpoint import check_checkpoint_format

        check_checkpoint_format(weights)


def _decoders(description: ModelDescription) -> dict[str, Decoder]:
    decoders: dict[str, Decoder] = {}
    for name, task in description.tasks.items():
        kind = class_of(task.decoder, Decoder)
        with arguments_of(task.decoder):
            decoders[name] = kind.of(task.decoder.init_args)
    for name, decoder in decoders.items():
        _check_dependencies(name, decoder, decoders)
    return decoders


def _check_dependencies(name: str, decoder: Decoder, decoders: Mapping[str, Decoder]) -> None:
    """Raises `InputError` if a task builds on one that there is not."""
    for other in decoder.depends_on:
        if other not in decoders:
            raise InputError(
                "a task builds on tasks of its model",
                found=f"{name}, on {other}",
                expected=f"one of {', '.join(decoders)}: model.json as it was written",
            )
