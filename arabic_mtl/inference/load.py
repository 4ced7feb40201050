"""From a folder to an annotator."""

from pathlib import Path

from arabic_mtl.errors import InputError
from arabic_mtl.inference.annotator import Annotator, Read
from arabic_mtl.inference.parts import Backend, Parts, read


def load(path: str | Path, *, device: str = "cpu", backend: Backend = "torch") -> Annotator:
    """Loads a trained model, for use on raw text.

    Nothing in the folder is executed: weights are tensors, all else is JSON.

    Args:
        path: The folder of a run, one of its checkpoints, or an exported folder; of a run, the
            best checkpoint is taken.
        device: Where torch computes, such as ``cuda``.
        backend: What computes; ``onnx`` needs an exported folder with a `ONNX`, and no torch.

    Raises:
        InputError: If there is no model, or one that is damaged or of another format.
    """
    if backend == "onnx" and device != "cpu":
        raise InputError(
            "graphs are computed on the CPU",
            found=f"device {device}, backend onnx",
            expected="device cpu, or backend torch",
        )
    parts = read(Path(path), backend)
    network = _network(parts, device) if backend == "torch" else _session(parts)
    return annotator(parts, network)


def annotator(parts: Parts, read: Read) -> Annotator:
    """What annotates by a network that has been made of a model's parts."""
    return Annotator(read, parts.text, parts.description.tasks, parts.decoders, parts.scores)


def _network(parts: Parts, device: str) -> Read:
    """The model in torch, which is not imported unless it is used."""
    from arabic_mtl.inference.network import TorchSession, network_of

    return TorchSession(network_of(parts), parts.text.pad_id, device).read


def _session(parts: Parts) -> Read:
    from arabic_mtl.inference.session import Session

    return Session(parts.source.weights, parts.decoders, parts.text).read
