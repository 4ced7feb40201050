"""Label sets of which some corpora annotate only a part."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from arabic_mtl.model.heads import Logits
from arabic_mtl.model.tokens import Targets
from arabic_mtl.tasks.base import Task
from arabic_mtl.tasks.labels import LabelTask

ANNOTATED = "annotated"
"""The name in a task's targets of the flags (rows, labels): whether a row's corpus annotates it."""

LabelSets = Mapping[str, Tensor]
"""Corpus to flags (labels,): True for each label of a task that the corpus annotates."""

_NEVER = -1e4  # the logit of an output that is left out: finite in half precision, too


def label_sets(
    tasks: Mapping[str, Task], annotates: Mapping[str, Sequence[str] | None]
) -> dict[str, LabelSets]:
    """Returns the label sets of each task that is annotated only in part by one of its corpora.

    Args:
        tasks: The tasks, by name.
        annotates: Corpus to the labels that it annotates, of all of its tasks; None for all
            labels. It annotates all labels of a task that declares none of them.
    """
    sets: dict[str, LabelSets] = {}
    for name, task in tasks.items():
        flags = {
            corpus: torch.tensor([label in known for label in task.labels])
            for corpus in task.corpora
            if isinstance(task, LabelTask) and (known := annotates.get(corpus)) is not None
        }
        partial = {corpus: own for corpus, own in flags.items() if own.any() and not own.all()}
        if partial:
            sets[name] = partial
    return sets


def annotated_labels(sets: LabelSets, rows: Mapping[str, int], labels: int) -> Tensor:
    """Returns the flags of the rows of a batch (rows, labels).

    Args:
        sets: The label sets of the corpora that annotate only a part.
        rows: Corpus to the number of its rows, in the order of the batch.
        labels: The number of the task's labels.
    """
    everything = torch.ones(labels, dtype=torch.bool)
    flags = [sets.get(corpus, everything).expand(number, -1) for corpus, number in rows.items()]
    return torch.cat([everything.new_empty(0, labels), *flags])


def restrict(task: Task, logits: Logits, targets: Targets) -> Logits:
    """Returns logits with which no output is predicted, or has a loss, that is not annotated.

    Args:
        task: The task.
        logits: The outputs of its head.
        targets: Its targets.
    """
    if ANNOTATED not in targets or not isinstance(task, LabelTask):
        return logits
    masks = task.output_flags(targets[ANNOTATED], targets)
    return {
        name: value.masked_fill(~_expand(masks[name], value), _NEVER) if name in masks else value
        for name, value in logits.items()
    }


def _expand(flags: Tensor, values: Tensor) -> Tensor:
    """Returns flags (rows, outputs) that broadcast to values (rows, …, outputs)."""
    return flags.view(len(flags), *[1] * (values.dim() - 2), flags.shape[-1])
