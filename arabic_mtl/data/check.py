"""Do the tasks and the corpora of a configuration fit together?"""

from collections.abc import Mapping

from torch import nn

from arabic_mtl.corpora import Corpus
from arabic_mtl.errors import InputError
from arabic_mtl.tasks import Task, TokenClassification

_RESERVED = ("corpus", "id", "text", "text_pair")  # fields of a prediction


def check_tasks(corpora: Mapping[str, Corpus], tasks: Mapping[str, Task]) -> None:
    """Refuses tasks that read what no corpus gives.

    Raises:
        InputError: Naming the task's key.
    """
    if not tasks:
        raise InputError("there is something to learn", found="no data.tasks", expected="a task")
    for name, task in tasks.items():
        key = f"data.tasks.{name}"
        if not name.isidentifier() or hasattr(nn.ModuleDict(), name) or name in _RESERVED:
            raise InputError(
                "a task's name can name its head in the model",
                found=f"{key}: {name!r}",
                expected="letters, digits and _, such as sentiment",
            )
        if task.corpus not in corpora:
            raise InputError(
                "a task reads one of data.corpora",
                found=f"{key}.corpus: {task.corpus}",
                expected=f"one of {', '.join(corpora) or 'them, but there are none'}",
            )
        _check_layer(key, task, corpora[task.corpus])
    for name, task in tasks.items():
        _check_spans_from(f"data.tasks.{name}", task, tasks)


def _check_layer(key: str, task: Task, corpus: Corpus) -> None:
    layers = corpus.label_layers if task.reads == "labels" else corpus.span_layers
    if task.layer not in layers:
        raise InputError(
            f"a {type(task).__name__} reads a layer of {task.reads} that its corpus has",
            found=f"{key}.layer: {task.layer}",
            expected=f"one of {', '.join(sorted(layers)) or 'none: the corpus has no such layers'}",
        )


def _check_spans_from(key: str, task: Task, tasks: Mapping[str, Task]) -> None:
    if task.after is None:
        return
    taggers = [
        name
        for name, other in tasks.items()
        if other.corpus == task.corpus and isinstance(other, TokenClassification)
    ]
    if task.after not in taggers:
        raise InputError(
            "spans come from a TokenClassification on the same corpus",
            found=f"{key}.spans_from: {task.after}",
            expected=f"one of {', '.join(taggers) or 'none: there is no such task'}",
        )
