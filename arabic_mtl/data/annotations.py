"""A check of the tasks' layers and labels against the facts of the corpora's files."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from arabic_mtl.data.census import Census
from arabic_mtl.errors import InputError
from arabic_mtl.formats.facts import LayerFacts
from arabic_mtl.tasks import Task

_SHOWN = 20  # labels in an error message


def check_annotations(corpus: str, censuses: Sequence[Census], tasks: Mapping[str, Task]) -> None:
    """Checks that files have the layers that tasks read, and no labels that are not declared.

    Args:
        corpus: The name of the corpus.
        censuses: The census of each of its files.
        tasks: The tasks that read the corpus, by name.

    Raises:
        InputError: If a layer is in no file, or a file has undeclared labels, which are all in
            one error with their numbers and first lines.
    """
    has_texts = any(census.facts.texts for census in censuses)
    for name, task in tasks.items() if has_texts else ():
        for option, layer, kind in _layers(task):
            known = [(census, getattr(census.facts, kind)) for census in censuses]
            if not any(layer in layers for _, layers in known):
                raise InputError(
                    f"a {type(task).__name__} must read a layer of {kind} that its corpus has",
                    found=f"data.tasks.{name}.{option}: {layer}",
                    expected=_expected_layers(corpus, censuses, kind),
                )
            for census, layers in known:
                if option == "layer" and layer in layers:
                    _check_labels(task, layer, layers[layer], census)


def _layers(task: Task) -> Iterator[tuple[str, str, str]]:
    """Yields the option, the name and the kind of each layer that a task reads."""
    yield from (("layer", layer, task.reads) for layer in task.layers)
    yield from ((option, layer, "spans") for option, layer in task.span_layers.items())


def _expected_layers(corpus: str, censuses: Sequence[Census], kind: str) -> str:
    """Describes the layers of a kind that the files of a corpus have."""
    layers = sorted({layer for census in censuses for layer in getattr(census.facts, kind)})
    files = ", ".join(census.path.name for census in censuses)
    return f"one of {', '.join(layers) or 'none'}: the layers of {kind} of {corpus} ({files})"


def _check_labels(task: Task, layer: str, facts: LayerFacts, census: Census) -> None:
    """Raises `InputError` if a task does not declare all labels of a layer of a file."""
    error, unknown = None, []
    for label in facts.labels:
        try:
            task.index(label, layer)
        except InputError as undeclared:
            error = error or undeclared
            unknown.append(label)
    if error is not None:
        first = facts.labels[unknown[0]]
        error.found = "; ".join(described_label(label, facts) for label in unknown[:_SHOWN])
        if len(unknown) > _SHOWN:
            error.found += f"; and {len(unknown) - _SHOWN} more"
        error.expected = f"{error.expected}; {_hint(task, layer, unknown)}"
        raise error.locate(census.path, first.line, first.id)


def described_label(label: str, facts: LayerFacts) -> str:
    """Describes a label with its number and the line of the first occurrence."""
    known = facts.labels[label]
    times = "once" if known.count == 1 else f"{known.count:,} times"
    return f"«{label}» ({times}, first in line {known.line})"


def _hint(task: Task, layer: str, unknown: Sequence[str]) -> str:
    """Returns the ways to make labels known: a new name, or a declaration."""
    declared = {label.casefold(): label for label in task.decoder.outputs}
    for label in unknown:
        if matches := get_close_matches(label.casefold(), declared, 1):
            name = declared[matches[0]]
            return (
                f"was {name} meant? Then `rename: {{{layer}: {{{label}: {name}}}}}` of the corpus"
            )
    return f"or more `labels`, or `rename: {{{layer}: {{{unknown[0]}: …}}}}` of the corpus"
