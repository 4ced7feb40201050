"""What a model says of a text, for those who use it."""

from dataclasses import dataclass
from typing import Any

_DIGITS = 4  # of a score, in what people read


@dataclass(frozen=True, slots=True)
class Label:
    """A label that was found.

    Args:
        label: One of those that its task declares.
        score: How likely it is right, 0..1.
    """

    label: str
    score: float

    def as_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return {"label": self.label, "score": round(self.score, _DIGITS)}


@dataclass(frozen=True, slots=True)
class AnnotatedSpan:
    """A piece of a text, and what is said of it; or NULL, which stands for the whole text.

    Args:
        start: Its first character in the raw text.
        end: One past its last; ``start == end == 0`` is NULL.
        text: The piece itself; empty for NULL.
        labels: Task to what it says, such as ``ner`` to ROOMS and ``sentiment`` to positive.
    """

    start: int
    end: int
    text: str
    labels: dict[str, Label]

    @property
    def is_null(self) -> bool:
        """Whether the span stands for the whole text rather than a piece of it."""
        return self.start == self.end

    def as_dict(self) -> dict[str, Any]:
        """As JSON values."""
        labels = {task: label.as_dict() for task, label in self.labels.items()}
        return {"start": self.start, "end": self.end, "text": self.text, "labels": labels}


@dataclass(frozen=True, slots=True)
class Annotation:
    """A text and all that is said of it.

    Args:
        text: As it was given.
        spans: Its pieces in order, NULL ones first.
        labels: Task to its labels of the whole text, likeliest first.
    """

    text: str
    spans: tuple[AnnotatedSpan, ...]
    labels: dict[str, tuple[Label, ...]]

    def as_dict(self) -> dict[str, Any]:
        """As JSON values; scores are rounded, for people to read."""
        labels = {task: [each.as_dict() for each in found] for task, found in self.labels.items()}
        spans = [span.as_dict() for span in self.spans]
        return {"text": self.text, "spans": spans, "labels": labels}
