"""Facts of a file: its annotation layers with their labels; and guessed options of reading it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

from arabic_mtl.documents import Example, Span


@dataclass(frozen=True, slots=True)
class Layers:
    """The annotation layers that the examples of a format have.

    Args:
        labels: The names of the layers in `Example.labels`.
        spans: The names of the layers in `Example.spans`.
    """

    labels: frozenset[str] = frozenset()
    spans: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Guess:
    """Guessed options for reading a file.

    Args:
        options: Keyword arguments of the format's constructor.
        certainty: The certainty that the file has this format, from 0 to 1.
        doubts: A short sentence about each option that may be wrong.
    """

    options: Mapping[str, object]
    certainty: float
    doubts: Sequence[str] = ()


@dataclass(slots=True)
class LabelFacts:
    """A label of a layer.

    Args:
        count: The number of its occurrences.
        line: The line number of the first one, from 1; None if unknown.
        id: The id of the first example that has it.
    """

    count: int
    line: int | None
    id: str


@dataclass(slots=True)
class LayerFacts:
    """An annotation layer of a file.

    Args:
        labelled: The number of texts that have the layer, with annotations or without.
        empty: The number of texts that have the layer, but no annotation in it.
        most: The largest number of annotations of a text.
        null: The number of NULL spans.
        overlapping: The number of spans that share characters with an earlier one of their text.
        labels: Label to its facts, in the order of the file.
    """

    labelled: int = 0
    empty: int = 0
    most: int = 0
    null: int = 0
    overlapping: int = 0
    labels: dict[str, LabelFacts] = field(default_factory=dict)

    def add(self, labels: Sequence[str], example: Example) -> None:
        """Adds the labels of an example that has the layer."""
        self.labelled += 1
        self.empty += not labels
        if len(labels) > self.most:
            self.most = len(labels)
        for label in labels:
            if label in self.labels:  # faster than a call, for each label of each text
                self.labels[label].count += 1
            else:
                self.labels[label] = LabelFacts(1, example.line, example.id)

    def add_spans(self, spans: Sequence[Span], example: Example) -> None:
        """Adds the spans of an example that has the layer."""
        self.add([span.label for span in spans], example)
        end = 0
        for first, last in sorted((span.start, span.end) for span in spans):
            if first == last:
                self.null += 1
            else:
                self.overlapping += first < end
                end = max(end, last)

    def merge(self, other: "LayerFacts") -> None:
        """Adds the facts of another file, whose layer has the same name."""
        self.labelled += other.labelled
        self.empty += other.empty
        self.most = max(self.most, other.most)
        self.null += other.null
        self.overlapping += other.overlapping
        for label, facts in other.labels.items():
            if label in self.labels:
                self.labels[label].count += facts.count
            else:
                self.labels[label] = replace(facts)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Returns the facts from the JSON values of `Facts.as_dict`."""
        labels = {label: LabelFacts(**facts) for label, facts in values["labels"].items()}
        return cls(**{**values, "labels": labels})


@dataclass(slots=True)
class Facts:
    """The facts of a file that one pass over its examples collects.

    Args:
        texts: The number of examples.
        pairs: The number of examples with a second text.
        labels: Layer of `Example.labels` to its facts.
        spans: Layer of `Example.spans` to its facts.
    """

    texts: int = 0
    pairs: int = 0
    labels: dict[str, LayerFacts] = field(default_factory=dict)
    spans: dict[str, LayerFacts] = field(default_factory=dict)

    def add(self, example: Example) -> None:
        """Adds an example."""
        self.texts += 1
        self.pairs += example.pair is not None
        for layer, labels in example.labels.items():
            if layer not in self.labels:
                self.labels[layer] = LayerFacts()
            self.labels[layer].add(labels, example)
        for layer, spans in example.spans.items():
            if layer not in self.spans:
                self.spans[layer] = LayerFacts()
            self.spans[layer].add_spans(spans, example)

    def as_dict(self) -> dict[str, Any]:
        """Returns the facts as JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Returns the facts from the JSON values of `as_dict`."""
        layers = {
            kind: {name: LayerFacts.from_dict(facts) for name, facts in values[kind].items()}
            for kind in ("labels", "spans")
        }
        return cls(values["texts"], values["pairs"], **layers)
