"""Labelled texts: examples as corpora hold them, predictions and annotations by models."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

NULL = "NULL"
"""How the format writes the target of an opinion that names none."""

OWN_GROUP = "text:"
"""The beginning of the group of a text that belongs to no other: a hash of the text follows."""

_DIGITS = 4  # of a score, in what people read


@dataclass(frozen=True, slots=True)
class Opinion:
    """What is said of a target or an aspect.

    Args:
        target: The words that it is about, or `NULL`.
        category: The aspect, as E#A (entity and attribute).
        polarity: The sentiment; empty where a system does not tell.
        start: The target's first character in its text.
        end: One past its last; without a target in the text, ``start == end == 0``.
    """

    target: str
    category: str
    polarity: str
    start: int
    end: int

    @property
    def is_null(self) -> bool:
        """Whether no piece of the text is its target."""
        return self.start == self.end

    @property
    def entity(self) -> str:
        """The E of the category E#A."""
        return self.category.split("#")[0]

    def moved(self, by: int) -> Self:
        """The same opinion in a text that has so many characters more before it."""
        return replace(self, start=self.start + by, end=self.end + by)


@dataclass(frozen=True, slots=True)
class Span:
    """A labelled piece of a raw text.

    Args:
        start: Its first character, from 0.
        end: One past its last character; ``start == end`` marks a NULL span, which stands
            for the text as a whole (an opinion whose target is not named).
        label: Its label.
    """

    start: int
    end: int
    label: str

    @property
    def is_null(self) -> bool:
        """Whether the span stands for the whole text rather than a piece of it."""
        return self.start == self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One input text, or pair of texts, with its annotation layers.

    Args:
        id: Its name in the corpus, unique within a file.
        group: The texts that must stay in one split, such as a review; empty for a text of its own.
        text: The raw text, as it stands in the file.
        pair: A second text to read together with the first, such as an opinion's target.
        labels: Layer to labels of the whole input.
        spans: Layer to labelled pieces of ``text``, in order of appearance.
        line: The line of the file it starts on, for error messages.
    """

    id: str
    group: str = ""
    text: str
    pair: str | None = None
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    spans: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    line: int | None = None


@dataclass(frozen=True, slots=True)
class LabelScore:
    """A label with its probability.

    Args:
        label: One of those that its task declares.
        score: The probability that it is right, 0..1; 1 for a gold label.
    """

    label: str
    score: float = 1.0

    def as_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return {"label": self.label, "score": round(self.score, _DIGITS)}


@dataclass(frozen=True, slots=True)
class TextPrediction:
    """Labels of a whole text.

    Args:
        labels: The predicted ones, likeliest first; one where a task gives each text one.
        distribution: The probability of each label that the task declares, in their order.
    """

    labels: tuple[LabelScore, ...]
    distribution: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class SpanPrediction:
    """A labelled span.

    Args:
        start: Its first raw character.
        end: One past its last; ``start == end`` is NULL, of which there may be several.
        label: Its label.
        score: The label's probability; of a tagged span, that of its least certain word.
        condition: The extra label that it was classified with.
        distribution: The probability of each label that the task declares, where spans are given.
    """

    start: int
    end: int
    label: str
    score: float = 1.0
    condition: LabelScore | None = None
    distribution: tuple[float, ...] = ()

    @property
    def is_null(self) -> bool:
        """Returns whether it stands for the whole text."""
        return self.start == self.end


@dataclass(frozen=True, slots=True)
class SpansPrediction:
    """Labelled spans of a text.

    Args:
        spans: Of given spans in their order, else by place.
        tags: The tag of each word, where spans are found by tagging words.
    """

    spans: tuple[SpanPrediction, ...]
    tags: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ValuePrediction:
    """A number that belongs to a text."""

    value: float


Prediction = TextPrediction | SpansPrediction | ValuePrediction
"""All forms that a task's result for a text can have; gold has the same, with scores of 1."""


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
    labels: dict[str, LabelScore]

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
        values: Task to its number, for tasks that predict one.
    """

    text: str
    spans: tuple[AnnotatedSpan, ...]
    labels: dict[str, tuple[LabelScore, ...]]
    values: dict[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """As JSON values; scores are rounded, for people to read."""
        labels = {task: [each.as_dict() for each in found] for task, found in self.labels.items()}
        spans = [span.as_dict() for span in self.spans]
        values = {task: round(value, _DIGITS) for task, value in self.values.items()}
        whole = {"labels": labels, **({"values": values} if values else {})}
        return {"text": self.text, "spans": spans, **whole}
