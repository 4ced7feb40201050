"""A network: one encoder under the heads of all tasks."""

from collections.abc import Mapping, Sequence

import torch
from torch import nn

from arabic_mtl.decoders import Arrays, Heads
from arabic_mtl.decoders.span import in_parts
from arabic_mtl.errors import InputError
from arabic_mtl.model.encoders import EncoderNetwork
from arabic_mtl.model.heads import Head, named, of_spans
from arabic_mtl.model.tokens import Targets, Tokens
from arabic_mtl.text import Encoding
from arabic_mtl.text.encoding import columns_of
from arabic_mtl.text.offsets import Integers


class Network(nn.Module):
    """One encoder under the heads of all tasks.

    Args:
        encoder: Tokens to hidden states.
        heads: Task to what makes logits of hidden states.
        pad_id: The vocabulary's padding token.
    """

    def __init__(self, encoder: EncoderNetwork, heads: Mapping[str, Head], pad_id: int) -> None:
        super().__init__()
        self.encoder, self.heads = encoder, nn.ModuleDict(heads)
        self.pad_id, self.device = pad_id, torch.device("cpu")

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
