"""Loading of trained models."""

from pathlib import Path

from arabic_mtl.errors import InputError
from arabic_mtl.inference.annotator import Annotator, Read
from arabic_mtl.inference.parts import Backend, Parts, read


def load(path: str | Path, *, device: str = "cpu", backend: Backend = "torch") -> Annotator:
    """Loads a trained model for use on raw text.

    Executes no code from the folder: weights are tensors, all other files are JSON.

    Args:
        path: The folder of a run, one of its checkpoints, or an exported folder. The folder of a
            run stands for its best checkpoint.
        device: The torch device to compute on, such as ``cuda``.
        backend: ``torch``, or ``onnx``, which needs an exported folder with a `ONNX` and no torch.

    Raises:
        InputError: If there is no model at ``path``, or the model is damaged or of another format.
    """
    if backend == "onnx" and device != "cpu":
        raise InputError(
            "the backend onnx must run on the CPU",
            found=f"device {device}, backend onnx",
            expected="device cpu, or backend torch",
        )
    parts = read(Path(path), backend)
    network = _network(parts, device) if backend == "torch" else _session(parts)
    return annotator(parts, network)


def annotator(parts: Parts, read: Read) -> Annotator:
    """Returns the annotator of a model.

    Args:
        parts: The model without its weights.
        read: The function that encodes texts with the model's network.
    """
    return Annotator(read, parts.text, parts.description.tasks, parts.decoders, parts.scores)


def _network(parts: Parts, device: str) -> Read:
    """Returns the torch network's function `read`; imports torch only when it is called."""
    from arabic_mtl.inference.network import TorchSession, build_network

    return TorchSession(build_network(parts), parts.text.pad_id, device).read


def _session(parts: Parts) -> Read:
    """Returns the ONNX graph's function `read`; imports onnxruntime only when it is called."""
    from arabic_mtl.inference.session import Session

    return Session(parts.source.weights, parts.decoders, parts.text).read
