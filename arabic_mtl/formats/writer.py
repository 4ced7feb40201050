"""The base class of formats that can be written, and the protocol of annotating models."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import tee
from typing import BinaryIO, Protocol

from arabic_mtl.documents import Annotation
from arabic_mtl.formats.notices import Notices
from arabic_mtl.formats.record import Record

Annotated = tuple[Record, Annotation | None]
"""A record and the annotation of its text; None for a record without a text."""


class Model(Protocol):
    """A model that annotates texts, such as an `arabic_mtl.inference.Annotator`."""

    @property
    def roles(self) -> Mapping[str, str]:
        """Returns role in an opinion, such as ``polarity``, to the task that predicts it."""

    @property
    def layers(self) -> Mapping[str, str]:
        """Returns task to the annotation layer that it was trained on."""

    @property
    def text_tasks(self) -> Sequence[str]:
        """Returns the names of the tasks that label whole texts."""

    def stream(
        self, inputs: Iterable[str | tuple[str, str]], batch_size: int
    ) -> Iterator[Annotation]:
        """Yields the annotations of texts or pairs in order; reads several batches ahead."""


class Writer(ABC):
    """A mix-in for a `Format` whose files can be written with the annotations of a model."""

    def names(self, model: Model) -> Collection[str]:
        """Returns the names of the fields that annotations replace."""
        return ()

    def require(self, model: Model) -> None:  # noqa: B027 - most formats suit every model
        """Checks, before any text is read, that a model predicts what the format must contain.

        Raises:
            InputError: If the model lacks a necessary task.
        """

    @abstractmethod
    def write(
        self, file: BinaryIO, annotated: Iterable[Annotated], model: Model, notices: Notices
    ) -> None:
        """Writes annotated records to a file, one by one.

        Args:
            file: The file to write to.
            annotated: Records with their annotations, in the order of the input file. Its format
                must be this one, or one that can be converted to it.
            model: The model that annotated the texts.
            notices: The counts of annotations that the format cannot express exactly.

        Raises:
            InputError: If the model lacks a task that the format needs.
        """


def annotate(records: Iterable[Record], model: Model, batch_size: int) -> Iterator[Annotated]:
    """Streams records with the annotations of their texts, in order; memory use stays small.

    Args:
        records: The records; consumed only as far ahead as the model reads texts.
        model: The model that annotates the texts.
        batch_size: The largest number of texts in a batch.
    """
    records, ahead = tee(records)
    annotations = model.stream(_inputs(ahead), batch_size)
    for record in records:
        yield record, None if record.example is None else next(annotations)


def _inputs(records: Iterable[Record]) -> Iterator[str | tuple[str, str]]:
    for record in records:
        example = record.example
        if example is not None:
            yield example.text if example.pair is None else (example.text, example.pair)
