"""The contract of a format that can be written, and the model that annotates its texts."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import tee
from typing import BinaryIO, Protocol

from arabic_mtl.documents import Annotation
from arabic_mtl.formats.notices import Notices
from arabic_mtl.formats.record import Record

Annotated = tuple[Record, Annotation | None]
"""A record and the annotation of its text; None if it is no text."""


class Model(Protocol):
    """Annotates texts: an `arabic_mtl.inference.Annotator` is one."""

    @property
    def roles(self) -> Mapping[str, str]:
        """Role in an opinion, such as ``polarity``, to the task that fills it."""

    @property
    def layers(self) -> Mapping[str, str]:
        """Task to the layer that it has learned."""

    @property
    def of_whole(self) -> Sequence[str]:
        """The tasks that label texts as a whole."""

    def stream(
        self, inputs: Iterable[str | tuple[str, str]], batch_size: int
    ) -> Iterator[Annotation]:
        """Annotates texts, or pairs of texts, in their order, some batches ahead."""


class Writer(ABC):
    """Mixed into a `Format` whose files can be written with the annotations of a model."""

    def names(self, model: Model) -> Collection[str]:
        """Returns the names of fields that are replaced by annotations."""
        return ()

    def require(self, model: Model) -> None:  # noqa: B027 - most formats suit every model
        """Refuses a model that lacks what the format must hold, before it reads a text.

        Raises:
            InputError: Naming what it lacks.
        """

    @abstractmethod
    def write(
        self, file: BinaryIO, annotated: Iterable[Annotated], model: Model, notices: Notices
    ) -> None:
        """Writes as the annotations come.

        Args:
            file: The file to write to.
            annotated: In order, from a file that this format can be made from.
            model: The model that has made the annotations.
            notices: Counts annotations that the format cannot express as they are.

        Raises:
            InputError: If the model lacks what the format must hold.
        """


def annotate(records: Iterable[Record], model: Model, batch_size: int) -> Iterator[Annotated]:
    """Streams records with the annotations of their texts, in their order, in little memory.

    Args:
        records: Read as far ahead as the model reads texts.
        model: The model.
        batch_size: The most texts that it reads at once.
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
