"""Decoding of multi-label classification: any number of labels for each text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from arabic_mtl.decoders.base import Arrays, LabelDecoder, Queries, sigmoid
from arabic_mtl.documents import LabelScore, Prediction, TextPrediction
from arabic_mtl.text import Encoding
from arabic_mtl.text.encoding import NO_WORD


@dataclass(frozen=True, kw_only=True)
class MultiLabelDecoder(LabelDecoder):
    """Any number of labels for each text, from ``logits`` (rows, labels).

    Args:
        threshold: The least probability of a predicted label.
    """

    kind: ClassVar[str] = "multilabel"
    predicts: ClassVar[type[Prediction]] = TextPrediction

    threshold: float = 0.5

    def decode(
        self, logits: Arrays, rows: Sequence[Encoding], queries: Queries | None = None
    ) -> list[TextPrediction]:
        """Returns the labels that reach the threshold, likeliest first; none for empty texts."""
        scores = sigmoid(logits["logits"])
        order = np.argsort(-scores, axis=-1, kind="stable")
        predictions = []
        for values, ranks, row in zip(scores.tolist(), order.tolist(), rows, strict=True):
            has_words = max(row.word_ids, default=NO_WORD) != NO_WORD
            chosen = [index for index in ranks if has_words and values[index] >= self.threshold]
            labels = tuple(LabelScore(self.labels[index], values[index]) for index in chosen)
            predictions.append(TextPrediction(labels, tuple(values)))
        return predictions
