"""Puts the tags of predicted spans into the lines of sentences."""

from collections.abc import Sequence

from arabic_mtl.documents import Annotation, Span
from arabic_mtl.errors import InputError
from arabic_mtl.formats.conll.cells import with_cells
from arabic_mtl.formats.conll.encode import snapped, tags_of
from arabic_mtl.formats.conll.form import ConllForm
from arabic_mtl.formats.conll.layout import Layout
from arabic_mtl.formats.conll.tags import Scheme
from arabic_mtl.formats.conll.words import Words
from arabic_mtl.formats.notices import Notices
from arabic_mtl.formats.writer import Model


class TagWriter:
    """Puts the tags of predicted spans into lines.

    Args:
        form: The columns of the file.
        model: The model that predicted the spans.
        notices: The counts of annotations that the file cannot express.

    Raises:
        InputError: If no column of the file is a layer of the model.
    """

    def __init__(self, form: ConllForm, model: Model, notices: Notices) -> None:
        self._form, self._layout, self._notices = form, form.layout, notices
        self._added = [] if form.layout.tags else span_tasks(model)
        self._tasks = {} if self._added else _columns(form.layout, model)

    def lines(
        self, texts: Sequence[str], line: int, words: Words, annotation: Annotation
    ) -> list[str]:
        """Returns the lines of a sentence with the tags of an annotation.

        Args:
            texts: The lines.
            line: The number of the first line.
            words: The words in the lines.
            annotation: The annotation of the words' text.
        """
        self._count_others(annotation, line)
        tags = {
            index: self._tags(task, self._scheme(index), words, annotation)
            for index, task in self._tasks.items()
        }
        added = [self._tags(task, self._form.scheme, words, annotation) for task in self._added]
        written = list(texts)
        for n, number in enumerate(words.numbers):
            text = written[number - line]
            content = text.removesuffix("\r")
            cells = {index: column[n] for index, column in tags.items()}
            try:
                new = self._line(content, cells, [column[n] for column in added])
            except InputError as error:
                raise error.locate(None, number) from None
            written[number - line] = new + text[len(content) :]
        return written

    def _line(self, text: str, cells: dict[int, str], added: Sequence[str]) -> str:
        """Returns a line with new cells; deeper levels have a cell only if there are tags."""
        layout, outside = self._layout, self._form.outside
        if layout.level is None:
            return with_cells(text, layout, cells, added)
        row, first = layout.split(text), layout.tags[layout.level]
        size = max(len(row), *(index + 1 for index in cells))
        row += [outside] * (size - len(row))
        for index, cell in cells.items():
            row[index] = cell
        while size - 1 > first and size - 1 in cells and row[size - 1] == outside:
            size -= 1
        return with_cells(text, layout, dict(enumerate(row[first:size], first)) | cells, (), size)

    def _scheme(self, index: int) -> Scheme:
        """Returns the scheme of a column; the levels of the last one share theirs."""
        names = self._layout.columns
        return self._form.schemes[names[min(index, len(names) - 1)]]

    def _tags(self, task: str, scheme: Scheme, words: Words, annotation: Annotation) -> list[str]:
        """Returns the tags of the words for the spans of a task."""
        starts = words.starts
        ends = [start + len(word) for start, word in zip(starts, words.words, strict=True)]
        spans = [
            Span(span.start, span.end, span.labels[task].label)
            for span in annotation.spans
            if task in span.labels
        ]

        def count(rule: str) -> None:
            self._notices.count(rule, words.numbers[0])

        kept = snapped(spans, starts, ends, count)
        return tags_of(kept, len(starts), scheme, self._form.outside, count)

    def _count_others(self, annotation: Annotation, line: int) -> None:
        """Counts the predictions of tasks that have no column."""
        written = {*self._tasks.values(), *self._added}
        others = [task for span in annotation.spans for task in span.labels if task not in written]
        others += [task for task, labels in annotation.labels.items() if labels]
        for task in (*others, *annotation.values):
            self._notices.count(f"prediction of the task {task}, which has no column", line)


def span_tasks(model: Model) -> list[str]:
    """Returns the tasks of a model that find spans or label them."""
    return [task for task in model.layers if task not in model.text_tasks]


def _columns(layout: Layout, model: Model) -> dict[int, str]:
    """Returns the index of each column to be replaced to the task that predicts its tags.

    Raises:
        InputError: If no column is a layer of the model, and which one is meant is not clear.
    """
    tasks = span_tasks(model)
    found: dict[int, str] = {}
    for task in tasks:
        index = _index(layout, model.layers[task])
        if index is not None:
            found.setdefault(index, task)
    if found:
        return found
    target = model.roles.get("target", "")
    likely = [target] if target in tasks else tasks
    if len(layout.tags) == len(likely) == 1:
        return {next(iter(layout.tags.values())): likely[0]}
    layers = dict.fromkeys(model.layers[task] for task in tasks)
    raise InputError(
        "a column must have the name of a layer that the model was trained on",
        found=f"the columns {', '.join(layout.tags)}",
        expected=f"`columns` with {' or '.join(layers) or 'none: the model finds no spans'}",
    )


def _index(layout: Layout, layer: str) -> int | None:
    """Returns the index of a layer's column, which can be a level of the last one."""
    if layer in layout.tags:
        return layout.tags[layer]
    base, _, level = layer.rpartition("_")
    if base and base == layout.level and level.isdecimal() and int(level) > 1:
        return layout.tags[base] + int(level) - 1
    return None
