"""Do the tasks and the corpora of a configuration fit together?"""

from collections.abc import Mapping, Sequence

from torch import nn

from arabic_mtl.documents import SpansPrediction
from arabic_mtl.errors import InputError
from arabic_mtl.files import is_plain_name
from arabic_mtl.formats import Format
from arabic_mtl.tasks import Task
from arabic_mtl.tasks.base import Dependency

_NO_LAYERS = "none: the corpus has no such layers"
_RESERVED = ("encoder", "id", "spans", "text")
"""What stands beside the tasks: in tables of texts, and in the folder of an exported model."""


def check_tasks(corpora: Mapping[str, Format], tasks: Mapping[str, Task]) -> None:
    """Refuses tasks that read what no corpus gives.

    Raises:
        InputError: Naming the task's key.
    """
    if not tasks:
        raise InputError("there is something to learn", found="no data.tasks", expected="a task")
    for name in corpora:
        if not is_plain_name(name):
            raise InputError(
                "the name of a corpus must be one word: its tables are named after it",
                found=f"data.corpora: {name!r}",
                expected="letters, digits, _ and -, such as reviews",
            )
    for name, task in tasks.items():
        key = f"data.tasks.{name}"
        if not name.isidentifier() or hasattr(nn.ModuleDict(), name) or name in _RESERVED:
            raise InputError(
                "a task's name can name its head in the model",
                found=f"{key}: {name!r}",
                expected="letters, digits and _, such as sentiment; none of torch's own names, nor "
                f"{', '.join(_RESERVED)}",
            )
        for corpus in task.corpora:
            if corpus not in corpora:
                raise InputError(
                    "a task reads one of data.corpora",
                    found=f"{key}.corpus: {corpus}",
                    expected=f"one of {', '.join(corpora) or 'them, but there are none'}",
                )
            _check_layers(key, task, corpora[corpus])
        _check_pairs(key, [corpora[corpus] for corpus in task.corpora])
    for name, task in tasks.items():
        for source in task.sources:
            _check_source(f"data.tasks.{name}.{source.option}", task, source, tasks)


def _check_pairs(key: str, corpora: Sequence[Format]) -> None:
    forms = {corpus.pair_is for corpus in corpora}
    if len(forms) > 1:
        raise InputError(
            "a task's corpora must all have single texts, or all the same kind of pairs",
            found=f"{key}.corpus: {' and '.join(sorted(form or 'single texts' for form in forms))}",
            expected="a task for each",
        )


def _check_layers(key: str, task: Task, corpus: Format) -> None:
    layers = corpus.layers
    if layers is None:  # known only from the files
        return
    own = layers.labels if task.reads == "labels" else layers.spans
    named = [("layer", layer, task.reads, own) for layer in task.layers]
    named += [(o, layer, "spans", layers.spans) for o, layer in task.span_layers.items()]
    for option, layer, kind, known in named:
        if layer not in known:
            raise InputError(
                f"a {type(task).__name__} reads a layer of {kind} that its corpus has",
                found=f"{key}.{option}: {layer}",
                expected=f"one of {', '.join(sorted(known)) or _NO_LAYERS}",
            )


def _check_source(key: str, task: Task, source: Dependency, tasks: Mapping[str, Task]) -> None:
    known = [
        name
        for name, other in tasks.items()
        if set(task.corpora) <= set(other.corpora)
        and other.decoder.predicts is source.predicts
        and not other.decoder.asks_spans
    ]
    if source.task not in known:
        finder = "finds spans" if source.predicts is SpansPrediction else "labels texts"
        raise InputError(
            f"what a task builds on comes from a task that {finder}, on the same corpus",
            found=f"{key}: {source.task}",
            expected=f"one of {', '.join(known) or 'none: there is no such task'}",
        )
    others = [
        each
        for each in tasks[source.task].decoder.outputs
        if each not in (source.labels or (each,))
    ]
    if others:
        raise InputError(
            "what a task is given has all labels of the task that finds it",
            found=f"{key}: {source.task}, which also has {', '.join(others)}",
            expected="the same labels",
        )
