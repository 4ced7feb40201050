"""Decoding of text classification: one label for each text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from arabic_mtl.decoders.base import Arrays, LabelDecoder, Queries, softmax
from arabic_mtl.documents import LabelScore, Prediction, TextPrediction
from arabic_mtl.text import Encoding


@dataclass(frozen=True, kw_only=True)
class SequenceDecoder(LabelDecoder):
    """The likeliest label of each text, from ``logits`` (rows, labels)."""

    kind: ClassVar[str] = "sequence"
    predicts: ClassVar[type[Prediction]] = TextPrediction

    def decode(
        self, logits: Arrays, rows: Sequence[Encoding], queries: Queries | None = None
    ) -> list[TextPrediction]:
        """Returns the likeliest label of each row, and the probabilities of all labels."""
        predictions = []
        for values in softmax(logits["logits"]).tolist():
            best = max(range(len(values)), key=values.__getitem__)
            label = LabelScore(self.labels[best], values[best])
            predictions.append(TextPrediction((label,), tuple(values)))
        return predictions
