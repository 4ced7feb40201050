"""The contract of a task kind: the targets, loss and metrics of a head."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, ClassVar, Generic, Literal, NamedTuple

from torch import Tensor
from typing_extensions import TypeVar

from arabic_mtl.decoders import Arrays, Decoder, Queries
from arabic_mtl.documents import Example, Prediction, Span
from arabic_mtl.errors import InputError
from arabic_mtl.formats.identity import code_identity
from arabic_mtl.model.heads import Head, Logits
from arabic_mtl.model.tokens import Targets, Tokens
from arabic_mtl.tasks.metrics import TaskMetric
from arabic_mtl.text import Encoding

_A = TypeVar("_A")

T = TypeVar("T", default=Any)
"""The value of an example in a task's column."""


class Dependency(NamedTuple):
    """A task that another one builds on.

    Args:
        option: The option that names it.
        task: Its name.
        predicts: The form of its predictions.
        labels: The labels among which its own have to be, if that matters.
    """

    option: str
    task: str
    predicts: type[Prediction]
    labels: tuple[str, ...] | None = None


class LabelPair(NamedTuple):
    """A predicted label beside the gold one, at one place of a text.

    Args:
        gold: The gold label; None where nothing is to be found.
        predicted: The predicted one; None where nothing is predicted.
        score: The probability of the decision, if it is known.
        place: First character and one past the last, of a span.
    """

    gold: str | None
    predicted: str | None
    score: float | None = None
    place: tuple[int, int] | None = None


@dataclass(frozen=True, kw_only=True)
class Task(ABC, Generic[T]):
    """One thing to learn about texts; holds no parameters.

    A new kind of task is one subclass with a `Decoder`; the YAML names it by its import path.

    Args:
        corpus: The name, under ``data.corpora``, of the texts that it reads; or several names.
        layer: The annotation layer of those texts that holds its labels; or several layers, which
            are read as one. A text is labelled if it has all of them.
        weight: Factor of its loss in the sum over tasks.
    """

    reads: ClassVar[Literal["labels", "spans"]]
    """Whether its layers label whole texts or spans."""
    column: ClassVar[Any]
    """The `datasets` feature of the values of `targets`."""
    main_metric: ClassVar[str]
    """The metric that stands for the task in the mean by which checkpoints are chosen."""

    _code: ClassVar[Mapping[str, str]] = {}

    corpus: str | tuple[str, ...]
    layer: str | tuple[str, ...]
    weight: float = 1.0

    def __init_subclass__(cls, **options: Any) -> None:
        """Takes the code's hash now: the file may be edited while its classes are in use."""
        super().__init_subclass__(**options)
        cls._code = code_identity(cls)

    def __post_init__(self) -> None:
        """Checks the options as far as that is possible without the data."""
        if not self.weight > 0:
            raise InputError("a task's weight is positive", found=self.weight, expected="above 0")
        for option, names in (("corpus", self.corpora), ("layer", self.layers)):
            if not names or len(set(names)) < len(names):
                raise InputError(
                    f"a task's `{option}` must be a name or a list of distinct names",
                    found=f"{option}: {list(names)}",
                    expected=f"{option}: NAME, or {option}: [NAME, NAME]",
                )

    @property
    def corpora(self) -> tuple[str, ...]:
        """The names of the corpora that it reads."""
        return (self.corpus,) if isinstance(self.corpus, str) else tuple(self.corpus)

    @property
    def layers(self) -> tuple[str, ...]:
        """The names of the layers that it reads."""
        return (self.layer,) if isinstance(self.layer, str) else tuple(self.layer)

    @property
    def identity(self) -> dict[str, object]:
        """The options that decide `targets`: the cache is outdated when they change.

        Of kinds from elsewhere, all options and the source code count.
        """
        facts: dict[str, object] = {"kind": type(self).__qualname__, "layer": self.layer}
        return {**vars(self), **facts, "code": dict(self._code)} if self._code else facts

    @property
    def span_layers(self) -> dict[str, str]:
        """The options that name further layers of spans that it learns from, and those layers."""
        return {}

    @property
    def gold_inputs(self) -> str:
        """The gold information that is given to the model in evaluation, for people to read."""
        return ""

    @property
    def sources(self) -> tuple[Dependency, ...]:
        """The tasks whose predictions it needs where there are no gold ones."""
        return ()

    @property
    @abstractmethod
    def decoder(self) -> Decoder:
        """The meaning of its logits: all that is left of the task when a model is used."""

    @abstractmethod
    def targets(self, example: Example, encoding: Encoding) -> T | None:
        """Returns an example's value in the task's column, or None where it is not labelled.

        Raises:
            InputError: If a label is not declared.
        """

    def inexpressible(self, example: Example, encoding: Encoding) -> Counter[str]:
        """Returns how many annotations `targets` cannot express, by reason."""
        return Counter()

    @abstractmethod
    def gold(self, target: T, encoding: Encoding) -> Prediction:
        """Returns the prediction that would be right.

        Args:
            target: A value of `targets`, not None.
            encoding: The example's tokens.
        """

    @abstractmethod
    def items(self, target: T, encoding: Encoding) -> int:
        """Returns how many labelled items `loss` counts in an example, such as 1 for a text.

        Args:
            target: A value of `targets`, not None.
            encoding: The example's tokens.
        """

    @abstractmethod
    def collate(self, values: Sequence[T | None], tokens: Tokens) -> Targets:
        """Joins the values of `targets` for the rows of a batch."""

    @abstractmethod
    def build_head(self, hidden_size: int, dropout: float) -> Head:
        """Makes the layers between encoder and logits."""

    @abstractmethod
    def loss(self, logits: Logits, targets: Targets) -> tuple[Tensor, Tensor]:
        """Returns the summed loss and the number of labelled items that it sums over."""

    @abstractmethod
    def tally(self, targets: Targets) -> Tensor:
        """Returns sums over a batch's targets from which `constant` makes a baseline."""

    @abstractmethod
    def constant(self, tally: Tensor, targets: Targets) -> Logits:
        """Returns the same logits for every item, in the shapes of a head's.

        Args:
            tally: The sum of `tally` over all training batches.
            targets: Those of the batch to predict for.
        """

    @abstractmethod
    def metrics(self) -> dict[str, TaskMetric]:
        """Returns the task's metrics by name, `main_metric` among them."""

    def gold_queries(self, values: Sequence[T | None]) -> Queries | None:
        """Returns the gold spans that the head labels in evaluation, for each value of `targets`.

        None for heads that are not asked about spans.
        """
        return None

    def decode(
        self, logits: Logits, rows: Sequence[Encoding], values: Sequence[T | None]
    ) -> Sequence[Prediction]:
        """Returns a prediction for each row, of gold spans where spans are labelled.

        Args:
            logits: Of the rows.
            rows: Their tokens.
            values: Their values of `targets`.
        """
        return self.decoder.decode(arrays(logits), rows, self.gold_queries(values))

    def decisions(self, gold: Prediction, predicted: Prediction) -> Iterator[LabelPair]:
        """Yields the decisions about a text, for confusions, mistakes and calibration.

        By default none, as for values.
        """
        return iter(())

    def confidences(self, gold: Prediction, predicted: Prediction) -> Iterator[tuple[float, bool]]:
        """Yields probabilities, and whether the decision that each belongs to is right."""
        for decision in self.decisions(gold, predicted):
            if decision.predicted is not None and decision.score is not None:
                yield decision.score, decision.gold == decision.predicted

    def index(self, label: str, layer: str | None = None) -> int | None:
        """Returns the index of a label; None where outputs are no labels."""
        return None

    def labels_of(self, example: Example) -> tuple[str, ...] | None:
        """Returns a text's labels in the task's layers; None if it lacks one of them."""
        return _joined([example.labels.get(layer) for layer in self.layers])

    def spans_of(self, example: Example) -> tuple[Span, ...] | None:
        """Returns a text's spans in the task's layers by place; None if it lacks one of them."""
        spans = _joined([example.spans.get(layer) for layer in self.layers])
        if spans is None or len(self.layers) == 1:
            return spans
        return tuple(sorted(spans, key=lambda span: (span.start, span.end)))


def _joined(layers: Sequence[tuple[_A, ...] | None]) -> tuple[_A, ...] | None:
    """Returns the annotations of several layers as one, or None if one of them is missing."""
    present = [layer for layer in layers if layer is not None]
    return tuple(chain.from_iterable(present)) if len(present) == len(layers) else None


def arrays(logits: Logits) -> Arrays:
    """Returns logits for a `Decoder`."""
    return {name: value.detach().float().cpu().numpy() for name, value in logits.items()}
