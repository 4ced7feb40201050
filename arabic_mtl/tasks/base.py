"""The contract of a task kind: what its labels mean to a model."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple

import torch
from torch import Tensor
from torchmetrics import MetricCollection

from arabic_mtl.decoders import Arrays, Decoder
from arabic_mtl.documents import Example
from arabic_mtl.errors import InputError
from arabic_mtl.model.heads import Head, Logits, named
from arabic_mtl.model.tokens import Targets, Tokens
from arabic_mtl.tasks.losses import IGNORED, summed_cross_entropy
from arabic_mtl.text import Encoding

_DIGITS = 4


def rounded(answers: Any) -> Any:
    """Answers, JSON values, with short decimals."""
    if isinstance(answers, float):
        return round(answers, _DIGITS)
    if isinstance(answers, list):
        return [rounded(each) for each in answers]
    if isinstance(answers, dict):
        return {key: rounded(value) for key, value in answers.items()}
    return answers


def fractions(values: Tensor) -> list[list[float]]:
    """A table of probabilities (decisions, labels)."""
    table: list[list[float]] = rounded(values.tolist())
    return table


class Source(NamedTuple):
    """A task that another one builds on.

    Args:
        option: What names it.
        task: Its name.
        kind: What it has to be.
        labels: Those among which its labels have to be, if that matters.
    """

    option: str
    task: str
    kind: "type[Task]"
    labels: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Task(ABC):
    """One thing to learn about the texts of one corpus; holds no parameters.

    A new kind of task is one subclass; the YAML names it by its import path.

    Args:
        corpus: The name, under ``data.corpora``, of the texts that it reads.
        layer: The annotation layer of those texts that holds its labels.
        labels: Every label there is, in order; one outside the list is an error.
        weight: Factor of its loss in the sum over tasks.
    """

    reads: ClassVar[Literal["labels", "spans"]]
    """Whether its layer labels whole texts or pieces of them."""
    column: ClassVar[Any]
    """The `datasets` feature of what `targets` returns."""
    main_metric: ClassVar[str]
    """The metric that stands for the task in the mean by which checkpoints are chosen."""

    corpus: str
    layer: str
    labels: tuple[str, ...]
    weight: float = 1.0

    def __post_init__(self) -> None:
        """Checks what can be checked without the data."""
        if not self.labels or len(set(self.labels)) < len(self.labels):
            raise InputError(
                f"the task on layer {self.layer!r} declares its labels, each once",
                found=list(self.labels),
                expected="a list of distinct labels",
            )
        if not self.weight > 0:
            raise InputError("a task's weight is positive", found=self.weight, expected="above 0")

    @property
    def identity(self) -> dict[str, Any]:
        """What decides `targets`: outdates the cache when it changes, as a head's size does not."""
        return {"kind": type(self).__qualname__, "layer": self.layer, "labels": self.labels}

    @property
    def span_layers(self) -> dict[str, str]:
        """The options that name further layers of spans that it learns from, and those layers."""
        return {}

    @property
    def told(self) -> str:
        """What scores are made of that a model does not have to find, for people to read."""
        return ""

    @property
    def after(self) -> tuple[Source, ...]:
        """The tasks whose answers this one builds on where there are no gold ones."""
        return ()

    @property
    @abstractmethod
    def decoder(self) -> Decoder:
        """What its logits stand for: what is left of the task when a model is used."""

    @property
    def outputs(self) -> int:
        """How many logits there are for one decision."""
        return len(self.labels)

    def index(self, label: str, layer: str | None = None) -> int:
        """The number of a label.

        Args:
            label: What stands in the corpus.
            layer: Where, if not in the task's own layer.

        Raises:
            InputError: If the label is not declared.
        """
        try:
            return self.labels.index(label)
        except ValueError:
            raise InputError(
                f"a label of layer {layer or self.layer!r} is one that the task declares",
                found=f"«{label}»",
                expected=", ".join(self.labels),
            ) from None

    @abstractmethod
    def targets(self, example: Example, encoding: Encoding) -> Any:
        """What the model shall say of an example, or None where it is not labelled.

        Raises:
            InputError: If a label is not declared.
        """

    def gold(self, example: Example) -> Any:
        """What `decode` would say of an example if it were right, but for scores.

        None where the example is not labelled.
        """
        if self.reads == "labels":
            labels = example.labels.get(self.layer)
            return None if labels is None else [{"label": label} for label in labels]
        spans = example.spans.get(self.layer)
        if spans is None:
            return None
        return [{"start": span.start, "end": span.end, "label": span.label} for span in spans]

    @abstractmethod
    def items(self, target: Any, encoding: Encoding) -> int:
        """How many labelled items `loss` counts in an example, such as 1 if it labels the text.

        Args:
            target: What `targets` says of the example, not None.
            encoding: The example's tokens.
        """

    @abstractmethod
    def collate(self, values: Sequence[Any], tokens: Tokens) -> Targets:
        """Joins the values of `targets` for the rows of a batch."""

    @abstractmethod
    def build_head(self, hidden_size: int, dropout: float) -> Head:
        """The layers between encoder and logits."""

    def loss(self, logits: Logits, targets: Targets) -> tuple[Tensor, Tensor]:
        """The summed loss and the number of labelled items that it sums over."""
        labels = targets["labels"]
        return summed_cross_entropy(logits, labels), (labels != IGNORED).sum()

    def frequencies(self, targets: Targets) -> Tensor:
        """How often each output is right: (outputs,)."""
        labels = targets["labels"]
        return torch.bincount(labels[labels != IGNORED], minlength=self.outputs)

    def constant(self, output: int, targets: Targets) -> Logits:
        """The logits of a model that always says the same, in the shape of a head's."""
        vector = torch.full((self.outputs,), -1.0, device=targets["labels"].device)
        vector[output] = 1.0
        return vector.expand(*targets["labels"].shape, self.outputs)

    @abstractmethod
    def build_metrics(self) -> MetricCollection:
        """The task's metrics, `main_metric` among them."""

    @abstractmethod
    def update(
        self, metrics: MetricCollection, logits: Logits, tokens: Tokens, targets: Targets
    ) -> None:
        """Counts one batch into the metrics."""

    def decode(self, logits: Logits, tokens: Tokens, targets: Targets) -> list[Any]:
        """What the model says of each row, as JSON values with raw character offsets."""
        answers: list[Any] = rounded(self.decoder.answers(arrays(logits), tokens.encodings()))
        return answers

    def probabilities(self, logits: Logits, tokens: Tokens, targets: Targets) -> list[Any]:
        """The probability of each label, in their order, for each decision of each row.

        None for each row where the kind has no such thing.
        """
        return [None] * len(tokens)


def arrays(logits: Logits) -> Arrays:
    """Logits for a `Decoder`."""
    return {name: of.detach().float().cpu().numpy() for name, of in named(logits).items()}
