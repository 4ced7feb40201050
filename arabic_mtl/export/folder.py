"""Export of a whole model into one folder, which `arabic_mtl.load` reads without the run."""

from pathlib import Path
from typing import NamedTuple

from safetensors.torch import save_file
from torch import nn

from arabic_mtl.decoders.calibration import write_calibrations
from arabic_mtl.export.cards import model_card
from arabic_mtl.inference import Annotator
from arabic_mtl.inference.description import ENCODER, HEADS
from arabic_mtl.inference.load import annotator
from arabic_mtl.inference.network import TorchSession, build_network
from arabic_mtl.inference.parts import Parts, read
from arabic_mtl.model.network import Network


class Outcome(NamedTuple):
    """The result of exporting one part of a model.

    Args:
        part: The name of a task, or ``all tasks``.
        path: The path in the exported folder; None if the part could not be exported.
        note: The kind of the exported file, or the reason for its absence.
    """

    part: str
    path: str | None
    note: str


class TrainedModel(NamedTuple):
    """A trained model with its torch network, ready for export.

    Args:
        parts: The model without its weights.
        network: The encoder and the heads, with their weights.
    """

    parts: Parts
    network: Network

    @property
    def annotator(self) -> Annotator:
        """Returns an annotator that runs the torch network."""
        return annotator(self.parts, self.session.read)

    @property
    def session(self) -> TorchSession:
        """Returns an inference session of the torch network, on the CPU."""
        return TorchSession(self.network, self.parts.text.pad_id)


def open_model(path: Path) -> TrainedModel:
    """Opens the folder of a run, a checkpoint, or an exported folder.

    Raises:
        InputError: If there is no model, or the model is damaged or of another version.
    """
    parts = read(path)
    return TrainedModel(parts, build_network(parts))


def write_model(model: TrainedModel, folder: Path) -> Outcome:
    """Writes a whole model into a folder.

    ``model.json`` is the model's description, ``text/`` its tokenizer, ``encoder/`` its encoder
    (in Hugging Face's format if it is a Hugging Face encoder) and ``heads.safetensors`` its heads.

    Args:
        model: The model.
        folder: An existing folder to write into.
    """
    parts, network = model
    parts.description.write(folder)
    parts.text.save(folder / "text")
    network.encoder.save(folder / "encoder")
    _save(network.encoder.plain, folder / ENCODER)
    _save(network.heads, folder / HEADS)
    write_calibrations(folder, None, parts.scores)
    (folder / "README.md").write_text(model_card(parts, network), encoding="utf-8")
    return Outcome("all tasks", ".", "for arabic_mtl.load; its README.md lists heads.safetensors")


def _save(module: nn.Module, path: Path) -> None:
    """Writes the weights of a module into a safetensors file."""
    weights = {name: value.clone().contiguous() for name, value in module.state_dict().items()}
    save_file(weights, path, metadata={"format": "pt"})  # transformers requires the format
