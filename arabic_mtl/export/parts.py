"""The parts of a model that become one graph, each with what it takes and gives."""

import torch
from torch import Tensor, nn

from arabic_mtl.errors import InputError
from arabic_mtl.export.graph import Part
from arabic_mtl.inference.session import ENCODED, HIDDEN, SPANS
from arabic_mtl.model.heads import of_spans
from arabic_mtl.model.network import Network
from arabic_mtl.model.tokens import Tokens

_ROWS = {0: "rows", 1: "tokens"}
AXES = {
    "input_ids": _ROWS,
    "attention_mask": _ROWS,
    "token_type_ids": _ROWS,
    "words": _ROWS,
    "ngrams": {0: "spelt", 1: "ngrams"},
    "spellings": _ROWS,
    HIDDEN: _ROWS,
    ENCODED: _ROWS,
    SPANS: {0: "spans"},
}
"""Input to the names of those of its dimensions that may have any size."""

_MASK, _WORDS = "attention_mask", "words"


class EncoderForExport(nn.Module):
    """The encoder, of plain tensors."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.encoder = network.encoder

    def forward(self, *inputs: Tensor) -> tuple[Tensor]:
        """What it takes → hidden states."""
        return (self.encoder.read(*inputs),)


class HeadsForExport(nn.Module):
    """Some heads, of plain tensors."""

    def __init__(self, heads: dict[str, nn.Module]) -> None:
        super().__init__()
        self.heads = nn.ModuleDict(heads)

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """Hidden states, mask, words, and maybe spans → all logits."""
        return tuple(self.logits(*inputs).values())

    def logits(
        self, hidden: Tensor, mask: Tensor, words: Tensor, spans: Tensor | None = None
    ) -> dict[str, Tensor]:
        """The same by name."""
        unseen = dict.fromkeys(Tokens.__dataclass_fields__, torch.zeros_like(mask))
        tokens = Tokens(**unseen | {_MASK: mask, _WORDS: words})
        asked = {} if spans is None else of_spans(spans)
        return {
            f"{task}/{field}": logits
            for task, head in self.heads.items()
            for field, logits in head(hidden, tokens, asked).items()
        }


def parts_of(network: Network) -> list[Part]:
    """The encoder, the heads that are asked of whole texts, and those that are asked of spans.

    Raises:
        InputError: If the encoder cannot be exported.
    """
    if not network.encoder.inputs:
        raise InputError(
            "an encoder that is exported as a graph says what it takes",
            found=f"{type(network.encoder).__name__} without `inputs` and `read`",
            expected="an encoder that has them",
        )
    example = _example(network.encoder.hidden_size)
    given = {name: example[name] for name in network.encoder.inputs}
    parts = [Part("encoder", EncoderForExport(network), given, [ENCODED])]
    seen = {name: example[name] for name in (ENCODED, _MASK, _WORDS)}
    for name, asked in (("texts", {}), (SPANS, {SPANS: example[SPANS]})):
        of_part = {t: h for t, h in network.heads.items() if h.asks_spans == bool(asked)}
        if of_part:
            module, inputs = HeadsForExport(of_part).eval(), {**seen, **asked}
            parts.append(Part(name, module, inputs, list(module.logits(*inputs.values()))))
    return parts


def _example(size: int) -> dict[str, Tensor]:
    """Inputs of a shape that says nothing of others."""
    ones = torch.ones(3, 7, dtype=torch.long)
    spans = torch.tensor([[0, 0, 1, 1, 2, -1], [0, 0, 0, 0, 7, 0], [2, 1, 2, 2, 4, -1]])
    whole = dict.fromkeys(AXES, ones)
    others = {"spellings": 0 * ones, "ngrams": torch.ones(2, 5, dtype=torch.long), SPANS: spans}
    return {**whole, **others, ENCODED: torch.randn(3, 7, size)}
