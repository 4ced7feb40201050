"""The parts of a model that are traced as graphs: the encoder and two groups of heads."""

import torch
from torch import Tensor, nn

from arabic_mtl.errors import InputError
from arabic_mtl.export.graph import GraphPart
from arabic_mtl.inference.session import ENCODED, HIDDEN, SPANS
from arabic_mtl.model.heads import span_targets
from arabic_mtl.model.network import Network
from arabic_mtl.model.tokens import Tokens

_ROWS = {0: "rows", 1: "tokens"}
AXES = {
    "input_ids": _ROWS,
    "attention_mask": _ROWS,
    "token_type_ids": _ROWS,
    "word_ids": _ROWS,
    "ngrams": {0: "words", 1: "ngrams"},
    "spellings": _ROWS,
    HIDDEN: _ROWS,
    ENCODED: _ROWS,
    SPANS: {0: "spans"},
}
"""Input name to the names of its dynamic dimensions, by index."""

_MASK, _WORD_IDS = "attention_mask", "word_ids"


class EncoderForExport(nn.Module):
    """An encoder with plain tensors as inputs and outputs, which torch can trace."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.encoder = network.encoder

    def forward(self, *inputs: Tensor) -> tuple[Tensor]:
        """Returns hidden states (rows, tokens, size) from the encoder's `inputs`, in order."""
        return (self.encoder.read(*inputs),)


class HeadsForExport(nn.Module):
    """A group of heads with plain tensors as inputs and outputs, which torch can trace."""

    def __init__(self, heads: dict[str, nn.Module]) -> None:
        super().__init__()
        self.heads = nn.ModuleDict(heads)

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """Returns the logits of all heads, in the order of `logits`, from its arguments."""
        return tuple(self.logits(*inputs).values())

    def logits(
        self, hidden: Tensor, mask: Tensor, word_ids: Tensor, spans: Tensor | None = None
    ) -> dict[str, Tensor]:
        """Returns ``TASK/FIELD`` to the logits of a head.

        Args:
            hidden: Hidden states (rows, tokens, size).
            mask: The attention mask (rows, tokens).
            word_ids: The index of each token's word (rows, tokens).
            spans: The table of spans to label (spans, 6), for heads that label given spans.
        """
        unused = dict.fromkeys(Tokens.__dataclass_fields__, torch.zeros_like(mask))
        tokens = Tokens(**unused | {_MASK: mask, _WORD_IDS: word_ids})
        targets = {} if spans is None else span_targets(spans)
        return {
            f"{task}/{field}": logits
            for task, head in self.heads.items()
            for field, logits in head(hidden, tokens, targets).items()
        }


def graph_parts(network: Network) -> list[GraphPart]:
    """Returns the parts of a network: its encoder, its heads for texts, and its heads for spans.

    A part without heads is left out.

    Raises:
        InputError: If the encoder cannot be exported.
    """
    if not network.encoder.inputs:
        raise InputError(
            "an encoder must declare `inputs` and `read` to be exported as a graph",
            found=f"{type(network.encoder).__name__} without `inputs` and `read`",
            expected="an encoder with both",
        )
    example = _example_inputs(network.encoder.hidden_size)
    encoder_inputs = {name: example[name] for name in network.encoder.inputs}
    parts = [GraphPart("encoder", EncoderForExport(network), encoder_inputs, [ENCODED])]
    shared = {name: example[name] for name in (ENCODED, _MASK, _WORD_IDS)}
    for name, extra in (("texts", {}), (SPANS, {SPANS: example[SPANS]})):
        heads = {t: h for t, h in network.heads.items() if h.asks_spans == bool(extra)}
        if heads:
            module, inputs = HeadsForExport(heads).eval(), {**shared, **extra}
            parts.append(GraphPart(name, module, inputs, list(module.logits(*inputs.values()))))
    return parts


def _example_inputs(size: int) -> dict[str, Tensor]:
    """Returns input name to an example tensor for tracing; ``size`` is that of a hidden state."""
    ones = torch.ones(3, 7, dtype=torch.long)
    spans = torch.tensor([[0, 0, 1, 1, 2, -1], [0, 0, 0, 0, 7, 0], [2, 1, 2, 2, 4, -1]])
    defaults = dict.fromkeys(AXES, ones)
    special = {"spellings": 0 * ones, "ngrams": torch.ones(2, 5, dtype=torch.long), SPANS: spans}
    return {**defaults, **special, ENCODED: torch.randn(3, 7, size)}
