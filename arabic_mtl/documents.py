"""Labelled texts: examples of corpora, and the predictions and annotations of models."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

NULL = "NULL"
"""The target of an opinion without a target in the text, as SemEval-2016 Task 5 writes it."""

OWN_GROUP = "text:"
"""Prefix of the group of a text that belongs to no review: a hash of the text follows."""

_DIGITS = 4  # decimals of a score in output for people


@dataclass(frozen=True, slots=True)
class Opinion:
    """An aspect-based opinion: target span, category, polarity (SemEval-2016 Task 5).

    Args:
        target: The words of the target, or `NULL`.
        category: The aspect as E#A (entity and attribute).
        polarity: The sentiment; empty if a system does not predict it.
        start: The offset of the target's first character in its text.
        end: The offset after the target's last character; without a target in the text,
            ``start == end == 0``.
    """

    target: str
    category: str
    polarity: str
    start: int
    end: int

    @property
    def is_null(self) -> bool:
        """Returns whether the opinion has no target in the text."""
        return self.start == self.end

    @property
    def entity(self) -> str:
        """Returns the entity: the E of the category E#A."""
        return self.category.split("#")[0]

    def shift(self, distance: int) -> Self:
        """Returns the opinion with ``distance`` added to the offsets of its target."""
        return replace(self, start=self.start + distance, end=self.end + distance)


@dataclass(frozen=True, slots=True)
class Span:
    """A labelled span of a raw text.

    Args:
        start: The offset of the first character, from 0.
        end: The offset after the last character; ``start == end`` marks a NULL span, which stands
            for the whole text (an opinion without a target in the text).
        label: The label.
    """

    start: int
    end: int
    label: str

    @property
    def is_null(self) -> bool:
        """Returns whether the span is NULL: it stands for the whole text."""
        return self.start == self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One input text, or pair of texts, with its annotation layers.

    Args:
        id: The id in the corpus, unique within a file.
        group: The id of a group, such as a review, whose texts must stay in one split; empty if
            the text belongs to no group.
        linked: Further groups that must stay in the same split.
        text: The raw text, exactly as in the file.
        pair: A second text that is read together with the first, such as an opinion's target.
        labels: Layer to labels of the whole input.
        spans: Layer to labelled spans of ``text``, in order of appearance.
        line: The line of the file on which the example starts, for error messages.
    """

    id: str
    group: str = ""
    linked: tuple[str, ...] = ()
    text: str
    pair: str | None = None
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    spans: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    line: int | None = None


@dataclass(frozen=True, slots=True)
class LabelScore:
    """A label with its probability.

    Args:
        label: One of the labels that the task declares.
        score: The predicted probability of the label, 0..1; 1 for a gold label.
    """

    label: str
    score: float = 1.0

    def as_dict(self) -> dict[str, Any]:
        """Returns the fields as JSON values, with a rounded score."""
        return {"label": self.label, "score": round(self.score, _DIGITS)}


@dataclass(frozen=True, slots=True)
class TextPrediction:
    """The labels of a whole text.

    Args:
        labels: The predicted labels, most probable first; exactly one in a single-label task.
        distribution: The probability of each label that the task declares, in the task's order.
    """

    labels: tuple[LabelScore, ...]
    distribution: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class SpanPrediction:
    """A labelled span.

    Args:
        start: The offset of the first raw character.
        end: The offset after the last one; ``start == end`` is NULL. A text may have several
            NULL spans.
        label: The label.
        score: The probability of the label; for a tagged span, the lowest probability of its words.
        condition: The extra label that the classification of the span was conditioned on.
        distribution: The probability of each label that the task declares, if the task classifies
            given spans; else empty.
    """

    start: int
    end: int
    label: str
    score: float = 1.0
    condition: LabelScore | None = None
    distribution: tuple[float, ...] = ()

    @property
    def is_null(self) -> bool:
        """Returns whether the span is NULL: it stands for the whole text."""
        return self.start == self.end


@dataclass(frozen=True, slots=True)
class SpansPrediction:
    """The labelled spans of a text.

    Args:
        spans: The spans: given spans in the given order, tagged spans in the order of the text.
        tags: The tag of each word, if the spans come from tagging words; else empty.
    """

    spans: tuple[SpanPrediction, ...]
    tags: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ValuePrediction:
    """The number that a regression task predicts for a text."""

    value: float


Prediction = TextPrediction | SpansPrediction | ValuePrediction
"""A task's result for one text. Gold annotations have the same types, with scores of 1."""


@dataclass(frozen=True, slots=True)
class AnnotatedSpan:
    """A span of a text with the labels of several tasks; or NULL, which stands for the whole text.

    Args:
        start: The offset of the first character in the raw text.
        end: The offset after the last character; ``start == end == 0`` is NULL.
        text: The characters of the span; empty for NULL.
        labels: Task to predicted label, such as ``ner`` to ROOMS and ``sentiment`` to positive.
    """

    start: int
    end: int
    text: str
    labels: dict[str, LabelScore]

    @property
    def is_null(self) -> bool:
        """Returns whether the span is NULL: it stands for the whole text."""
        return self.start == self.end

    def as_dict(self) -> dict[str, Any]:
        """Returns the fields as JSON values, with rounded scores."""
        labels = {task: label.as_dict() for task, label in self.labels.items()}
        return {"start": self.start, "end": self.end, "text": self.text, "labels": labels}


@dataclass(frozen=True, slots=True)
class Annotation:
    """A text with the predictions of all tasks.

    Args:
        text: The raw text, unchanged.
        spans: The labelled spans in the order of the text, NULL spans first.
        labels: Task to its labels of the whole text, most probable first.
        values: Task to its number, for regression tasks.
    """

    text: str
    spans: tuple[AnnotatedSpan, ...]
    labels: dict[str, tuple[LabelScore, ...]]
    values: dict[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Returns the fields as JSON values, with rounded scores and numbers."""
        labels = {
            task: [label.as_dict() for label in scored] for task, scored in self.labels.items()
        }
        spans = [span.as_dict() for span in self.spans]
        values = {task: round(value, _DIGITS) for task, value in self.values.items()}
        text_level = {"labels": labels, **({"values": values} if values else {})}
        return {"text": self.text, "spans": spans, **text_level}
