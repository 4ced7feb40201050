"""The base classes of decoders, which turn logits into predictions."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from arabic_mtl.documents import Prediction, SpansPrediction
from arabic_mtl.text import Encoding

Floats = NDArray[np.floating]
"""Logits or probabilities."""

Arrays = Mapping[str, Floats]
"""The logits of a head by name, as numpy arrays (`arabic_mtl.model.heads.Logits`)."""

UNKNOWN = -1
"""The index of an unknown condition."""


def softmax(logits: Floats) -> Floats:
    """Returns probabilities that sum to 1 along the last axis, which must not be empty."""
    values = logits.astype(np.float64)
    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    probabilities: Floats = powers / powers.sum(axis=-1, keepdims=True)
    return probabilities


def sigmoid(logits: Floats) -> Floats:
    """Returns the probability of each logit by itself, 0 to 1."""
    return 0.5 * (1.0 + np.tanh(0.5 * logits.astype(np.float64)))  # exp would overflow


class SpanQuery(NamedTuple):
    """A span for a head to label.

    Args:
        start: The offset of its first raw character.
        end: One past its last raw character; ``start == end`` for the text as a whole.
        first: The index of its first token.
        last: One past its last token.
        condition_id: The index of the label that the span is conditioned on, or `UNKNOWN`.
        condition_score: The probability of that label.
    """

    start: int
    end: int
    first: int
    last: int
    condition_id: int = UNKNOWN
    condition_score: float = 1.0


Queries = Sequence[Sequence[SpanQuery]]
"""The spans to label in each row."""


class SourcePrediction(NamedTuple):
    """The prediction of a task that another task depends on.

    Args:
        prediction: The task's prediction for a text.
        outputs: The names of the task's outputs.
    """

    prediction: Prediction
    outputs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Decoder(ABC):
    """The rule that turns the logits of a task's head into predictions.

    A decoder needs neither torch nor the task that the head was trained for: a trained model
    keeps the decoder of each task, and not the task itself.
    """

    kind: ClassVar[str] = ""
    """``sequence``, ``multilabel``, ``token`` or ``span``; empty for other kinds."""
    predicts: ClassVar[type[Prediction]]
    """The class of its predictions."""
    asks_spans: ClassVar[bool] = False
    """True if its head labels spans that other tasks predict."""

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Self:
        """Builds a decoder from its fields as JSON values."""
        return cls(**facts)

    @property
    def labels_pieces(self) -> bool:
        """Returns whether the decoder labels spans rather than whole texts."""
        return self.predicts is SpansPrediction

    @property
    @abstractmethod
    def outputs(self) -> tuple[str, ...]:
        """Returns the names of the outputs, by which checkpoints and graphs are compared."""

    @property
    def depends_on(self) -> tuple[str, ...]:
        """Returns the tasks whose predictions are inputs at inference."""
        return ()

    @property
    def condition_from(self) -> str | None:
        """Returns the task that predicts the extra label of each span (`SpanCondition`), if any."""
        return None

    @property
    def threshold(self) -> float | None:
        """Returns the least probability of a predicted label, or None without a threshold."""
        return None

    def queries(self, row: Encoding, sources: Mapping[str, SourcePrediction]) -> list[SpanQuery]:
        """Returns the spans to label in a text; none unless `asks_spans`.

        Args:
            row: The encoded text.
            sources: The predictions of the tasks in `depends_on`.
        """
        return []

    @abstractmethod
    def decode(
        self, logits: Arrays, rows: Sequence[Encoding], queries: Queries | None = None
    ) -> Sequence[Prediction]:
        """Returns a prediction for each row, in full precision, with raw character offsets.

        Args:
            logits: The logits of the rows or, if `asks_spans`, of their queries, row by row.
            rows: The encoded texts.
            queries: The spans that the head has labelled, if `asks_spans`.
        """


@dataclass(frozen=True, kw_only=True)
class LabelDecoder(Decoder):
    """A decoder whose outputs are labels.

    Args:
        labels: The labels, in the order of the logits.
    """

    labels: tuple[str, ...]

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Self:
        """Builds a decoder from its fields as JSON values."""
        return cls(**{**facts, "labels": tuple(facts["labels"])})

    @property
    def outputs(self) -> tuple[str, ...]:
        """Returns the labels."""
        return self.labels
