"""A model's encoder and heads, in torch."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from arabic_mtl.decoders import Arrays, Heads
from arabic_mtl.decoders.span import in_parts
from arabic_mtl.errors import InputError
from arabic_mtl.inference.classes import arguments_of, class_of
from arabic_mtl.inference.description import ENCODER, ModelDescription
from arabic_mtl.model.checkpoint import read_checkpoint, require_whole
from arabic_mtl.model.encoders import Encoder
from arabic_mtl.model.heads import Head, Targets, named, of_spans
from arabic_mtl.model.tokens import Tokens
from arabic_mtl.text import Encoding, TextPipeline
from arabic_mtl.text.encoding import columns_of
from arabic_mtl.text.offsets import Integers


class Network(nn.Module):
    """One encoder under the heads of all tasks.

    Args:
        description: What they are.
        text: Makes the tokens that the encoder reads.
        folder: Holds ``encoder/``, what the encoder is made from.
    """

    def __init__(self, description: ModelDescription, text: TextPipeline, folder: Path) -> None:
        super().__init__()
        kind = class_of(description.encoder, Encoder)
        with arguments_of(description.encoder):
            encoder = kind(saved=folder / "encoder")
        self.encoder = encoder.build(text)
        self.heads = nn.ModuleDict()
        for name, task in description.tasks.items():
            head = class_of(task.head, Head)
            with arguments_of(task.head):
                self.heads[name] = head(**task.head.init_args)
        self.pad_id = text.pad_id
        self.device = torch.device("cpu")

    def load(self, path: Path) -> None:
        """Takes weights from a checkpoint, or from an exported folder.

        Args:
            path: The checkpoint, or the weights of the heads; those of the encoder lie beside.

        Raises:
            InputError: If a file is damaged, or its weights are another model's.
        """
        if path.suffix == ".ckpt":
            require_whole(path)
            weights = read_checkpoint(path)["state_dict"]
            own = {k: v for k, v in weights.items() if k.startswith(("encoder.", "heads."))}
            _take(self, own, path)
        else:
            encoder = path.parent / ENCODER
            _take(self.encoder.plain, _tensors(encoder), encoder)
            _take(self.heads, _tensors(path), path)
        self.float().eval().requires_grad_(requires_grad=False)

    def to_device(self, device: str) -> None:
        """Moves the model.

        Raises:
            InputError: If there is no such device.
        """
        try:
            self.device = torch.device(device)
            torch.zeros(1, device=self.device).item()  # not all that torch knows can compute
            self.to(self.device)
        except (RuntimeError, AssertionError) as error:
            raise InputError(
                "the device is one of this machine",
                found=f"{device}: {str(error).splitlines()[0]}",
                expected="cpu, or cuda where there is a GPU",
            ) from None

    @torch.inference_mode()
    def read(self, rows: Sequence[Encoding]) -> Heads:
        """Encodes texts, once.

        Returns:
            The logits of a task's head for those texts.
        """
        tokens = Tokens.pad(columns_of(rows), self.pad_id).to(self.device)
        hidden = self.encoder(tokens)

        @torch.inference_mode()
        def heads(name: str, spans: Integers | None) -> Arrays:
            asked = [{}] if spans is None else self._asked(in_parts(spans, hidden[0].numel()))
            parts = [named(self.heads[name](hidden, tokens, each)) for each in asked]
            return {
                field: torch.cat([part[field] for part in parts]).float().cpu().numpy()
                for field in parts[0]
            }

        return heads

    def _asked(self, tables: Sequence[Integers]) -> list[Targets]:
        return [of_spans(torch.from_numpy(table).to(self.device)) for table in tables]


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
