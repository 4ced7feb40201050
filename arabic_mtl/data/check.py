"""Checks of the tasks of a configuration against its corpora."""

from collections.abc import Mapping, Sequence

from torch import nn

from arabic_mtl.data.label_sets import check_annotates
from arabic_mtl.documents import SpansPrediction
from arabic_mtl.errors import InputError
from arabic_mtl.files import is_plain_name
from arabic_mtl.formats import Format
from arabic_mtl.tasks import Task
from arabic_mtl.tasks.base import Dependency

_NO_LAYERS = "none: the corpus has no layer of this kind"
_RESERVED = ("encoder", "id", "spans", "text")
"""Names taken by columns of tables and by parts of an exported model; no task may have them."""


def check_tasks(corpora: Mapping[str, Format], tasks: Mapping[str, Task]) -> None:
    """Raises `InputError` if a task reads a corpus, layer or task that is not configured.

    Args:
        corpora: The formats of the corpora, by name.
        tasks: The tasks, by name.

    Raises:
        InputError: If names or options are invalid; the message names the key.
    """
    if not tasks:
        raise InputError("data.tasks must not be empty", found="no task", expected="at least one")
    for name in corpora:
        if not is_plain_name(name):
            raise InputError(
                "a corpus's name must be one word: its tables are named after it",
                found=f"data.corpora: {name!r}",
                expected="letters, digits, _ and -, such as reviews",
            )
    for name, task in tasks.items():
        key = f"data.tasks.{name}"
        if not name.isidentifier() or hasattr(nn.ModuleDict(), name) or name in _RESERVED:
            raise InputError(
                "a task's name must be usable as the name of its head in the model",
                found=f"{key}: {name!r}",
                expected="letters, digits and _, such as sentiment; no name that torch uses, nor "
                f"{', '.join(_RESERVED)}",
            )
        for corpus in task.corpora:
            if corpus not in corpora:
                raise InputError(
                    "a task must read corpora of data.corpora",
                    found=f"{key}.corpus: {corpus}",
                    expected=f"one of {', '.join(corpora) or 'them, but data.corpora is empty'}",
                )
            _check_layers(key, task, corpora[corpus])
        _check_pairs(key, [corpora[corpus] for corpus in task.corpora])
    check_annotates(corpora, tasks)
    for name, task in tasks.items():
        for source in task.sources:
            _check_source(f"data.tasks.{name}.{source.option}", task, source, tasks)


def _check_pairs(key: str, corpora: Sequence[Format]) -> None:
    """Raises `InputError` if a task mixes single texts and pairs, or kinds of pairs."""
    forms = {corpus.pair_is for corpus in corpora}
    if len(forms) > 1:
        raise InputError(
            "a task's corpora must all have single texts, or all the same kind of pairs",
            found=f"{key}.corpus: {' and '.join(sorted(form or 'single texts' for form in forms))}",
            expected="a separate task for each kind",
        )


def _check_layers(key: str, task: Task, corpus: Format) -> None:
    """Raises `InputError` if a task reads a layer that its corpus does not have."""
    layers = corpus.layers
    if layers is None:  # only the files show which layers there are
        return
    own = layers.labels if task.reads == "labels" else layers.spans
    required = [("layer", layer, task.reads, own) for layer in task.layers]
    required += [
        (option, layer, "spans", layers.spans) for option, layer in task.span_layers.items()
    ]
    for option, layer, kind, known in required:
        if layer not in known:
            raise InputError(
                f"a {type(task).__name__} must read a layer of {kind} that its corpus has",
                found=f"{key}.{option}: {layer}",
                expected=f"one of {', '.join(sorted(known)) or _NO_LAYERS}",
            )


def _check_source(key: str, task: Task, source: Dependency, tasks: Mapping[str, Task]) -> None:
    """Raises `InputError` if a task cannot use the predictions of the task that it names.

    Args:
        key: The key of the option that names the other task.
        task: The dependent task.
        source: The dependency: the other task, and the predictions and labels that are needed.
        tasks: All tasks, by name.
    """
    known = [
        name
        for name, other in tasks.items()
        if set(task.corpora) <= set(other.corpora)
        and other.decoder.predicts is source.predicts
        and not other.decoder.asks_spans
    ]
    if source.task not in known:
        kind = "predicts spans" if source.predicts is SpansPrediction else "labels texts"
        raise InputError(
            f"`{source.option}` must name a task that {kind} of the same corpora",
            found=f"{key}: {source.task}",
            expected=f"one of {', '.join(known) or 'none: data.tasks has no such task'}",
        )
    others = [
        label
        for label in tasks[source.task].decoder.outputs
        if label not in (source.labels or (label,))
    ]
    if others:
        raise InputError(
            "a task must declare all labels of the task whose predictions it reads",
            found=f"{key}: {source.task}, which also has {', '.join(others)}",
            expected="the same labels in both tasks",
        )
