"""The whole model as one folder: what `arabic_mtl.load` reads, without the run that made it."""

from pathlib import Path
from typing import NamedTuple

from safetensors.torch import save_file
from torch import nn

from arabic_mtl.decoders.calibration import write_calibrations
from arabic_mtl.export.cards import model_card
from arabic_mtl.inference import Annotator
from arabic_mtl.inference.description import ENCODER, HEADS
from arabic_mtl.inference.load import annotator
from arabic_mtl.inference.network import TorchSession, network_of
from arabic_mtl.inference.parts import Parts, read
from arabic_mtl.model.network import Network


class Outcome(NamedTuple):
    """One line of what the command tells.

    Args:
        part: A task, or what else was to be exported.
        place: Where it is now, in the exported folder; None if it could not be exported.
        note: Of what kind it is, or why it is not there.
    """

    part: str
    place: str | None
    note: str


class Opened(NamedTuple):
    """A trained model, opened to be exported.

    Args:
        parts: All but its weights.
        network: Encoder and heads.
    """

    parts: Parts
    network: Network

    @property
    def annotator(self) -> Annotator:
        """The model in use."""
        return annotator(self.parts, self.session.read)

    @property
    def session(self) -> TorchSession:
        """The network in use."""
        return TorchSession(self.network, self.parts.text.pad_id)


def open_model(path: Path) -> Opened:
    """Opens the folder of a run, a checkpoint, or an exported folder.

    Raises:
        InputError: If there is no model, or one that is damaged or of another version.
    """
    parts = read(path)
    return Opened(parts, network_of(parts))


def write_model(model: Opened, folder: Path) -> Outcome:
    """Writes the whole model.

    ``model.json`` says what it is, ``text/`` is its tokenizer, ``encoder/`` the encoder, in Hugging
    Face's form where it is one of theirs, ``heads.safetensors`` what is above it.

    Args:
        model: The model.
        folder: Where to write; is there.
    """
    parts, network = model
    parts.description.write(folder)
    parts.text.save(folder / "text")
    network.encoder.save(folder / "encoder")
    _save(network.encoder.plain, folder / ENCODER)
    _save(network.heads, folder / HEADS)
    write_calibrations(folder, None, parts.scores)
    (folder / "README.md").write_text(model_card(parts, network), encoding="utf-8")
    return Outcome("all tasks", ".", "arabic_mtl.load reads it; heads.safetensors in its README.md")


def _save(module: nn.Module, path: Path) -> None:
    weights = {name: value.clone().contiguous() for name, value in module.state_dict().items()}
    save_file(weights, path, metadata={"format": "pt"})  # transformers asks for the format
