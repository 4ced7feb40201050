"""One label for each text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from arabic_mtl.decoders.base import Arrays, Decoder, softmax
from arabic_mtl.text import Encoding


@dataclass(frozen=True, kw_only=True)
class LabelDecoder(Decoder):
    """One label for each text: the likeliest. Reads ``logits`` (rows, labels)."""

    kind = "sequence"

    def answers(self, logits: Arrays, rows: Sequence[Encoding]) -> list[Any]:
        """The label of each row."""
        return [
            {"label": self.labels[of_row.argmax()], "score": float(of_row.max())}
            for of_row in softmax(logits["logits"])
        ]
