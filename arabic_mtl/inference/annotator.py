"""Raw texts in, everything that a model says of them out."""

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
from arabic_mtl.inference.answers import Joiner, Score
from arabic_mtl.inference.description import TaskDescription
from arabic_mtl.text import Encoding, TextPipeline
from arabic_mtl.text.encoding import NO_WORD

LONGEST = 100_000
"""Characters of the longest text: longer ones are no sentences, and take memory by the square."""

_TOKENS = 16_384  # of a batch, padding included, unless one text has more
_AHEAD = 16  # batches of a stream are sorted by length together

Read = Callable[[Sequence[Encoding]], Ask]
"""Encodes texts; the result returns the logits of each task's head for them."""

Predictions = dict[str, Prediction | None]
"""Task to its prediction for a text; None for a text without words."""

Texts = str | tuple[str, str]
"""A text, or a pair of texts to read together."""


class Annotator:
    """A trained model, for use on raw text.

    What it says of a text does not depend on the texts beside it.

    Args:
        read: The model.
        text: Makes the tokens that it reads.
        tasks: What it was trained for, by name.
        decoders: What its logits stand for, by task.
        scores: What makes scores calibrated ones, by task.
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
        of_spans = {
            name
            for name, decoder in decoders.items()
            if decoder.labels_pieces or tasks[name].paired
        }
        self._of_texts = [name for name, task in tasks.items() if not task.paired]
        self._of_pairs = [name for name, task in tasks.items() if task.paired]
        self.of_whole = [name for name in tasks if name not in of_spans]
        """The tasks that label texts as a whole."""
        self.layers = {name: task.layers[0] for name, task in tasks.items()}
        """Task to the first layer that it has learned."""
        single = {
            name: layer for name, layer in self.layers.items() if len(tasks[name].layers) == 1
        }
        self.roles = roles_of(single, decoders)
        """Role in an opinion (``target``, ``category``, ``aspect``, ``polarity``) to its task."""
        self._joiner = Joiner(decoders, of_spans, scores, self.roles)

    @overload
    def __call__(self, texts: str, batch_size: int = ...) -> Annotation: ...

    @overload
    def __call__(self, texts: list[str], batch_size: int = ...) -> list[Annotation]: ...

    def __call__(
        self, texts: str | list[str], batch_size: int = 64
    ) -> Annotation | list[Annotation]:
        """Annotates a text, or several, in their order.

        Raises:
            InputError: If what is given is no text, or too long a one.
        """
        if isinstance(texts, str):
            return next(self.stream([texts]))
        return list(self.stream(texts, batch_size))

    def stream(self, inputs: Iterable[Texts], batch_size: int = 64) -> Iterator[Annotation]:
        """Annotates any number of texts as they come, in their order, in little memory.

        Args:
            inputs: Read some batches ahead, so that those of like length are annotated together.
                In a pair, the second text is one of its own, for models that have learned such.
            batch_size: The most texts that are read at once.

        Raises:
            InputError: As above.
        """
        if batch_size < 1:
            raise InputError(
                "a batch has texts", found=f"batch_size: {batch_size}", expected="1 or more"
            )
        if isinstance(inputs, str | tuple) or not isinstance(inputs, Iterable):
            raise InputError(
                "texts are strings, one after the other",
                found=type(inputs).__name__,
                expected="a list of str, or an iterator",
            )
        source = iter(inputs)
        while some := [_checked_pair(each) for each in islice(source, batch_size * _AHEAD)]:
            yield from self._annotate(some, batch_size)

    def logits(self, text: str) -> dict[str, Arrays]:
        """What the heads say of a text's tokens (1, …), before anything is decided.

        Heads that are asked about pieces of the text are left out.
        """
        (row,) = self.text.encode([checked(text)], [None])
        ask = self._read([row])
        names = [name for name in self._of_texts if not self.decoders[name].asks_spans]
        return {name: ask(name, None) for name in names}

    def _annotate(self, inputs: list[tuple[str, str | None]], batch_size: int) -> list[Annotation]:
        texts, pairs = [text for text, _ in inputs], [pair for _, pair in inputs]
        if self._of_pairs and any(pair is not None for pair in pairs):
            raise InputError(
                "a model of opinions' targets must be given single texts: it finds the targets",
                found="a pair of texts",
                expected="the text alone",
            )
        found = self._predict(self._of_texts, texts, pairs, batch_size)
        if self._of_pairs:
            self._add_pairs(texts, found, batch_size)
        of_texts = zip(texts, found, strict=True)
        return [self._joiner.annotation(text, predictions) for text, predictions in of_texts]

    def _add_pairs(self, texts: list[str], found: list[Predictions], batch_size: int) -> None:
        """Asks the tasks that read each text once more with each span that was found in it."""
        spans = [
            (n, *place)
            for n, predictions in enumerate(found)
            for place in _places(predictions, self.decoders)
        ]
        of_pairs = self._predict(
            self._of_pairs,
            [texts[n] for n, _, _ in spans],
            [texts[n][start:end] or None for n, start, end in spans],
            batch_size,
        )
        for (n, start, end), predictions in zip(spans, of_pairs, strict=True):
            for name, prediction in predictions.items():
                before = found[n].get(name)
                own = before.spans if isinstance(before, SpansPrediction) else ()
                found[n][name] = SpansPrediction((*own, *_as_spans(prediction, start, end)))

    def _predict(
        self, names: Sequence[str], texts: list[str], pairs: list[str | None], batch_size: int
    ) -> list[Predictions]:
        """Returns the predictions of some tasks for each text or pair of texts."""
        decoders = {name: self.decoders[name] for name in names}
        rows = self._encode(texts, pairs)
        found: list[Predictions] = [dict.fromkeys(names) for _ in rows]
        for batch in _batches(rows, batch_size):
            of_batch = [rows[n] for n in batch]
            predictions = decode_all(decoders, self._read(of_batch), of_batch)
            for position, n in enumerate(batch):
                found[n] = {name: predictions[name][position] for name in names}
        return found

    def _encode(self, texts: list[str], pairs: list[str | None]) -> list[Encoding]:
        """Tokens of texts, each beside its pair unless that is too long to leave room for it."""
        rows = self.text.encode(texts, pairs)
        for n, pair in enumerate(pairs):
            if pair is not None and not self.text.fits(rows[n]):
                (rows[n],) = self.text.encode([texts[n]], [None])
        return rows


def _batches(rows: Sequence[Encoding], size: int) -> Iterator[list[int]]:
    """The numbers of the rows that have words, those of like length together."""
    numbers = [n for n, row in enumerate(rows) if any(word != NO_WORD for word in row.words)]
    batch: list[int] = []
    for number in sorted(numbers, key=lambda n: len(rows[n])):
        if batch and (len(batch) == size or (len(batch) + 1) * len(rows[number]) > _TOKENS):
            yield batch
            batch = []
        batch.append(number)
    if batch:
        yield batch


def _places(
    predictions: Mapping[str, Prediction | None], decoders: Mapping[str, Decoder]
) -> list[tuple[int, int]]:
    """Returns the places of the spans that were found in a text; the whole text without any."""
    found = {
        (span.start, span.end)
        for name, prediction in predictions.items()
        if isinstance(prediction, SpansPrediction) and not decoders[name].asks_spans
        for span in prediction.spans
    }
    return sorted(found) or [(0, 0)]


def _as_spans(prediction: Prediction | None, start: int, end: int) -> list[SpanPrediction]:
    """Returns the labels of a pair as those of the span that is its second text."""
    labels = prediction.labels if isinstance(prediction, TextPrediction) else ()
    return [SpanPrediction(start, end, each.label, each.score) for each in labels]


def _checked_pair(texts: object) -> tuple[str, str | None]:
    """Returns a text and its pair, None if it has none.

    Raises:
        InputError: If either is no text, or too long.
    """
    if isinstance(texts, tuple) and len(texts) == 2:
        return checked(texts[0]), checked(texts[1])
    return checked(texts), None


def checked(text: object) -> str:
    """Gives a text back.

    Raises:
        InputError: If it is none, or too long a one.
    """
    if not isinstance(text, str):
        raise InputError("a text is a string", found=type(text).__name__, expected="str")
    if len(text) > LONGEST:
        raise InputError(
            "a text is read as a whole, and so has its limits",
            found=f"{len(text):,} characters",
            expected=f"at most {LONGEST:,}; the parts of a longer one, one by one",
        )
    return text
