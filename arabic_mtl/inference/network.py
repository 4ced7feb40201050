"""A model's encoder and heads, in torch, from its folder."""

from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from arabic_mtl.errors import InputError
from arabic_mtl.inference.classes import arguments_of, class_of
from arabic_mtl.inference.description import ENCODER
from arabic_mtl.inference.parts import Parts
from arabic_mtl.model.checkpoint import read_checkpoint, require_whole
from arabic_mtl.model.encoders import Encoder
from arabic_mtl.model.heads import Head
from arabic_mtl.model.network import Network


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
    network = Network(built, heads, text.pad_id)
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
        own = {k: v for k, v in weights.items() if k.startswith(("encoder.", "heads."))}
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
