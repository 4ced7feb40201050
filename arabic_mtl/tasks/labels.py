"""The base class of tasks whose outputs are labels."""

from dataclasses import dataclass

import torch
from torch import Tensor

from arabic_mtl.errors import InputError
from arabic_mtl.model.heads import Logits
from arabic_mtl.model.tokens import Targets
from arabic_mtl.tasks.base import T, Task
from arabic_mtl.tasks.losses import IGNORED, summed_cross_entropy
from arabic_mtl.tasks.metrics import Counted, ScoredF1, TaskMetric


@dataclass(frozen=True, kw_only=True)
class LabelTask(Task[T]):
    """A task whose outputs are labels.

    Args:
        labels: All labels, in order; any other label in the corpus is an error.
        scored: The labels whose macro-F1 is the metric ``scored_f1``, by which checkpoints are
            chosen in place of the kind's main metric: ``[POS, NEG]`` for F-PN, or a single label
            for its F1.
    """

    labels: tuple[str, ...]
    scored: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Checks the labels and the common options."""
        if not self.labels or len(set(self.labels)) < len(self.labels):
            raise InputError(
                f"`labels` of the task on layer {self.layer!r} must list its labels, each once",
                found=list(self.labels),
                expected="a list of distinct labels",
            )
        super().__post_init__()
        if len({*self.scored} & {*self.labels}) < len(self.scored):
            raise InputError(
                f"`scored` of the task on layer {self.layer!r} must name labels, each once",
                found=list(self.scored),
                expected=f"some of {', '.join(self.labels)}",
            )

    @property
    def selection_metric(self) -> str:
        """Returns ``scored_f1`` if labels are named to be scored, else the kind's metric."""
        return "scored_f1" if self.scored else self.main_metric

    def scored_metrics(self, counted: Counted) -> dict[str, TaskMetric]:
        """Returns macro-F1 over the labels of `scored`, if there are some.

        Args:
            counted: The kind of labelled items.
        """
        if not self.scored:
            return {}
        return {"scored_f1": ScoredF1(self.labels, counted, len(self.corpora), self.scored)}

    @property
    def identity(self) -> dict[str, object]:
        """Returns the common options that `targets` depends on, and the labels."""
        return super().identity | {"labels": self.labels}

    @property
    def size(self) -> int:
        """Returns the number of logits for one decision."""
        return len(self.labels)

    def index(self, label: str, layer: str | None = None) -> int:
        """Returns the index of a label.

        Args:
            label: The label in the corpus.
            layer: The layer that has the label, for the error; by default the task's own.

        Raises:
            InputError: If the label is not declared.
        """
        try:
            return self.labels.index(label)
        except ValueError:
            raise InputError(
                f"a label of layer {layer or self.layer!r} must be in the task's `labels`",
                found=f"«{label}»",
                expected=", ".join(self.labels),
            ) from None

    def output_flags(self, annotated: Tensor, targets: Targets) -> Targets:
        """Returns the flags of the outputs whose labels are annotated, by the name of logits.

        Args:
            annotated: Whether the corpus of a row annotates a label (rows, labels).
            targets: The targets of the rows.
        """
        return {"logits": annotated}

    def loss(self, logits: Logits, targets: Targets) -> tuple[Tensor, Tensor]:
        """Returns the summed cross-entropy, and the number of labels that are not `IGNORED`."""
        labels = targets["labels"]
        return summed_cross_entropy(logits["logits"], labels), (labels != IGNORED).sum()

    def tally(self, targets: Targets) -> Tensor:
        """Returns the frequency of each gold label (size,)."""
        labels = targets["labels"]
        return torch.bincount(labels[labels != IGNORED], minlength=self.size)

    def constant(self, tally: Tensor, targets: Targets) -> Logits:
        """Returns logits that favour the most frequent label, for every item."""
        labels = targets["labels"]
        vector = torch.full((self.size,), -1.0, device=labels.device)
        vector[int(tally.argmax())] = 1.0
        return {"logits": vector.expand(*labels.shape, self.size)}
