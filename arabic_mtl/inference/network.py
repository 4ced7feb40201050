"""The torch network of a trained model, loaded from the model's folder."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from arabic_mtl.decoders import Arrays, Ask
from arabic_mtl.decoders.span import split_table
from arabic_mtl.errors import InputError, program
from arabic_mtl.inference.classes import argument_errors, resolve_class
from arabic_mtl.inference.description import ENCODER
from arabic_mtl.inference.parts import Parts
from arabic_mtl.model.checkpoint import read_checkpoint, require_whole
from arabic_mtl.model.encoders import Encoder
from arabic_mtl.model.heads import Head, span_targets
from arabic_mtl.model.network import Network
from arabic_mtl.model.tokens import Targets, Tokens
from arabic_mtl.text import Encoding
from arabic_mtl.text.encoding import to_columns
from arabic_mtl.text.ragged import Integers

_OWN = "network."
"""The prefix of the network's weights in a checkpoint."""


class TorchSession:
    """Inference with a torch network; `Session` has the same interface for ONNX graphs.

    Args:
        network: The encoder and the heads.
        pad_id: The id of the vocabulary's padding token.
        device: The device to compute on, such as ``cuda``.

    Raises:
        InputError: If this machine has no such device.
    """

    def __init__(self, network: Network, pad_id: int, device: str = "cpu") -> None:
        self.network, self.pad_id = network, pad_id
        try:
            self.device = torch.device(device)
            torch.zeros(1, device=self.device).item()  # torch also accepts devices that are absent
            network.to(self.device)
        except (RuntimeError, AssertionError) as error:
            raise InputError(
                "the device must be available on this machine",
                found=f"{device}: {str(error).splitlines()[0]}",
                expected="cpu, or cuda on a machine with a GPU",
            ) from None

    @torch.inference_mode()
    def read(self, rows: Sequence[Encoding]) -> Ask:
        """Encodes texts once, for all heads.

        Returns:
            A function that returns the logits of a task's head for these texts.
        """
        tokens = Tokens.pad(to_columns(rows), self.pad_id).to(self.device)
        hidden = self.network.encode(tokens)

        @torch.inference_mode()
        def ask(task: str, spans: Integers | None) -> Arrays:
            targets: list[Targets] = [{}]
            if spans is not None:
                targets = self._targets(split_table(spans, hidden[0].numel()))
            parts = [self.network.ask(task, hidden, tokens, each) for each in targets]
            return {
                name: torch.cat([part[name] for part in parts]).float().cpu().numpy()
                for name in parts[0]
            }

        return ask

    def _targets(self, tables: Sequence[Integers]) -> list[Targets]:
        """Returns tables of spans as the targets that span heads take."""
        return [span_targets(torch.from_numpy(table).to(self.device)) for table in tables]


def build_network(parts: Parts) -> Network:
    """Builds the network that a model's description names, and loads its weights.

    Raises:
        InputError: If a file is damaged, or its weights belong to another model.
    """
    description, text, (folder, weights) = parts.description, parts.text, parts.source
    kind = resolve_class(description.encoder, Encoder)
    with argument_errors(description.encoder):
        encoder = kind(saved=folder / "encoder")
    built, heads = encoder.build(text), {}
    for name, task in description.tasks.items():
        head = resolve_class(task.head, Head)
        with argument_errors(task.head):
            heads[name] = head(**task.head.init_args)
    network = Network(built, heads)
    _load(network, weights)
    return network


def _load(network: Network, path: Path) -> None:
    """Loads the weights of a checkpoint or of an exported folder into a network.

    Args:
        network: The network; it is changed in place.
        path: The checkpoint, or the file `HEADS` in the folder that also has `ENCODER`.
    """
    if path.suffix == ".ckpt":
        require_whole(path)
        weights = read_checkpoint(path)["state_dict"]
        own = {k.removeprefix(_OWN): v for k, v in weights.items() if k.startswith(_OWN)}
        _load_weights(network, own, path)
    else:
        encoder = path.parent / ENCODER
        _load_weights(network.encoder.plain, _read_tensors(encoder), encoder)
        _load_weights(network.heads, _read_tensors(path), path)
    network.float().eval().requires_grad_(requires_grad=False)


def _load_weights(module: nn.Module, weights: Mapping[str, Tensor], path: Path) -> None:
    """Loads weights into a module; raises `InputError` if names or shapes do not match."""
    try:
        module.load_state_dict(weights, assign=True)
    except RuntimeError as error:
        raise InputError(
            "a model's weights must match its description",
            found="; ".join(line.strip() for line in str(error).splitlines()[1:4]),
            expected="weights and model.json of the same run",
            file=path,
        ) from None


def _read_tensors(path: Path) -> dict[str, Tensor]:
    """Reads a safetensors file; raises `InputError` if the file is missing or damaged."""
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise InputError(
            "a model's file of weights must be complete",
            found=str(error).splitlines()[0],
            expected=f"a file written by `{program()} export`",
            file=path,
        ) from None
