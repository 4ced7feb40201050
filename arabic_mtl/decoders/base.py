"""The contract of a decoder: logits in, predictions out."""

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
"""The logits of a head, by name (`arabic_mtl.model.heads.Logits`)."""

UNKNOWN = -1
"""The index of a condition that is not known."""


def softmax(logits: Floats) -> Floats:
    """Of the last axis, which is not empty."""
    values = logits.astype(np.float64)
    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    likely: Floats = powers / powers.sum(axis=-1, keepdims=True)
    return likely


def sigmoid(logits: Floats) -> Floats:
    """Of each."""
    return 0.5 * (1.0 + np.tanh(0.5 * logits.astype(np.float64)))  # exp would overflow


class SpanQuery(NamedTuple):
    """A span that a head is to label.

    Args:
        start: Its first raw character.
        end: One past its last; ``start == end`` for the text as a whole.
        first: Its first token.
        last: One past its last token.
        condition_id: The index of the label that it is conditioned on, or `UNKNOWN`.
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
    """A task that another one builds on, as that one sees it.

    Args:
        prediction: Its prediction for a text.
        outputs: The names of its outputs.
    """

    prediction: Prediction
    outputs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Decoder(ABC):
    """The meaning of the logits of a task's head.

    Decoders need neither torch nor the task that the head was trained for: they are all that is
    left of a task when a model is used.
    """

    kind: ClassVar[str] = ""
    """``sequence``, ``multilabel``, ``token`` or ``span``; empty for other kinds."""
    predicts: ClassVar[type[Prediction]]
    """The form of its predictions."""
    asks_spans: ClassVar[bool] = False
    """Whether its head labels spans that other tasks find."""

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Self:
        """Makes a decoder from its fields as JSON values."""
        return cls(**facts)

    @property
    def labels_pieces(self) -> bool:
        """Returns whether it labels spans rather than whole texts."""
        return self.predicts is SpansPrediction

    @property
    @abstractmethod
    def outputs(self) -> tuple[str, ...]:
        """The names of its outputs, by which checkpoints and graphs are compared."""

    @property
    def depends_on(self) -> tuple[str, ...]:
        """The tasks whose predictions it needs where there are no gold ones."""
        return ()

    @property
    def condition_from(self) -> str | None:
        """The task that predicts the extra label which its spans are conditioned on."""
        return None

    @property
    def threshold(self) -> float | None:
        """The probability from which a label is predicted, where each is decided by itself."""
        return None

    def queries(self, row: Encoding, sources: Mapping[str, SourcePrediction]) -> list[SpanQuery]:
        """Returns the spans to label in a text, where `asks_spans`.

        Args:
            row: The text.
            sources: The tasks of `depends_on`.
        """
        return []

    @abstractmethod
    def decode(
        self, logits: Arrays, rows: Sequence[Encoding], queries: Queries | None = None
    ) -> Sequence[Prediction]:
        """Returns a prediction for each row, in full precision, with raw character offsets.

        Args:
            logits: Of the rows; where `asks_spans`, of their queries, row after row.
            rows: The texts.
            queries: The spans that the head was asked about, where `asks_spans`.
        """


@dataclass(frozen=True, kw_only=True)
class LabelDecoder(Decoder):
    """A decoder whose outputs are labels.

    Args:
        labels: The labels, in order.
    """

    labels: tuple[str, ...]

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Self:
        """Makes a decoder from its fields as JSON values."""
        return cls(**{**facts, "labels": tuple(facts["labels"])})

    @property
    def outputs(self) -> tuple[str, ...]:
        """The labels."""
        return self.labels
