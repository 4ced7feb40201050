"""The contract of a format: how its files are read, and written with what was found."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import tee
from typing import Any, BinaryIO, Generic, Protocol, TypeVar

from arabic_mtl.documents import Annotation
from arabic_mtl.errors import InputError

Check = Callable[[str], object]
"""Raises `InputError` for a text that cannot be annotated."""

Refuse = Callable[[InputError], None]
"""Is told of what cannot be read; if it returns, the rest of the file is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A piece of a file: a text, or something that stands between texts.

    Args:
        text: What to annotate, if it is a text.
        fields: What JSON lines and tables say of it, beside the annotation.
        element: Its place in an XML document.
        mark: What stands before it, by which spreadsheets know UTF-8.
    """

    text: str | None
    fields: Mapping[str, Any]
    element: Any = None
    mark: str = ""


Annotated = tuple[Record, Annotation | None]
"""A record, and what a model says of its text."""


class Model(Protocol):
    """What annotates texts: an `arabic_mtl.inference.Annotator` is one."""

    @property
    def roles(self) -> Mapping[str, str]:
        """Of what is told of an opinion, the task that tells it."""

    @property
    def of_whole(self) -> Sequence[str]:
        """The tasks that label texts as a whole."""

    def stream(self, texts: Iterable[str], batch_size: int) -> Iterator[Annotation]:
        """Annotates texts in their order, some batches ahead."""


def annotate(records: Iterable[Record], model: Model, batch_size: int) -> Iterator[Annotated]:
    """Streams records with what a model says of their texts, in their order, in little memory.

    Args:
        records: Read as far ahead as the model reads texts.
        model: The model.
        batch_size: The most texts that it reads at once.
    """
    records, ahead = tee(records)
    texts = (record.text for record in ahead if record.text is not None)
    annotations = model.stream(texts, batch_size)
    for record in records:
        yield record, None if record.text is None else next(annotations)


class Part(Protocol):
    """What a file is cut into before it is looked at: a line, a row, an element."""

    @property
    def line(self) -> int | None:
        """Where it begins, from 1."""


P = TypeVar("P", bound=Part)


class Reader(ABC, Generic[P]):
    """How texts stand in a file."""

    def records(self, file: BinaryIO, check: Check, refuse: Refuse) -> Iterator[Record]:
        """Streams the pieces of a file, in order.

        Args:
            file: Is read but once, and no further than is asked for.
            check: Looks at each text.
            refuse: Is told of each piece that cannot be read, which is then left out.

        Raises:
            InputError: If the file as a whole cannot be read.
        """
        for part in self.parts(file):
            try:
                record = self.record(part)
                check(record.text or "")
            except InputError as error:
                refuse(error.locate(None, part.line))
            else:
                yield record

    @abstractmethod
    def parts(self, file: BinaryIO) -> Iterator[P]:
        """Cuts a file into pieces, whether they can be read or not.

        Raises:
            InputError: If it cannot be cut.
        """

    @abstractmethod
    def record(self, part: P) -> Record:
        """Reads a piece.

        Raises:
            InputError: If it breaks a rule of the format.
        """


class Writer(ABC):
    """How texts are written with what a model says of them."""

    def names(self, model: Model) -> Collection[str]:
        """The fields that are written in place of such that there are."""
        return ()

    @abstractmethod
    def write(self, file: BinaryIO, annotated: Iterable[Annotated], model: Model) -> None:
        """Writes as the annotations come.

        Args:
            file: To write to.
            annotated: In order, from a file that this format can be made from.
            model: What said it.

        Raises:
            InputError: If the model does not tell what the format has to say.
        """
