"""A model's encoder and heads, in torch, from its folder."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from arabic_mtl.decoders import Arrays, Ask
from arabic_mtl.decoders.span import in_parts
from arabic_mtl.errors import InputError
from arabic_mtl.inference.classes import arguments_of, class_of
from arabic_mtl.inference.description import ENCODER
from arabic_mtl.inference.parts import Parts
from arabic_mtl.model.checkpoint import read_checkpoint, require_whole
from arabic_mtl.model.encoders import Encoder
from arabic_mtl.model.heads import Head, of_spans
from arabic_mtl.model.network import Network
from arabic_mtl.model.tokens import Targets, Tokens
from arabic_mtl.text import Encoding
from arabic_mtl.text.encoding import columns_of
from arabic_mtl.text.offsets import Integers

_OWN = "network."
"""The prefix of a checkpoint's weights that are the network's."""


class TorchSession:
    """A network in use; `Session` runs a graph in the same way.

    Args:
        network: Encoder and heads.
        pad_id: The vocabulary's padding token.
        device: The device to compute on, such as ``cuda``.

    Raises:
        InputError: If there is no such device.
    """

    def __init__(self, network: Network, pad_id: int, device: str = "cpu") -> None:
        self.network, self.pad_id = network, pad_id
        try:
            self.device = torch.device(device)
            torch.zeros(1, device=self.device).item()  # not all that torch knows can compute
            network.to(self.device)
        except (RuntimeError, AssertionError) as error:
            raise InputError(
                "the device is one of this machine",
                found=f"{device}: {str(error).splitlines()[0]}",
                expected="cpu, or cuda where there is a GPU",
            ) from None

    @torch.inference_mode()
    def read(self, rows: Sequence[Encoding]) -> Ask:
        """Encodes texts, once.

        Returns:
            A function that returns the logits of a task's head for those texts.
        """
        tokens = Tokens.pad(columns_of(rows), self.pad_id).to(self.device)
        hidden = self.network.encode(tokens)

        @torch.inference_mode()
        def ask(task: str, spans: Integers | None) -> Arrays:
            asked = [{}] if spans is None else self._asked(in_parts(spans, hidden[0].numel()))
            parts = [self.network.ask(task, hidden, tokens, each) for each in asked]
            return {
                name: torch.cat([part[name] for part in parts]).float().cpu().numpy()
                for name in parts[0]
            }

        return ask

    def _asked(self, tables: Sequence[Integers]) -> list[Targets]:
        return [of_spans(torch.from_numpy(table).to(self.device)) for table in tables]


def network_of(parts: Parts) -> Network:
    """Returns the network that a description names, with its weights.

    Raises:
        InputError: If a file is damaged, or its weights are another model's.
    """
    description, text, (folder, weights) = parts.description, parts.text, parts.source
    kind = class_of(description.encoder, Encoder)
    with arguments_of(description.encoder):
        encoder = kind(saved=folder / "encoder")
    built, heads = encoder.build(text), {}
    for name, task in description.tasks.items():
        head = class_of(task.head, Head)
        with arguments_of(task.head):
            heads[name] = head(**task.head.init_args)
    network = Network(built, heads)
    _load(network, weights)
    return network


def _load(network: Network, path: Path) -> None:
    """Takes weights from a checkpoint, or from an exported folder.

    Args:
        network: Takes them.
        path: The checkpoint, or the weights of the heads; those of the encoder lie beside.
    """
    if path.suffix == ".ckpt":
        require_whole(path)
        weights = read_checkpoint(path)["state_dict"]
        own = {k.removeprefix(_OWN): v for k, v in weights.items() if k.startswith(_OWN)}
        _take(network, own, path)
    else:
        encoder = path.parent / ENCODER
        _take(network.encoder.plain, _tensors(encoder), encoder)
        _take(network.heads, _tensors(path), path)
    network.float().eval().requires_grad_(requires_grad=False)


def _take(module: nn.Module, weights: Mapping[str, Tensor], path: Path) -> None:
    try:
        module.load_state_dict(weights, assign=True)
    except RuntimeError as error:
        raise InputError(
            "a model's weights fit its description",
            found="; ".join(line.strip() for line in str(error).splitlines()[1:4]),
            expected="weights and model.json of the same run",
            file=path,
        ) from None


def _tensors(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise InputError(
            "a model's weights are whole",
            found=str(error).splitlines()[0],
            expected="a file written by `train.py export`",
            file=path,
        ) from None
