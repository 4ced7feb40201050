"""Any number of labels for each text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from arabic_mtl.decoders.base import Arrays, Decoder, sigmoid
from arabic_mtl.text import Encoding


@dataclass(frozen=True, kw_only=True)
class LabelsDecoder(Decoder):
    """Any number of labels for each text. Reads ``logits`` (rows, labels).

    Args:
        threshold: A label whose probability reaches it is found.
    """

    kind = "multilabel"

    threshold: float

    def answers(self, logits: Arrays, rows: Sequence[Encoding]) -> list[Any]:
        """The labels that are found in each row, likeliest first."""
        return [
            [label for label in of_row if label["score"] >= self.threshold]
            for of_row in self.ranked(logits)
        ]

    def ranked(self, logits: Arrays) -> list[list[dict[str, Any]]]:
        """All labels for each row, found or not, likeliest first."""
        scores = sigmoid(logits["logits"])
        order = np.argsort(-scores, axis=-1, kind="stable")
        return [
            [{"label": self.labels[n], "score": float(of_row[n])} for n in ranks]
            for of_row, ranks in zip(scores, order.tolist(), strict=True)
        ]
