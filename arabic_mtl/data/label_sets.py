"""Checks of the labels that corpora annotate, for tasks that several corpora share."""

from collections.abc import Iterator, Mapping, Sequence

from arabic_mtl.data.annotations import described_label
from arabic_mtl.data.census import Census
from arabic_mtl.errors import InputError
from arabic_mtl.formats import Format
from arabic_mtl.tasks import Task
from arabic_mtl.tasks.labels import LabelTask

_SHOWN = 12  # labels in an error message


def check_annotates(corpora: Mapping[str, Format], tasks: Mapping[str, Task]) -> None:
    """Checks that `annotates` of each corpus names labels of its tasks.

    Args:
        corpora: The formats of the corpora, by name.
        tasks: The tasks, by name.

    Raises:
        InputError: If a label of `annotates` is declared by no task that reads the corpus.
    """
    for name, corpus in corpora.items():
        own = [task for _, task in _label_tasks(tasks) if name in task.corpora]
        declared = dict.fromkeys(label for task in own for label in task.labels)
        unknown = [label for label in corpus.annotates or declared if label not in declared]
        if unknown or corpus.annotates == ():
            raise InputError(
                "`annotates` of a corpus must name labels that its tasks declare",
                found=f"data.corpora.{name}.annotates: {_listed(unknown)}",
                expected=f"some of {', '.join(declared) or 'none: its tasks have no labels'}; or "
                "no `annotates`, if the corpus annotates all labels",
            )


def check_label_sets(
    corpora: Mapping[str, Format],
    tasks: Mapping[str, Task],
    censuses: Mapping[str, Sequence[Census]],
) -> None:
    """Checks that the labels in files are those that the corpora annotate.

    If a corpus never has a label that another corpus of the same task has, either the label does
    not occur, or it is not annotated. Only the user knows.

    Args:
        corpora: The formats of the corpora, by name.
        tasks: The tasks, by name.
        censuses: Corpus to the census of each of its files.

    Raises:
        InputError: If a file has a label that its corpus does not annotate, or `annotates` is
            missing where corpora of a task have different labels.
    """
    for name, task in _label_tasks(tasks):
        seen = {corpus: _labels(task, censuses.get(corpus, ())) for corpus in task.corpora}
        for corpus in task.corpora:
            known = corpora[corpus].annotates
            if known is None:
                others = [label for c in task.corpora if c != corpus for label in seen[c]]
                _require_said(name, task, corpus, seen[corpus], others)
            elif set(known) & set(task.labels):
                _require_annotated(corpus, known, seen[corpus], censuses[corpus])


def _label_tasks(tasks: Mapping[str, Task]) -> Iterator[tuple[str, LabelTask]]:
    """Yields the tasks whose outputs are labels, with their names."""
    for name, task in tasks.items():
        if isinstance(task, LabelTask):
            yield name, task


def _labels(task: LabelTask, censuses: Sequence[Census]) -> dict[str, str]:
    """Returns the labels of a task that occur in some files, each with a layer that has it."""
    layers = (
        (layer, getattr(census.facts, task.reads).get(layer))
        for census in censuses
        for layer in task.layers
    )
    return {label: layer for layer, facts in layers if facts for label in facts.labels}


def _require_said(
    name: str, task: LabelTask, corpus: str, own: Mapping[str, str], others: Sequence[str]
) -> None:
    """Raises `InputError` if only other corpora of a task have some of its labels."""
    missing = [label for label in task.labels if label in others and label not in own]
    if not missing or not own:
        return
    present = ", ".join(label for label in task.labels if label in own)
    raise InputError(
        "the corpora of a task must have the same labels, or say which they annotate",
        found=f"data.tasks.{name}: {corpus} never has {_listed(missing)}, which its other corpora "
        "have",
        expected=f"`annotates: [{present}]` in data.corpora.{corpus}, if it does not annotate the "
        f"others: its texts then say nothing about them; or `annotates: "
        f"[{', '.join(task.labels)}]`, if it annotates them and they do not occur",
    )


def _require_annotated(
    corpus: str, known: Sequence[str], labels: Mapping[str, str], censuses: Sequence[Census]
) -> None:
    """Raises `InputError` if a file has a label that its corpus does not annotate."""
    for label, layer in labels.items():
        if label in known:
            continue
        for census in censuses:
            for facts in (census.facts.labels.get(layer), census.facts.spans.get(layer)):
                if facts and label in facts.labels:
                    first = facts.labels[label]
                    raise InputError(
                        "a corpus must not have labels that are missing in its `annotates`",
                        found=f"{described_label(label, facts)} in layer {layer}",
                        expected=f"data.corpora.{corpus}.annotates with {label}; or `rename: "
                        f"{{{layer}: {{{label}: null}}}}`, which removes the label",
                        file=census.path,
                        line=first.line,
                        sentence=first.id,
                    )


def _listed(labels: Sequence[str]) -> str:
    """Returns labels as a list, of which the first are shown."""
    more = f" and {len(labels) - _SHOWN} more" if len(labels) > _SHOWN else ""
    return ", ".join(labels[:_SHOWN]) + more if labels else "no label"
