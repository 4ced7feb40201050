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
from arabic_mtl.text import Encoding, TextPipeline
from arabic_mtl.text.encoding import NO_WORD

MAX_CHARACTERS = 100_000
"""The most characters of a text: attention takes memory by the square of the length."""

_MAX_BATCH_TOKENS = 16_384  # padding included; a single longer text is a batch by itself
_LOOKAHEAD = 16  # batches of a stream whose texts are sorted by length together

Read = Callable[[Sequence[Encoding]], Ask]
"""Encodes texts; returns a function that computes the logits of each task's head for them."""

Predictions = dict[str, Prediction | None]
"""Task to its prediction for a text; None for a text without words."""

Texts = str | tuple[str, str]
"""A text, or a pair of texts that are encoded together."""


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
        self._single_tasks = [name for name, task in tasks.items() if not task.paired]
        self._paired_tasks = [name for name, task in tasks.items() if task.paired]
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

    @overload
    def __call__(self, texts: str, batch_size: int = ...) -> Annotation: ...

    @overload
    def __call__(self, texts: list[str], batch_size: int = ...) -> list[Annotation]: ...

    def __call__(
        self, texts: str | list[str], batch_size: int = 64
    ) -> Annotation | list[Annotation]:
        """Annotates a text, or a list of texts in their order.

        Raises:
            InputError: If an input is not a string, or is too long.
        """
        if isinstance(texts, str):
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
        while chunk := [_check_pair(each) for each in islice(source, batch_size * _LOOKAHEAD)]:
            yield from self._annotate(chunk, batch_size)

    def logits(self, text: str) -> dict[str, Arrays]:
        """Returns task to the logits of its head for one text: arrays of shape (1, …).

        Tasks whose heads label given spans, and tasks of text pairs, are left out.
        """
        (row,) = self.text.encode([check_text(text)], [None])
        ask = self._read([row])
        names = [name for name in self._single_tasks if not self.decoders[name].asks_spans]
        return {name: ask(name, None) for name in names}

    def _annotate(self, inputs: list[tuple[str, str | None]], batch_size: int) -> list[Annotation]:
        """Returns the annotations of texts with their pairs, which are already checked."""
        texts, pairs = [text for text, _ in inputs], [pair for _, pair in inputs]
        if self._paired_tasks and any(pair is not None for pair in pairs):
            raise InputError(
                "a model that predicts opinion targets must be given single texts",
                found="a pair of texts",
                expected="the text alone; the model predicts the targets",
            )
        predicted = self._predict(self._single_tasks, texts, pairs, batch_size)
        if self._paired_tasks:
            self._add_pairs(texts, predicted, batch_size)
        return [self._builder.annotation(*item) for item in zip(texts, predicted, strict=True)]

    def _add_pairs(self, texts: list[str], predicted: list[Predictions], batch_size: int) -> None:
        """Adds the predictions of paired tasks, which read a text with each predicted span."""
        spans = [
            (n, *offsets)
            for n, predictions in enumerate(predicted)
            for offsets in _span_offsets(predictions, self.decoders)
        ]
        pair_predictions = self._predict(
            self._paired_tasks,
            [texts[n] for n, _, _ in spans],
            [texts[n][start:end] or None for n, start, end in spans],
            batch_size,
        )
        for (n, start, end), predictions in zip(spans, pair_predictions, strict=True):
            for name, prediction in predictions.items():
                earlier = predicted[n].get(name)
                own = earlier.spans if isinstance(earlier, SpansPrediction) else ()
                predicted[n][name] = SpansPrediction((*own, *_as_spans(prediction, start, end)))

    def _predict(
        self, names: Sequence[str], texts: list[str], pairs: list[str | None], batch_size: int
    ) -> list[Predictions]:
        """Returns the predictions of the named tasks for each text or pair of texts."""
        decoders = {name: self.decoders[name] for name in names}
        rows = self._encode(texts, pairs)
        predicted: list[Predictions] = [dict.fromkeys(names) for _ in rows]
        for batch in _batches(rows, batch_size):
            encodings = [rows[n] for n in batch]
            predictions = decode_all(decoders, self._read(encodings), encodings)
            for position, n in enumerate(batch):
                predicted[n] = {name: predictions[name][position] for name in names}
        return predicted

    def _encode(self, texts: list[str], pairs: list[str | None]) -> list[Encoding]:
        """Encodes texts with their pairs; a pair too long to leave room for its text is dropped."""
        rows = self.text.encode(texts, pairs)
        for n, pair in enumerate(pairs):
            if pair is not None and not self.text.fits(rows[n]):
                (rows[n],) = self.text.encode([texts[n]], [None])
        return rows


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


def _check_pair(texts: object) -> tuple[str, str | None]:
    """Returns a text and its pair, or None for the pair of a single text.

    Raises:
        InputError: If either text is not a string, or is too long.
    """
    if isinstance(texts, tuple) and len(texts) == 2:
        return check_text(texts[0]), check_text(texts[1])
    return check_text(texts), None


def check_text(text: object) -> str:
    """Returns the text if it can be annotated.

    Raises:
        InputError: If the text is not a string, or is too long.
    """
    if not isinstance(text, str):
        raise InputError("a text must be a string", found=type(text).__name__, expected="str")
    if len(text) > MAX_CHARACTERS:
        raise InputError(
            "a text must not be too long to be encoded as a whole",
            found=f"{len(text):,} characters",
            expected=f"at most {MAX_CHARACTERS:,} characters; a longer text in several parts",
        )
    return text
