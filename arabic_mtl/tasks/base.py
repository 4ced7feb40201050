"""The base class of tasks: the targets, loss and metrics of a head."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Literal, NamedTuple

from torch import Tensor
from typing_extensions import TypeVar

from arabic_mtl.decoders import Arrays, Decoder, Queries
from arabic_mtl.documents import Example, Prediction, Span
from arabic_mtl.errors import InputError
from arabic_mtl.formats.identity import code_identity
from arabic_mtl.model.heads import Head, Logits
from arabic_mtl.model.tokens import Targets, Tokens
from arabic_mtl.tasks.layers import labels_in, spans_in
from arabic_mtl.tasks.metrics import TaskMetric
from arabic_mtl.text import Encoding

T = TypeVar("T", default=Any)
"""The value of an example in a task's column."""


class Dependency(NamedTuple):
    """A task whose predictions are inputs of another task at inference.

    Args:
        option: The option of the other task that names it.
        task: The task's name.
        predicts: The class that its predictions must have.
        labels: The labels that the task may predict; None for any.
    """

    option: str
    task: str
    predicts: type[Prediction]
    labels: tuple[str, ...] | None = None


class LabelPair(NamedTuple):
    """The gold and the predicted label of one item: a text or a span.

    Args:
        gold: The gold label; None for an item that is only predicted.
        predicted: The predicted label; None for a missed item.
        score: The probability of the decision, if it is known.
        offsets: The first raw character of a span and one past its last; None for a text.
    """

    gold: str | None
    predicted: str | None
    score: float | None = None
    offsets: tuple[int, int] | None = None


@dataclass(frozen=True, kw_only=True)
class Task(ABC, Generic[T]):
    """A learning task on the annotations of texts; holds no parameters.

    A new kind of task is a subclass with its own `Decoder`; the YAML names it by its import path.

    Args:
        corpus: The name, under ``data.corpora``, of the texts to read; or several names.
        layer: The annotation layer with the labels; or several layers, which are read as one. A
            text is labelled if it has all of them, except for deeper levels of nested spans.
        weight: The factor of the task's loss in the sum over tasks, above 0.
    """

    reads: ClassVar[Literal["labels", "spans"]]
    """The kind of its annotation layers: labels of whole texts, or spans."""
    column: ClassVar[Any]
    """The `datasets` feature of the values of `targets`."""
    main_metric: ClassVar[str]
    """The kind's metric in the mean over tasks, by which checkpoints are chosen."""

    _code: ClassVar[Mapping[str, str]] = {}

    corpus: str | tuple[str, ...]
    layer: str | tuple[str, ...]
    weight: float = 1.0

    def __init_subclass__(cls, **options: Any) -> None:
        """Hashes the code now, because its file may be edited while the class is in use."""
        super().__init_subclass__(**options)
        cls._code = code_identity(cls)

    def __post_init__(self) -> None:
        """Checks the options that can be checked without the data."""
        if not self.weight > 0:
            raise InputError("`weight` must be above 0", found=self.weight, expected="above 0")
        for option, names in (("corpus", self.corpora), ("layer", self.layers)):
            if not names or len(set(names)) < len(names):
                rule = f"a task's `{option}` must be a name or a list of distinct names"
                expected = f"{option}: NAME, or {option}: [NAME, NAME]"
                raise InputError(rule, found=f"{option}: {list(names)}", expected=expected)

    @property
    def selection_metric(self) -> str:
        """Returns the name of the metric in the mean over tasks: the kind's `main_metric`."""
        return self.main_metric

    @property
    def corpora(self) -> tuple[str, ...]:
        """Returns the names of the corpora that the task reads."""
        return (self.corpus,) if isinstance(self.corpus, str) else tuple(self.corpus)

    @property
    def layers(self) -> tuple[str, ...]:
        """Returns the names of the layers that the task reads."""
        return (self.layer,) if isinstance(self.layer, str) else tuple(self.layer)

    @property
    def identity(self) -> dict[str, object]:
        """Returns the options that `targets` depends on, which are part of the cache key.

        For kinds from other packages, these are all options and a hash of the source code.
        """
        facts: dict[str, object] = {"kind": type(self).__qualname__, "layer": self.layer}
        return {**vars(self), **facts, "code": dict(self._code)} if self._code else facts

    @property
    def span_layers(self) -> dict[str, str]:
        """Returns options that name further layers of spans to learn from, with those layers."""
        return {}

    @property
    def gold_inputs(self) -> str:
        """Returns a description of the gold information that the model gets in evaluation."""
        return ""

    @property
    def sources(self) -> tuple[Dependency, ...]:
        """Returns the tasks whose predictions are inputs of this task at inference."""
        return ()

    @property
    @abstractmethod
    def decoder(self) -> Decoder:
        """Returns the decoder of the task's logits, which a trained model keeps."""

    @abstractmethod
    def targets(self, example: Example, encoding: Encoding) -> T | None:
        """Returns an example's value in the task's column; None for an unlabelled example.

        Raises:
            InputError: If a label is not declared.
        """

    def inexpressible(
        self, example: Example, encoding: Encoding, target: T | None = None
    ) -> Counter[str]:
        """Returns how many annotations `targets` cannot express, by reason.

        Args:
            example: The example.
            encoding: Its tokens.
            target: The example's value of `targets`, if it is known; saves time.

        Raises:
            InputError: If a label is not declared.
        """
        return Counter()

    @abstractmethod
    def gold(self, target: T, encoding: Encoding) -> Prediction:
        """Returns the gold prediction.

        Args:
            target: A value of `targets`, not None.
            encoding: The example's tokens.
        """

    @abstractmethod
    def items(self, target: T, encoding: Encoding) -> int:
        """Returns the number of labelled items of an example, as `loss` counts them.

        Args:
            target: A value of `targets`, not None.
            encoding: The example's tokens.
        """

    @abstractmethod
    def collate(self, values: Sequence[T | None], tokens: Tokens) -> Targets:
        """Joins the values of `targets` for the rows of a batch."""

    @abstractmethod
    def build_head(self, hidden_size: int, dropout: float) -> Head:
        """Builds the layers from hidden states to logits."""

    @abstractmethod
    def loss(self, logits: Logits, targets: Targets) -> tuple[Tensor, Tensor]:
        """Returns the summed loss and the number of labelled items that it sums over."""

    @abstractmethod
    def tally(self, targets: Targets) -> Tensor:
        """Returns the counts of a batch's targets that the baseline `constant` needs."""

    @abstractmethod
    def constant(self, tally: Tensor, targets: Targets) -> Logits:
        """Returns the same logits for every item, with the shapes of the head's logits.

        Args:
            tally: The sum of `tally` over all training batches.
            targets: The targets of the batch to predict.
        """

    @abstractmethod
    def metrics(self) -> dict[str, TaskMetric]:
        """Returns the task's metrics by name, `selection_metric` among them."""

    def gold_queries(self, values: Sequence[T | None]) -> Queries | None:
        """Returns the gold spans that the head labels in evaluation, for each value of `targets`.

        Returns None if the head does not label spans.
        """
        return None

    def decode(
        self, logits: Logits, rows: Sequence[Encoding], values: Sequence[T | None]
    ) -> Sequence[Prediction]:
        """Returns a prediction for each row; a task that labels spans gets the gold spans.

        Args:
            logits: The logits of the rows.
            rows: The encoded texts.
            values: The rows' values of `targets`.
        """
        return self.decoder.decode(arrays(logits), rows, self.gold_queries(values))

    def decisions(self, gold: Prediction, predicted: Prediction) -> Iterator[LabelPair]:
        """Yields the decisions about a text, for confusion tables, mistakes and calibration.

        Yields nothing by default.
        """
        return iter(())

    def confidences(self, gold: Prediction, predicted: Prediction) -> Iterator[tuple[float, bool]]:
        """Yields the probability of each decision, and whether the decision is correct."""
        for decision in self.decisions(gold, predicted):
            if decision.predicted is not None and decision.score is not None:
                yield decision.score, decision.gold == decision.predicted

    def index(self, label: str, layer: str | None = None) -> int | None:
        """Returns the index of a label; None if the outputs are no labels."""
        return None

    def labels_of(self, example: Example) -> tuple[str, ...] | None:
        """Returns a text's labels in the task's layers; None if it is unlabelled."""
        return labels_in(example, self.layers)

    def spans_of(self, example: Example) -> tuple[Span, ...] | None:
        """Returns a text's spans in the task's layers by offset; None if it is unlabelled."""
        return spans_in(example, self.layers)


def arrays(logits: Logits) -> Arrays:
    """Returns logits as numpy arrays for a `Decoder`."""
    return {name: value.detach().float().cpu().numpy() for name, value in logits.items()}
