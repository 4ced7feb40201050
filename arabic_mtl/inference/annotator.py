"""Annotation of raw texts with a trained model."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import overload

from arabic_mtl.decoders import Arrays, Ask, Decoder, decode_all, roles_of
from arabic_mtl.documents import (
    Annotation,
    Prediction,
    SpanPrediction,
    SpansPrediction,
    TextPrediction,
)
from arabic_mtl.errors import InputError
from arabic_mtl.inference.annotation import AnnotationBuilder, Score
from arabic_mtl.inference.description import TaskDescription
from arabic_mtl.inference.inputs import TextList, TextPair, Texts, check_text, other_kind, text_pair
from arabic_mtl.text import Encoding, TextPipeline
from arabic_mtl.text.encoding import NO_WORD

_MAX_BATCH_TOKENS = 16_384  # padding included; a single longer text is a batch by itself
_LOOKAHEAD = 16  # batches of a stream whose texts are sorted by length together

Read = Callable[[Sequence[Encoding]], Ask]
"""Encodes texts; returns a function that computes the logits of each task's head for them."""

Predictions = dict[str, Prediction | None]
"""Task to its prediction for a text; None for a text without words."""


class Annotator:
    """A trained model, for use on raw text.

    The annotation of a text does not depend on the other texts of its batch.

    Args:
        read: The function that encodes texts with the model's network.
        text: The text pipeline of the model.
        tasks: Task to the description of the task.
        decoders: Task to the decoder of its logits.
        scores: Task to the function that calibrates its probabilities.
    """

    def __init__(
        self,
        read: Read,
        text: TextPipeline,
        tasks: Mapping[str, TaskDescription],
        decoders: Mapping[str, Decoder],
        scores: Mapping[str, Score],
    ) -> None:
        self._read, self.text, self.tasks = read, text, tasks
        self.decoders = decoders
        span_tasks = {
            name
            for name, decoder in decoders.items()
            if decoder.labels_pieces or tasks[name].paired
        }
        self._given_tasks = {
            is_pair: [n for n, t in tasks.items() if not t.paired and t.takes_pairs is is_pair]
            for is_pair in (False, True)
        }
        self._target_tasks = [name for name, task in tasks.items() if task.paired]
        self.text_tasks = [name for name in tasks if name not in span_tasks]
        """The tasks that label whole texts."""
        self.layers = {name: task.layers[0] for name, task in tasks.items()}
        """Task to the first annotation layer that it was trained on."""
        single = {
            name: layer for name, layer in self.layers.items() if len(tasks[name].layers) == 1
        }
        self.roles = roles_of(single, decoders)
        """Role in an opinion (``target``, ``category``, ``aspect``, ``polarity``) to its task."""
        self._builder = AnnotationBuilder(decoders, span_tasks, scores, self.roles)

    @property
    def reads_texts(self) -> bool:
        """Returns whether the model has tasks that read single texts."""
        return bool(self._given_tasks[False] or self._target_tasks)

    @property
    def reads_pairs(self) -> bool:
        """Returns whether the model has tasks that read pairs of texts, both of which are given."""
        return bool(self._given_tasks[True])

    @overload
    def __call__(self, texts: Texts, batch_size: int = ...) -> Annotation: ...

    @overload
    def __call__(self, texts: TextList, batch_size: int = ...) -> list[Annotation]: ...

    def __call__(
        self, texts: Texts | TextList, batch_size: int = 64
    ) -> Annotation | list[Annotation]:
        """Annotates a text, or a list of texts in their order.

        A tuple of two strings is a pair of texts, such as a question and an answer. It is given
        to the tasks that were trained on pairs, and a single text to the other tasks.

        Raises:
            InputError: If an input is not a string or a pair of strings, is too long, or no task
                was trained on such inputs.
        """
        if isinstance(texts, str | tuple):
            return next(self.stream([texts]))
        return list(self.stream(texts, batch_size))

    def stream(self, inputs: Iterable[Texts], batch_size: int = 64) -> Iterator[Annotation]:
        """Annotates any number of texts lazily, in their order and in constant memory.

        Args:
            inputs: Texts, or pairs of texts for models that were trained on pairs. Several batches
                are read ahead and sorted by length, to keep padding small.
            batch_size: The most texts in a batch.

        Raises:
            InputError: If ``batch_size`` is below 1, or an input is not a string or is too long.
        """
        if batch_size < 1:
            raise InputError(
                "batch_size must be 1 or more",
                found=f"batch_size: {batch_size}",
                expected="1 or more",
            )
        if isinstance(inputs, str | tuple) or not isinstance(inputs, Iterable):
            raise InputError(
                "the texts must be an iterable of strings",
                found=type(inputs).__name__,
                expected="a list of str, or an iterator",
            )
        source = iter(inputs)
        while chunk := [text_pair(each) for each in islice(source, batch_size * _LOOKAHEAD)]:
            yield from self._annotate(chunk, batch_size)

    def logits(self, text: str) -> dict[str, Arrays]:
        """Returns task to the logits of its head for one text: arrays of shape (1, …).

        Tasks whose heads label given spans, and tasks of text pairs, are left out.
        """
        (row,) = self.text.encode([check_text(text)], [None])
        ask = self._read([row])
        names = [name for name in self._given_tasks[False] if not self.decoders[name].asks_spans]
        return {name: ask(name, None) for name in names}

    def _annotate(self, inputs: list[TextPair], batch_size: int) -> list[Annotation]:
        """Returns the annotations of texts with their pairs, which are already checked."""
        predicted: list[Predictions] = [{} for _ in inputs]
        for is_pair, names in self._given_tasks.items():
            numbers = [n for n, (_, pair) in enumerate(inputs) if (pair is not None) is is_pair]
            if not numbers:
                continue
            if not (self.reads_pairs if is_pair else self.reads_texts):
                raise other_kind(is_pair=is_pair)
            rows = self._encode([inputs[n] for n in numbers])
            for row in rows:
                self.text.check(row)
            own = self._predict(names, rows, batch_size)
            for number, predictions in zip(numbers, own, strict=True):
                predicted[number] = predictions
        if self._target_tasks:
            self._add_targets(inputs, predicted, batch_size)
        texts = [text for text, _ in inputs]
        return [self._builder.annotation(*item) for item in zip(texts, predicted, strict=True)]

    def _add_targets(
        self, inputs: list[TextPair], predicted: list[Predictions], batch_size: int
    ) -> None:
        """Adds the predictions of tasks that read a single text with each predicted span.

        A span that leaves no room for its text is not read with it.
        """
        spans = [
            (n, *offsets)
            for n, predictions in enumerate(predicted)
            if inputs[n][1] is None
            for offsets in _span_offsets(predictions, self.decoders)
        ]
        targets = [(inputs[n][0], inputs[n][0][start:end] or None) for n, start, end in spans]
        rows = [
            row if self.text.fits(row) else self._encode([(text, None)])[0]
            for row, (text, _) in zip(self._encode(targets), targets, strict=True)
        ]
        target_predictions = self._predict(self._target_tasks, rows, batch_size)
        for (n, start, end), predictions in zip(spans, target_predictions, strict=True):
            for name, prediction in predictions.items():
                earlier = predicted[n].get(name)
                own = earlier.spans if isinstance(earlier, SpansPrediction) else ()
                predicted[n][name] = SpansPrediction((*own, *_as_spans(prediction, start, end)))

    def _encode(self, inputs: Sequence[TextPair]) -> list[Encoding]:
        """Encodes texts with their pairs."""
        return self.text.encode([text for text, _ in inputs], [pair for _, pair in inputs])

    def _predict(
        self, names: Sequence[str], rows: Sequence[Encoding], batch_size: int
    ) -> list[Predictions]:
        """Returns the predictions of the named tasks for each encoded text or pair of texts."""
        decoders = {name: self.decoders[name] for name in names}
        predicted: list[Predictions] = [dict.fromkeys(names) for _ in rows]
        for batch in _batches(rows, batch_size):
            encodings = [rows[n] for n in batch]
            predictions = decode_all(decoders, self._read(encodings), encodings)
            for position, n in enumerate(batch):
                predicted[n] = {name: predictions[name][position] for name in names}
        return predicted


def _batches(rows: Sequence[Encoding], size: int) -> Iterator[list[int]]:
    """Yields batches of the indices of rows that have words, sorted by length."""
    indices = [n for n, row in enumerate(rows) if any(word != NO_WORD for word in row.word_ids)]
    batch: list[int] = []
    for index in sorted(indices, key=lambda n: len(rows[n])):
        tokens = (len(batch) + 1) * len(rows[index])
        if batch and (len(batch) == size or tokens > _MAX_BATCH_TOKENS):
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def _span_offsets(
    predictions: Mapping[str, Prediction | None], decoders: Mapping[str, Decoder]
) -> list[tuple[int, int]]:
    """Returns the sorted (start, end) of a text's predicted spans; (0, 0) if there are none."""
    offsets = {
        (span.start, span.end)
        for name, prediction in predictions.items()
        if isinstance(prediction, SpansPrediction) and not decoders[name].asks_spans
        for span in prediction.spans
    }
    return sorted(offsets) or [(0, 0)]


def _as_spans(prediction: Prediction | None, start: int, end: int) -> list[SpanPrediction]:
    """Returns the labels of a pair as labels of the span that is its second text."""
    labels = prediction.labels if isinstance(prediction, TextPrediction) else ()
    return [SpanPrediction(start, end, each.label, each.score) for each in labels]
